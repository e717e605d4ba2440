"""Disputes: the card's holder takes a payment back through the bank, and what stops then (M8).

A dispute is read whenever something is heard of it, daily while it is open, and all of them are
listed a few times a day, so that nothing needs to be heard at all. What it did to the money is in
the ledger; a dispute that is won takes its row back. Nobody's session is ever told to a bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpspace.core import team
from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotAllowed
from helpspace.core.moments import DAY, HOUR
from helpspace.core.notices import Event
from helpspace.core.payments.tries import STOPPED
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import (
    Appointment,
    Client,
    Dispute,
    Intent,
    Ledger,
    Payment,
    StoreFact,
    Therapist,
)

if TYPE_CHECKING:
    from helpspace.core.payments.case import Case

LISTED = "disputes_listed_at"
"""The fact of when all disputes were last listed."""

LIST_EVERY = 6 * HOUR

KEPT = 200 * DAY
"""How far back disputes are listed: a holder has some months, and then the bank some more."""

OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
"""Stripe's states of a dispute that is not decided; the last two are only an enquiry."""

ENQUIRY = ("warning_needs_response", "warning_under_review")
"""States in which the bank only asks; what follows is a dispute of its own."""

OVER = ("won", "warning_closed", "prevented")
"""States in which the payment is as if there had been none."""

HEARD = "heard"
"""Our word for a dispute that was heard of and not read yet."""


@dataclass(frozen=True, slots=True)
class DisputeSeen:
    """A dispute as Stripe has it: `withdrawn` while the bank has the money, `refundable` while the
    payment can still be given back; pence and UTC epoch seconds."""

    stripe_id: str
    intent: str | None
    amount: int
    status: str
    reason: str | None
    withdrawn: bool
    refundable: bool
    due_by: int | None


# What a case asks


def standing(view: View, intent: str | None) -> Dispute | None:
    """Return the dispute that stands against an intent: open or lost, the newest one."""
    if intent is None:
        return None
    where = "intent = ? AND status <> ? ORDER BY created_at DESC, id LIMIT 1"
    row = view.find(Dispute, where, intent, HEARD)
    return None if row is None or row.status in OVER else row


def forbids(case: Case) -> bool:
    """Say whether a dispute forbids to give a payment back: the bank has done it, or decides."""
    row = standing(case.tx, case.the_intent.stripe_id)
    return row is not None and not row.refundable


def rests(case: Case) -> bool:
    """Rest a case that is disputed, unless it is to be given back and still can be."""
    row = standing(case.tx, case.the_intent.stripe_id)
    if row is None or (case.owed == 0 and row.refundable):
        return False
    case.rest(None, "disputed", f"dispute:{row.status}"[:60])
    return True


# What is heard and read


def hint(tx: Tx, dispute_id: str) -> None:
    """Let a dispute be read now, in a commit of its caller's: something was heard of it."""
    known = {"status": HEARD, "next_at": tx.now, "created_at": tx.now, "changed_at": tx.now}
    if not tx.insert_once(Dispute, id=dispute_id, **known):
        tx.set(Dispute, "id = ?", dispute_id, next_at=tx.now)


def look_for(tx: Tx) -> None:
    """Let all disputes be listed by the next sweep: a refund was refused because of one."""
    if not tx.insert_once(StoreFact, key=LISTED, value="0"):
        tx.set_fact(LISTED, "0")


def due(practice: Practice, limit: int = 100) -> list[str]:
    """Return the disputes whose turn it is, moving it on."""
    with practice.reading() as view:
        if view.find(Dispute, "next_at <= ?", view.now) is None:
            return []
    with practice.change() as tx:
        rows = tx.find_all(Dispute, "next_at <= ? ORDER BY next_at LIMIT ?", tx.now, limit)
        for row in rows:
            tx.set(Dispute, "id = ?", row.id, next_at=tx.now + HOUR)
        return [row.id for row in rows]


def listing_due(practice: Practice) -> int | None:
    """Return since when all disputes are to be listed now, or None if it is not time."""
    with practice.reading() as view:
        last = int(view.fact(LISTED) or 0)
        return view.now - KEPT if not 0 <= view.now - last < LIST_EVERY else None


def listed(practice: Practice) -> None:
    """Record that all disputes were listed."""
    with practice.change() as tx:
        if not tx.insert_once(StoreFact, key=LISTED, value=str(tx.now)):
            tx.set_fact(LISTED, str(tx.now))


_THERAPIST = "id = (SELECT therapist_id FROM appointment WHERE id = ?)"


def seen(practice: Practice, found: DisputeSeen) -> bool:
    """Record a dispute as Stripe has it; True when that was news."""
    with practice.reading() as view:
        if _is_known(view, found):
            return False
    with practice.change() as tx:
        intent = _intent_of(tx, found.intent)
        row = tx.get(Dispute, found.stripe_id)
        if intent is None:
            # Of another store on the same account, or of nothing of ours.
            tx.set(Dispute, "id = ?", found.stripe_id, next_at=None)
            return False
        tx.lock_by(Therapist, _THERAPIST, intent.appointment_id)
        known = {"intent": found.intent, "appointment_id": intent.appointment_id}
        values = {**known, **_values(found), "changed_at": tx.now}
        values["next_at"] = tx.now + DAY if found.status in OPEN else None
        new = row is None or row.status == HEARD
        if row is None:
            tx.insert(Dispute, id=found.stripe_id, created_at=tx.now, **values)
        else:
            tx.set(Dispute, "id = ?", found.stripe_id, **values)
        changed = new or row is None or row.status != found.status
        # An enquiry after which the team let charges go on stops them again when it is in earnest.
        graver = row is not None and row.status in ENQUIRY and found.status not in ENQUIRY
        _follow(tx, intent, found, first=new or graver, changed=changed)
        return True


def _values(found: DisputeSeen) -> dict[str, object]:
    return {
        "amount": found.amount,
        "status": found.status,
        "reason": found.reason,
        "withdrawn": int(found.withdrawn),
        "refundable": int(found.refundable),
        "due_by": found.due_by,
    }


def _is_known(view: View, found: DisputeSeen) -> bool:
    row = view.get(Dispute, found.stripe_id)
    if row is None:
        return _intent_of(view, found.intent) is None
    same = all(getattr(row, name) == value for name, value in _values(found).items())
    return same and (row.next_at is None or row.next_at > view.now + HOUR)


def _intent_of(view: View, stripe_id: str | None) -> Intent | None:
    return None if stripe_id is None else view.find(Intent, "stripe_id = ?", stripe_id)


def _follow(tx: Tx, intent: Intent, found: DisputeSeen, *, first: bool, changed: bool) -> None:
    """Do what a dispute's state asks for, in the commit that records it."""
    row = tx.get(Appointment, intent.appointment_id)
    if row is None:
        return
    _book(tx, row, found)
    if first and found.status not in OVER:
        _stop_charges(tx, row.client_id)
    if changed:
        job = Actor.job("disputes")
        tx.audit(job, "dispute", "appointment", row.id, amount=found.amount, state=found.status)
        stage = "opened" if found.status in OPEN else found.status
        team.tell(
            tx,
            Event.DISPUTED,
            once=f"{found.stripe_id}:{stage}",
            appointment_id=row.id,
            dispute=found.stripe_id,
        )
        tx.set(Payment, "appointment_id = ?", row.id, next_at=tx.now)


def _book(tx: Tx, row: Appointment, found: DisputeSeen) -> None:
    """Write what the bank took, or gave back again, once each (M8)."""
    taken = _booked(tx, found.stripe_id)
    given = _booked(tx, f"{found.stripe_id}:won")
    values = {
        "at": tx.now,
        "appointment_id": row.id,
        "therapist_id": row.therapist_id,
        "client_id": row.client_id,
        "kind": "dispute",
        "amount": found.amount,
        "commission": 0,
    }
    if found.withdrawn and not taken:
        tx.insert(Ledger, stripe_id=found.stripe_id, **values)
    if not found.withdrawn and taken and not given:
        tx.insert(Ledger, stripe_id=f"{found.stripe_id}:won", undoes=1, **values)


def _booked(tx: Tx, stripe_id: str) -> bool:
    return tx.find(Ledger, "kind = 'dispute' AND stripe_id = ?", stripe_id) is not None


def _stop_charges(tx: Tx, client_id: str) -> None:
    """Take nothing more from a client by itself until the team lets it."""
    where = "id = ? AND charges_stopped_at IS NULL"
    if tx.set(Client, where, client_id, charges_stopped_at=tx.now):
        ahead = """status = 'scheduled' AND reason IS NULL AND appointment_id IN
            (SELECT id FROM appointment WHERE client_id = ? AND fee > 0)"""
        tx.set(Payment, ahead, client_id, reason=STOPPED)
        tx.audit(Actor.job("disputes"), "stop_charges", "client", client_id)


# What the team sees and does


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute for the team: ids, money and moments only."""

    id: str
    appointment_id: str | None
    amount_pence: int | None
    status: str
    reason: str | None
    due_by: int | None
    created_at: int


def disputes(practice: Practice, actor: Actor, *, open_only: bool = False) -> list[DisputeView]:
    """Return the disputes, for the team, the newest first."""
    actor.must_be("team")
    with practice.reading() as view:
        rows = view.find_all(Dispute, "status <> ? ORDER BY created_at DESC, id", HEARD)
    return [
        DisputeView(
            row.id, row.appointment_id, row.amount, row.status, row.reason, row.due_by,
            row.created_at,
        )
        for row in rows
        if row.status in OPEN or not open_only
    ]  # fmt: skip


def resume_charges(practice: Practice, actor: Actor, client_id: str, reason: str) -> int:
    """Let a client's fees be taken by themselves again, for the team; return how many are due now.

    Raises NotAllowed where nothing was stopped.
    """
    actor.must_be("team")
    why = plain(reason, 200)
    if not why:
        raise Invalid("A reason is needed", "Give one with --reason.")
    with practice.change() as tx:
        row = the_client(tx, client_id)
        if row.charges_stopped_at is None:
            raise NotAllowed("Their fees are taken by themselves already", "Nothing was changed.")
        tx.set(Client, "id = ?", client_id, charges_stopped_at=None)
        theirs = """reason = ? AND appointment_id IN
            (SELECT id FROM appointment WHERE client_id = ?)"""
        waiting = f"status <> 'scheduled' AND {theirs}"
        due_now = tx.set(Payment, waiting, STOPPED, client_id, next_at=tx.now)
        tx.set(Payment, f"status = 'scheduled' AND {theirs}", STOPPED, client_id, reason=None)
        tx.audit(actor._replace(why=why), "resume_charges", "client", client_id)
        return due_now
