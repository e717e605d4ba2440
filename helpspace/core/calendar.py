"""The therapist's calendar: opening and closing slots, and what a stretch of time holds (C1–C6)."""

from collections.abc import Sequence
from typing import NamedTuple

import peewee

from helpspace.core import moments, policy
from helpspace.core.accounts import card_until, the_therapist
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound, Overlap
from helpspace.core.joining.publishing import tell_published
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.profiles import why_hidden
from helpspace.core.store import refusal_of
from helpspace.core.store.tables import Claim, Therapist, TimeOff

SHORTEST = 10
LONGEST = 240
"""Minutes of the shortest and the longest session."""

MOST_WEEKS = 52


class SlotView(NamedTuple):
    """A slot for its therapist and the team. `state` is open, held, booked or closed."""

    id: str
    therapist_id: str
    start: int
    end: int
    minutes: int
    fee_pence: int
    state: str


class Opened(NamedTuple):
    """What opening slots did, with the sentence about the profile's visibility (P3)."""

    slots: tuple[SlotView, ...]
    published: bool
    """Whether the profile was hidden before and is visible now."""
    inside_notice: tuple[int, ...]
    """Starts that clients cannot book because they lie inside the minimum notice."""
    why_hidden: tuple[str, ...]


class Entry(NamedTuple):
    """One thing in a therapist's calendar: a slot, or an appointment with its client's name."""

    id: str
    slot_id: str | None
    kind: str
    """`slot`, `initial` or `follow_up`."""
    start: int
    end: int
    state: str
    """The slot's or the appointment's state."""
    client_id: str | None
    client_name: str
    fee_pence: int
    payment: str
    """The stored payment status; see `payments.status_word` for what is shown."""
    client_zone: str = ""
    """The zone in which the client sees times; empty for a slot."""
    card: str = ""
    """Whether the client's card can be charged: ok, missing or expired (B7); empty for a slot."""


def own_therapist(tx: Tx | View, actor: Actor, therapist_id: str) -> Therapist:
    """Return the row of the therapist whose calendar the actor may touch."""
    if actor.role not in ("therapist", "team"):
        raise NotFound
    actor.must_see(therapist_id=therapist_id)
    if isinstance(tx, Tx):
        # The team changes a calendar only on behalf of its therapist, with a reason (A1).
        actor.must_be("therapist")
        row = tx.lock(Therapist, therapist_id)
        if row is None:
            raise NotFound
        return row
    return the_therapist(tx, therapist_id)


def check_minutes(minutes: int) -> None:
    """Refuse sessions that are shorter or longer than anybody means."""
    if not SHORTEST <= minutes <= LONGEST:
        raise Invalid(f"A session has {SHORTEST} to {LONGEST} minutes", "Correct the length.")


def open_slots(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    start: int,
    *,
    minutes: int | None = None,
    weeks: int = 1,
) -> Opened:
    """Open one initial-session slot, or a weekly repeat in the therapist's wall time (C1, C5).

    All of them or none: Overlap names the first one in the way (C2).
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise Invalid(f"A repeat has 1 to {MOST_WEEKS} weeks", "Correct the number.")
    with practice.change() as tx:
        therapist = own_therapist(tx, actor, therapist_id)
        return open_at(tx, actor, therapist, moments.weekly(start, weeks, therapist.zone), minutes)


def open_at(
    tx: Tx, actor: Actor, therapist: Therapist, starts: Sequence[int], minutes: int | None
) -> Opened:
    """Open slots at some starts in a commit that is under way: all of them, or it is refused."""
    hidden_before = why_hidden(tx, therapist)
    length = therapist.initial_minutes if minutes is None else minutes
    check_minutes(length)
    if min(starts) <= tx.now:
        raise Invalid("That time has passed", "Choose one that is still ahead.")
    opened = [_open(tx, therapist, at, at + length * 60) for at in starts]
    ids = [slot.id for slot in opened]
    tx.audit(actor, "open", "slot", ids[0], therapist=therapist.id, slots=ids)
    why = why_hidden(tx, therapist)
    if hidden_before and not why:
        tell_published(tx, therapist.id, ids[0])
    notice = therapist.notice_s
    soon = tuple(at for at in starts if not policy.slot_is_bookable(at, notice, tx.now))
    return Opened(tuple(opened), bool(hidden_before) and not why, soon, why)


def _open(tx: Tx, therapist: Therapist, start: int, end: int) -> SlotView:
    slot_id = tx.practice.ids.new()
    claim_time(tx, therapist, slot_id, "slot", start, end, "open")
    return SlotView(
        slot_id, therapist.id, start, end, (end - start) // 60, therapist.initial_fee, "open"
    )


def claim_time(
    tx: Tx, therapist: Therapist, claim_id: str, purpose: str, start: int, end: int, state: str
) -> None:
    """Claim time of a therapist; the schema refuses what is taken, told as Overlap (C2, D3)."""
    try:
        tx.insert(
            Claim,
            id=claim_id,
            therapist_id=therapist.id,
            purpose=purpose,
            start_at=start,
            end_at=end,
            state=state,
            created_at=tx.now,
        )
    except peewee.IntegrityError as error:
        if refusal_of(error) not in ("claim_overlap", "claim_time_off"):
            raise
        when = moments.show_range(start, end, therapist.zone)
        if refusal_of(error) == "claim_time_off":
            raise _off(when) from None
        raise Overlap(f"{when} overlaps something you have already") from None


_OFF = """therapist_id = ? AND lifted_at IS NULL AND start_at < ? AND end_at > ?
    ORDER BY start_at LIMIT 1"""
_TAKEN = """therapist_id = ? AND state <> 'closed' AND start_at < ? AND start_at > ? AND end_at > ?
    AND id <> ? ORDER BY start_at"""


def time_off_at(view: View, therapist_id: str, start: int, end: int) -> TimeOff | None:
    """Return the therapist's time off that touches a stretch of time, or None (C7)."""
    return view.find(TimeOff, _OFF, therapist_id, end, start)


def _off(when: str) -> Overlap:
    return Overlap(
        f"{when} is in your time off", "Choose another time, or lift the time off first."
    )


def room_for(
    view: View, therapist: Therapist, start: int, end: int, besides: str = ""
) -> tuple[str, ...]:
    """Return the ids of own open slots that make way for a session of the therapist's (C6).

    Raises Overlap for a session, a hold or time off in the way (C2, C7). `besides` is the claim of
    a session that is moved, which is in nobody's way.
    """
    when = moments.show_range(start, end, therapist.zone)
    if time_off_at(view, therapist.id, start, end) is not None:
        raise _off(when)
    found = view.find_all(Claim, _TAKEN, therapist.id, end, start - LONGEST * 60, start, besides)
    for row in found:
        if row.state == "booked":
            there = moments.show_range(row.start_at, row.end_at, therapist.zone)
            raise Overlap(f"{there} is booked already")
        if row.state == "held" and (row.hold_until or 0) > view.now:
            raise Overlap(
                "Somebody is booking a slot at that time just now",
                "Choose another time, or wait half an hour.",
            )
    return tuple(row.id for row in found)


def close_slot(practice: Practice, actor: Actor, slot_id: str) -> SlotView:
    """Withdraw an open slot; one that is held or booked is refused (B9, C6)."""
    with practice.change() as tx:
        slot = tx.get(Claim, slot_id)
        if slot is None or slot.purpose != "slot":
            raise NotFound
        therapist = own_therapist(tx, actor, slot.therapist_id)
        slot = tx.get(Claim, slot_id)
        if slot is None or slot.state == "closed":
            raise NotFound("That slot is closed already", "Nothing was changed.")
        if slot.state == "booked":
            raise Overlap("A session is booked in that slot", "Cancel the session instead.")
        if slot.state == "held" and (slot.hold_until or 0) > tx.now:
            raise Overlap(
                "Somebody is booking that slot just now",
                "It is free again in half an hour at most.",
            )
        close_claim(tx, slot_id)
        tx.audit(actor, "close", "slot", slot_id, therapist=therapist.id)
        return slot_view(tx, slot, therapist, state="closed")


def owner_of(practice: Practice, slot_id: str) -> str:
    """Return whose a slot is, for the team to act on their behalf."""
    with practice.reading() as view:
        slot = view.get(Claim, slot_id)
    if slot is None or slot.purpose != "slot":
        raise NotFound
    return str(slot.therapist_id)


def close_claim(tx: Tx, claim_id: str, state: str = "closed") -> None:
    """Free claimed time, dropping any hold on it."""
    free: dict[str, object] = {"hold_client_id": None, "hold_until": None, "hold_fee": None}
    tx.set(Claim, "id = ?", claim_id, state=state, **free)


def free_expired_holds(tx: Tx) -> int:
    """Turn expired holds back into open slots; whoever writes first does it (B3, D3)."""
    return tx.run(
        Claim.update(state="open", hold_client_id=None, hold_until=None, hold_fee=None).where(
            Claim.state == "held", Claim.hold_until <= tx.now
        )
    )


def slot_view(view: View, slot: Claim, therapist: Therapist, state: str | None = None) -> SlotView:
    """Return a slot for its therapist; an expired hold counts as open (B3)."""
    shown = state or slot.state
    if shown == "held" and (slot.hold_until or 0) <= view.now:
        shown = "open"
    length = (slot.end_at - slot.start_at) // 60
    return SlotView(
        slot.id, slot.therapist_id, slot.start_at, slot.end_at, length, therapist.initial_fee, shown
    )


def slots(
    practice: Practice,
    actor: Actor,
    therapist_id: str | None = None,
    *,
    include_past: bool = False,
    include_closed: bool = False,
    limit: int = 1000,
) -> list[SlotView]:
    """Return slots of one therapist, or of all for the team, soonest first."""
    if therapist_id is None:
        actor.must_be("team")
    with practice.reading() as view:
        query = (
            Claim.select(Claim, Therapist.initial_fee)
            .join(Therapist, on=(Claim.therapist_id == Therapist.id), attr="therapist")
            .where(Claim.purpose == "slot")
            .order_by(Claim.start_at)
            .limit(limit)
        )
        if therapist_id is not None:
            own_therapist(view, actor, therapist_id)
            query = query.where(Claim.therapist_id == therapist_id)
        if not include_past:
            query = query.where(Claim.end_at > view.now)
        if not include_closed:
            query = query.where(Claim.state != "closed")
        return [slot_view(view, row, row.therapist) for row in view.rows(query)]


def between(
    practice: Practice, actor: Actor, therapist_id: str, start: int, end: int
) -> list[Entry]:
    """Return what lies between two instants in a therapist's calendar, soonest first.

    Open and held slots, and live appointments; cancelled ones are found by their own page.
    """
    with practice.reading() as view:
        own_therapist(view, actor, therapist_id)
        found = [*_slots_between(view, therapist_id, start, end)]
        found += _appointments_between(view, therapist_id, start, end)
    return sorted(found, key=lambda entry: (entry.start, entry.id))


def off_between(
    practice: Practice, actor: Actor, therapist_id: str, start: int, end: int
) -> list[tuple[str, int, int]]:
    """Return id, start and end of the time off in force that touches a stretch of time (C7)."""
    with practice.reading() as view:
        own_therapist(view, actor, therapist_id)
        where = "therapist_id = ? AND lifted_at IS NULL AND start_at < ? AND end_at > ?"
        found = view.find_all(TimeOff, where, therapist_id, end, start)
    return [(row.id, row.start_at, row.end_at) for row in found]


# Found by the start, for the index: no session is longer than LONGEST.
_SLOTS = """therapist_id = ? AND start_at < ? AND start_at > ? AND end_at > ?
    AND state IN ('open', 'held')"""
_SESSIONS = """SELECT a.id, a.slot_id, a.kind, a.start_at, a.end_at, a.state, a.fee, p.status,
        c.id, c.name_sealed, c.zone, c.card, c.card_month, c.card_year
    FROM appointment a JOIN client c ON c.id = a.client_id
    JOIN payment p ON p.appointment_id = a.id
    WHERE a.therapist_id = ? AND a.start_at < ? AND a.start_at > ? AND a.end_at > ?
    AND a.cancelled_at IS NULL"""


def _slots_between(view: View, therapist_id: str, start: int, end: int) -> list[Entry]:
    entries = []
    for row in view.find_all(Claim, _SLOTS, therapist_id, end, start - LONGEST * 60, start):
        held = row.state == "held" and (row.hold_until or 0) > view.now
        state = "held" if held else "open"
        entries.append(
            Entry(row.id, row.id, "slot", row.start_at, row.end_at, state, None, "", 0, "none")
        )
    return entries


def _appointments_between(view: View, therapist_id: str, start: int, end: int) -> list[Entry]:
    entries = []
    for row in view.sql(_SESSIONS, therapist_id, end, start - LONGEST * 60, start):
        id_, slot_id, kind, starts, ends, state, fee, payment = row[:8]
        client_id, name_sealed, zone, card, month, year = row[8:]
        entries.append(
            Entry(
                id=id_,
                slot_id=slot_id,
                kind=kind,
                start=starts,
                end=ends,
                state=state,
                client_id=client_id,
                client_name=plain(view.open(name_sealed, "client.name")) or "—",
                fee_pence=fee,
                payment=payment,
                client_zone=zone,
                card=card_until(card, year, month, view.now),
            )
        )
    return entries
