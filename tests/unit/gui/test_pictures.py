"""Pictures of strangers: which are read, how large, and that nothing else is tried."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QImage

from chatcore_qt.pictures import MOST_BYTES, NotShown, load, may_be_picture

MOST = QSize(300, 200)


def picture(path: Path, width: int, height: int, kind: str = "png") -> str:
    """Write a picture, and return its path."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0xFF3355D1)
    assert image.save(str(path), kind)
    return str(path)


def png_header(width: int, height: int) -> bytes:
    """Return the beginning of a picture that says how large it is."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_picture_is_read_no_larger_than_wanted(tmp_path: Path, kind: str) -> None:
    path = picture(tmp_path / "a", 900, 300, kind)
    assert (load(path, MOST).width(), load(path, MOST).height()) == (300, 100)
    small = picture(tmp_path / "b", 20, 10, kind)
    assert load(small, MOST).size() == QSize(20, 10)


def test_very_narrow_picture_keeps_a_pixel(tmp_path: Path) -> None:
    assert load(picture(tmp_path / "a", 9000, 1), MOST).size() == QSize(300, 1)


def test_picture_that_says_to_be_enormous_is_not_begun(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    for width, height in ((60_000, 60_000), (30_000, 1), (2**31 - 1, 2**31 - 1)):
        path.write_bytes(png_header(width, height) + bytes(100))
        with pytest.raises(NotShown):
            load(str(path), MOST)


def test_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.png"
    path.write_bytes(png_header(8, 8))
    os.truncate(path, MOST_BYTES + 1)
    with pytest.raises(NotShown) as raised:
        load(str(path), MOST)
    assert raised.value.too_large


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF8",
        b"GIF89a" + bytes(3),
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0" + bytes(50),
        b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20),
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        b"%PDF-1.4",
        b"BM" + bytes(60),
        png_header(8, 8),
    ],
)
def test_what_is_damaged_or_of_another_kind_is_not_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(NotShown) as raised:
        load(str(path), MOST)
    assert not raised.value.too_large


def test_nobody_waits_for_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", tmp_path, tmp_path / "nowhere.png"):
        with pytest.raises(NotShown):
            load(str(path), MOST)


def test_names_tell_which_files_are_worth_a_look() -> None:
    assert [name for name in ("a.PNG", "b.jpeg", "c.svg", "d.png.exe", "e.webp", "png") if may_be_picture(name)] == [
        "a.PNG",
        "b.jpeg",
        "e.webp",
    ]
