"""Frames of the `chat` dialect about accounts: names that belong to somebody."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, Literal

from pydantic import Field

from chatcore.dialects.chat.frame_base import RequestFrame

Account = Annotated[str, Field(description="Name of the account that the user has shown to own; left out for a guest.")]
Password = Annotated[str, Field(description="6 to 256 characters.")]


class Register(RequestFrame):
    """Let the present name be one's own for good, by a password; again to change it. Answered by `ok`."""

    type: Literal["register"] = "register"
    password: Password


class IdentifyFrame(RequestFrame):
    """Show that an account is one's own. Answered by `room`: the role may be another one. The name stays."""

    type: Literal["identify"] = "identify"
    password: Password
    account: str | None = Field(None, description="Its name; the present name when left out.")


class ResetAccountFrame(RequestFrame):
    """Give an account another password, or make one: for operators. Who was in by it is out. Answered by `ok`."""

    type: Literal["reset_account"] = "reset_account"
    username: str
    password: Password


class DropAccountFrame(RequestFrame):
    """Let a name belong to nobody any more: for operators. Who was in by it is out. Answered by `ok`."""

    type: Literal["drop_account"] = "drop_account"
    username: str


ACCOUNT_REQUESTS: tuple[type[RequestFrame], ...] = (Register, IdentifyFrame, ResetAccountFrame, DropAccountFrame)
