"""Drawn portraits for the sample practice, so that the demo's profiles have their pictures."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

from helpspace.core.ids import as_text
from helpspace.core.joining.documents import box_of
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Document, Verdict

SIDE = 320

_GROUNDS = ("#dfe8e6", "#efe6dc", "#e3e5f0", "#e9eedd", "#f0e3e6")
_TONES = ("#4f7d78", "#9a6b4a", "#5b649a", "#71853f", "#8f5566")


def draw(number: int) -> bytes:
    """Return a silhouette as a PNG, in other tones for each number."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - slow to load

    ground = _GROUNDS[number % len(_GROUNDS)]
    tone = _TONES[(number * 2 + number // 5) % len(_TONES)]
    image = Image.new("RGB", (SIDE, SIDE), ground)
    pen = ImageDraw.Draw(image)
    pen.ellipse((40, 225, 280, 470), fill=tone)
    pen.ellipse((104, 62, 216, 206), fill=tone, outline=ground, width=6)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def give(practice: Practice, therapist_ids: Sequence[str]) -> None:
    """Give sample therapists an accepted picture each (J3, J4)."""
    box = box_of(practice)
    for number, therapist_id in enumerate(therapist_ids):
        raw = draw(number)
        digest = hashlib.sha256(raw).digest()
        file_id = as_text(hashlib.sha256(therapist_id.encode()).digest()[:26])
        box.put(file_id, raw)
        with practice.change() as tx:
            tx.insert(
                Document,
                id=file_id,
                therapist_id=therapist_id,
                kind="picture",
                name_sealed=tx.seal("Portrait", "document.name"),
                type="png",
                size=len(raw),
                digest=digest.hex(),
                created_at=tx.now,
            )
            tx.insert(
                Verdict,
                therapist_id=therapist_id,
                part=f"document:{file_id}",
                accepted=1,
                by_whom="sample",
                at=tx.now,
            )
