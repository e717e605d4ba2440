"""What a completed card page does: the card goes on record, and its held slot is booked (B3)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import booking, cards, policy
from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import close_claim, free_expired_holds
from helpspace.core.cards import CardFound
from helpspace.core.errors import HelpspaceError, NotFound, TermsChanged
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import CardRequest, Claim, Client, Therapist


def card_completed(practice: Practice, request_id: str, card: CardFound) -> AppointmentView | None:
    """Take up a completed card page, once, and book the slot it was for if it is still held.

    A card that comes after its hold, or from elsewhere during one, is only put on record; the chat
    offers the slot if it is still free for this client, and nothing is booked without a tap (B3).
    """
    with practice.change() as tx:
        request = tx.get(CardRequest, request_id)
        if request is None:
            raise NotFound
        slot = None if request.claim_id is None else tx.get(Claim, request.claim_id)
        # The therapist's row is locked before the client's, always (D3).
        therapist = None if slot is None else tx.lock(Therapist, slot.therapist_id)
        client = tx.lock(Client, request.client_id)
        if client is None or not cards.put_on_record(tx, request, card):
            return None
        booked = None
        if slot is not None and therapist is not None:
            booked = _book(tx, therapist, slot.id, client.id)
        if booked is None:
            slot_id = request.claim_id or _held_by(tx, client.id)
            cards.tell_saved(tx, request, slot_id=slot_id)
        return booked


def _held_by(view: View, client_id: str) -> str | None:
    """Return the slot that a client holds at this moment, if there is one."""
    where = "hold_client_id = ? AND state = 'held' AND hold_until > ?"
    found = view.find(Claim, where, client_id, view.now)
    return None if found is None else str(found.id)


def _book(tx: Tx, therapist: Therapist, slot_id: str, client_id: str) -> AppointmentView | None:
    slot = tx.get(Claim, slot_id)
    if (
        slot is None
        or slot.state != "held"
        or slot.hold_client_id != client_id
        or slot.hold_fee is None
        or (slot.hold_until or 0) <= tx.now
    ):
        return None
    client = the_client(tx, client_id)
    try:
        booking.check_slot(tx, therapist, slot, client)
        _check_window(slot, tx.now)
    except HelpspaceError:
        # No longer bookable at this very commit (B1), or not on the terms of the button (M7a): the
        # hold ends, the card stays on record, and the chat offers the slot as it is now.
        close_claim(tx, slot.id, "open")
        return None
    actor = Actor.client(client_id, "card")
    return booking.book_initial(tx, actor, therapist, client, slot, slot.hold_fee)


def _check_window(slot: Claim, now: int) -> None:
    """Refuse a slot that came inside the decision window while it was held (B3a, M7a)."""
    held_at = (slot.hold_until or now) - policy.HOLD
    if held_at <= slot.start_at - policy.DECISION_WINDOW < now:
        raise TermsChanged


def give_up(practice: Practice, actor: Actor) -> bool:
    """Let go of the acting client's hold; True when there was one."""
    actor.must_be("client")
    with practice.change() as tx:
        # One statement: between a look and a change the hold may have become somebody else's.
        freed = tx.take(
            Claim,
            "UPDATE claim SET state = 'open', hold_client_id = NULL, hold_until = NULL,"
            " hold_fee = NULL WHERE state = 'held' AND hold_client_id = ?",
            actor.id,
        )
        for slot in freed:
            tx.audit(actor, "release", "slot", slot.id)
        return bool(freed)


def sweep(practice: Practice) -> int:
    """Free the holds that have expired and return how many."""
    with practice.change() as tx:
        return free_expired_holds(tx)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chat in which somebody puts a card on record, and until when the page for it is open."""

    chat_id: int
    until: int


_WAITING = """SELECT client.chat_sealed, max(r.expires_at) FROM claim
    JOIN card_request r ON r.claim_id = claim.id AND r.client_id = claim.hold_client_id
    JOIN client ON client.id = claim.hold_client_id
    WHERE claim.state = 'held' AND r.state IN ('asked', 'open')
    AND client.chat_sealed IS NOT NULL AND client.chat_blocked_at IS NULL
    GROUP BY client.id, client.chat_sealed"""


def waiting(practice: Practice) -> list[Waiting]:
    """Return the chats in which a held slot waits for its card, for the countdown there (B3)."""
    with practice.reading() as view:
        return [
            Waiting(int(view.open(chat, "client.chat")), int(until))
            for chat, until in view.sql(_WAITING)
        ]
