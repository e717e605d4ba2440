"""A client asks to be forgotten: what it means is shown first, then everything new stops (K4).

The commit of the act ends what is ahead: appointments are cancelled under M2, holds are let go,
wishes dropped, relationships ended, and the chat knows the person no more. Their name and address
stay only until the money is settled; then `wiping` takes them away, at the latest in 30 days.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import kept_wishes
from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.booking.bonds import bond_of
from helpspace.core.booking.ending import cancel_one, consequence, moment_of
from helpspace.core.calendar import close_claim
from helpspace.core.errors import Changed, NotFound, TooLate
from helpspace.core.keeping import erased
from helpspace.core.moments import DAY
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import (
    Appointment,
    Bond,
    CardRequest,
    Claim,
    Client,
    Dialogue,
    Erasure,
    Inbox,
    Link,
    Therapist,
)

LONGEST = 30 * DAY
"""By when personal data is gone, whatever the money does (K4)."""


@dataclass(frozen=True, slots=True)
class Ending:
    """One appointment that an erasure cancels, with what that means for the money, in pence."""

    appointment_id: str
    therapist_id: str
    start: int
    end: int
    owed_pence: int
    refund_pence: int


@dataclass(frozen=True, slots=True)
class ErasePlan:
    """What forgetting a client does; with `running` appointments the end of them is awaited."""

    client_id: str
    cancels: tuple[Ending, ...]
    running: int
    holds: int
    wishes: int
    therapists: int

    @property
    def owed_pence(self) -> int:
        """What the cancelled appointments will have cost."""
        return sum(one.owed_pence for one in self.cancels)

    @property
    def refund_pence(self) -> int:
        """What goes back to the client."""
        return sum(one.refund_pence for one in self.cancels)


def plan_erase(practice: Practice, actor: Actor, *, at: int | None = None) -> ErasePlan:
    """Return what forgetting the acting client would mean (K4); the team acts on their behalf."""
    actor.must_be("client")
    with practice.reading() as view:
        return _plan(view, the_client(view, actor.id), moment_of(view.now, at))


def mark_of(practice: Practice, plan: ErasePlan) -> str:
    """Return 12 hex digits that stand for exactly this plan, for the button that acts on it."""
    return practice.vault.digest(repr(plan), "erase.plan")[:12]


def erase(
    practice: Practice,
    actor: Actor,
    *,
    shown: ErasePlan | str | None = None,
    at: int | None = None,
) -> ErasePlan:
    """Forget the acting client, exactly as was shown, else Changed is raised and nothing done.

    `shown` is the plan or its mark; `at` is when the client's update was received (M2a).
    """
    actor.must_be("client")
    with practice.change() as tx:
        _lock(tx, actor.id)
        client = the_client(tx, actor.id)
        moment = moment_of(tx.now, at)
        plan = _plan(tx, client, moment)
        said = mark_of(practice, plan) if isinstance(shown, str) else plan
        if shown is not None and shown != said:
            raise Changed("What forgetting you means has changed since you looked")
        stop(tx, actor, client, plan, moment)
    erased.keep(practice)
    return plan


def again(tx: Tx, client_id: str) -> None:
    """Forget a client once more in a restored store, in the commit of the restore (D6).

    The person is gone from it at once; the money that came back with them is left to the sweeps.
    """
    from helpspace.core.privacy.wiping import wipe_person  # noqa: PLC0415 - the room's own circle

    row = tx.get(Client, client_id)
    if row is None or row.erased_at is not None:
        return
    if row.chat_hash is not None:
        tx.set(Inbox, "person_hash = ?", row.chat_hash, sealed=None, state="done")
    stop(tx, Actor.job("restore"), row, _plan(tx, row, tx.now), tx.now)
    wipe_person(tx, client_id)


def _lock(tx: Tx, client_id: str) -> None:
    """Lock everybody whom an erasure concerns: therapists first, always in one order (D3)."""
    rows = tx.sql(
        "SELECT therapist_id FROM appointment WHERE client_id = ? UNION"
        " SELECT therapist_id FROM bond WHERE client_id = ? UNION"
        " SELECT therapist_id FROM claim WHERE hold_client_id = ? ORDER BY 1",
        client_id,
        client_id,
        client_id,
    )
    for row in rows:
        tx.lock(Therapist, str(row[0]))
    tx.lock(Client, client_id)


def _ahead(view: View, client_id: str) -> list[Appointment]:
    where = "client_id = ? AND state = ? ORDER BY start_at, id"
    return view.find_all(Appointment, where, client_id, State.BOOKED)


def _plan(view: View, client: Client, moment: int) -> ErasePlan:
    cancels, running = [], 0
    for row in _ahead(view, client.id):
        try:
            found = consequence(view, row, Party.CLIENT, moment)
        except TooLate:
            running += 1
            continue
        cancels.append(
            Ending(
                row.id,
                row.therapist_id,
                row.start_at,
                row.end_at,
                found.owed_pence,
                found.refund_pence,
            )
        )
    counted = {
        "holds": "SELECT count(*) FROM claim WHERE state = 'held' AND hold_client_id = ?",
        "wishes": "SELECT count(*) FROM wish WHERE appointment_id IN"
        " (SELECT id FROM appointment WHERE client_id = ?)",
        "therapists": "SELECT count(DISTINCT therapist_id) FROM appointment WHERE client_id = ?"
        " AND cancelled_at IS NULL",
    }
    numbers = {name: int(view.sql(text, client.id)[0][0]) for name, text in counted.items()}
    return ErasePlan(client.id, tuple(cancels), running, **numbers)


def stop(tx: Tx, actor: Actor, client: Client, plan: ErasePlan, moment: int) -> None:
    """End everything of a client that is ahead, in a commit of its caller's."""
    # First, so that the therapists' notices of what follows name nobody.
    tx.set(Client, "id = ?", client.id, erased_at=tx.now, chat_hash=None)
    for ending in plan.cancels:
        row = tx.get(Appointment, ending.appointment_id)
        if row is None:
            raise NotFound
        cancel_one(tx, actor, row, consequence(tx, row, Party.CLIENT, moment), moment)
    for slot in tx.find_all(Claim, "state = 'held' AND hold_client_id = ?", client.id):
        close_claim(tx, slot.id, "open")
    _end_bonds(tx, client.id)
    kept_wishes.forget(tx, client.id)
    if client.chat_hash is not None:
        tx.run(Dialogue.delete().where(Dialogue.chat_hash == client.chat_hash))
    tx.run(Link.delete().where(Link.person_id == client.id))
    open_pages = "client_id = ? AND state IN ('asked', 'open')"
    tx.set(CardRequest, open_pages, client.id, state="dropped", next_at=None)
    tx.insert_once(
        Erasure,
        client_id=client.id,
        state="settling",
        asked_at=tx.now,
        due_by=tx.now + LONGEST,
        next_at=tx.now,
    )
    tx.audit(actor, "erase", "client", client.id, cancelled=len(plan.cancels))


def _end_bonds(tx: Tx, client_id: str) -> None:
    """End the work with everybody: nothing new can be booked for them (B2)."""
    rows = tx.sql(
        "SELECT therapist_id FROM appointment WHERE client_id = ? UNION"
        " SELECT therapist_id FROM bond WHERE client_id = ?",
        client_id,
        client_id,
    )
    for (therapist_id,) in rows:
        if bond_of(tx, str(therapist_id), client_id) is None:
            tx.insert(Bond, therapist_id=str(therapist_id), client_id=client_id)
    tx.set(Bond, "client_id = ? AND ended_at IS NULL", client_id, ended_at=tx.now)
