"""The picture of a published profile: the one that the team has accepted, made small (J3, P1)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpspace.core.errors import NotFound
from helpspace.core.joining.documents import box_of
from helpspace.core.practice import Practice
from helpspace.core.profiles import profile_by_handle
from helpspace.core.store.tables import Document

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 320
"""Pixels of the square that is shown: sharp on a phone, at half that width."""

MOST_BYTES = 28 * 1024
"""What a picture may weigh, so that a page with it stays below 50 kB."""

_QUALITIES = (84, 74, 62, 50, 38, 26)

_ACCEPTED = """therapist_id = ? AND kind = 'picture' AND removed_at IS NULL AND EXISTS (
    SELECT 1 FROM verdict v WHERE v.therapist_id = document.therapist_id
    AND v.part = 'document:' || document.id AND v.accepted = 1)"""


@dataclass(frozen=True, slots=True)
class Picture:
    """Which picture a profile has; `digest` changes with it."""

    id: str
    digest: str


def picture_of(practice: Practice, therapist_id: str) -> Picture | None:
    """Return which accepted picture a therapist has, or None."""
    with practice.reading() as view:
        row = view.find(Document, _ACCEPTED, therapist_id)
    return None if row is None else Picture(row.id, row.digest)


def picture_by_handle(practice: Practice, handle: str) -> Picture:
    """Return the picture of a visible profile.

    Raises CannotBeBooked for a hidden or unknown one, NotFound for one without a picture (P3).
    """
    found, _ = profile_by_handle(practice, handle)
    picture = picture_of(practice, found.therapist_id)
    if picture is None:
        raise NotFound
    return picture


def small(practice: Practice, picture: Picture) -> bytes:
    """Return a picture as a small square JPEG of at most 28 KiB."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - slow to load

    raw = box_of(practice).get(picture.id)
    with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as image:
        image.draft("RGB", (SIDE, SIDE))
        # Faces are above the middle of most portraits.
        square = ImageOps.fit(_flat(image), (SIDE, SIDE), centering=(0.5, 0.4))
    return _encoded(square)


def _flat(image: Image) -> Image:
    """Return a picture without transparency, on white."""
    from PIL import Image  # noqa: PLC0415 - slow to load

    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    below = Image.new("RGBA", clear.size, "white")
    below.alpha_composite(clear)
    return below.convert("RGB")


def _encoded(square: Image) -> bytes:
    # A comment would be written again: nothing but the picture goes out.
    square.info.clear()
    made = b""
    for quality in _QUALITIES:
        out = io.BytesIO()
        square.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        made = out.getvalue()
        if len(made) <= MOST_BYTES:
            break
    return made
