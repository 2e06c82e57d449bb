"""What a dialect declares besides its verbs, and what counts where it declares nothing."""

from __future__ import annotations

from chatcore.dialects.base import Customs, customs_of
from chatcore.dialects.chat import dialect as chat
from chatcore.dialects.echo import dialect as echo
from chatcore_simple import SimpleTextDialect
from examples.shout_dialect import dialect as shout


def test_dialect_that_declares_nothing_has_the_customs_of_most() -> None:
    """Somebody else's: it has a login, no files, the limits of the host, and users who can wait."""
    assert customs_of(shout) == Customs(carries_files=False, has_login=True, paced=False, default_limits={})


def test_dialect_declares_what_it_does_otherwise() -> None:
    """By attributes of its class."""
    assert customs_of(chat) == Customs(carries_files=True, one_copy=True)
    assert customs_of(echo) == Customs(has_login=False)
    text = customs_of(SimpleTextDialect())
    assert (text.paced, text.default_limits["login_timeout"]) == (True, 300.0)
