"""A therapist's clients as they may see them: sessions, money, contact, never card numbers.

There are no notes here, and no field for any: what is said in a session belongs in the therapist's
own records. A client's contact is shown from the first booking between the two on, not before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helpspace.core import policy
from helpspace.core.accounts import Card, card_state
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, appointments
from helpspace.core.errors import NotFound
from helpspace.core.payments.figures import owed_fees
from helpspace.core.plain import plain
from helpspace.core.policy import Standing, State
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Bond, Client

EVERY = 100_000
"""More sessions than any therapist has."""


@dataclass(frozen=True, slots=True)
class Case:
    """A client in the list of their therapist; instants in UTC epoch seconds, money in pence.

    Of the sessions that are not cancelled, which `sessions` counts, `last` is the start of the
    latest that has begun, `ahead` of the next one, `latest` of the latest at all.
    """

    id: str
    name: str
    zone: str
    card: Card
    standing: Standing
    sessions: int
    last: int | None
    ahead: int | None
    latest: int | None
    owed_pence: int

    @property
    def bookable(self) -> bool:
        """Whether a follow-up can be booked for them (B2)."""
        return policy.may_book_for(self.standing)


@dataclass(frozen=True, slots=True)
class CasePage:
    """One client for their therapist, with every session of the two by start.

    `contact` is empty before the first booking between them; `since` is that booking. `paid_pence`
    is what was paid and not given back.
    """

    case: Case
    contact: str
    since: int | None
    invited_at: int | None
    ended_at: int | None
    paid_pence: int
    late: int
    missed: int
    sessions: tuple[AppointmentView, ...]


_SESSIONS = """SELECT client_id,
    SUM(CASE WHEN cancelled_at IS NULL THEN 1 ELSE 0 END),
    MAX(CASE WHEN cancelled_at IS NULL AND start_at <= ? THEN start_at END),
    MIN(CASE WHEN cancelled_at IS NULL AND start_at > ? THEN start_at END),
    MAX(CASE WHEN cancelled_at IS NULL THEN start_at END)
    FROM appointment WHERE therapist_id = ?"""

_Dates = tuple[int, int | None, int | None, int | None]
_NONE: _Dates = (0, None, None, None)


def cases(practice: Practice, actor: Actor) -> list[Case]:
    """Return everybody the acting therapist has or had a session with, or who was invited.

    Those with a session to come first, by when; then by who was there last.
    """
    actor.must_be("therapist")
    owed = _owed(practice, actor)
    with practice.reading() as view:
        dates = _dates(view, actor.id)
        bonds = {row.client_id: row for row in view.find_all(Bond, "therapist_id = ?", actor.id)}
        accepted = {key for key, bond in bonds.items() if _counts(bond)}
        people = _people(view, dates.keys() | accepted)
        found = [
            _case(view, one, dates.get(one.id, _NONE), bonds.get(one.id), owed.get(one.id, 0))
            for one in people
        ]
    return sorted(found, key=_order)


def case(practice: Practice, actor: Actor, client_id: str) -> CasePage:
    """Return one client's page; whoever is not theirs answers like nobody (A1, P1)."""
    actor.must_be("therapist")
    owed = _owed(practice, actor)
    sessions = tuple(appointments(practice, actor, client_id=client_id, limit=EVERY))
    with practice.reading() as view:
        client = view.get(Client, client_id)
        bond = view.find(Bond, "therapist_id = ? AND client_id = ?", actor.id, client_id)
        known = bool(sessions) or (bond is not None and _counts(bond))
        if client is None or client.erased_at is not None or not known:
            raise NotFound
        dates = _dates(view, actor.id, client_id).get(client_id, _NONE)
        contact = plain(view.open(client.email_sealed, "client.email"), 254) if sessions else ""
        return CasePage(
            case=_case(view, client, dates, bond, owed.get(client_id, 0)),
            contact=contact,
            since=min((one.booked_at for one in sessions), default=None),
            invited_at=None if bond is None else bond.invited_at,
            ended_at=None if bond is None else bond.ended_at,
            paid_pence=sum(one.paid_pence for one in sessions),
            late=sum(_is_late(one) for one in sessions),
            missed=sum(one.state == State.NO_SHOW for one in sessions),
            sessions=sessions,
        )


def _counts(bond: Bond) -> bool:
    """Say whether a bond makes somebody known to the therapist without a session."""
    return bond.invited_at is not None


def _is_late(one: AppointmentView) -> bool:
    at = one.cancelled_at
    return (
        one.state == State.CANCELLED_BY_CLIENT
        and at is not None
        and policy.is_late(at, one.free_until)
    )


def _owed(practice: Practice, actor: Actor) -> dict[str, int]:
    """Return what each client owes, as all figures have it (M6, M8)."""
    found: dict[str, int] = {}
    for fee in owed_fees(practice, actor, limit=EVERY):
        found[fee.client_id] = found.get(fee.client_id, 0) + fee.owed_pence
    return found


def _dates(view: View, therapist_id: str, client_id: str | None = None) -> dict[str, _Dates]:
    text, asked = _SESSIONS, [view.now, view.now, therapist_id]
    if client_id is not None:
        text += " AND client_id = ?"
        asked.append(client_id)
    rows = view.sql(f"{text} GROUP BY client_id", *asked)
    return {str(key): (int(count), *starts) for key, count, *starts in rows}


def _people(view: View, ids: Iterable[str]) -> list[Client]:
    wanted, found = sorted(ids), []
    for at in range(0, len(wanted), 500):
        page = Client.select().where(Client.id.in_(wanted[at : at + 500]))
        found += view.rows(page.where(Client.erased_at.is_null()))
    return found


def _case(view: View, client: Client, dates: _Dates, bond: Bond | None, owed: int) -> Case:
    count, last, ahead, latest = dates
    invited = bond is not None and _counts(bond)
    ended = bond is not None and bond.ended_at is not None
    return Case(
        id=client.id,
        name=plain(view.open(client.name_sealed, "client.name")) or "—",
        zone=client.zone,
        card=card_state(client, view.now),
        standing=policy.standing(booked=count > 0, invited=invited, ended=ended),
        sessions=count,
        last=last,
        ahead=ahead,
        latest=latest,
        owed_pence=owed,
    )


def _order(one: Case) -> tuple[bool, int, str, str]:
    return (one.ahead is None, one.ahead or -(one.last or 0), one.name.casefold(), one.id)
