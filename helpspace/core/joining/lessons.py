"""The course's texts: read from `templates/course`, with every number taken from the rules (J6).

A text is a title, paragraphs and takeaways; `{window}` and the like stand for what the code itself
works with, so that the course cannot say anything else than what happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpspace.core import moments, policy, proofs
from helpspace.core.calendar import MOST_WEEKS
from helpspace.core.files.content import MOST_BYTES
from helpspace.core.joining.course import CHAPTERS
from helpspace.core.joining.topics import SUGGESTED_NOTICE
from helpspace.core.moments import DAY, HOUR, LONDON, MINUTE
from helpspace.core.payments.case import LAST_WORD

_FOLDER = Path(__file__).parents[2] / "templates" / "course"
_TAKEAWAYS = "## Key takeaways"
_NOON = 1_772_712_000
"""A noon in London, to ask the rules about a session at an ordinary time."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A chapter's text. `number` counts from 1."""

    name: str
    number: int
    title: str
    paragraphs: tuple[str, ...]
    takeaways: tuple[str, ...]

    @property
    def words(self) -> int:
        """How many words its paragraphs have."""
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)


def figures() -> dict[str, str]:
    """Return what the texts' placeholders stand for, each from the rule that decides it."""
    first = policy.retry_after(_NOON - 2 * DAY, _NOON) or 0
    second = policy.retry_after(first, _NOON) or 0
    early = moments.start_of_day(moments.local_date(_NOON, LONDON), LONDON) + 9 * HOUR
    late = _NOON - 2 * HOUR
    return {
        "window": _long(policy.DECISION_WINDOW),
        "afterthought": _long(policy.AFTERTHOUGHT),
        "grace": f"{policy.CHARGE_GRACE} seconds",
        "hold": _long(policy.HOLD),
        "card_page": _long(policy.CARD_PAGE),
        "most_ahead": str(policy.MOST_AHEAD),
        "least_fee": f"{policy.LEAST_FEE}p",
        "retry_first": _long(_NOON - first),
        "retry_second": _long(_NOON - second),
        "last_word": _long(LAST_WORD).capitalize(),
        "reminder": moments.show_time(policy.reminder_moment(_NOON, LONDON), LONDON),
        "reminder_ahead": _long(early - policy.reminder_moment(early, LONDON)),
        "reminder_short": _long(_NOON - (policy.reminder_due(_NOON, LONDON, late) or 0)),
        "notice": f"{SUGGESTED_NOTICE} hours",
        "file_size": f"{MOST_BYTES // 1024**2} MiB",
        "most_weeks": str(MOST_WEEKS),
        "proofs": f"{', '.join(map(str, proofs.AHEAD[:-1]))} and {proofs.AHEAD[-1]} days",
    }


def _long(seconds: int) -> str:
    """Return a duration as a sentence has it: "48 hours", "an hour", "33 minutes"."""
    if seconds % HOUR:
        return f"{seconds // MINUTE} minutes"
    return "an hour" if seconds == HOUR else f"{seconds // HOUR} hours"


@cache
def lesson(name: str) -> Lesson:
    """Return the text of one chapter of `course.CHAPTERS`."""
    text = (_FOLDER / f"{name}.md").read_text(encoding="utf-8").format_map(figures())
    body, _, takeaways = text.partition(_TAKEAWAYS)
    title, *paragraphs = [part.strip() for part in body.split("\n\n") if part.strip()]
    return Lesson(
        name=name,
        number=CHAPTERS.index(name) + 1,
        title=title.removeprefix("# "),
        paragraphs=tuple(" ".join(part.split()) for part in paragraphs),
        takeaways=tuple(
            line.removeprefix("- ") for line in takeaways.splitlines() if line.startswith("- ")
        ),
    )


def lessons() -> tuple[Lesson, ...]:
    """Return the whole course, in its order."""
    return tuple(lesson(name) for name in CHAPTERS)
