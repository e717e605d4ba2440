"""A profile in words, as clients read it: in the chat, in the editor's preview, on the page. Pure.

One source for all of them, so that a preview cannot differ from what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpspace.core import moments
from helpspace.core.moments import pounds
from helpspace.core.profiles import Profile

SOONEST = 3
"""Times that a profile offers at once, so that a booking takes few taps."""


def body(who: Profile, zone: str) -> str:
    """Return what the chat says below the name, for a client in a zone."""
    about_me = "\n".join(f"{label}: {words}" for label, words in facts(who))
    parts = (who.headline, who.about, about_me, "\n".join(prices(who)), zone_note(zone))
    return "\n\n".join(part for part in parts if part)


def facts(who: Profile) -> list[tuple[str, str]]:
    """Return what somebody does and how, each with its label; what is not said is left out."""
    found = (
        ("Helps with", who.concerns),
        ("Works in this way", who.approaches),
        ("Speaks", who.languages),
        ("Meets by", who.modalities),
    )
    return [(label, ", ".join(words)) for label, words in found if words]


def prices(who: Profile) -> list[str]:
    """Return what sessions cost and how long they are, a line each."""
    later = f"Later sessions: {who.follow_up_minutes} min, {price(who.follow_up_fee_pence)}"
    return [
        f"First session: {who.minutes} min, {price(who.fee_pence)}",
        f"{later}, arranged with your counsellor",
    ]


def price(pence: int) -> str:
    """Return a fee, or that there is none."""
    return pounds(pence) if pence else "free of charge"


def zone_note(zone: str) -> str:
    """Say in which zone times are shown."""
    return f"Times are in {moments.zone_word(zone)}."


def times(starts: Sequence[int], zone: str) -> list[str]:
    """Return the words of the buttons under a profile: the soonest times, and one for the rest."""
    labels = [moments.show(start, zone) for start in starts[:SOONEST]]
    return [*labels, "All free times"] if len(starts) > SOONEST else labels


PAGE_TIMES = 4
"""Free times that the public page shows; the chat has them all."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the public page: its heading and its lines."""

    heading: str
    lines: tuple[str, ...]


def page(who: Profile, starts: Sequence[int], now: int, *, chat: bool) -> list[Section]:
    """Return what the public page says below name and headline, besides help in a crisis.

    `starts` are the free times, `chat` whether there is a chat to book in. The times are in the
    therapist's own zone, since the page knows no reader's.
    """
    more = " There are more in the chat." if len(starts) > PAGE_TIMES else ""
    notice = f" Book at least {moments.show_minutes(who.notice_s)} ahead." if who.notice_s else ""
    door = "Book in the chat" if chat else "The chat for booking is not open yet"
    free = [moments.show(start, who.zone, reference=now) for start in starts[:PAGE_TIMES]]
    first = f"First session: {who.minutes} minutes, {price(who.fee_pence)}"
    later = f"Later sessions: {who.follow_up_minutes} minutes, {price(who.follow_up_fee_pence)}"
    about = tuple(line for line in who.about.splitlines() if line)
    glance = tuple(f"{label}: {words}" for label, words in facts(who))
    sections = [
        Section("Next free times", (*free, f"{zone_note(who.zone)}{more}{notice}", door)),
        Section("About my work", about),
        Section("At a glance", glance),
        Section("Sessions and fees", (first, later)),
    ]
    return [section for section in sections if section.lines]
