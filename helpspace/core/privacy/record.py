"""Everything that is held about one client, as one frozen structure by allow-list (K4, P1).

Of a therapist it has the public name and the contact that the client's own appointments show, and
nothing else; of the team it has no account names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from helpspace.core.accounts import card_words, the_client
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, view_of
from helpspace.core.errors import HelpspaceError, NotAllowed, NotFound
from helpspace.core.payments.store_name import store_name
from helpspace.core.plain import plain, plain_lines
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import (
    Absence,
    Appointment,
    Audit,
    Bond,
    CardRequest,
    Client,
    Dialogue,
    Ledger,
    Notice,
    Payment,
    Therapist,
    Ticket,
    Wish,
)

LONGEST = 4000
"""Characters of a kept text that an export shows; nothing that is asked for is longer."""


@dataclass(frozen=True, slots=True)
class About:
    """The person: how they are called, reached and told; instants in UTC epoch seconds."""

    id: str
    name: str
    email: str
    email_confirmed_at: int | None
    chat_id: str
    chat_blocked_at: int | None
    zone: str
    by_email: bool
    by_chat: bool
    discreet: bool
    card: str
    card_at: int | None
    customer: str | None
    consent_version: str | None
    consent_at: int | None
    terms_version: str | None
    terms_at: int | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept with one appointment besides what its client sees in the chat."""

    appointment: AppointmentView
    wishes: str
    report: str
    """What became of a report that the therapist did not come; empty without one (M9)."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement of money; `amount_pence` counts against the client when it was charged."""

    at: int
    kind: str
    appointment_id: str
    amount_pence: int
    undoes: bool
    stripe_id: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A therapist whom the client works with, or has ended the work with (B2)."""

    therapist_id: str
    name: str
    invited_at: int | None
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """One message that was owed to the client: which, how, and whether it went."""

    event: str
    appointment_id: str | None
    channel: str
    state: str
    created_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """What the client wrote to the team, with the answer."""

    id: str
    kind: str
    text: str
    answer: str
    created_at: int
    answered_at: int | None


@dataclass(frozen=True, slots=True)
class Errand:
    """One errand to put a card on record at Stripe."""

    id: str
    state: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trail about the client; who it was is said by the role only."""

    at: int
    role: str
    act: str
    thing: str
    thing_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything held about one client at one instant."""

    store: str
    made_at: int
    about: About
    appointments: tuple[Kept, ...]
    money: tuple[Moved, ...]
    therapists: tuple[Bound, ...]
    messages: tuple[Told, ...]
    tickets: tuple[Written, ...]
    cards: tuple[Errand, ...]
    chat: str
    """Where the chat is and what it remembers, as it is kept."""
    trail: tuple[Step, ...]


def export(practice: Practice, actor: Actor, client_id: str | None = None) -> Record:
    """Return everything held about the acting client, or for the team about one of them (K4).

    The export itself is written in the trail. Others find nothing (A1).
    """
    if actor.role == "client":
        if client_id not in (None, actor.id):
            raise NotFound
        client_id = actor.id
    elif actor.role != "team":
        raise NotAllowed
    if client_id is None:
        raise NotFound
    with practice.change() as tx:
        row = the_client(tx, client_id)
        tx.audit(actor, "export", "client", client_id)
        return record_of(tx, row)


def record_of(view: View, row: Client) -> Record:
    """Return the record of a client's row."""
    appointments = view.find_all(Appointment, "client_id = ? ORDER BY start_at, id", row.id)
    therapists = {
        key: view.get(Therapist, key) for key in {one.therapist_id for one in appointments}
    }
    return Record(
        store=store_name(view),
        made_at=view.now,
        about=_about(view, row),
        appointments=tuple(
            _kept(view, one, therapists[one.therapist_id], row) for one in appointments
        ),
        money=_money(view, row.id),
        therapists=_bound(view, row.id),
        messages=_messages(view, row.id),
        tickets=_tickets(view, row.id),
        cards=tuple(
            Errand(one.id, one.state, one.created_at)
            for one in view.find_all(CardRequest, "client_id = ? ORDER BY created_at, id", row.id)
        ),
        chat=_chat(view, row),
        trail=_trail(view, row.id),
    )


def _about(view: View, row: Client) -> About:
    return About(
        id=row.id,
        name=plain(view.open(row.name_sealed, "client.name")),
        email=plain(view.open(row.email_sealed, "client.email"), 254),
        email_confirmed_at=row.email_confirmed_at,
        chat_id=view.open(row.chat_sealed, "client.chat"),
        chat_blocked_at=row.chat_blocked_at,
        zone=row.zone,
        by_email=bool(row.by_email),
        by_chat=bool(row.by_chat),
        discreet=bool(row.discreet),
        card=card_words(row),
        card_at=row.card_at,
        customer=row.customer,
        consent_version=row.consent_version,
        consent_at=row.consent_at,
        terms_version=row.terms_version,
        terms_at=row.terms_at,
        created_at=row.created_at,
    )


def _kept(view: View, row: Appointment, therapist: Therapist | None, client: Client) -> Kept:
    payment, wish = view.get(Payment, row.id), view.get(Wish, row.id)
    if therapist is None or payment is None:
        raise NotFound
    report = view.get(Absence, row.id)
    said = ""
    if report is not None:
        why = plain(view.open(report.reason_sealed, "absence.reason"), 200)
        said = f"{report.state}: {why}" if why else report.state
    return Kept(
        view_of(view, row, therapist, client, payment, "client"),
        "" if wish is None else plain(view.open(wish.wishes_sealed, "wish.wishes"), LONGEST),
        said,
    )


def _money(view: View, client_id: str) -> tuple[Moved, ...]:
    rows = view.find_all(Ledger, "client_id = ? ORDER BY seq", client_id)
    return tuple(
        Moved(one.at, one.kind, one.appointment_id, one.amount, bool(one.undoes), one.stripe_id)
        for one in rows
    )


def _bound(view: View, client_id: str) -> tuple[Bound, ...]:
    found = []
    for one in view.find_all(Bond, "client_id = ? ORDER BY therapist_id", client_id):
        therapist = view.get(Therapist, one.therapist_id)
        name = "" if therapist is None else view.open(therapist.name_sealed, "therapist.name")
        found.append(Bound(one.therapist_id, plain(name), one.invited_at, one.ended_at))
    return tuple(found)


def _messages(view: View, client_id: str) -> tuple[Told, ...]:
    rows = view.find_all(Notice, "person_id = ? AND party = 'client' ORDER BY seq", client_id)
    return tuple(
        Told(one.event, one.appointment_id, one.channel, one.state, one.created_at, one.ended_at)
        for one in rows
    )


def _tickets(view: View, client_id: str) -> tuple[Written, ...]:
    return tuple(
        Written(
            one.id,
            one.kind,
            plain_lines(view.open(one.text_sealed, "ticket.text"), LONGEST),
            plain_lines(view.open(one.answer_sealed, "ticket.answer"), LONGEST),
            one.created_at,
            one.answered_at,
        )
        for one in view.find_all(Ticket, "client_id = ? ORDER BY created_at, id", client_id)
    )


def _chat(view: View, row: Client) -> str:
    dialogue = None if row.chat_hash is None else view.get(Dialogue, row.chat_hash)
    if dialogue is None:
        return ""
    try:
        draft: Any = json.loads(view.open(dialogue.draft_sealed, "dialogue.draft"))
    except (HelpspaceError, ValueError):
        return ""
    text = json.dumps({"step": dialogue.step, "draft": draft}, ensure_ascii=False)
    return plain(text, LONGEST)


def _trail(view: View, client_id: str) -> tuple[Step, ...]:
    """Return what the client did, and what was done to them by name."""
    where = "(role = 'client' AND actor_id = ?) OR (thing = 'client' AND thing_id = ?) ORDER BY seq"
    return tuple(
        Step(
            one.at,
            one.role if one.by_whom is None else "team",
            one.act,
            one.thing,
            one.thing_id,
            plain(view.open(one.why_sealed, "audit.why"), 200),
        )
        for one in view.find_all(Audit, where, client_id, client_id)
    )
