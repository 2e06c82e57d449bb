"""The chat in a browser: the files of one page, as a server hands them out (`ListenOptions.web`).

What a browser gets is the source, in `page`: the modules are put into one file, so that a page is three requests
however many modules it has, and the words of the library come with it, in every language that the caller has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from chatcore.ports.transport import WebFile
from chatcore.text.reasons import REFUSALS
from chatcore.text.slash import ANYTHING_ELSE, NOT_UNDERSTOOD, SLASHES
from chatcore.text.telling import room_sentences as rooms
from chatcore_web.joined import joined

_STYLES: Final = ("colours.css", "base.css", "chat.css", "parts.css")
_LIBRARY: Final = "words/library.js"
"""The module that stands for the words of the library; they are put in its place."""


def web_files(languages: Mapping[str, Callable[[str], str]]) -> dict[str, WebFile]:
    """Return the files of the page, by name.

    Args:
        languages: for each language beside English (`fr`), what looks a sentence of the library up in it.
    """
    page = files("chatcore_web") / "page"
    library = f"export const LIBRARY = {json.dumps(library_words(languages), ensure_ascii=True)};\n"

    def read(name: str) -> str:
        return library if name == _LIBRARY else _at(page, name).read_text(encoding="utf-8")

    style = "\n".join(read(f"style/{name}") for name in _STYLES)
    found = {
        "app.js": WebFile("text/javascript; charset=utf-8", joined("app.js", read).encode()),
        "app.css": WebFile("text/css; charset=utf-8", style.encode()),
        "icon.svg": WebFile("image/svg+xml", read("icon.svg").encode()),
    }
    index = read("index.html")
    for name, file in found.items():
        index = index.replace(f'"{name}"', f'"{name}?{file.tag}"')  # so that it is asked for once
    html = "text/html; charset=utf-8"
    door = WebFile(html, read("door.html").encode(), framed=True)
    return {"index.html": WebFile(html, index.encode()), "door.html": door, **found}


def library_words(languages: Mapping[str, Callable[[str], str]]) -> dict[str, Any]:
    """Return what the page needs of the library: the table of commands, the reasons of refusals, their translations."""
    slashes = [
        {"name": one.name, "usage": str(one.usage), "about": str(one.about), "completes": one.completes}
        for one in SLASHES.values()
    ]
    typed = {"anything_else": str(ANYTHING_ELSE)} | {code: str(text) for code, text in NOT_UNDERSTOOD.items()}
    moderation: dict[str, Mapping[str, str]] = {
        "acts": rooms.ACTS,
        "lines": {**rooms.LINES, "nobody": rooms.NOBODY_BANNED, "until": rooms.UNTIL, "why": rooms.WHY},
        "here": rooms.HERE,
        "there": rooms.THERE,
    }
    sentences = [text for one in slashes for text in (one["usage"], one["about"])]
    sentences += [str(text) for forms in moderation.values() for text in forms.values()]
    sentences += [*typed.values(), *(form for forms in REFUSALS.values() for form in forms)]
    return {
        "slashes": slashes,
        "typed": typed,
        "moderation": moderation,
        "refusals": {str(code): forms for code, forms in REFUSALS.items()},
        "languages": {
            language: {text: found for text in sentences if (found := look_up(text)) != text}
            for language, look_up in languages.items()
        },
    }


def _at(folder: Traversable, name: str) -> Traversable:
    for part in name.split("/"):
        folder = folder / part
    return folder
