"""Everything that happened to one session and is still to come: what, by whom, when (M8, N2, A2).

It joins what the store has of the session, its money, its reminders and the trail. Who may know
what of the money is chosen in `payments.story`; of the trail only who acted is told, never why.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Literal

from helpspace.core import policy
from helpspace.core.actors import Actor
from helpspace.core.appointments import reader_of
from helpspace.core.notices import Event
from helpspace.core.payments import story
from helpspace.core.payments.story import Facts, StoryStep, Told
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Audit, Claim, Notice, Reminder

What = (
    Told
    | Literal[
        "opened", "move_asked", "move_refused", "absence_answered", "reminded", "not_reminded",
        "reminder", "session", "charge",
    ]
)  # fmt: skip
"""`reminder`, `session` and `charge` may be still to come."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a session's life; the instant in UTC epoch seconds, money in pence.

    `by` is whose act it was; `for_them` says that the team did it on their behalf. `party` is who
    was reminded, `start` and `was` are the new and the old time of a move.
    """

    at: int
    what: What
    by: str | None = None
    for_them: bool = False
    amount_pence: int | None = None
    rule: str | None = None
    reason: str | None = None
    party: str | None = None
    start: int | None = None
    was: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A session's life in its order; `now` is the present it was read in."""

    appointment_id: str
    now: int
    happenings: tuple[Happening, ...]


_OF_TRAIL = "thing = 'appointment' AND thing_id = ? ORDER BY seq"
_REMINDERS = "appointment_id = ? AND event = ? ORDER BY seq"
_ACTS = {
    "book": "booked", "cancel": "cancelled", "waive": "waived", "no_show": "no_show",
    "report_absence": "absence_reported",
}  # fmt: skip
"""Acts of the trail that the story tells of by another word."""

_AS_IS: dict[str, What] = {
    "ask_to_move": "move_asked", "refuse_move": "move_refused",
    "answer_absence": "absence_answered",
}  # fmt: skip


def timeline(practice: Practice, actor: Actor, appointment_id: str) -> Timeline:
    """Return a session's life for its client, its therapist or the team (A1)."""
    with practice.reading() as view:
        facts = story.read(view, actor, appointment_id, None)
        trail = view.find_all(Audit, _OF_TRAIL, facts.row.id)
        found = [
            *_opened(view, facts.row),
            *_told(facts, trail),
            *_acts(trail),
            *_reminded(view, facts, reader_of(actor)),
            *_to_come(facts),
        ]
    order = {one: number for number, one in enumerate(("opened", "booked"))}
    found.sort(key=lambda one: (one.at, order.get(one.what, 2)))
    return Timeline(facts.row.id, facts.now, tuple(found))


def _opened(view: View, row: Appointment) -> list[Happening]:
    """Return when the slot was opened in which it was booked."""
    slot = None if row.slot_id is None else view.get(Claim, row.slot_id)
    return [] if slot is None else [Happening(slot.created_at, "opened", by="therapist")]


def _told(facts: Facts, trail: list[Audit]) -> list[Happening]:
    """Return the story's own steps; moves and what is to come are told from elsewhere."""
    by_team = {_ACTS[row.act] for row in trail if row.act in _ACTS and row.by_whom is not None}
    found = []
    for step in story.steps(facts):
        if step.step in ("moved", "next"):
            continue
        if step.step == "free_until" and (not facts.state.live or step.at <= facts.row.booked_at):
            continue
        found.append(replace(_of_step(step), for_them=step.step in by_team))
    return found


def _of_step(step: StoryStep) -> Happening:
    return Happening(
        step.at,
        step.step,
        by=step.by,
        amount_pence=step.amount_pence,
        rule=step.rule,
        reason=step.reason,
    )


def _acts(trail: list[Audit]) -> list[Happening]:
    """Return what only the trail knows: every move, and what was asked and answered."""
    found = []
    for row in trail:
        for_them = row.by_whom is not None
        if row.act == "move":
            said = json.loads(row.detail)
            start, was = said.get("start"), said.get("was")
            party = said.get("asked_by")
            found.append(
                Happening(row.at, "moved", row.role, for_them, start=start, was=was, party=party)
            )
        elif row.act in _AS_IS:
            found.append(Happening(row.at, _AS_IS[row.act], row.role, for_them))
    return found


def _reminded(view: View, facts: Facts, reader: str) -> list[Happening]:
    """Return who was reminded when; a client hears only of their own reminder."""
    by_person: dict[tuple[str, str], list[Notice]] = {}
    for row in view.find_all(Notice, _REMINDERS, facts.row.id, Event.REMINDER):
        if reader != Party.CLIENT or row.party == Party.CLIENT:
            by_person.setdefault((row.party, row.facts), []).append(row)
    found = []
    for (party, _), rows in by_person.items():
        sent = [row.ended_at for row in rows if row.state == "sent" and row.ended_at is not None]
        lost = [row.ended_at for row in rows if row.state == "failed" and row.ended_at is not None]
        if sent:
            found.append(Happening(min(sent), "reminded", party=party))
        elif lost:
            found.append(Happening(max(lost), "not_reminded", party=party))
    waiting = view.find_all(
        Reminder, "appointment_id = ? AND state = 'waiting' ORDER BY party", facts.row.id
    )
    mine = [one for one in waiting if reader != Party.CLIENT or one.party == Party.CLIENT]
    due = [(one.due_at, one.party) for one in mine if one.due_at is not None]
    return [*found, *(Happening(at, "reminder", party=party) for at, party in due)]


def _to_come(facts: Facts) -> list[Happening]:
    """Return the session itself, and the moment of its charge while that is to come."""
    if not facts.state.live:
        return []
    found = [Happening(facts.row.start_at, "session")]
    at = policy.charge_from(facts.terms)
    if facts.payment.status == "scheduled" and not facts.stopped and at > facts.now:
        found.append(Happening(at, "charge", amount_pence=facts.row.fee, rule="M2a"))
    return found
