"""The version of chatcore."""

from typing import Final

VERSION: Final = "0.1.0"
