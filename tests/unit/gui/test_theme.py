"""The colours are readable."""

from __future__ import annotations

import pytest

from chatcore_qt.stylesheet import stylesheet
from chatcore_qt.theme import DARK, LIGHT, Palette

_BACKGROUNDS = ("background", "surface", "hover", "selected", "own_background", "mention_background")
_TEXTS = ("text", "muted", "accent", "own", "mention", "warning", "error", "success")


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_has_enough_contrast_on_everything_it_may_stand_on(palette: Palette) -> None:
    for background in _BACKGROUNDS:
        for text in [getattr(palette, name) for name in _TEXTS] + list(palette.names):
            assert contrast(text, getattr(palette, background)) >= 4.5, (text, background)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_buttons_and_badges_has_enough_contrast(palette: Palette) -> None:
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    assert contrast(palette.on_unread, palette.unread) >= 4.5


def test_style_sheet_has_a_colour_for_every_place() -> None:
    colours = dict.fromkeys(Palette.__slots__, "#123456")  # type: ignore[attr-defined]
    assert "$" not in stylesheet(colours)
