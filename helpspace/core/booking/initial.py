"""A client books an initial session in an open slot (B1, B3–B7, C3, C4)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import accounts, cards, kept_wishes, policy
from helpspace.core.accounts import Card, card_state, the_client
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking.bonds import bond_of
from helpspace.core.booking.making import AT_THE_TIME, make
from helpspace.core.calendar import close_claim
from helpspace.core.errors import (
    AlreadyWithTherapist,
    Invalid,
    NotFound,
    NoticeTooShort,
    OwnOverlap,
    SlotTaken,
    TermsChanged,
    TooManyAhead,
)
from helpspace.core.plain import plain
from helpspace.core.policy import Kind, State
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.profiles import BookableSlot, must_take_bookings, offered
from helpspace.core.store.tables import Appointment, Claim, Client, Therapist


@dataclass(frozen=True, slots=True)
class Shown:
    """What the button that books has shown; booking on other terms is refused (M7a)."""

    fee_pence: int
    inside_window: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What the review before booking shows a client."""

    slot: BookableSlot
    therapist_name: str
    other_zone: str
    client_zone: str
    card: Card
    card_words: str
    accepted_terms: bool
    has_name: bool
    has_email: bool

    @property
    def shown(self) -> Shown:
        return Shown(self.slot.fee_pence, self.slot.inside_window)

    @property
    def needs_card(self) -> bool:
        """Whether a card page comes before the booking (B3, B6)."""
        return self.slot.fee_pence > 0 and self.card != "ok"


@dataclass(frozen=True, slots=True)
class Held:
    """A slot held while its client puts a card on record (B3)."""

    request_id: str
    slot: BookableSlot
    until: int


def offer(practice: Practice, actor: Actor, slot_id: str) -> Offer:
    """Return what a client would book, on the terms of this moment; refuses like booking does."""
    actor.must_be("client")
    with practice.reading() as view:
        client = the_client(view, actor.id)
        slot = _slot_row(view, slot_id)
        therapist = accounts.the_therapist(view, slot.therapist_id)
        check_slot(view, therapist, slot, client)
        return Offer(
            slot=_offered(view, therapist, slot, client),
            therapist_name=plain(view.open(therapist.name_sealed, "therapist.name")),
            other_zone=therapist.zone,
            client_zone=client.zone,
            card=card_state(client, view.now),
            card_words=accounts.card_words(client),
            accepted_terms=client.terms_version == accounts.TERMS_VERSION,
            has_name=client.name_sealed is not None,
            has_email=client.email_sealed is not None,
        )


def check_slot(view: View, therapist: Therapist, slot: Claim, client: Client) -> None:
    """Refuse a slot that this client cannot book at this moment (P2, B1, B5, C3)."""
    if not _is_free(slot, view.now, client.id) or slot.start_at <= view.now:
        raise SlotTaken
    must_take_bookings(view, therapist)
    if not policy.slot_is_bookable(slot.start_at, therapist.notice_s, view.now):
        raise NoticeTooShort
    initial = view.find_all(
        Appointment, "client_id = ? AND cancelled_at IS NULL AND kind = 'initial'", client.id
    )
    if any(row.therapist_id == therapist.id for row in initial):
        raise AlreadyWithTherapist
    ahead = [row for row in initial if row.state == State.BOOKED and row.start_at > view.now]
    if len(ahead) + _held_besides(view, therapist, slot, client) >= policy.MOST_AHEAD:
        raise TooManyAhead
    if view.find(Appointment, AT_THE_TIME, client.id, slot.end_at, slot.start_at, ""):
        raise OwnOverlap
    bond = bond_of(view, therapist.id, client.id)
    if bond is not None and bond.ended_at is not None:
        raise NotFound(
            "You have ended the work with this person", "Write to support to take it up."
        )


def book(
    practice: Practice, actor: Actor, slot_id: str, shown: Shown, *, accept_terms: bool = False
) -> AppointmentView | Held:
    """Book an initial session, or hold its slot while the card is put on record (B1, B3, B6).

    The terms must be accepted once (B4). Raises SlotTaken for the losers of a race (C4).
    """
    actor.must_be("client")
    with practice.change() as tx:
        slot = _slot_row(tx, slot_id)
        therapist = tx.lock(Therapist, slot.therapist_id)
        client = tx.lock(Client, actor.id)
        if therapist is None or client is None or client.erased_at is not None:
            raise NotFound
        slot = _slot_row(tx, slot_id)
        check_slot(tx, therapist, slot, client)
        now_offered = _offered(tx, therapist, slot, client)
        if shown != Shown(now_offered.fee_pence, now_offered.inside_window):
            raise TermsChanged
        if client.name_sealed is None or client.email_sealed is None:
            raise Invalid("Your name and e-mail address come first", "Write them in the chat.")
        if client.terms_version != accounts.TERMS_VERSION:
            if not accept_terms:
                raise Invalid("The terms are not accepted yet", "Read them and accept to book.")
            accounts.accept_terms(tx, actor, client)
        if shown.fee_pence > 0 and card_state(client, tx.now) != "ok":
            return _hold(tx, actor, client, slot, now_offered, shown.fee_pence)
        return book_initial(tx, actor, therapist, client, slot, shown.fee_pence)


def book_initial(
    tx: Tx, actor: Actor, therapist: Therapist, client: Client, slot: Claim, fee: int
) -> AppointmentView:
    """Turn a checked slot into an appointment; everything it owes people is in this commit."""
    close_claim(tx, slot.id, "booked")
    booked = make(
        tx, actor, Kind.INITIAL, therapist, client, slot.id, slot.start_at, slot.end_at, fee
    )
    kept_wishes.keep(tx, client, booked.id)
    return booked


def _hold(
    tx: Tx, actor: Actor, client: Client, slot: Claim, offer_: BookableSlot, fee: int
) -> Held:
    if _holds(tx, slot, client) and slot.hold_until is not None:
        request = cards.open_request(tx, client.id, slot.id)
        if request is not None:
            return Held(request.id, offer_, slot.hold_until)
    mine = (Claim.hold_client_id == client.id) & (Claim.state == "held")
    tx.run(
        Claim.update(state="open", hold_client_id=None, hold_until=None, hold_fee=None).where(mine)
    )
    until = tx.now + policy.HOLD
    tx.run(
        Claim.update(state="held", hold_client_id=client.id, hold_until=until, hold_fee=fee).where(
            Claim.id == slot.id
        )
    )
    request_id = cards.ask(tx, client.id, claim_id=slot.id)
    tx.audit(actor, "hold", "slot", slot.id, until=until, request=request_id)
    return Held(request_id, offer_, until)


def _slot_row(view: View, slot_id: str) -> Claim:
    slot = view.get(Claim, slot_id)
    if slot is None or slot.purpose != "slot":
        raise SlotTaken
    return slot


def _is_free(slot: Claim, now: int, client_id: str) -> bool:
    if slot.state == "open":
        return True
    if slot.state != "held":
        return False
    return (slot.hold_until or 0) <= now or slot.hold_client_id == client_id


def _holds(view: View, slot: Claim, client: Client) -> bool:
    """Say whether a slot is held by a client at this moment."""
    mine = slot.state == "held" and slot.hold_client_id == client.id
    return mine and (slot.hold_until or 0) > view.now


def holds(practice: Practice, actor: Actor, slot_id: str) -> bool:
    """Say whether the acting client holds a slot at this moment; of others' holds it says no."""
    actor.must_be("client")
    with practice.reading() as view:
        slot, client = view.get(Claim, slot_id), the_client(view, actor.id)
        return slot is not None and _holds(view, slot, client)


def _offered(view: View, therapist: Therapist, slot: Claim, client: Client) -> BookableSlot:
    """Return a slot with the terms for a client; a hold keeps the fee it was shown with (M7a)."""
    found = offered(view.now, therapist, slot)
    if _holds(view, slot, client) and slot.hold_fee is not None:
        return found._replace(fee_pence=slot.hold_fee)
    return found


def _held_besides(view: View, therapist: Therapist, slot: Claim, client: Client) -> int:
    """Return 1 if the client holds another slot that booking this one would not give up (B5)."""
    if therapist.initial_fee > 0 and card_state(client, view.now) != "ok":
        return 0
    other = "hold_client_id = ? AND state = 'held' AND hold_until > ? AND id <> ?"
    return int(view.find(Claim, other, client.id, view.now, slot.id) is not None)
