"""Pictures are made anew: what the camera wrote is gone, what is no picture is refused, a bomb is not lit."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from data.attachments import FOLDER
from data.errors import InputError, NotFound, StoreFull
from data.settings import Settings
from etl.pictures import keep_picture, picture_file


def picture(kind: str, image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def kept(home: Path, content: bytes) -> Image.Image:
    return Image.open(io.BytesIO((home / FOLDER / keep_picture(Settings(home=home), content).name).read_bytes()))


def test_what_the_camera_wrote_is_gone_and_the_picture_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Phone of somebody"
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 15.0)  # where it was taken
    content = picture("JPEG", Image.new("RGB", (60, 40), "navy"), exif=exif, comment=b"secret")
    assert b"Phone" in content
    assert b"secret" in content
    shown = kept(tmp_path, content)
    assert (shown.size, shown.format, dict(shown.getexif()), shown.info.get("comment")) == ((40, 60), "JPEG", {}, None)
    [file] = (tmp_path / FOLDER).iterdir()
    assert b"Phone" not in file.read_bytes()


def test_large_ones_are_made_smaller_and_clear_ones_stand_on_white(tmp_path: Path) -> None:
    assert kept(tmp_path, picture("PNG", Image.new("L", (5120, 100), 0))).size == (2560, 50)
    clear = kept(tmp_path, picture("PNG", Image.new("RGBA", (8, 8), (0, 0, 0, 0))))
    assert clear.getpixel((4, 4)) == (255, 255, 255)
    assert kept(tmp_path, picture("WEBP", Image.new("RGB", (8, 8), "red"))).format == "JPEG"
    assert kept(tmp_path, picture("PNG", Image.new("P", (8, 8), 0))).mode == "RGB"


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 2,500 million points."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no picture"),
        (b"GIF89a", "no picture"),
        (picture("GIF", Image.new("L", (8, 8))), "no picture"),
        (picture("TIFF", Image.new("L", (8, 8))), "no picture"),
        (picture("JPEG", Image.new("RGB", (200, 200)))[:300], "no picture"),
        (bomb(), "more than 50 million"),
        (b"x" * (15 * 1024 * 1024 + 1), "larger than 15 MB"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        keep_picture(Settings(home=tmp_path), content)
    assert not (tmp_path / FOLDER).exists()


def test_only_names_of_our_own_are_found(tmp_path: Path) -> None:
    name = keep_picture(Settings(home=tmp_path), picture("PNG", Image.new("L", (8, 8)))).name
    (tmp_path / "secret.jpg").write_bytes(b"x")
    assert picture_file(tmp_path, name).name == name
    for other in ("../secret.jpg", "0" * 32 + ".jpg", "", name.upper()):
        with pytest.raises(NotFound):
            picture_file(tmp_path, other)


def test_pictures_fill_no_more_of_the_disk_than_they_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = picture("PNG", Image.effect_noise((600, 600), 90))
    settings = Settings(home=tmp_path, attachment_share=0.5)
    first = keep_picture(settings, noise)
    disk = SimpleNamespace(total=5 * first.size)
    monkeypatch.setattr("shutil.disk_usage", lambda _home: disk)
    assert keep_picture(settings, noise).size == first.size
    with pytest.raises(StoreFull, match="pictures may fill") as refused:
        keep_picture(settings, noise)
    assert (refused.value.status, len(list((tmp_path / FOLDER).iterdir()))) == (507, 2)
    (tmp_path / FOLDER / first.name).unlink()  # somebody makes room
    assert keep_picture(settings, noise).size == first.size
