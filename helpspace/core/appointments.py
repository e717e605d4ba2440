"""Appointments as each reader may see them: client, therapist, team."""

from typing import TYPE_CHECKING, NamedTuple

from helpspace.core import policy
from helpspace.core.accounts import Card, card_state
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.moments import LONDON
from helpspace.core.plain import plain
from helpspace.core.policy import Party, State, Terms
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Client, Therapist

if TYPE_CHECKING:
    from helpspace.core.store.tables import Payment


class AppointmentView(NamedTuple):
    """An appointment for one reader; names follow `interface.md`.

    `other_name` and `other_contact` are the other party's, as the reader may know them; the team
    sees neither. `owed_pence` is what the client owes by the rules now, whatever has been paid.
    """

    id: str
    therapist_id: str
    client_id: str
    slot_id: str | None
    kind: str
    start: int
    end: int
    minutes: int
    fee_pence: int
    owed_pence: int
    paid_pence: int
    state: str
    free_until: int
    booked_at: int
    cancelled_at: int | None
    video_url: str | None
    payment: str
    payment_reason: str | None
    card: Card
    other_name: str
    other_contact: str
    sequence: int
    other_zone: str = LONDON
    """The other party's zone, for the second line of a time; the team sees none."""
    series: str | None = None
    """The mark that the sessions of a weekly series share (B8)."""
    moved_at: int | None = None
    taken: bool = False
    """Whether the fee had been taken when it was last moved (M10)."""

    @property
    def terms(self) -> Terms:
        """The terms it was booked on, or last moved to."""
        return Terms(self.start, self.free_until, self.fee_pence, self.taken)

    @property
    def live(self) -> bool:
        """Whether it is not cancelled."""
        return State(self.state).live


def terms_of(row: Appointment) -> Terms:
    """Return the terms an appointment was booked on, or last moved to (M7a, M10)."""
    return Terms(row.start_at, row.free_until, row.fee, bool(row.taken))


_MOVED = "SELECT kind, CASE undoes WHEN 1 THEN -amount ELSE amount END FROM ledger"
"""What the ledger's rows come to: one that undoes another counts against it."""


def paid(view: View, appointment_id: str) -> int:
    """Return what the ledger says the client has paid and not got back, in pence (M8)."""
    rows = view.sql(f"{_MOVED} WHERE appointment_id = ?", appointment_id)
    return sum(amount if kind == "charge" else -amount for kind, amount in rows)


def taken(view: View, appointment_id: str) -> int:
    """Return what was taken for an appointment and not given back, whatever a bank disputes."""
    rows = view.sql(
        f"{_MOVED} WHERE appointment_id = ? AND kind IN ('charge', 'refund')", appointment_id
    )
    return sum(amount if kind == "charge" else -amount for kind, amount in rows)


def owed_now(row: Appointment, payment: "Payment", now: int) -> int:
    """Return what the client owes by the rules now, in pence."""
    waived = payment.waived_at is not None
    return policy.owed(State(row.state), terms_of(row), row.cancelled_at, now, waived=waived)


def payment_word(row: Appointment, payment: "Payment", now: int) -> str:
    """Return where the money stands, in the words of `interface.md`."""
    status = payment.status
    if row.fee == 0:
        return "none"
    if status == "scheduled":
        if not State(row.state).live and owed_now(row, payment, now) == 0:
            return "none"
        return "due" if now > row.free_until else "scheduled"
    return status


def video_url(view: View, row: Appointment) -> str | None:
    """Return the address of the appointment's own room, constant for its life."""
    base = view.practice.settings.video
    if base is None:
        return None
    return f"{base.rstrip('/')}/{view.open(row.room_sealed, 'appointment.room')}"


def view_of(
    view: View,
    row: Appointment,
    therapist: Therapist,
    client: Client,
    payment: "Payment",
    reader: str,
) -> AppointmentView:
    """Return an appointment for a reader: "client", "therapist" or "team"."""
    name, contact, zone = "", "", LONDON
    if reader == Party.CLIENT:
        zone = therapist.zone
        name = plain(view.open(therapist.name_sealed, "therapist.name"))
        contact = plain(view.open(therapist.contact_sealed, "therapist.contact"), 254)
    elif reader == Party.THERAPIST:
        zone = client.zone
        name = plain(view.open(client.name_sealed, "client.name"))
        contact = plain(view.open(client.email_sealed, "client.email"), 254)
    return AppointmentView(
        id=row.id,
        therapist_id=row.therapist_id,
        client_id=row.client_id,
        slot_id=row.slot_id,
        kind=row.kind,
        start=row.start_at,
        end=row.end_at,
        minutes=(row.end_at - row.start_at) // 60,
        fee_pence=row.fee,
        owed_pence=owed_now(row, payment, view.now),
        paid_pence=paid(view, row.id),
        state=row.state,
        free_until=row.free_until,
        booked_at=row.booked_at,
        cancelled_at=row.cancelled_at,
        video_url=video_url(view, row) if reader != "team" or State(row.state).live else None,
        payment=payment_word(row, payment, view.now),
        payment_reason=None if payment.reason is None else plain(payment.reason),
        card=card_state(client, view.now),
        other_name=name,
        other_contact=contact,
        sequence=row.sequence,
        other_zone=zone,
        series=row.series,
        moved_at=row.moved_at,
        taken=bool(row.taken),
    )


def reader_of(actor: Actor) -> str:
    """Return as whom an actor reads: client, therapist or team."""
    return actor.role if actor.role in (Party.CLIENT, Party.THERAPIST) else "team"


def appointment(practice: Practice, actor: Actor, appointment_id: str) -> AppointmentView:
    """Return one appointment; what is not the actor's answers like what does not exist (A1)."""
    with practice.reading() as view:
        row = view.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        actor.must_see(therapist_id=row.therapist_id, client_id=row.client_id)
        return _with_people(view, [row], reader_of(actor))[0]


_BEHIND = """client_id = ? AND (end_at <= ? OR cancelled_at IS NOT NULL)
    ORDER BY start_at DESC, id LIMIT ? OFFSET ?"""


def behind(
    practice: Practice, actor: Actor, *, skip: int = 0, limit: int = 1000
) -> list[AppointmentView]:
    """Return a client's own sessions that are over or cancelled, the latest first (K1)."""
    actor.must_be("client")
    with practice.reading() as view:
        rows = view.find_all(Appointment, _BEHIND, actor.id, view.now, limit, skip)
        return _with_people(view, rows, reader_of(actor))


def _with_people(view: View, rows: list[Appointment], reader: str) -> list[AppointmentView]:
    """Return appointments for a reader; of the people, each is read once."""
    from helpspace.core.store.tables import Payment  # noqa: PLC0415 - not in an empty week

    therapists = {key: view.get(Therapist, key) for key in {row.therapist_id for row in rows}}
    clients = {key: view.get(Client, key) for key in {row.client_id for row in rows}}
    found = []
    for row in rows:
        therapist, client = therapists[row.therapist_id], clients[row.client_id]
        payment = view.get(Payment, row.id)
        if therapist is None or client is None or payment is None:
            raise NotFound
        found.append(view_of(view, row, therapist, client, payment, reader))
    return found


def appointments(
    practice: Practice,
    actor: Actor,
    *,
    therapist_id: str | None = None,
    client_id: str | None = None,
    ahead: bool = False,
    live_only: bool = False,
    limit: int = 1000,
) -> list[AppointmentView]:
    """Return the actor's appointments, or for the team anybody's, by start.

    `ahead` leaves out what has ended.
    """
    if actor.role == "client":
        client_id = actor.id if client_id in (None, actor.id) else ""
    elif actor.role == "therapist":
        therapist_id = actor.id if therapist_id in (None, actor.id) else ""
    with practice.reading() as view:
        wanted: list[tuple[str, object]] = []
        if therapist_id is not None:
            wanted.append(("therapist_id = ?", therapist_id))
        if client_id is not None:
            wanted.append(("client_id = ?", client_id))
        if ahead:
            wanted.append(("end_at > ?", view.now))
        texts = [text for text, _ in wanted]
        if live_only:
            texts.append("cancelled_at IS NULL")
        where = f"{' AND '.join(texts) or 'true'} ORDER BY start_at, id LIMIT ?"
        rows = view.find_all(Appointment, where, *(value for _, value in wanted), limit)
        return _with_people(view, rows, reader_of(actor))
