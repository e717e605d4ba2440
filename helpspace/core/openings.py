"""Many slots at once, listed before anything is opened, and openings and closings taken back.

One slot and a weekly repeat of it are opened by `calendar.open_slots`; all of it is one code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Literal

from helpspace.core import moments
from helpspace.core.actors import Actor
from helpspace.core.calendar import (
    LONGEST,
    MOST_WEEKS,
    Opened,
    SlotView,
    check_minutes,
    close_claim,
    open_at,
    own_therapist,
    slot_view,
    time_off_at,
)
from helpspace.core.errors import Changed, Invalid, NoSuchTime, NotFound, TimeOccursTwice
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Claim, Therapist

MOST_SLOTS = 400
"""How many slots one commit opens at most; a year of weekly slots on every working day fits."""

SlotState = Literal["free", "taken", "past", "no_such_time", "twice"]


@dataclass(frozen=True, slots=True)
class SlotDate:
    """One slot that was asked for, and whether it can be opened; instants are UTC seconds."""

    wall: str
    """The therapist's own wall time, like 2026-03-28T09:00."""
    start: int | None
    """When it would begin; None for a time that is not one instant (C5)."""
    state: SlotState
    why: str
    """What is in the way, in a sentence; empty where it is free."""


@dataclass(frozen=True, slots=True)
class SlotsPlan:
    """Every slot that was asked for, listed before anything is opened."""

    minutes: int
    dates: tuple[SlotDate, ...]
    changes: tuple[int, ...]
    """The instants between the first and the last at which the clocks change (C5)."""

    @property
    def free(self) -> tuple[int, ...]:
        """The starts that can be opened."""
        return tuple(one.start for one in self.dates if one.start and one.state == "free")


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking an opening back did: the slots closed, and those with which something was."""

    closed: tuple[SlotView, ...]
    kept: tuple[SlotView, ...]


def plan_slots(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    starts: Sequence[int],
    *,
    minutes: int | None = None,
    weeks: int = 1,
) -> SlotsPlan:
    """Return every slot of some starts, each repeated weekly in wall time, or what is in its way.

    Nothing is opened; what is free now is what `open_planned` opens (C1, C2, C5, C7).
    """
    with practice.reading() as view:
        therapist = own_therapist(view, actor, therapist_id)
        return _plan(view, therapist, starts, minutes, weeks)


def open_planned(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    starts: Sequence[int],
    *,
    accept: Sequence[int],
    minutes: int | None = None,
    weeks: int = 1,
) -> Opened:
    """Open the accepted starts of a plan as its therapist: all in one commit, or none.

    Raises Changed when one of them is not free any more.
    """
    with practice.change() as tx:
        therapist = own_therapist(tx, actor, therapist_id)
        plan = _plan(tx, therapist, starts, minutes, weeks)
        if not accept:
            raise Invalid("None of these times is free", "Choose other times.")
        if not set(accept) <= set(plan.free):
            raise Changed("Some of these times are not free any more")
        return open_at(tx, actor, therapist, sorted(set(accept)), plan.minutes)


def take_back(
    practice: Practice, actor: Actor, therapist_id: str, slot_ids: Sequence[str]
) -> TakenBack:
    """Close the slots of an opening with which nothing has happened since; others stay (B9)."""
    with practice.change() as tx:
        therapist = own_therapist(tx, actor, therapist_id)
        rows = [row for row in (tx.get(Claim, one) for one in slot_ids) if row is not None]
        rows = [row for row in rows if row.therapist_id == therapist.id and row.purpose == "slot"]
        if not rows:
            raise NotFound
        closed = [row for row in rows if _untouched(tx, row) and row.state == "open"]
        kept = [row for row in rows if row not in closed]
        if not closed:
            raise Changed(
                "Nothing can be taken back: these slots are booked, held or closed by now"
            )
        for row in closed:
            close_claim(tx, row.id)
            tx.audit(actor, "close", "slot", row.id, therapist=therapist.id)
        return TakenBack(
            tuple(slot_view(tx, row, therapist, state="closed") for row in closed),
            tuple(slot_view(tx, row, therapist) for row in kept),
        )


def open_again(practice: Practice, actor: Actor, therapist_id: str, slot_id: str) -> Opened:
    """Open the time of a closed slot again, as a new slot; refuses where something is there."""
    with practice.change() as tx:
        therapist = own_therapist(tx, actor, therapist_id)
        row = tx.get(Claim, slot_id)
        if row is None or row.therapist_id != therapist.id or row.purpose != "slot":
            raise NotFound
        if row.state != "closed":
            raise Changed("That slot is not closed any more")
        return open_at(tx, actor, therapist, [row.start_at], (row.end_at - row.start_at) // 60)


def _untouched(view: View, row: Claim) -> bool:
    """Say whether nobody ever booked a slot."""
    return (
        view.first(Appointment.select(Appointment.id).where(Appointment.slot_id == row.id)) is None
    )


def _plan(
    view: View, therapist: Therapist, starts: Sequence[int], minutes: int | None, weeks: int
) -> SlotsPlan:
    if not 1 <= weeks <= MOST_WEEKS:
        raise Invalid(f"A repeat has 1 to {MOST_WEEKS} weeks", "Correct the number.")
    if not 1 <= len(starts) * weeks <= MOST_SLOTS:
        raise Invalid(f"At most {MOST_SLOTS} slots are opened at once", "Choose fewer weeks.")
    length = therapist.initial_minutes if minutes is None else minutes
    check_minutes(length)
    dates: list[SlotDate] = []
    reached = 0
    for start, week in sorted((one, week) for one in set(starts) for week in range(weeks)):
        wall = moments.at_zone(start, therapist.zone).replace(tzinfo=None, fold=0)
        wall += timedelta(weeks=week)
        text = wall.isoformat(timespec="minutes")
        try:
            at = moments.instant_of(wall, therapist.zone) if week else start
        except NoSuchTime as error:
            dates.append(SlotDate(text, None, "no_such_time", error.title))
        except TimeOccursTwice as error:
            dates.append(SlotDate(text, None, "twice", error.title))
        else:
            dates.append(_date(view, therapist, text, at, length))
    dates.sort(key=lambda one: one.wall)
    checked: list[SlotDate] = []
    for one in dates:
        # Two of the same painting may meet where the clock moves one onto the other.
        if one.start is not None and one.state == "free":
            if one.start < reached:
                checked.append(SlotDate(one.wall, one.start, "taken", "It meets the one before"))
                continue
            reached = one.start + length * 60
        checked.append(one)
    return SlotsPlan(length, tuple(checked), _changes(checked, therapist.zone))


_TAKEN = """therapist_id = ? AND state <> 'closed' AND start_at < ? AND start_at > ? AND end_at > ?
    ORDER BY start_at LIMIT 1"""


def _date(view: View, therapist: Therapist, wall: str, start: int, length: int) -> SlotDate:
    """Say what is in the way of one slot, as opening it would (C2, C7)."""
    end = start + length * 60
    if start <= view.now:
        return SlotDate(wall, start, "past", "That time has passed")
    if time_off_at(view, therapist.id, start, end) is not None:
        return SlotDate(wall, start, "taken", "It is in your time off")
    there = view.find(Claim, _TAKEN, therapist.id, end, start - LONGEST * 60, start)
    if there is None:
        return SlotDate(wall, start, "free", "")
    when = moments.show_range(there.start_at, there.end_at, therapist.zone)
    what = "open already" if there.state == "open" else "taken"
    return SlotDate(wall, start, "taken", f"{when} is {what}")


def _changes(dates: Sequence[SlotDate], zone: str) -> tuple[int, ...]:
    """Return where the clocks change between the first and the last, to the day's start."""
    starts = sorted(one.start for one in dates if one.start is not None)
    if not starts:
        return ()
    first, last = (moments.local_date(at, zone) for at in (starts[0], starts[-1]))
    days = (first + timedelta(days=n) for n in range((last - first).days + 2))
    offsets = groupby(
        (moments.start_of_day(day, zone) for day in days),
        key=lambda at: moments.at_zone(at, zone).utcoffset(),
    )
    firsts = [next(group) for _, group in offsets]
    return tuple(moments.start_of_day(moments.local_date(at - 1, zone), zone) for at in firsts[1:])
