"""What clients wish and therapists offer: each word has a bit in one number (P4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpspace.core import hours
from helpspace.core.moments import LONDON
from helpspace.core.vocabulary import (
    APPROACHES,
    CONCERNS,
    GENDERS,
    LANGUAGES,
    MODALITIES,
    mask_of,
    words_of,
)

__all__ = [
    "APPROACHES",
    "CONCERNS",
    "GENDERS",
    "LANGUAGES",
    "MODALITIES",
    "Wishes",
    "mask_of",
    "read",
    "words_of",
    "written",
]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a client looks for; a wish left out excludes nobody.

    Concerns count one by one; of approaches, languages, ways to meet, genders, days and parts of
    the day any one will do. `fee_up_to` is pence; days and parts are meant in `zone`.
    """

    concerns: int = 0
    approaches: int = 0
    languages: int = 0
    modalities: int = 0
    genders: tuple[str, ...] = ()
    fee_up_to: int | None = None
    days: int = 0
    parts: int = 0
    zone: str = LONDON

    @property
    def timed(self) -> bool:
        """Whether days or parts of the day are wished; both together are one wish."""
        return bool(self.days or self.parts)

    @property
    def count(self) -> int:
        """How many wishes there are to fit."""
        any_of = (self.approaches, self.languages, self.modalities, self.genders)
        return (
            self.concerns.bit_count()
            + sum(1 for wish in any_of if wish)
            + (self.fee_up_to is not None)
            + self.timed
        )


_MASKS = (
    ("concerns", CONCERNS),
    ("approaches", APPROACHES),
    ("languages", LANGUAGES),
    ("modalities", MODALITIES),
    ("days", hours.DAYS),
    ("parts", hours.PARTS),
)


def written(wishes: Wishes) -> dict[str, Any]:
    """Return wishes as words, so that they outlive a change of the vocabulary; only what is wished.

    The zone is left out: wishes are read in the zone that their client has then.
    """
    found: dict[str, Any] = {}
    for name, vocabulary in _MASKS:
        if mask := getattr(wishes, name):
            found[name] = words_of(mask, vocabulary)
    if wishes.genders:
        found["genders"] = list(wishes.genders)
    if wishes.fee_up_to is not None:
        found["fee_up_to"] = wishes.fee_up_to
    return found


def read(found: Mapping[str, Any], zone: str = LONDON) -> Wishes:
    """Return the wishes that were written; words that there are no more are left out."""
    masks = {
        name: mask_of([word for word in found.get(name, ()) if word in vocabulary], vocabulary)
        for name, vocabulary in _MASKS
    }
    genders = tuple(word for word in GENDERS if word in found.get("genders", ()))
    return Wishes(genders=genders, fee_up_to=found.get("fee_up_to"), zone=zone, **masks)
