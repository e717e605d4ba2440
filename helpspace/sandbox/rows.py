"""Rows of sample people as the store takes them, valid by every guard and without a ledger."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import accounts, policy
from helpspace.core.errors import HelpspaceError
from helpspace.core.moments import LONDON
from helpspace.core.policy import Kind, Party, Terms
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Client, Therapist

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Session:
    """A session to be booked: instants in UTC epoch seconds, the fee in pence."""

    kind: str
    therapist_id: str
    client_id: str
    start: int
    minutes: int
    fee: int

    @property
    def end(self) -> int:
        """When it ends."""
        return self.start + self.minutes * 60


def refuse_the_real(practice: Practice) -> None:
    """Refuse to mix sample people with real money or real people."""
    if practice.settings.stripe_is_live:
        raise HelpspaceError("The Stripe key is live", "Sample people need a test key, or none.")
    with practice.reading() as view:
        for model in (Therapist, Client):
            if view.first(model.select(model.id).where(model.sample == 0)):
                raise HelpspaceError(
                    "There are real people in this store",
                    "Give the sample people their own: set HELPSPACE_DATABASE, run helpspace init.",
                )


def client(tx: Tx, client_id: str, name: str, email: str, since: int) -> Row:
    """Return a client with consent, accepted terms and a card that exists nowhere."""
    return {
        "id": client_id,
        "name_sealed": tx.seal(name, "client.name"),
        "email_sealed": tx.seal(email, "client.email"),
        "email_hash": tx.digest(email.lower(), "client.email"),
        "email_confirmed_at": since,
        "zone": LONDON,
        "by_email": 1,
        "by_chat": 1,
        "consent_version": accounts.CONSENT_VERSION,
        "consent_at": since,
        "terms_version": accounts.TERMS_VERSION,
        "terms_at": since,
        "customer": f"cus_sample_{client_id}",
        "card": f"pm_sample_{client_id}",
        "card_brand": "visa",
        "card_last4": "4242",
        "card_month": 12,
        "card_year": 2040,
        "card_at": since,
        "sample": 1,
        "created_at": since,
    }


def claim(claim_id: str, session: Session, state: str, since: int) -> Row:
    """Return the claimed time of a session, or of an open slot."""
    return {
        "id": claim_id,
        "therapist_id": session.therapist_id,
        "purpose": "slot" if session.kind == Kind.INITIAL else "follow_up",
        "start_at": session.start,
        "end_at": session.end,
        "state": state,
        "created_at": since,
    }


def appointment(tx: Tx, appointment_id: str, claim_id: str, session: Session, booked: int) -> Row:
    """Return a booked appointment on its claimed time, with the terms of its booking (M1)."""
    initial = session.kind == Kind.INITIAL
    return {
        "id": appointment_id,
        "kind": session.kind,
        "therapist_id": session.therapist_id,
        "client_id": session.client_id,
        "slot_id": claim_id if initial else None,
        "claim_id": claim_id,
        "start_at": session.start,
        "end_at": session.end,
        "fee": session.fee,
        "currency": "gbp",
        "free_until": policy.free_until(Kind(session.kind), session.start, booked),
        "state": "booked",
        "booked_at": booked,
        "booked_by": "client" if initial else "therapist",
        "sequence": 0,
        "room_sealed": tx.seal(tx.practice.ids.token(), "appointment.room"),
    }


def payment(booked: Row, now: int) -> Row:
    """Return the payment of an appointment's row: scheduled, or none where it is free."""
    start, free_until, fee = (int(str(booked[key])) for key in ("start_at", "free_until", "fee"))
    due = policy.charge_from(Terms(start, free_until, fee))
    return {
        "appointment_id": booked["id"],
        "status": "scheduled" if fee else "none",
        "next_at": due if fee else None,
        "faults": 0,
        "changed_at": now,
    }


def reminders(booked: Row, therapist_zone: str, booked_at: int) -> list[Row]:
    """Return the reminders that both people of an appointment's row are owed (N2)."""
    start = int(str(booked["start_at"]))
    found: list[Row] = []
    for party, zone in ((Party.CLIENT, LONDON), (Party.THERAPIST, therapist_zone)):
        due = policy.reminder_due(start, zone, booked_at)
        found.append(
            {
                "appointment_id": booked["id"],
                "party": str(party),
                "start_at": start,
                "due_at": due,
                "state": "confirmation" if due is None else "waiting",
            }
        )
    return found
