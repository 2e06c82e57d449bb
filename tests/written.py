"""What people write, and what of it is code: the page and the window show the same as such."""

from __future__ import annotations

CODE: list[tuple[str, list[str]]] = [
    ("run `pip install x` now", ["pip install x"]),
    ("```\nprint(1)\nprint(2)\n```", ["print(1)\nprint(2)"]),
    ("```python\nprint(1)```  and `a`", ["print(1)", "a"]),
    ("```c#  \n\n  x = 1;\n  ```", ["  x = 1;"]),
    ("```foo()\nbar()\n```", ["foo()\nbar()"]),
    ("```foo()\nbar()```", ["foo()\nbar()"]),
    ("```https://example.org\nx\n```", ["https://example.org\nx"]),
    ("```no language\nx\n```", ["no language\nx"]),
    ("```python\n```", ["python"]),
    ("```one line```", ["one line"]),
    ("see ```one `line` of``` it and `more`", ["one `line` of", "more"]),
    ("````\n``x``\n````", ["``x``"]),
    ("one:\n```\n1\n```\ntwo:\n```\n2\n```\n", ["1", "2"]),
    ("a ` alone, and `` nothing, ``neither``", []),
    ("`one\ntwo`", []),
    ("```not closed", []),
    ("hi\n```not closed\neither", []),
    ("```\n```", []),
    ("` ` and ``` ```", []),
    ("`" * 9, []),
]
"""Texts, and the code in each without its marks."""
