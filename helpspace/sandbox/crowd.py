"""Many plausible people at once, for benchmarks: rows by the thousand, the same for the same seed.

Nobody is told of anything, no money is on the ledger, and every appointment is still ahead, beyond
the decision window. Rows keep to every guard of the store.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid
from helpspace.core.ids import Ids
from helpspace.core.moments import DAY, HOUR, LONDON, at_zone, instant_of
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Appointment, Claim, Client, Payment, Reminder, Therapist
from helpspace.core.wishes import APPROACHES, CONCERNS, GENDERS, LANGUAGES
from helpspace.sandbox import rows
from helpspace.sandbox.names import FIRST_NAMES, HEADLINES, LAST_NAMES, address_of
from helpspace.sandbox.rows import Row, Session
from helpspace.sandbox.sample import NEVER, PROOFS, MakeAccounts

WORKDAY = range(8, 20)
"""The wall hours in which a session can begin; at the weekend there is none."""

AHEAD = 4 * DAY
"""Appointments begin no earlier than this, so that nothing is charged at once."""

FIRST_SLOT = 26 * HOUR
"""Open slots begin no earlier than this: beyond every sample therapist's minimum notice."""

BUSY = 200
"""With more open slots than this a therapist's days are filled more densely."""

MOST_DAYS = 3650
"""A calendar is filled at most this many days ahead."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many of each are wanted; `slots` are open ones beside the appointments'."""

    therapists: int
    clients: int
    slots: int
    appointments: int
    seed: int


class _Seeded:
    """Random bytes that a seed repeats."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


@dataclass(slots=True)
class _Counsellor:
    """What is remembered of a therapist while their calendar is filled."""

    id: str
    zone: str
    initial: tuple[int, int]
    follow_up: tuple[int, int]
    open: int = 0
    booked: list[str] | None = None
    """The clients of their appointments, in the order of time."""


def fill(
    practice: Practice,
    actor: Actor,
    wanted: Wanted,
    make_accounts: MakeAccounts | None = None,
) -> None:
    """Put the wanted people into a store in one commit; accounts at Stripe are made before it.

    Raises Invalid for numbers that do not go together.
    """
    _check(wanted)
    rows.refuse_the_real(practice)
    with practice.reading() as view:
        here = (view.count(Therapist.select()), view.count(Client.select()))
    # Another run on the same store makes other people, and the same run on a new store the same.
    random = Random(f"{wanted.seed}:{here[0]}:{here[1]}")  # noqa: S311 - nothing secret
    emails = [
        f"counsellor.{here[0] + number}@example.org" for number in range(1, wanted.therapists + 1)
    ]
    found: list[str | None] = [*make_accounts(emails)] if make_accounts else [None] * len(emails)
    with practice.change() as tx:
        _Crowd(tx, wanted, random, here[1]).put_in(emails, found)
        tx.audit(actor, "populate", "store", "", seed=wanted.seed)


def _check(wanted: Wanted) -> None:
    if min(wanted.therapists, wanted.clients, wanted.slots, wanted.appointments) < 0:
        raise Invalid("There cannot be fewer than none of them", "Correct the number.")
    if (wanted.slots or wanted.appointments) and not wanted.therapists:
        raise Invalid("Slots and appointments need a therapist", "Add --therapists.")
    if wanted.appointments and not wanted.clients:
        raise Invalid("Appointments need a client", "Add --clients.")
    busiest = (wanted.slots + wanted.appointments) / max(1, wanted.therapists)
    if busiest > MOST_DAYS * len(WORKDAY) / 2:
        raise Invalid("That is more than fits into ten years", "Ask for more --therapists.")


class _Crowd:
    """One filling of a store."""

    def __init__(self, tx: Tx, wanted: Wanted, random: Random, clients_here: int) -> None:
        self.tx = tx
        self.wanted = wanted
        self.random = random
        self.clients_here = clients_here
        self.ids = Ids(_Seeded(random))
        self._instants: dict[tuple[str, datetime], int | None] = {}

    def put_in(self, emails: list[str], found: list[str | None]) -> None:
        """Write therapists, clients, and what is in the calendars."""
        therapists = [
            self._therapist(number, *made)
            for number, made in enumerate(zip(emails, found, strict=True), 1)
        ]
        self.tx.insert_many(Therapist, therapists)
        clients = [self._client(number) for number in range(1, self.wanted.clients + 1)]
        self.tx.insert_many(Client, clients)
        crowd = [_counsellor(row) for row in therapists]
        for number in range(self.wanted.slots):
            crowd[number % len(crowd)].open += 1
        for number in range(self.wanted.appointments):
            # Each client has one therapist: nobody is in two sessions at once.
            client = number % len(clients)
            one = crowd[client % len(crowd)]
            one.booked = [*(one.booked or []), str(clients[client]["id"])]
        self._fill_calendars(crowd)

    def _therapist(self, count: int, email: str, account: str | None) -> Row:
        """Return a therapist's row: the first nineteen are ready, of more some are not."""
        random, tx = self.random, self.tx
        trouble = count // 20 % 3 if count % 20 == 0 else None
        free = count % 25 == 0
        therapist_id = self.ids.new()
        name = f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"
        number = email.removesuffix("@example.org").rpartition(".")[2]
        handle = f"{address_of(name)}-{number}"
        since = tx.now - random.randrange(1, 700) * DAY
        fee = random.randrange(35, 111, 5) * 100
        return {
            "id": therapist_id,
            "status": "applied" if trouble == 0 else "approved",
            "name_sealed": tx.seal(plain(name), "therapist.name"),
            "email_sealed": tx.seal(email, "therapist.email"),
            "email_hash": tx.digest(email, "therapist.email"),
            "contact_sealed": tx.seal(email, "therapist.contact"),
            "handle_sealed": tx.seal(handle, "therapist.handle"),
            "handle_hash": tx.digest(handle, "therapist.handle"),
            "headline_sealed": tx.seal(random.choice(HEADLINES), "therapist.headline"),
            "about_sealed": tx.seal("A sample profile: nobody is behind it.", "therapist.about"),
            "zone": LONDON,
            "gender": random.choice(GENDERS),
            "concerns": _some(random, len(CONCERNS), 4),
            "approaches": _some(random, len(APPROACHES), 2),
            "languages": _some(random, len(LANGUAGES), 1) | 1,
            "modalities": random.choice((1, 1, 3)),
            "notice_s": random.choice((4 * HOUR, 12 * HOUR, DAY)),
            "initial_fee": 0 if free else random.choice((fee, fee, fee // 2)),
            "initial_minutes": random.choice((30, 50, 50)),
            "follow_up_fee": fee,
            "follow_up_minutes": 50,
            "reopens": 1,
            "course_done_at": None if trouble == 1 else since,
            "proofs_until": tx.now + PROOFS,
            "account": account or f"acct_sample_{therapist_id}",
            "charges_enabled": 1,
            "payouts_enabled": 1,
            "requirements": "[]",
            "account_checked_at": tx.now,
            "account_next_at": None if account else tx.now + NEVER,
            "suspended_at": None,
            "switched_off_at": since if trouble == 2 else None,
            "sample": 1,
            "created_at": since,
        }

    def _client(self, number: int) -> Row:
        random = self.random
        name = f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"
        email = f"{address_of(name)}.{self.clients_here + number}@example.org"
        since = self.tx.now - random.randrange(1, 400) * DAY
        return rows.client(self.tx, self.ids.new(), name, email, since)

    def _fill_calendars(self, crowd: list[_Counsellor]) -> None:
        tx = self.tx
        for some in _batches(crowd, 500):
            claims: list[Row] = []
            sessions: list[Row] = []
            payments: list[Row] = []
            reminders: list[Row] = []
            for one in some:
                known: set[str] = set()
                for start, client_id in self._plan(one):
                    session = _session(one, start, client_id, first=client_id not in known)
                    claim_id = self.ids.new()
                    state = "booked" if client_id else "open"
                    claims.append(rows.claim(claim_id, session, state, tx.now))
                    if client_id:
                        at = tx.now if client_id in known else tx.now - HOUR
                        known.add(client_id)
                        row = rows.appointment(tx, self.ids.new(), claim_id, session, at)
                        sessions.append(row)
                        payments.append(rows.payment(row, tx.now))
                        reminders += rows.reminders(row, one.zone, at)
            tx.insert_many(Claim, claims)
            tx.insert_many(Appointment, sessions)
            tx.insert_many(Payment, payments)
            tx.insert_many(Reminder, reminders)

    def _plan(self, one: _Counsellor) -> Iterator[tuple[int, str]]:
        """Return the starts of a therapist's slots and appointments, the latter with a client."""
        booked = one.booked or []
        late = self._hours(one.zone, self.tx.now + AHEAD, len(booked), 2)
        yield from zip(late, booked, strict=True)
        taken = set(late)
        every = 6 if one.open < BUSY else 2
        free = self._hours(one.zone, self.tx.now + FIRST_SLOT, one.open + len(booked), every)
        some = [start for start in free if start not in taken]
        yield from ((start, "") for start in some[: one.open])

    def _hours(self, zone: str, earliest: int, count: int, every: int) -> list[int]:
        """Return so many working hours from an instant on, about one of `every`, in order."""
        if count == 0:
            return []
        wall = at_zone(earliest, zone).replace(tzinfo=None, minute=0, second=0, microsecond=0)
        found: list[int] = []
        for hours in itertools.count(1):
            at = wall + timedelta(hours=hours)
            if at.weekday() > 4 or at.hour not in WORKDAY or self.random.randrange(every):
                continue
            start = self._instant(zone, at)
            if start is not None:
                found.append(start)
            if len(found) == count:
                break
        return found

    def _instant(self, zone: str, wall: datetime) -> int | None:
        key = (zone, wall)
        if key not in self._instants:
            self._instants[key] = instant_of(wall, zone)
        return self._instants[key]


def _counsellor(row: Row) -> _Counsellor:
    initial = (int(str(row["initial_minutes"])), int(str(row["initial_fee"])))
    follow_up = (int(str(row["follow_up_minutes"])), int(str(row["follow_up_fee"])))
    return _Counsellor(str(row["id"]), str(row["zone"]), initial, follow_up)


def _session(one: _Counsellor, start: int, client_id: str, *, first: bool) -> Session:
    minutes, fee = one.initial if first or not client_id else one.follow_up
    kind = "initial" if first or not client_id else "follow_up"
    return Session(kind, one.id, client_id, start, minutes, fee)


def _some(random: Random, size: int, count: int) -> int:
    """Return a number with about so many bits set."""
    return sum(1 << bit for bit in random.sample(range(size), count))


def _batches(things: list[_Counsellor], size: int) -> Iterator[list[_Counsellor]]:
    for at in range(0, len(things), size):
        yield things[at : at + size]
