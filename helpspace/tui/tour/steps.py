"""What the tour says, step by step. Pure; keys are named by their actions."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Step(NamedTuple):
    """One step: a heading, a few short lines, and the edge at which it leaves its subject free."""

    heading: str
    lines: tuple[str, ...]
    edge: Literal["top", "bottom"] = "bottom"


STEPS = (
    Step(
        "Your week",
        (
            "Each block is a session or a slot. Colour, sign and word say the same:",
            "○ open, ● booked, ✓ done, ! unpaid. Times are your own.",
            "{calendar.previous_week} {calendar.next_week} turn the week; {calendar.today} is now.",
        ),
    ),
    Step(
        "Slots are for first sessions",
        (
            "{slot.toggle} opens a slot at the cursor. New clients book only there, and",
            "each of them once. Your first open slot publishes your profile.",
        ),
    ),
    Step(
        "Follow-ups are booked by you",
        (
            "{session.follow_up} books one at the cursor, or a week after the session there.",
            "The client gets a mail with the time, the fee and the video link.",
        ),
    ),
    Step(
        "What the cursor is on",
        (
            "The lines below, or at the side, say who, when, and how the money stands.",
            "{calendar.open} opens it: contact, video, all that happened, cancel and move.",
        ),
        edge="top",
    ),
    Step(
        "Money takes care of itself",
        (
            "The card is charged 48 hours before; until then a client cancels free",
            "of charge, later at the full fee. If you cancel, everything goes back.",
            "{today.open} shows what needs you today, {money.open} the money.",
        ),
        edge="top",
    ),
    Step(
        "Everything else",
        (
            "The lowest line shows the keys of the moment; {help.keys} shows all of them.",
            "{app.palette} finds any action by its words, this tour too: type “tour”.",
        ),
        edge="top",
    ),
)
"""At most six, so that nobody is kept from their work."""
