"""The words of the page: every sentence is said in French too, and those of the library come with it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from chatcore.text.reasons import REFUSALS
from chatcore.text.slash import SLASHES
from chatcore_cli.saying.texts import languages
from chatcore_web import library_words, web_files
from chatcore_web.joined import joined

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))
import translations  # found by the line above

PAGE = Path(__file__).parents[3] / "src" / "gui" / "chatcore_web" / "page"
_STRING = r'"(?:[^"\\]|\\.)*"'
FIELD = re.compile(r"\{\w+\}")


def english() -> set[str]:
    """Return the sentences of the page; of those about a number, the one for many."""
    found: set[str] = set()
    for file in PAGE.rglob("*.js"):
        text = file.read_text(encoding="utf-8")
        found |= {json.loads(one) for one in re.findall(rf"\bt\(\s*({_STRING})", text)}
        found |= {json.loads(many) for many in re.findall(rf"\btn\(\s*{_STRING},\s*({_STRING})", text)}
    return found


def french() -> dict[str, list[str]]:
    """Return the French of each."""
    text = (PAGE / "words" / "french.js").read_text(encoding="utf-8").partition("FRENCH = {")[2]
    pairs = re.findall(rf"({_STRING}):\s*(\[[^\]]*\]|{_STRING})", text)
    return {json.loads(key): [json.loads(one) for one in re.findall(_STRING, value)] for key, value in pairs}


def test_every_sentence_of_the_page_is_said_in_french_and_none_too_many() -> None:
    """With the same values in it."""
    assert set(french()) == english()
    for text, forms in french().items():
        for form in forms:
            assert sorted(FIELD.findall(form)) == sorted(FIELD.findall(text)), text


def test_french_of_the_page_has_the_apostrophes_and_spaces_of_print() -> None:
    forms = [form for forms in french().values() for form in forms]
    assert [form for form in forms if "'" in form] == []
    assert [form for form in forms if translations.typeset(form) != form] == [], "run: python scripts/translations.py"


def test_the_page_has_the_commands_and_reasons_of_the_library() -> None:
    """There is one table of each, and its French is that of the catalogue."""
    words = library_words(languages())
    assert [one["name"] for one in words["slashes"]] == list(SLASHES)
    assert words["refusals"] == {str(code): forms for code, forms in REFUSALS.items()}
    catalogue = languages()["fr"]
    assert words["languages"]["fr"][REFUSALS["name_taken"][0]] == catalogue(REFUSALS["name_taken"][0])
    assert {str(one.about) for one in SLASHES.values()} <= set(words["languages"]["fr"])


def test_the_page_is_a_few_files_that_name_no_other_place() -> None:
    """Nothing is loaded from elsewhere."""
    files = web_files(languages())
    assert set(files) == {"index.html", "door.html", "app.js", "app.css", "icon.svg"}
    for name in ("index.html", "app.css"):
        assert b"//" not in files[name].body.replace(b"/*", b"")
    addresses = re.findall(rb"https?://[\w.]+", files["app.js"].body)
    assert set(addresses) <= {b"http://www.w3.org"}, addresses  # the name of SVG; nothing is asked there
    assert not re.search(
        rb"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function", files["app.js"].body
    )


MODULES = {
    "app.js": 'import { two } from "./a/two.js";\nconst name = "app";\nconsole.log(two, name);\n',
    "a/two.js": 'import { one } from "../one.js";\nconst name = "two";\nexport const two = one + name;\n',
    "one.js": 'const name = "one";\nexport const one = name;\n',
}


def test_modules_are_joined_each_behind_those_that_it_needs() -> None:
    """And each keeps what it does not export to itself."""
    text = joined("app.js", MODULES.__getitem__)
    assert [line for line in text.splitlines() if line.startswith("// ")] == ["// one.js", "// a/two.js", "// app.js"]
    assert "import" not in text
    assert text.count("const name") == 3


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"one.js": 'import { two } from "./a/two.js";\nexport const one = two;\n'}, "imports itself"),
        ({"one.js": "const one = 1;\n"}, "exports no one"),
        ({"one.js": "export const one = 1;\nexport default 1;\n"}, "export default"),
        ({"one.js": "export const one = 1;\nexport const two = 2;\n"}, "exports two too"),
        ({"a/two.js": 'import * as all from "../one.js";\nexport const two = all;\n'}, "import \\*"),
    ],
)
def test_what_cannot_be_joined_is_told(changed: dict[str, str], why: str) -> None:
    """A server does not start with half a page."""
    with pytest.raises(ValueError, match=why):
        joined("app.js", (MODULES | changed).__getitem__)
