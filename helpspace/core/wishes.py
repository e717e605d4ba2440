"""What clients wish and therapists offer: each word has a bit in one number (P4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpspace.core import hours
from helpspace.core.moments import LONDON

CONCERNS = (
    "Anxiety", "Low mood", "Stress and burnout", "Grief", "Relationships", "Family", "Trauma",
    "Self-esteem", "Anger", "Eating", "Addiction", "Sleep", "Identity", "Sexuality", "Work",
    "Life changes",
)  # fmt: skip
APPROACHES = (
    "Person-centred", "CBT", "Psychodynamic", "Integrative", "Gestalt", "EMDR", "Existential",
    "Solution-focused", "Systemic", "Mindfulness-based",
)  # fmt: skip
LANGUAGES = (
    "English", "Welsh", "Polish", "Punjabi", "Urdu", "Bengali", "Arabic", "French", "Spanish",
    "Portuguese", "Italian", "German", "British Sign Language",
)  # fmt: skip
MODALITIES = ("Video", "Phone")
GENDERS = ("woman", "man", "non-binary")


def words_of(mask: int, vocabulary: tuple[str, ...]) -> list[str]:
    """Return the words whose bits are set."""
    return [word for bit, word in enumerate(vocabulary) if mask >> bit & 1]


def mask_of(words: list[str], vocabulary: tuple[str, ...]) -> int:
    """Return the number in which the bits of these words are set."""
    return sum(1 << vocabulary.index(word) for word in set(words))


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
