"""What is in a file that somebody hands in: known by its content, bounded, made anew (J3).

Pictures are decoded and encoded again, which leaves nothing of what cameras and pranksters add;
PDFs are kept as they are and never rendered here.
"""

from __future__ import annotations

import io
import os
import stat
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from helpspace.core.errors import Invalid

if TYPE_CHECKING:
    from PIL.Image import Image

Type = Literal["pdf", "png", "jpeg"]

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 25_000_000
"""Of a picture by its header: more could fill the memory."""

LONGEST_SIDE = 2400
"""Pixels of a certificate's picture: an A4 page at 200 dots an inch, and small in memory."""

PORTRAIT_SIDE = 1024
"""Pixels of a profile picture."""

LEAST_SIDE = 200
"""Pixels below which a profile picture is only a blur."""

_NOT_READABLE = "Choose a PDF, PNG or JPEG."


class Checked(NamedTuple):
    """A file as it may be kept."""

    type: Type
    content: bytes


def read_upload(path: Path) -> bytes:
    """Return the content of a file on this machine; Invalid for what is no plain file of ours.

    A link, a pipe or a device is refused without being opened for reading, and never more than
    10 MiB and a byte are read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Invalid("There is no such file", "Check where it is.") from None
    except (OSError, ValueError):
        raise Invalid("That file cannot be opened", "Choose a file of your own.") from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Invalid("That is not a file", _NOT_READABLE)
        with os.fdopen(os.dup(handle), "rb") as file:
            return bounded(file.read(MOST_BYTES + 1))
    except OSError:
        raise Invalid("That file cannot be read", "Choose a file of your own.") from None
    finally:
        os.close(handle)


def bounded(content: bytes) -> bytes:
    """Return content that is neither empty nor too long, else refuse it."""
    if not content:
        raise Invalid("The file is empty", _NOT_READABLE)
    if len(content) > MOST_BYTES:
        raise Invalid("The file is larger than 10 MB", "Make it smaller, or scan it more coarsely.")
    return content


def check(content: bytes, *, portrait: bool = False) -> Checked:
    """Return a file as it may be kept, or refuse it in one line.

    `portrait` is a profile picture: no PDF, and made small.
    """
    bounded(content)
    if content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return _picture(content, portrait=portrait)
    if portrait:
        raise Invalid("That is no PNG or JPEG picture", "Choose a picture of yourself.")
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    raise Invalid("That is neither a PDF nor a PNG or JPEG picture", _NOT_READABLE)


def _pdf(content: bytes) -> Checked:
    end = content.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in content[-4096:]:
        raise Invalid("The PDF is cut off", "Save it again, and hand that in.")
    head = content[:2048].lower()
    if content[end + 5 :].strip(b"\r\n \0") or b"<html" in head or b"<script" in head:
        raise Invalid("The PDF carries something else besides", "Print it to a new PDF.")
    if b"/Encrypt" in content:
        raise Invalid("The PDF is protected by a password", "Save it without, and hand that in.")
    return Checked("pdf", content)


def _picture(content: bytes, *, portrait: bool) -> Checked:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - slow to load

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
                _check_size(picture.size, portrait=portrait)
                return _made_anew(picture, PORTRAIT_SIDE if portrait else LONGEST_SIDE)
    except (UnidentifiedImageError, Image.DecompressionBombError, Warning):
        raise Invalid("The picture cannot be read", "Save it again as PNG or JPEG.") from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, OverflowError):
        raise Invalid("The picture is damaged", "Save it again as PNG or JPEG.") from None


def _check_size(size: tuple[int, int], *, portrait: bool) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise Invalid("The picture has too many pixels", "Make it smaller than 25 megapixels.")
    if portrait and min(size) < LEAST_SIDE:
        raise Invalid("The picture is too small", f"Take one of at least {LEAST_SIDE} pixels.")


def _made_anew(picture: Image, side: int) -> Checked:
    from PIL import ImageOps  # noqa: PLC0415 - slow to load

    as_jpeg = picture.format == "JPEG"
    picture.draft("RGB", (side, side))
    picture.thumbnail((side, side))
    upright = ImageOps.exif_transpose(picture)
    clear = upright.has_transparency_data and not as_jpeg
    clean = upright.convert("RGBA" if clear else "RGB")
    # Without it a comment in a JPEG would be written again.
    clean.info.clear()
    out = io.BytesIO()
    if as_jpeg:
        clean.save(out, "JPEG", quality=88, optimize=True)
    else:
        clean.save(out, "PNG", optimize=False)
    return Checked("jpeg" if as_jpeg else "png", bounded(out.getvalue()))
