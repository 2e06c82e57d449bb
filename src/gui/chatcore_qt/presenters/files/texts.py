"""Files in words. The names of files and users have to be made safe before they come here, except where it says so."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from chatcore.errors import ErrorCode
from chatcore.events import FileEnd
from chatcore.text import telling
from chatcore.text.reasons import WHAT, usable
from chatcore.text.safe_text import safe_name, safe_text
from chatcore.text.telling import sizes
from chatcore_qt.presenters.files.card import FileCard, Why
from chatcore_qt.presenters.reasons import reason
from chatcore_qt.texts import library, translate

_LONGEST_SECONDS: Final = 359_999


def size_text(size: float) -> str:
    """Return a number of bytes for people."""
    return telling.told(sizes.size_text(size), library)


def left_text(seconds: float) -> str:
    """Return how long something still takes, about."""
    seconds = min(seconds, _LONGEST_SECONDS)
    if seconds < 90:
        return translate("Files", "%n seconds left", "", max(1, round(seconds)))
    if seconds < 90 * 60:
        return translate("Files", "%n minutes left", "", round(seconds / 60))
    return translate("Files", "%n hours left", "", round(seconds / 3600))


def speed_text(card: FileCard) -> str:
    """Return how fast a file moves, and how long that takes; nothing while it does not move."""
    if card.state != "running":
        return ""
    running = [side for side in card.moving if side.state == "running"]
    left = [side.left for side in running if side.left is not None]
    speed = size_text(sum(side.rate for side in running))
    if not left:
        return translate("Files", "{speed}/s").format(speed=speed)
    return translate("Files", "{speed}/s, {time}").format(speed=speed, time=left_text(max(left)))


def detail(card: FileCard, *, connected: bool) -> str:
    """Return what is to be said of a file, in one sentence or two.

    Args:
        card: the file.
        connected: whether this program has a connection.
    """
    if card.refusal is not None:
        return why_not_offered(card)
    if not card.sides:
        if connected:
            return translate("Files", "Getting it ready…")
        return translate("Files", "Waiting for the connection.")
    if len(card.sides) > 1:
        return _many(card)
    return _one(card, connected)


def _one(card: FileCard, connected: bool) -> str:
    side = card.sides[card.user]
    values = {"user": safe_name(card.user), "size": size_text(card.size), "done": size_text(side.done)}
    match card.state:
        case "offered" if card.sending:
            text = translate("Files", "Offered to {user}, who has not answered yet ({size}).")
        case "offered" if card.task is not None and not connected:
            text = translate("Files", "Waiting for the connection.")
        case "offered" if card.task is not None:
            text = translate("Files", "Asking {user} for it ({size}).")
        case "offered" if card.room:
            text = translate("Files", "{user} offers this file to everyone here ({size}).")
        case "offered":
            text = translate("Files", "{user} offers you this file ({size}).")
        case "running" if card.sending:
            text = translate("Files", "To {user}: {done} of {size}")
        case "running":
            text = translate("Files", "From {user}: {done} of {size}")
        case "paused" if not connected:
            text = translate("Files", "{done} of {size}. Waiting for the connection; then it goes on by itself.")
        case "paused":
            text = translate("Files", "{done} of {size}. Waiting for {user}; then it goes on by itself.")
        case "done" if card.sending:
            text = translate("Files", "{user} has received it ({size}).")
        case "done":
            text = translate("Files", "Received from {user} ({size}).")
        case _:
            return why_failed(card)
    return text.format(**values)


def _many(card: FileCard) -> str:
    states = [side.state for side in card.sides.values()]
    text = translate(
        "Files",
        "Offered to %n people ({size}). Received: {have}, under way: {now}, no answer: {open}, not received: {rest}.",
        "",
        len(states),
    )
    return text.format(
        **{
            "size": size_text(card.size),
            "have": states.count("done"),
            "now": states.count("running") + states.count("paused"),
            "open": states.count("offered"),
            "rest": states.count("failed"),
        }
    )


def why_failed(card: FileCard) -> str:
    """Return why a file that one user sends or receives did not arrive."""
    side = card.sides[card.user]
    user = safe_name(card.user)
    match side.code:
        case FileEnd.DECLINED:
            return translate("Files", "{user} does not want it.").format(user=user)
        case FileEnd.CANCELLED:
            return translate("Files", "{user} has cancelled it.").format(user=user)
        case ErrorCode.NO_SUCH_USER:
            why = reason(side.code, "", {WHAT: "left", "name": card.user})
        case _:
            why = _why(Why(side.code, side.message))
    if card.sending:
        return translate("Files", "Not sent to {user}. {why}").format(user=user, why=why)
    return translate("Files", "Not received from {user}. {why}").format(user=user, why=why)


def why_not_offered(card: FileCard) -> str:
    """Return why a file could not be offered at all."""
    refusal = card.refusal or Why("")
    most = usable(refusal.values).get("file_bytes")
    if refusal.code == ErrorCode.TOO_LARGE and isinstance(most, int):
        text = translate("Files", "It is too large ({size}): this server takes files of up to {most}.")
        return text.format(size=size_text(card.size), most=size_text(most))
    return translate("Files", "Not offered. {why}").format(why=_why(refusal))


def _why(why: Why) -> str:
    return why.message if why.code == "here" else reason(why.code, why.message, why.values)


def is_folder() -> str:
    """Return that folders cannot be offered."""
    return translate("Files", "This is a folder; put it into an archive first.")


def not_there(room: str) -> str:
    """Return that nothing can be offered in a room that the user is not in."""
    text = translate("Files", "You are not in {room}; join it to offer files there.")
    return text.format(room=safe_name(room))


def name_of_text(number: int) -> str:
    """Return what a file is called that was made of a text."""
    return translate("Files", "text-{number}.txt").format(number=number)


def name_of_picture(number: int) -> str:
    """Return what a file is called that was made of a picture."""
    return translate("Files", "image-{number}.png").format(number=number)


def not_written(path: str, reason: str) -> str:
    """Return that something could not be put into a file."""
    text = translate("Notices", "{path} cannot be written: {reason}.")
    return text.format(path=safe_text(path), reason=safe_text(reason))


def left_behind(cards: Iterable[FileCard]) -> str:
    """Return what becomes of the files under way when the user leaves now; nothing when there are none.

    A receiver keeps what has arrived, and knows it again when the same file is offered (docs/decisions/0009).
    """
    moving = [card for card in cards if card.moving]
    count = len(moving)
    if not moving:
        return ""
    if not any(card.sending for card in moving):
        return translate(
            "Files",
            "If you leave now, %n files do not arrive; what is here already is kept, and when they are offered to you "
            "again, they go on from there.",
            "",
            count,
        )
    if all(card.sending for card in moving):
        return translate(
            "Files",
            "If you leave now, %n files do not arrive; what has arrived is kept, and when you offer them again, they "
            "go on from there.",
            "",
            count,
        )
    return translate(
        "Files",
        "If you leave now, %n files do not arrive; what has arrived is kept, and when they are offered again, they go "
        "on from there.",
        "",
        count,
    )


def offered(card: FileCard) -> str:
    """Return that a user offers a file."""
    values = {"user": safe_name(card.user), "name": card.name, "size": size_text(card.size)}
    if card.room:
        return translate("Files", "{user} offers {name} ({size}) to everyone here.").format(**values)
    return translate("Files", "{user} offers you {name} ({size}).").format(**values)


def received(card: FileCard, offered_as: str) -> str:
    """Return that a file is there, and when it is called otherwise than it was offered. Both names are safe."""
    folder, home = os.path.dirname(card.place), os.path.expanduser("~")
    if folder.startswith(os.path.join(home, "")):
        folder = os.path.join("~", os.path.relpath(folder, home))
    text = translate("Files", "{name} from {user} is there, in {folder}.")
    if card.name != offered_as:
        text = translate("Files", "{offered} from {user} is there, called {name} here, in {folder}.")
    return text.format(name=card.name, offered=offered_as, user=safe_name(card.user), folder=safe_text(folder))


def sent(card: FileCard, user: str) -> str:
    """Return that a user has a file. The user's name is made safe here."""
    return translate("Files", "{user} has received {name}.").format(user=safe_name(user), name=card.name)


def cancelled(card: FileCard) -> str:
    """Return that the user ended it."""
    return translate("Files", "You have cancelled {name}.").format(name=card.name)


def declined(card: FileCard) -> str:
    """Return that the user does not want it."""
    return translate("Files", "You have declined {name}.").format(name=card.name)


def which(answer: str, cards: list[FileCard]) -> str:
    """Return what to do when a command may mean several files, or none."""
    if not cards:
        return translate("Files", "There is no such file.")
    text = translate("Files", "Which one? Use the buttons below, or write /{command} with one of these: {files}")
    files = ", ".join(
        translate("Files", "{file} ({name})").format(file=safe_text(card.file), name=card.name) for card in cards
    )
    return text.format(command=answer, files=files)
