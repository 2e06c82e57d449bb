"""Makes pictures of every dialog, menu and state of the desktop app, to be looked at: `make gallery`.

At 800 x 600, at 1280 x 800, and at 200 %; light and dark; in English and in French. They are in `build/gallery`, one
folder for each of these, and none of them is kept in the repository. What there is to be seen is said once, in
`tests/integration/gui/gallery.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
GALLERY: Final = ROOT / "build" / "gallery"
# Of the screen, with how many pixels a point has there.
SCREENS: Final = ((800, 600, 1), (1280, 800, 1), (1280, 800, 2))
THEMES: Final = ("light", "dark")
LANGUAGES: Final = ("en", "fr")


def make(width: int, height: int, scale: int) -> None:
    """Make the pictures of one screen, in this process."""
    sys.path.insert(0, str(ROOT))
    from PyQt6.QtCore import QLocale  # noqa: PLC0415 - the platform is known now

    from chatcore_qt import i18n, theme  # noqa: PLC0415
    from chatcore_qt.app import make_application  # noqa: PLC0415
    from chatcore_qt.event_loop import Loop  # noqa: PLC0415
    from tests.integration.gui.gallery import usual_font, walk  # noqa: PLC0415

    qt = make_application(sys.argv[:1])
    qt.setFont(usual_font())

    async def take(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as place:
            async for name, shown in walk(Path(place), size=(width, height)):
                await asyncio.sleep(0.05)  # what is shown later in this turn is shown
                shown.grab().save(str(folder / f"{name}.png"))

    with Loop(qt) as loop:
        for colours in THEMES:
            for language in LANGUAGES:
                i18n.install(qt, QLocale(language))
                theme.apply(qt, colours)
                folder = GALLERY / f"{width}x{height}{'@2x' if scale == 2 else ''}-{colours}-{language}"
                folder.mkdir(parents=True, exist_ok=True)
                loop.run_until_complete(take(folder))
                print(folder.relative_to(ROOT))


def main() -> None:
    """Make all of them."""
    if sys.argv[1:]:
        make(*map(int, sys.argv[1:]))
        return
    for width, height, scale in SCREENS:
        with tempfile.TemporaryDirectory() as place:
            screen = {"name": "screen", "x": 0, "y": 0, "width": width * scale, "height": height * scale}
            described = Path(place) / "screen.json"
            described.write_text(json.dumps({"screens": [screen | {"logicalDpi": 96, "dpr": 1}]}))
            chosen = {"QT_QPA_PLATFORM": f"offscreen:configfile={described}", "QT_SCALE_FACTOR": str(scale)}
            quiet = {"QT_LOGGING_RULES": "qt.qpa.*=false"}
            program = [sys.executable, __file__, str(width), str(height), str(scale)]
            subprocess.run(program, env=os.environ | chosen | quiet, check=True)


if __name__ == "__main__":
    main()
