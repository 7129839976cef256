"""Pictures that come in: only images, made anew, so that nothing but what can be seen is kept.

Where and when a photograph was taken, with which telephone, stands in its file (EXIF) and is nobody's business here; a file
that only pretends to be an image may be anything. So the pixels are read and written again as a JPEG of limited size, under a
name of our own. A small file may unpack to gigabytes (a decompression bomb): the size it announces is checked before it is read.
"""

from __future__ import annotations

import io
import os
import secrets
import struct
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageOps

from data.attachments import FOLDER, file_of, make_room, refuse_too_many
from data.errors import InputError, NotFound
from data.faults import known

if TYPE_CHECKING:
    from data.settings import Settings
    from data.store import Store

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 2560
QUALITY: Final = 85
_AT_ONCE = threading.BoundedSemaphore(2)  # one of 50 million pixels takes 200 MB while it is read


@dataclass(frozen=True)
class Picture:
    """A picture that was kept."""

    name: str
    width: int
    height: int
    size: int  # bytes


def keep_picture(settings: Settings, content: bytes) -> Picture:
    """Make the picture anew and keep it. Raises InputError for what is no image, or too large, and StoreError where there is no room."""
    with _AT_ONCE:
        image = _made_anew(content)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    body = out.getvalue()
    name = f"{secrets.token_hex(16)}.jpg"
    make_room(settings.home, len(body), settings)
    try:
        _put_on_disk(settings.home / FOLDER, name, body)
    except OSError as error:
        raise known(error) from error
    return Picture(name, image.width, image.height, len(body))


def _put_on_disk(folder: Path, name: str, body: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.rename(folder / name)
    finally:
        part.unlink(missing_ok=True)


def known_pictures(store: Store, names: Sequence[str], case_id: int | None = None) -> tuple[str, ...]:
    """The names themselves, where all are pictures that are there and the case, or a new one, may have them. Raises InputError."""
    for name in names:
        if file_of(store.home, name) is None:
            raise InputError(
                "there is no such picture.", where=f"evidence {name}", todo="Send it to /api/v1/attachments."
            )
    refuse_too_many(store, names, case_id)
    return tuple(names)


def picture_file(home: Path, name: str) -> Path:
    """Where a picture lies. Raises NotFound."""
    file = file_of(home, name)
    if file is None:
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
