"""The words in which therapists say what they offer: each has a bit in one number (P4)."""

from __future__ import annotations

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
