"""Hooks of mkdocs: what lies outside docs/ and is linked from there gets a page of its own.

In the repository, links go to the files themselves (`../../examples/echo_bot.py`), so that they work wherever the
repository is shown. On the site the same links go to pages made from these files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"(?<=\]\()(?!\w+:|#|/)([^)\s#]+)(#[^)\s]*)?(?=\))")
FENCE = re.compile(r"^ *(```|~~~)")


def shown_at(path: Path) -> str | None:
    """Return where a file of the repository stands on the site; None when it does not."""
    if path.is_relative_to(DOCS):
        return path.relative_to(DOCS).as_posix()
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
    if name in ("CHANGELOG.md", "CONTRIBUTING.md"):
        return f"project/{name.lower()}"
    if path.parent == ROOT / "examples":
        return f"examples/{path.stem}.md" if path.suffix == ".py" else f"examples/{path.name}"
    return None


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that are made from files outside docs/."""
    for name in ("CHANGELOG.md", "CONTRIBUTING.md"):
        path = ROOT / name
        files.append(File.generated(config, shown_at(path) or "", content=path.read_text()))
    for path in sorted((ROOT / "examples").iterdir()):
        uri = shown_at(path) or ""
        if path.suffix == ".py":
            page = f"# {path.name}\n\n```python\n{path.read_text()}```\n"
            files.append(File.generated(config, uri, content=page))
        elif path.is_file():
            files.append(File.generated(config, uri, abs_src_path=str(path)))
    for file in files:
        if file.src_uri.startswith("examples/"):
            file.inclusion = file.inclusion.NOT_IN_NAV
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Let links to files of the repository go to their pages."""
    uri = page.file.src_uri
    folder = ROOT if uri.startswith(("project/", "examples/")) else (DOCS / uri).parent

    def moved(match: re.Match[str]) -> str:
        target = Path(os.path.normpath(folder / match[1]))
        there = shown_at(target)
        if there is None or not target.exists():
            raise PluginError(f"{uri} links to {match[1]}, which is not there or has no page on the site")
        return os.path.relpath(there, Path(uri).parent) + (match[2] or "")

    lines, fenced = [], False
    for line in markdown.split("\n"):
        if FENCE.match(line):
            fenced = not fenced
        lines.append(line if fenced else LINK.sub(moved, line))
    return "\n".join(lines)
