"""What one notice may tell its reader, read afresh when it is sent (N1–N6, P1).

`compose` allow-lists: what is not in `Told` cannot get into a mail or a chat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import parseaddr

from helpspace.core import confirm, moments, notices, own_pages, policy, reports, tickets
from helpspace.core.accounts import card_state
from helpspace.core.actors import LONGEST_REASON
from helpspace.core.appointments import AppointmentView, view_of
from helpspace.core.booking.asking import waits_for_answer
from helpspace.core.joining import tidings
from helpspace.core.joining.tidings import Tiding
from helpspace.core.links import chat_link
from helpspace.core.notices import Channel, Errand, Event
from helpspace.core.payments.store_name import store_name
from helpspace.core.payments.tries import SOFT
from helpspace.core.payments.words import reason_words
from helpspace.core.plain import plain
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, View
from helpspace.core.profiles import free_now
from helpspace.core.reports import Report
from helpspace.core.store.tables import Absence, Appointment, Claim, Client, Payment, Therapist

FAREWELL = (Event.CANCELLED, Event.CHARGED, Event.REFUNDED, Event.WAIVED)
"""What a client who asked to be forgotten is still told, while their money is settled (K4)."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A notice that is no longer true, or has nowhere to go; `reason` is a code."""

    reason: str


@dataclass(frozen=True, slots=True)
class Links:
    """Where the reader can go from here; None where the bot's name is not known."""

    session: str | None = None
    pay: str | None = None
    card: str | None = None
    confirm: str | None = None
    page: str | None = None
    """The client's own page of the appointment, which needs no chat (K1a)."""


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the words of one notice need, for one reader and channel.

    `to` is the address or the chat's id. `full` is False where names must not appear, because the
    address is not confirmed yet (N1); the session then carries neither name, contact nor link.
    `sender` and `support` are the practice's own addresses. Instants are UTC epoch seconds, amounts
    pence.
    """

    event: Event
    party: Party
    channel: Channel
    seq: int
    store: str
    to: str
    full: bool
    now: int
    zone: str
    other_zone: str
    session: AppointmentView | None
    links: Links
    sender: str | None
    support: str | None
    today: bool = False
    overlaps: bool = False
    last_slot: bool = False
    last_word: bool = False
    cancelled_by: Party | None = None
    owed: int = 0
    refund: int = 0
    amount: int = 0
    code: str | None = None
    retry_at: int | None = None
    old_start: int | None = None
    asked_by: Party | None = None
    """Who wished a move."""
    locked: bool = False
    """Whether a move opened no new free cancellation (M10)."""
    absent: bool = False
    """Whether a fee was waived because the therapist did not come (M9)."""
    agreed: bool = False
    decided: bool = False
    """Whether a report has been decided on since (M9)."""
    remark: str = ""
    """Why a report was refused, in the team's own words."""
    slot_id: str | None = None
    discreet: bool = True
    """Whether a chat message leaves out who the appointment is with (N6)."""
    tiding: Tiding | None = None
    """What a mail of joining tells its counsellor."""
    report: Report | None = None
    """What a mail says that is rows of facts."""
    test: bool = False
    """Whether no real money moves here (A5)."""

    @property
    def reason(self) -> str:
        """Why a payment did not go through, in plain words."""
        return reason_words(self.code)

    @property
    def past(self) -> bool:
        """Whether the session has begun."""
        return self.session is not None and self.session.start <= self.now


def compose(practice: Practice, errand: Errand) -> Told | Dropped:
    """Read afresh what a notice is about and return what may be told, or why it is not sent."""
    with practice.reading() as view:
        told = _told(view, errand)
    if isinstance(told, Dropped):
        return told
    if told.full:
        return _with_page(practice, told, errand)
    if told.links.session is None:
        return told
    token = confirm.make_token(practice, errand.person_id)
    with practice.reading() as view:
        link = chat_link(view, f"{confirm.PREFIX}{token}")
    return replace(told, links=Links(confirm=link))


def _with_page(practice: Practice, told: Told, errand: Errand) -> Told:
    """Add the page of the appointment to a client's mail (K1a)."""
    if told.party is not Party.CLIENT or told.channel != "email" or errand.appointment_id is None:
        return told
    page = own_pages.address(practice, errand.appointment_id)
    return replace(told, links=replace(told.links, page=page))


def _told(view: View, errand: Errand) -> Told | Dropped:
    if errand.party is Party.TEAM:
        return _told_team(view, errand)
    rows = _rows(view, errand)
    if isinstance(rows, Dropped):
        return rows
    appointment, therapist, client, payment = rows
    to = _address(view, errand, therapist, client)
    if not to:
        return Dropped("no_address")
    session = None
    if appointment and therapist and client and payment:
        session = view_of(view, appointment, therapist, client, payment, errand.party)
        if client.erased_at is not None and errand.party is Party.THERAPIST:
            session = session._replace(other_name="", other_contact="")
    full = (
        errand.party is Party.THERAPIST
        or errand.channel == "telegram"
        or (client is not None and client.email_confirmed_at is not None)
    )
    zones = {
        Party.CLIENT: client.zone if client else moments.LONDON,
        Party.THERAPIST: therapist.zone if therapist else moments.LONDON,
    }
    told = Told(
        event=errand.event,
        party=errand.party,
        channel=errand.channel,
        seq=errand.seq,
        store=store_name(view),
        to=to,
        full=full,
        now=view.now,
        zone=zones[errand.party],
        other_zone=zones[errand.party.other],
        session=session if full or session is None else _without_names(session),
        links=_links(view, errand),
        sender=parseaddr(view.practice.settings.mail_from or "")[1] or None,
        support=view.practice.settings.support_email,
        discreet=client is None or bool(client.discreet),
        test=view.practice.settings.stripe_is_test,
    )
    told = _with_facts(view, told, errand, payment)
    if errand.event in tidings.EVENTS:
        found = tidings.tiding(view, errand)
        return Dropped(found) if isinstance(found, str) else replace(told, tiding=found)
    if errand.event is Event.CHARGES_TOMORROW and therapist is not None:
        day = reports.of_day(view, therapist, errand)
        return Dropped(day) if isinstance(day, str) else replace(told, report=day)
    why = _no_longer_true(told, errand, client, payment)
    return told if why is None else Dropped(why)


def _told_team(view: View, errand: Errand) -> Told | Dropped:
    """Return what the team is told, at its own address: no session's people, only ids."""
    to = view.practice.settings.support_email
    if to is None:
        return Dropped("no_address")
    found = reports.of_team(view, errand)
    if isinstance(found, str):
        return Dropped(found)
    return Told(
        event=errand.event,
        party=Party.TEAM,
        channel="email",
        seq=errand.seq,
        store=store_name(view),
        to=to,
        full=True,
        now=view.now,
        zone=moments.LONDON,
        other_zone=moments.LONDON,
        session=None,
        links=Links(),
        sender=parseaddr(view.practice.settings.mail_from or "")[1] or None,
        support=None,
        report=found,
        test=view.practice.settings.stripe_is_test,
    )


Rows = tuple[Appointment | None, Therapist | None, Client | None, Payment | None]


def _rows(view: View, errand: Errand) -> Rows | Dropped:
    if errand.appointment_id is None:
        if errand.party is Party.CLIENT:
            return None, None, view.get(Client, errand.person_id), None
        return None, view.get(Therapist, errand.person_id), None, None
    appointment = view.get(Appointment, errand.appointment_id)
    if appointment is None:
        return Dropped("no_appointment")
    return (
        appointment,
        view.get(Therapist, appointment.therapist_id),
        view.get(Client, appointment.client_id),
        view.get(Payment, appointment.id),
    )


def _address(view: View, errand: Errand, therapist: Therapist | None, client: Client | None) -> str:
    """Return where the errand goes: to its own person only, and to nobody who is forgotten."""
    if errand.party is Party.THERAPIST:
        if therapist is None or therapist.id != errand.person_id:
            return ""
        return plain(view.open(therapist.email_sealed, "therapist.email"), 254)
    if client is None or client.id != errand.person_id:
        return ""
    if client.erased_at is not None and errand.event not in FAREWELL:
        return ""
    if errand.channel == "telegram":
        return view.open(client.chat_sealed, "client.chat")
    return plain(view.open(client.email_sealed, "client.email"), 254)


def _without_names(session: AppointmentView) -> AppointmentView:
    return session._replace(other_name="", other_contact="", video_url=None)


def _links(view: View, errand: Errand) -> Links:
    if errand.party is not Party.CLIENT:
        return Links()
    about = errand.appointment_id
    return Links(
        session=chat_link(view, "" if about is None else f"a_{about}"),
        pay=None if about is None else chat_link(view, f"pay_{about}"),
        card=chat_link(view, "card"),
    )


def _with_facts(view: View, told: Told, errand: Errand, payment: Payment | None) -> Told:
    """Add what the event itself wrote down, with what follows from it now."""
    facts = errand.facts
    code = facts.get("code")
    if errand.event is Event.ACCOUNT_REFUSED and payment is not None:
        code = payment.reason
    retry_at = None
    if told.session is not None and code in SOFT:
        retry_at = policy.retry_after(view.now, told.session.start)
    today = told.session is not None and notices.in_mail_today(
        told.session.start, told.zone, view.now
    )
    return replace(
        told,
        today=today,
        overlaps=bool(facts.get("overlaps")),
        last_slot=bool(facts.get("last_slot")),
        last_word=bool(facts.get("last")),
        cancelled_by=Party(facts["by"]) if "by" in facts else None,
        owed=int(facts.get("owed", 0)),
        refund=int(facts.get("refund", 0)),
        amount=int(facts.get("amount", 0)),
        code=code,
        retry_at=retry_at,
        old_start=facts.get("old_start"),
        asked_by=Party(facts["asked_by"]) if "asked_by" in facts else None,
        locked=bool(facts.get("locked")),
        absent=bool(facts.get("absent")),
        agreed=bool(facts.get("agreed")),
        decided=_decided(view, errand),
        remark=_remark(view, errand),
        slot_id=_free_slot(view, facts.get("slot"), errand.person_id),
    )


def _decided(view: View, errand: Errand) -> bool:
    if errand.event is Event.MOVE_ASKED and errand.appointment_id:
        return not waits_for_answer(view, errand.appointment_id)
    report = view.get(Absence, errand.appointment_id) if errand.appointment_id else None
    return report is not None and report.state != "reported"


def _remark(view: View, errand: Errand) -> str:
    """Return why a report was refused (M9), or what the team has answered, for its client."""
    if errand.event is Event.TICKET_ANSWERED:
        return tickets.answer_of(view, str(errand.facts.get("ticket")), errand.person_id)
    if errand.event is not Event.ABSENCE_ANSWERED or errand.appointment_id is None:
        return ""
    report = view.get(Absence, errand.appointment_id)
    sealed = None if report is None else report.reason_sealed
    return plain(view.open(sealed, "absence.reason"), LONGEST_REASON)


def _free_slot(view: View, slot_id: str | None, client_id: str) -> str | None:
    """Return a slot that the client may be offered again: free, or held by them, and ahead (B3)."""
    if slot_id is None:
        return None
    free = free_now(view.now) | (Claim.hold_client_id == client_id)
    found = view.first(
        Claim.select(Claim.id).where(Claim.id == slot_id, free, Claim.start_at > view.now)
    )
    return None if found is None else slot_id


def _no_longer_true(
    told: Told, errand: Errand, client: Client | None, payment: Payment | None
) -> str | None:
    """Say why a notice must not be sent any more, as a code; None when it still holds (N5)."""
    session = told.session
    if errand.event is Event.CONFIRM_EMAIL:
        return "confirmed" if told.full else None
    if session is None:
        return None
    if errand.event is Event.REMINDER:
        return _stale_reminder(told, session, errand)
    if errand.event is Event.ACCOUNT_REFUSED and errand.facts.get("last"):
        # It tells that the fee was waived, so there is nothing left to be settled (M6a).
        return None
    if errand.event in (Event.CHARGE_FAILED, Event.APPROVAL_NEEDED, Event.ACCOUNT_REFUSED):
        return _settled_since(session, payment)
    if errand.event is Event.CARD_EXPIRING:
        return _expires_no_more(told, session, client)
    if errand.event in (Event.ABSENCE_REPORTED, Event.MOVE_ASKED) and told.decided:
        return "decided"
    if errand.event is Event.CARD_NEEDED:
        if not session.live or session.start <= told.now:
            return "not_needed"
        if client is not None and card_state(client, told.now) == "ok":
            return "card_there"
    return None


def _expires_no_more(told: Told, session: AppointmentView, client: Client | None) -> str | None:
    """Say whether a card will do after all, or is not needed: then nobody is told (N4)."""
    if client is None or not session.live or session.payment != "scheduled":
        return "not_needed"
    charged_at = max(told.now, policy.charge_from(session.terms))
    return None if card_state(client, charged_at) == "expired" else "card_there"


def _stale_reminder(told: Told, session: AppointmentView, errand: Errand) -> str | None:
    """Say why a reminder is out of place: only this start, on its own day, before it (N2)."""
    if session.state != State.BOOKED:
        return "cancelled"
    if session.start != errand.facts.get("start"):
        return "moved"
    if session.start <= told.now:
        return "started"
    return None if told.today else "not_today"


SETTLED = ("paid", "refunding", "refunded", "waived", "none", "disputed")
"""Where the money stands when nobody has to hear any more that it was not paid."""


def _settled_since(session: AppointmentView, payment: Payment | None) -> str | None:
    """Say whether a payment that failed has been put right, or is not owed any more."""
    if payment is None or session.payment in SETTLED:
        return "settled"
    return None if session.owed_pence > 0 else "not_owed"
