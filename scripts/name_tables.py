"""Writes src/chatcore/text/names/tables.py anew from Unicode's data files: `python scripts/name_tables.py FOLDER`.

FOLDER holds `IdentifierType.txt` and `confusables.txt` of one version of UTS #39 (Unicode Security Mechanisms), and
`Scripts.txt`, `ScriptExtensions.txt`, `PropertyValueAliases.txt` and `DerivedCoreProperties.txt` of the same version of
the Unicode Character Database; unicode.org has them under Public/VERSION. Run it with the oldest Python that is
supported: a letter that this one does not know is left out, so every Python compares the same names in the same way
(Unicode's stability policies for normalization and case folding).
"""

from __future__ import annotations

import re
import sys
import textwrap
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

TARGET: Final = Path(__file__).parents[1] / "src/chatcore/text/names/tables.py"
OLDEST: Final = "14.0.0"
"""Unicode in the oldest Python that is supported."""

# Writing systems that use several scripts (UTS #39, section 5.1, augmented script sets).
_TOGETHER: Final = {
    "Hani": ("Hanb", "Jpan", "Kore"),
    "Hira": ("Jpan",),
    "Kana": ("Jpan",),
    "Hang": ("Kore",),
    "Bopo": ("Hanb",),
}
_ANY: Final = {"Zyyy", "Zinh"}
# Letters of today's languages, those with few writers too (section 3.1): no historic scripts, nothing technical.
_TYPES: Final = frozenset({"Recommended", "Inclusion", "Limited_Use"})
_NUMBERS: Final = ("Nd", "Nl")

_HEAD: Final = '''\
"""Letters of names, and what looks like what: tables of Unicode {version}. Written by scripts/name_tables.py.

Copyright 1991-2025 Unicode, Inc. Used under the Unicode License V3 (https://www.unicode.org/license.txt).
"""

from __future__ import annotations

from typing import Final

UNICODE: Final = "{version}"
"""Version of the data files."""
'''


def lines(path: Path) -> Iterator[list[str]]:
    """Yield the fields of each line of a data file."""
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        text = line.partition("#")[0].strip()
        if text:
            yield [field.strip() for field in text.split(";")]


def values(path: Path) -> Iterator[tuple[int, str]]:
    """Yield code points and what a data file says of them."""
    for points, value, *_more in lines(path):
        first, _, last = points.partition("..")
        for point in range(int(first, 16), int(last or first, 16) + 1):
            yield point, value


def letters(folder: Path) -> dict[int, frozenset[str]]:
    """Return what a name may be made of, with the writing systems that each belongs to; none of them: to all."""
    short = {long: name for kind, name, long, *_ in lines(folder / "PropertyValueAliases.txt") if kind == "sc"}
    scripts = {point: {short[script]} for point, script in values(folder / "Scripts.txt")}
    scripts |= {point: set(names.split()) for point, names in values(folder / "ScriptExtensions.txt")}
    core = values(folder / "DerivedCoreProperties.txt")
    ignorable = {point for point, value in core if value == "Default_Ignorable_Code_Point"}
    found = {}
    for point, types in values(folder / "IdentifierType.txt"):
        kind = unicodedata.category(chr(point))
        if _TYPES.issuperset(types.split()) and point not in ignorable and (kind[0] in "LM" or kind in _NUMBERS):
            of = scripts[point]
            of |= {system for script in of for system in _TOGETHER.get(script, ())}
            found[point] = frozenset() if of & _ANY else frozenset(of)
    for mark in "_-":
        found[ord(mark)] = frozenset()
    return found


def looks(folder: Path, known: set[int]) -> dict[int, str]:
    """Return the prototypes (UTS #39, section 4) of all that names, in whatever case, are looked at as."""
    prototypes = {
        int(source, 16): "".join(chr(int(point, 16)) for point in target.split())
        for source, target, *_ in lines(folder / "confusables.txt")
    }
    reached, new = set[int](), set(known)
    while new:
        reached |= new
        texts = [chr(point) for point in new]
        texts += [prototypes[point] for point in new if point in prototypes]
        texts += [text.casefold() for text in texts]
        new = {ord(each) for text in texts for each in unicodedata.normalize("NFD", text)} - reached
    return {point: prototypes[point] for point in sorted(reached) if point in prototypes}


def written(name: str, about: str, words: list[str]) -> str:
    """Return the source of a table."""
    text = textwrap.wrap(" ".join(words), 112, break_on_hyphens=False)
    body = "\n".join(f'    "{line} "' for line in text)
    return f'\n{name}: Final = (\n{body}\n)\n"""{about}"""\n'


def main() -> None:
    """Write the tables."""
    if unicodedata.unidata_version != OLDEST:
        sys.exit(f"run this with a Python that has Unicode {OLDEST}")
    folder = Path(sys.argv[1])
    version = re.search(r"Version: ([\d.]+)", (folder / "confusables.txt").read_text(encoding="utf-8"))
    assert version is not None
    found = letters(folder)
    ranges = []
    for (systems, _), group in groupby(enumerate(sorted(found)), key=lambda each: (found[each[1]], each[1] - each[0])):
        points = [point for _, point in group]
        last = f"-{points[-1]:X}" if len(points) > 1 else ""
        ranges.append(f"{points[0]:X}{last}:{'+'.join(sorted(systems))}")
    pairs = [
        f"{point:X}:{'+'.join(f'{ord(each):X}' for each in text)}" for point, text in looks(folder, set(found)).items()
    ]
    letters_about = "First and last code point, and the writing systems that use them; nothing: all of them."
    looks_about = "A code point, and those of what it looks like."
    TARGET.write_text(
        _HEAD.format(version=version[1])
        + written("LETTERS", letters_about, ranges)
        + written("LOOKS", looks_about, pairs),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
