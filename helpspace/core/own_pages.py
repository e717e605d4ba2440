"""The page of one appointment for a client without their phone: see it, cancel it (K1a).

Its address is the only key to it: 130 bits, made from the store's key, of which the store has the
hash only. Every mail to a confirmed address links to it; a new address, or erasure, ends it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpspace.core import appointments, booking
from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import NotFound
from helpspace.core.policy import Consequence
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Client, Link

PAGES = "appointment"
"""The purpose of the links to a client's own pages."""

_TOKEN = re.compile(r"[a-z2-7]{26}")


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What the page of an appointment shows; `consequence` is None where nothing can be cancelled.

    Instants are UTC epoch seconds; `zone` is the client's own.
    """

    session: AppointmentView
    zone: str
    now: int
    consequence: Consequence | None
    test: bool = False
    """Whether no real money moves here (A5)."""


def token_for(view: View, appointment: Appointment, client: Client) -> str:
    """Return the token of an appointment's page; with the client's address it changes."""
    about = f"{appointment.id}/{client.id}/{client.email_hash}"
    return view.practice.vault.token(about, "page")


def address(practice: Practice, appointment_id: str) -> str | None:
    """Return the address of an appointment's page, opening it if need be (K1a).

    None without a public address, or while the client's own address is not confirmed (N1).
    """
    public = practice.settings.public_url
    if public is None:
        return None
    with practice.change() as tx:
        row = tx.get(Appointment, appointment_id)
        client = None if row is None else tx.get(Client, row.client_id)
        if row is None or client is None or client.erased_at is not None:
            return None
        if client.email_confirmed_at is None:
            return None
        token = token_for(tx, row, client)
        tx.insert_once(
            Link,
            token_hash=tx.digest(token, "link.token"),
            purpose=PAGES,
            person_id=client.id,
            about=row.id,
            created_at=tx.now,
        )
    return f"{public.rstrip('/')}/a/{token}"


def look(practice: Practice, token: str) -> OwnPage:
    """Return what a page shows; whatever is no token of a page answers NotFound alike (A1)."""
    actor, appointment_id = _whose(practice, token)
    session = appointments.appointment(practice, actor, appointment_id)
    consequence = None
    with practice.reading() as view:
        zone, now = the_client(view, actor.id).zone, view.now
    if session.state == "booked" and now < session.start:
        consequence = booking.preview_cancel(practice, actor, appointment_id)
    return OwnPage(session, zone, now, consequence, practice.settings.stripe_is_test)


def cancel(practice: Practice, token: str, *, shown_owed_pence: int) -> OwnPage:
    """Cancel the appointment of a page, exactly on what it showed, else Changed is raised (M4)."""
    actor, appointment_id = _whose(practice, token)
    booking.cancel(practice, actor, appointment_id, shown_owed_pence=shown_owed_pence)
    return look(practice, token)


def _whose(practice: Practice, token: str) -> tuple[Actor, str]:
    if not _TOKEN.fullmatch(token):
        raise NotFound
    with practice.reading() as view:
        row = view.get(Link, practice.vault.digest(token, "link.token"))
        if row is None or row.purpose != PAGES or row.about is None:
            raise NotFound
        the_client(view, row.person_id)
        return Actor.client(row.person_id, "page"), str(row.about)
