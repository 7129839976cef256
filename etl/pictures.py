"""Pictures that come in: only images, made anew, so that nothing but what can be seen is kept.

Where and when a photograph was taken, with which telephone, stands in its file (EXIF) and is nobody's business here; a file
that only pretends to be an image may be anything. So the pixels are read and written again as a JPEG of limited size, under a
name of our own. A small file may unpack to gigabytes (a decompression bomb): the size it announces is checked before it is read.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import struct
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from data.errors import InputError, NotFound

FOLDER: Final = "attachments"
FORMATS: Final = ("JPEG", "PNG", "WEBP")
MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 2560
QUALITY: Final = 85
NAME: Final = re.compile(r"[0-9a-f]{32}\.jpg")
_AT_ONCE = threading.BoundedSemaphore(2)  # one of 50 million pixels takes 200 MB while it is read


@dataclass(frozen=True)
class Picture:
    """A picture that was kept."""

    name: str
    width: int
    height: int
    size: int  # bytes


def keep_picture(home: Path, content: bytes) -> Picture:
    """Make the picture anew and keep it. Raises InputError for what is no image, or too large."""
    with _AT_ONCE:
        image = _made_anew(content)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    body = out.getvalue()
    name = f"{secrets.token_hex(16)}.jpg"
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    with part.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder / name)
    return Picture(name, image.width, image.height, len(body))


def known_picture(home: Path, name: str) -> str:
    """The name itself, if there is such a picture. Raises InputError: a case names no picture that is not there."""
    if not NAME.fullmatch(name) or not (home / FOLDER / name).is_file():
        raise InputError("there is no such picture.", where=f"evidence {name}", todo="Send it to /api/v1/attachments.")
    return name


def picture_file(home: Path, name: str) -> Path:
    """Where a picture lies. Raises NotFound."""
    file = home / FOLDER / name
    if not NAME.fullmatch(name) or not file.is_file():
        raise NotFound("there is no such picture.", where=name)
    return file


def _made_anew(content: bytes) -> Image.Image:
    if len(content) > MOST_BYTES:
        raise InputError(f"the picture is larger than {MOST_BYTES // 1024 // 1024} MB.", todo="Send a smaller one.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of some bombs
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                _refuse_vast(opened)
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is read at a fraction of its size
                return _plain(opened)
    except InputError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _vast() from None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, IndexError, struct.error, Warning,
            AttributeError, ArithmeticError):  # fmt: skip
        raise InputError(
            "this is no picture that can be read.", todo=f"Send {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        ) from None


def _plain(opened: Image.Image) -> Image.Image:
    """Its pixels, upright, on white, no larger than is shown; nothing else of the file."""
    opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(opened)
    clear = upright.convert("RGBA")
    ground = Image.new("RGB", clear.size, "white")
    ground.paste(clear, mask=clear.getchannel("A"))
    return ground


def _refuse_vast(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _vast()


def _vast() -> InputError:
    return InputError(
        f"the picture has more than {MOST_PIXELS // 1_000_000} million points.", todo="Send a smaller one."
    )
