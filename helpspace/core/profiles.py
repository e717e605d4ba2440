"""Profiles: what clients see of a therapist, and whether they see it (P1–P3). Never stored."""

from typing import Any, NamedTuple

from helpspace.core import policy
from helpspace.core.accounts import the_therapist
from helpspace.core.actors import Actor
from helpspace.core.errors import CannotBeBooked, NotFound
from helpspace.core.plain import plain, plain_lines
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Claim, Therapist
from helpspace.core.vocabulary import APPROACHES, CONCERNS, LANGUAGES, MODALITIES, words_of


class Profile(NamedTuple):
    """A therapist as clients see them; only what is public."""

    therapist_id: str
    name: str
    handle: str
    headline: str
    about: str
    gender: str
    zone: str
    concerns: tuple[str, ...]
    approaches: tuple[str, ...]
    languages: tuple[str, ...]
    modalities: tuple[str, ...]
    fee_pence: int
    minutes: int
    follow_up_fee_pence: int
    follow_up_minutes: int
    notice_s: int
    next_start: int | None


class BookableSlot(NamedTuple):
    """An initial-session slot as a client can book it."""

    id: str
    therapist_id: str
    start: int
    end: int
    fee_pence: int
    free_until: int
    inside_window: bool
    """Whether it is charged today, with no free cancellation (B3a)."""

    @property
    def minutes(self) -> int:
        return (self.end - self.start) // 60


class TherapistView(NamedTuple):
    """A therapist for the team and for themselves; contact details only here."""

    id: str
    name: str
    email: str
    contact: str
    handle: str
    zone: str
    status: str
    notice_s: int | None
    initial_fee_pence: int
    initial_minutes: int
    follow_up_fee_pence: int
    follow_up_minutes: int
    reopens: bool
    visible: bool
    why_hidden: tuple[str, ...]
    payments_enabled: bool
    open_slots: int
    created_at: int


def free_now(now: int) -> Any:
    """Return the condition under which a slot is neither booked, closed nor held (P2, B3)."""
    return (Claim.purpose == "slot") & (
        (Claim.state == "open") | ((Claim.state == "held") & (Claim.hold_until <= now))
    )


# `free_now` in the therapist's own index, from an instant on, soonest first.
_BOOKABLE = """therapist_id = ? AND purpose = 'slot' AND state IN ('open', 'held')
    AND (state = 'open' OR hold_until <= ?) AND start_at > ? AND start_at >= ?
    ORDER BY start_at LIMIT ?"""


def bookable_slots(view: View, therapist: Therapist, limit: int = 500) -> list[Claim]:
    """Return a therapist's slots that clients can book at this moment, soonest first (P2)."""
    if therapist.notice_s is None:
        return []
    now, from_ = view.now, view.now + therapist.notice_s
    return view.find_all(Claim, _BOOKABLE, therapist.id, now, now, from_, limit)


def gates(view: View, therapist: Therapist) -> policy.Gates:
    """Return what decides about a profile's visibility now."""
    return policy.Gates(
        approved=therapist.status == "approved",
        suspended=therapist.suspended_at is not None,
        payments_enabled=bool(therapist.charges_enabled and therapist.payouts_enabled),
        course_completed=therapist.course_done_at is not None,
        proofs_until=therapist.proofs_until,
        notice=therapist.notice_s,
        switched_off=therapist.switched_off_at is not None,
        bookable_slot=bool(bookable_slots(view, therapist, 1)),
    )


def why_hidden(view: View, therapist: Therapist) -> tuple[str, ...]:
    """Return the codes of why a profile is hidden now; none means visible (P1)."""
    return tuple(policy.why_hidden(gates(view, therapist), view.now))


def must_take_bookings(view: View, therapist: Therapist) -> None:
    """Refuse new initial sessions while any gate but the slots themselves is closed (P1, B1)."""
    if set(why_hidden(view, therapist)) - {"no_bookable_slot"}:
        raise CannotBeBooked


def offered(now: int, therapist: Therapist, slot: Claim) -> BookableSlot:
    """Return a slot with the terms on which it would be booked at this moment (M7a)."""
    until = policy.free_until(policy.Kind.INITIAL, slot.start_at, now)
    return BookableSlot(
        id=slot.id,
        therapist_id=slot.therapist_id,
        start=slot.start_at,
        end=slot.end_at,
        fee_pence=therapist.initial_fee,
        free_until=until,
        inside_window=slot.start_at - policy.DECISION_WINDOW < now,
    )


def profile_of(view: View, row: Therapist, next_start: int | None) -> Profile:
    """Return what clients may see of a therapist."""
    return Profile(
        therapist_id=row.id,
        name=plain(view.open(row.name_sealed, "therapist.name")),
        handle=plain(view.open(row.handle_sealed, "therapist.handle")),
        headline=plain(view.open(row.headline_sealed, "therapist.headline"), 120),
        about=plain_lines(view.open(row.about_sealed, "therapist.about"), 1000),
        gender=row.gender,
        zone=row.zone,
        concerns=tuple(words_of(row.concerns, CONCERNS)),
        approaches=tuple(words_of(row.approaches, APPROACHES)),
        languages=tuple(words_of(row.languages, LANGUAGES)),
        modalities=tuple(words_of(row.modalities, MODALITIES)),
        fee_pence=row.initial_fee,
        minutes=row.initial_minutes,
        follow_up_fee_pence=row.follow_up_fee,
        follow_up_minutes=row.follow_up_minutes,
        notice_s=row.notice_s or 0,
        next_start=next_start,
    )


def profile(practice: Practice, therapist_id: str) -> tuple[Profile, list[BookableSlot]]:
    """Return a visible profile with its bookable slots.

    A hidden profile, a guessed id and one that does not exist all raise the same
    CannotBeBooked: "no space at the moment" (P3, A1).
    """
    with practice.reading() as view:
        row = view.get(Therapist, therapist_id)
        if row is None or why_hidden(view, row):
            raise CannotBeBooked
        slots = bookable_slots(view, row)
        return profile_of(view, row, slots[0].start_at), [offered(view.now, row, s) for s in slots]


def profile_by_handle(practice: Practice, handle: str) -> tuple[Profile, list[BookableSlot]]:
    """Return the visible profile of a handle, refusing like `profile`."""
    hashed = practice.vault.digest(handle.lower()[:80], "therapist.handle")
    with practice.reading() as view:
        row = view.first(Therapist.select().where(Therapist.handle_hash == hashed))
    if row is None:
        raise CannotBeBooked
    return profile(practice, row.id)


def therapist_view(view: View, row: Therapist) -> TherapistView:
    """Return a therapist for the team or themselves."""
    why = why_hidden(view, row)
    return TherapistView(
        id=row.id,
        name=plain(view.open(row.name_sealed, "therapist.name")),
        email=plain(view.open(row.email_sealed, "therapist.email"), 254),
        contact=plain(view.open(row.contact_sealed, "therapist.contact"), 254),
        handle=plain(view.open(row.handle_sealed, "therapist.handle")),
        zone=row.zone,
        status="suspended" if row.suspended_at is not None else row.status,
        notice_s=row.notice_s,
        initial_fee_pence=row.initial_fee,
        initial_minutes=row.initial_minutes,
        follow_up_fee_pence=row.follow_up_fee,
        follow_up_minutes=row.follow_up_minutes,
        reopens=bool(row.reopens),
        visible=not why,
        why_hidden=why,
        payments_enabled=bool(row.charges_enabled and row.payouts_enabled),
        open_slots=len(bookable_slots(view, row)),
        created_at=row.created_at,
    )


def therapist(practice: Practice, actor: Actor, therapist_id: str) -> TherapistView:
    """Return one therapist, for the team or for themselves."""
    if actor.role not in ("team", "therapist"):
        raise NotFound
    actor.must_see(therapist_id=therapist_id)
    with practice.reading() as view:
        return therapist_view(view, the_therapist(view, therapist_id))


def therapists(practice: Practice, actor: Actor) -> list[TherapistView]:
    """Return every therapist for the team, in the order they came."""
    actor.must_be("team")
    query = Therapist.select().order_by(Therapist.created_at, Therapist.id)
    with practice.reading() as view:
        return [therapist_view(view, row) for row in view.rows(query)]


def therapist_ids(practice: Practice) -> list[str]:
    """Return the ids of all therapists, for the terminal to know whose it is."""
    query = Therapist.select(Therapist.id).order_by(Therapist.created_at, Therapist.id)
    with practice.reading() as view:
        return [row.id for row in view.rows(query.limit(50))]
