"""Booking and cancelling: the acts that bind two people and their money (B1–B7, C3, C4, M2, M3)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import peewee

from helpspace.core import accounts, cards, moments, notices, policy, reminders
from helpspace.core.accounts import Card, card_state, the_client
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, paid, terms_of, view_of
from helpspace.core.calendar import check_minutes, claim_time, close_claim, own_therapist
from helpspace.core.errors import (
    AlreadyCancelled,
    AlreadyWithTherapist,
    Changed,
    Invalid,
    NotFound,
    NoticeTooShort,
    NotYourClient,
    Overlap,
    OwnOverlap,
    SlotTaken,
    TermsChanged,
    TooLate,
    TooManyAhead,
)
from helpspace.core.notices import Event
from helpspace.core.plain import plain
from helpspace.core.policy import Consequence, Kind, Party, State, Terms
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.profiles import BookableSlot, must_take_bookings, offered, why_hidden
from helpspace.core.store import refusal_of
from helpspace.core.store.tables import (
    Appointment,
    Bond,
    Claim,
    Client,
    Intent,
    Payment,
    Therapist,
)

LIVE = ("booked", "completed", "no_show")


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
    therapist_zone: str
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


@dataclass(frozen=True, slots=True)
class FollowUpPlan:
    """What a follow-up would mean, shown before it is booked."""

    client_id: str
    client_name: str
    client_zone: str
    start: int
    end: int
    fee_pence: int
    free_until: int
    charge_at: int | None
    """When the fee will be taken; None for a free session."""
    card: Card
    withdraws: tuple[str, ...]
    """Ids of own open slots that go in the same step (C6)."""


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


def _offered(view: View, therapist: Therapist, slot: Claim, client: Client) -> BookableSlot:
    """Return a slot with the terms for a client; a hold keeps the fee it was shown with (M7a)."""
    found = offered(view.now, therapist, slot)
    if _holds(view, slot, client) and slot.hold_fee is not None:
        return replace(found, fee_pence=slot.hold_fee)
    return found


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
            therapist_zone=therapist.zone,
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
    if view.find(Appointment, _AT_THE_TIME, client.id, slot.end_at, slot.start_at, ""):
        raise OwnOverlap
    bond = _bond(view, therapist.id, client.id)
    if bond is not None and bond.ended_at is not None:
        raise NotFound(
            "You have ended the work with this person", "Write to support to take it up."
        )


def _held_besides(view: View, therapist: Therapist, slot: Claim, client: Client) -> int:
    """Return 1 if the client holds another slot that booking this one would not give up (B5)."""
    if therapist.initial_fee > 0 and card_state(client, view.now) != "ok":
        return 0
    other = "hold_client_id = ? AND state = 'held' AND hold_until > ? AND id <> ?"
    return int(view.find(Claim, other, client.id, view.now, slot.id) is not None)


# A live appointment of a client in some stretch of time, other than one.
_AT_THE_TIME = """client_id = ? AND cancelled_at IS NULL AND start_at < ? AND end_at > ?
    AND id <> ? LIMIT 1"""


def _bond(view: View, therapist_id: str, client_id: str) -> Bond | None:
    return view.find(Bond, "therapist_id = ? AND client_id = ?", therapist_id, client_id)


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


def book_initial(
    tx: Tx, actor: Actor, therapist: Therapist, client: Client, slot: Claim, fee: int
) -> AppointmentView:
    """Turn a checked slot into an appointment; everything it owes people is in this commit."""
    close_claim(tx, slot.id, "booked")
    return _insert(
        tx, actor, Kind.INITIAL, therapist, client, slot.id, slot.start_at, slot.end_at, fee
    )


def _insert(
    tx: Tx,
    actor: Actor,
    kind: Kind,
    therapist: Therapist,
    client: Client,
    claim_id: str,
    start: int,
    end: int,
    fee: int,
) -> AppointmentView:
    terms = Terms(start, policy.free_until(kind, start, tx.now), fee)
    initial = kind is Kind.INITIAL
    row = Appointment(
        id=tx.practice.ids.new(),
        kind=kind,
        therapist_id=therapist.id,
        client_id=client.id,
        slot_id=claim_id if initial else None,
        claim_id=claim_id,
        start_at=start,
        end_at=end,
        fee=fee,
        currency="gbp",
        free_until=terms.free_until,
        state=State.BOOKED,
        booked_at=tx.now,
        booked_by=Party.CLIENT if initial else Party.THERAPIST,
        sequence=0,
        room_sealed=tx.seal(tx.practice.ids.token(), "appointment.room"),
    )
    payment = Payment(
        appointment_id=row.id,
        status="scheduled" if fee else "none",
        next_at=policy.charge_from(terms) if fee else None,
        faults=0,
        changed_at=tx.now,
    )
    try:
        tx.insert(Appointment, **row.__data__)
    except peewee.IntegrityError as error:
        raise _refused(refusal_of(error)) from None
    tx.insert(Payment, **payment.__data__)
    reminders.plan(tx, row, reminders.zones_of(client, therapist), tx.now)
    _tell_booked(tx, row, therapist, client)
    tx.audit(actor, "book", "appointment", row.id, kind=kind, start=start, fee=fee)
    return view_of(tx, row, therapist, client, payment, actor.role)


def _refused(guard: str) -> Exception:
    if guard in ("appointment_one_initial", "appointment.client_id"):
        return AlreadyWithTherapist()
    return SlotTaken()


def _tell_booked(tx: Tx, row: Appointment, therapist: Therapist, client: Client) -> None:
    last = row.kind == Kind.INITIAL and "no_bookable_slot" in why_hidden(tx, therapist)
    once = f"booked:{row.id}"
    notices.write(
        tx,
        Event.BOOKED,
        once=once,
        party=Party.CLIENT,
        person_id=client.id,
        appointment_id=row.id,
        facts={"overlaps": _overlaps_other(tx, row)},
    )
    notices.write(
        tx,
        Event.BOOKED,
        once=once,
        party=Party.THERAPIST,
        person_id=therapist.id,
        appointment_id=row.id,
        facts={"last_slot": last},
    )
    if row.fee and row.kind == Kind.FOLLOW_UP and card_state(client, tx.now) != "ok":
        notices.write(
            tx,
            Event.CARD_NEEDED,
            once=f"card_needed:{row.id}",
            party=Party.CLIENT,
            person_id=client.id,
            appointment_id=row.id,
        )


def _overlaps_other(tx: Tx, row: Appointment) -> bool:
    """Say whether the client has another live appointment then; only they are told (C3)."""
    others = (row.client_id, row.end_at, row.start_at, row.id)
    return tx.find(Appointment, _AT_THE_TIME, *others) is not None


def plan_follow_up(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    client_id: str,
    start: int,
    *,
    minutes: int | None = None,
    fee_pence: int | None = None,
) -> FollowUpPlan:
    """Return what a follow-up would mean, refusing like booking it does (B2, C2, C6)."""
    with practice.reading() as view:
        therapist = own_therapist(view, actor, therapist_id)
        client = _client_of(view, therapist.id, client_id)
        return _plan(view, therapist, client, start, minutes, fee_pence)


def _client_of(view: View, therapist_id: str, client_id: str) -> Client:
    """Return a client for whom the therapist may book, else refuse (B2)."""
    client = view.get(Client, client_id)
    bond = _bond(view, therapist_id, client_id)
    known = view.first(
        Appointment.select(Appointment.id).where(
            Appointment.therapist_id == therapist_id,
            Appointment.client_id == client_id,
            Appointment.cancelled_at.is_null(),
        )
    )
    invited = bond is not None and bond.invited_at is not None
    ended = bond is not None and bond.ended_at is not None
    if client is None or client.erased_at is not None or ended or not (known or invited):
        raise NotYourClient
    return client


def _plan(
    view: View,
    therapist: Therapist,
    client: Client,
    start: int,
    minutes: int | None,
    fee_pence: int | None,
) -> FollowUpPlan:
    length = therapist.follow_up_minutes if minutes is None else minutes
    fee = therapist.follow_up_fee if fee_pence is None else fee_pence
    check_minutes(length)
    if not policy.fee_is_possible(fee):
        raise Invalid("A fee is £0, or from 30p to £10,000", "Correct the fee.")
    if start <= view.now:
        raise Invalid("That time has passed", "Choose one that is still ahead.")
    end = start + length * 60
    in_the_way = view.rows(
        Claim.select().where(
            Claim.therapist_id == therapist.id,
            Claim.state != "closed",
            Claim.start_at < end,
            Claim.end_at > start,
        )
    )
    for row in in_the_way:
        if row.state == "booked":
            raise Overlap(
                f"{moments.show_range(row.start_at, row.end_at, therapist.zone)} is booked already"
            )
        if row.state == "held" and (row.hold_until or 0) > view.now:
            raise Overlap(
                "Somebody is booking a slot at that time just now",
                "Choose another time, or wait half an hour.",
            )
    terms = Terms(start, policy.free_until(Kind.FOLLOW_UP, start, view.now), fee)
    return FollowUpPlan(
        client_id=client.id,
        client_name=plain(view.open(client.name_sealed, "client.name")),
        client_zone=client.zone,
        start=start,
        end=end,
        fee_pence=fee,
        free_until=terms.free_until,
        charge_at=policy.charge_from(terms) if fee else None,
        card=card_state(client, view.now),
        withdraws=tuple(row.id for row in in_the_way),
    )


def book_follow_up(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    client_id: str,
    start: int,
    *,
    minutes: int | None = None,
    fee_pence: int | None = None,
) -> AppointmentView:
    """Book a follow-up as its therapist (B2); own open slots in the way are withdrawn (C6)."""
    with practice.change() as tx:
        therapist = own_therapist(tx, actor, therapist_id)
        tx.lock(Client, client_id)
        client = _client_of(tx, therapist.id, client_id)
        plan = _plan(tx, therapist, client, start, minutes, fee_pence)
        for slot_id in plan.withdraws:
            close_claim(tx, slot_id)
            tx.audit(actor, "close", "slot", slot_id, therapist=therapist.id)
        claim_id = tx.practice.ids.new()
        claim_time(tx, therapist, claim_id, "follow_up", plan.start, plan.end, "booked")
        return _insert(
            tx,
            actor,
            Kind.FOLLOW_UP,
            therapist,
            client,
            claim_id,
            plan.start,
            plan.end,
            plan.fee_pence,
        )


def _parties(actor: Actor, row: Appointment) -> Party:
    if actor.role == "client" and row.client_id == actor.id:
        return Party.CLIENT
    if actor.role == "therapist" and row.therapist_id == actor.id:
        return Party.THERAPIST
    raise NotFound


def _consequence(view: View, row: Appointment, party: Party, at: int) -> Consequence:
    if row.state != State.BOOKED:
        if not State(row.state).live:
            raise AlreadyCancelled
        raise TooLate
    found = policy.cancelling(party, at, terms_of(row), paid(view, row.id))
    if not found.allowed:
        raise TooLate
    return found


def preview_cancel(
    practice: Practice, actor: Actor, appointment_id: str, *, at: int | None = None
) -> Consequence:
    """Return what cancelling would mean for the money, refusing like cancelling does (M4)."""
    with practice.reading() as view:
        row = view.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        party = _parties(actor, row)
        return _consequence(view, row, party, _moment(view.now, at))


def _moment(now: int, received: int | None) -> int:
    """Return when an act happened: a client's when its update was durably received (M2a)."""
    return now if received is None else min(now, received)


def cancel(
    practice: Practice,
    actor: Actor,
    appointment_id: str,
    *,
    at: int | None = None,
    shown_owed_pence: int | None = None,
) -> tuple[AppointmentView, Consequence]:
    """Cancel an appointment as one of its two people (M2, M3).

    `at` is when the client's update was received; `shown_owed_pence` is what the button said the
    session will have cost. If that is no longer so, nothing is done and Changed is raised.
    """
    with practice.change() as tx:
        row = tx.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        party = _parties(actor, row)
        therapist = tx.lock(Therapist, row.therapist_id)
        client = tx.lock(Client, row.client_id)
        row = tx.get(Appointment, appointment_id)
        payment = tx.get(Payment, appointment_id)
        if row is None or therapist is None or client is None or payment is None:
            raise NotFound
        moment = _moment(tx.now, at)
        found = _consequence(tx, row, party, moment)
        if shown_owed_pence is not None and shown_owed_pence != found.owed_pence:
            raise Changed("What cancelling costs has changed since you looked")
        by_client = party is Party.CLIENT
        state = State.CANCELLED_BY_CLIENT if by_client else State.CANCELLED_BY_THERAPIST
        if not tx.run(
            Appointment.update(
                state=state, cancelled_at=moment, sequence=Appointment.sequence + 1
            ).where(Appointment.id == row.id, Appointment.state == State.BOOKED)
        ):
            raise TooLate
        reopens = by_client and row.slot_id == row.claim_id and bool(therapist.reopens)
        close_claim(tx, row.claim_id, "open" if reopens else "closed")
        reminders.drop(tx, row.id)
        _settle_later(tx, payment, found)
        facts = {"by": party, "owed": found.owed_pence, "refund": found.refund_pence}
        for told, person in ((Party.CLIENT, client.id), (Party.THERAPIST, therapist.id)):
            notices.write(
                tx,
                Event.CANCELLED,
                once=f"cancelled:{row.id}",
                party=told,
                person_id=person,
                appointment_id=row.id,
                facts=facts,
            )
        tx.audit(actor, "cancel", "appointment", row.id, owed=found.owed_pence, at=moment)
        fresh = tx.get(Appointment, row.id)
        settled = tx.get(Payment, row.id)
        if fresh is None or settled is None:
            raise NotFound
        return view_of(tx, fresh, therapist, client, settled, actor.role), found


def _settle_later(tx: Tx, payment: Payment, found: Consequence) -> None:
    """Let the next sweep close the gap between what is owed now and what Stripe holds (M5a)."""
    if payment.status == "none":
        return
    touched = tx.first(
        Intent.select(Intent.id).where(Intent.appointment_id == payment.appointment_id)
    )
    if found.owed_pence == 0 and touched is None:
        # Nothing was ever begun at Stripe, so there is nothing to close.
        values: dict[str, object] = {"next_at": None}
    elif found.owed_pence == 0:
        values = {"next_at": tx.now}
    else:
        return
    tx.run(
        Payment.update(changed_at=tx.now, **values).where(
            Payment.appointment_id == payment.appointment_id
        )
    )


def end_relationship(practice: Practice, actor: Actor, therapist_id: str) -> None:
    """End the work with a therapist as its client: nothing new can be booked for them (B2)."""
    actor.must_be("client")
    with practice.change() as tx:
        known = tx.first(
            Appointment.select(Appointment.id).where(
                Appointment.therapist_id == therapist_id, Appointment.client_id == actor.id
            )
        )
        bond = _bond(tx, therapist_id, actor.id)
        if known is None and bond is None:
            raise NotFound
        tx.insert_once(Bond, therapist_id=therapist_id, client_id=actor.id)
        tx.run(
            Bond.update(ended_at=tx.now).where(
                Bond.therapist_id == therapist_id, Bond.client_id == actor.id
            )
        )
        tx.audit(actor, "end", "bond", therapist_id, client=actor.id)


def complete_past(practice: Practice) -> int:
    """Turn booked sessions that have ended into completed ones and return how many."""
    with practice.change() as tx:
        ended = tx.returning(
            Appointment.update(state=State.COMPLETED)
            .where(Appointment.state == State.BOOKED, Appointment.end_at <= tx.now)
            .returning(Appointment.id)
        )
        for row in ended:
            tx.audit(Actor.job("sessions"), "complete", "appointment", row.id)
        return len(ended)
