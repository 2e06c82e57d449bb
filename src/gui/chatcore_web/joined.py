"""Puts the modules of the page into one script, in the order in which they need each other.

They keep to a form that makes this simple, and the same whether they are joined or not (node and the type checker read
them one by one): an import stands on a line of its own, by name, from a relative path; what is exported is declared
where it is exported, and no two modules export one name. Each module keeps the rest to itself.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Final

_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "(\.[^"]*)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_OTHERWISE: Final = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def joined(name: str, read: Callable[[str], str]) -> str:
    """Return a module with all that it imports, as one script.

    Args:
        name: of the module, as `read` takes it.
        read: returns the text of a module, by its path below the page.

    Raises:
        ValueError: a module is not of the form that can be joined.
    """
    parts: dict[str, str] = {}
    exports: dict[str, str] = {}
    _take(name, read, parts, exports, ())
    return '"use strict";\n' + "".join(f"\n// {path}\n{text}" for path, text in parts.items())


def _take(
    name: str, read: Callable[[str], str], parts: dict[str, str], exports: dict[str, str], above: tuple[str, ...]
) -> None:
    if name in above:
        raise ValueError(f"{name} imports itself, by {' and '.join(above)}")
    if name in parts:
        return
    text = read(name)
    for names, path in _IMPORT.findall(text):
        other = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        _take(other, read, parts, exports, (*above, name))
        for each in names.split(","):
            if exports.get(each.strip()) != other:
                raise ValueError(f"{name} cannot be joined: {other} exports no {each.strip()}")
    own = _EXPORT.findall(text)
    for each in own:
        if each in exports:
            raise ValueError(f"{name} cannot be joined: {exports[each]} exports {each} too")
        exports[each] = name
    text = _EXPORT.sub("", _IMPORT.sub("", text))
    strange = _OTHERWISE.search(text)
    if strange is not None:
        raise ValueError(f"{name} cannot be joined: {strange.group()}")
    parts[name] = f"const {{ {', '.join(own)} }} = (() => {{\n{text}return {{ {', '.join(own)} }};\n}})();\n"
