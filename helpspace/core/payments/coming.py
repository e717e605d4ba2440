"""The charges to come, each with the moment at which it is taken, if nobody does anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from helpspace.core import policy
from helpspace.core.accounts import Card, card_state
from helpspace.core.actors import Actor
from helpspace.core.appointments import payment_word, terms_of
from helpspace.core.payments.figures import whose
from helpspace.core.payments.tries import SOFT, came_to_nothing
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Attempt, Client, Intent, Payment

PAGE = 500


@dataclass(frozen=True, slots=True)
class ComingCharge:
    """A charge to come; `at` is an instant in UTC epoch seconds.

    `which` says whether it is the `first` try, the fee tried `again` after a soft decline, or one
    that waits for the therapist's `account`. Without a good card it will not go through.
    """

    appointment_id: str
    therapist_id: str
    client_id: str
    start: int
    fee_pence: int
    at: int
    which: Literal["first", "again", "account"]
    card: Card


def coming(
    practice: Practice,
    actor: Actor,
    *,
    since: int | None = None,
    until: int | None = None,
    therapist_id: str | None = None,
    client_id: str | None = None,
    starting: tuple[int, int] | None = None,
    limit: int = 1000,
) -> list[ComingCharge]:
    """Return the charges to come by their moment: a therapist's own, or for the team anybody's.

    `since` and `until` are instants between which the fee is taken, the latter not included;
    between those of `starting` the sessions begin, the first not included.
    """
    with practice.reading() as view:
        person = whose(view, actor, therapist_id)
        found = ahead(view, person, client_id, since=since, until=until, starting=starting)
    return found[:limit]


def ahead(
    view: View,
    therapist_id: str | None = None,
    client_id: str | None = None,
    *,
    since: int | None = None,
    until: int | None = None,
    starting: tuple[int, int] | None = None,
) -> list[ComingCharge]:
    """Return the charges to come by their moment, for a caller that has asked who may know."""
    query = (
        Appointment.select(Appointment, Payment)
        .join(Payment, on=(Payment.appointment_id == Appointment.id), attr="payment")
        .where(
            Appointment.fee > 0,
            Appointment.state != policy.State.CANCELLED_BY_THERAPIST,
            Payment.status.in_(["scheduled", "failed"]),
            Payment.waived_at.is_null(),
        )
    )
    if therapist_id is not None:
        query = query.where(Appointment.therapist_id == therapist_id)
    if client_id is not None:
        query = query.where(Appointment.client_id == client_id)
    if starting is not None:
        after, last = starting
        query = query.where(Appointment.start_at > after, Appointment.start_at <= last)
    if until is not None:
        query = query.where((Payment.status == "failed") | (Appointment.free_until < until))
    rows = view.rows(query)
    people = _people(view, {row.client_id for row in rows})
    tries = _last_tries(view, [row.id for row in rows if row.payment.status == "failed"])
    every = [_one(view.now, row, people[row.client_id], tries.get(row.id)) for row in rows]
    found = [
        one
        for one in every
        if one is not None
        and (since is None or one.at >= since)
        and (until is None or one.at < until)
    ]
    return sorted(found, key=lambda one: (one.at, one.start, one.appointment_id))


def _people(view: View, ids: Iterable[str]) -> dict[str, Client]:
    found: dict[str, Client] = {}
    wanted = sorted(ids)
    for at in range(0, len(wanted), PAGE):
        rows = view.rows(Client.select().where(Client.id.in_(wanted[at : at + PAGE])))
        found.update({row.id: row for row in rows})
    return found


def _last_tries(view: View, ids: list[str]) -> dict[str, Attempt]:
    """Return the last try of each appointment that came to something."""
    found: dict[str, Attempt] = {}
    for at in range(0, len(ids), PAGE):
        query = (
            Attempt.select(Attempt, Intent)
            .join(Intent, on=(Attempt.intent_id == Intent.id), attr="intent")
            .where(Intent.appointment_id.in_(ids[at : at + PAGE]), Intent.state != "canceled")
            .order_by(Attempt.number)
        )
        for one in view.rows(query):
            if not came_to_nothing(one):
                found[one.intent.appointment_id] = one
    return found


def _one(now: int, row: Any, client: Client, last: Attempt | None) -> ComingCharge | None:
    """Return when an appointment's fee is taken by itself, or None if it is not."""
    if client.charges_stopped_at is not None:
        return None
    word = payment_word(row, row.payment, now)
    which: Literal["first", "again", "account"] = "first"
    at: int | None = None
    if word in ("scheduled", "due"):
        at = max(policy.charge_from(terms_of(row)), now)
    elif word == "failed" and (row.payment.reason or "").startswith("account:"):
        which, at = "account", row.payment.next_at
    elif word == "failed" and last is not None and last.card == client.card:
        soft = last.outcome == "declined" and last.code in SOFT
        which, at = "again", policy.retry_after(now, row.start_at) if soft else None
    if at is None:
        return None
    return ComingCharge(
        appointment_id=row.id,
        therapist_id=row.therapist_id,
        client_id=row.client_id,
        start=row.start_at,
        fee_pence=row.fee,
        at=at,
        which=which,
        card=card_state(client, at),
    )
