"""Filling a store quickly: people, slots, appointments and notices by the ten thousand."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import count

from peewee import Model

from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import (
    Appointment,
    Claim,
    Client,
    Notice,
    Payment,
    Reminder,
    Therapist,
)
from helpspace.core.wishes import APPROACHES, CONCERNS, LANGUAGES, MODALITIES
from helpspace.sandbox import rows
from helpspace.sandbox.rows import Row, Session

MINUTES = 50
FEE = 6000


def put(tx: Tx, model: type[Model], made: Iterable[Row]) -> None:
    """Insert many rows by the driver's quickest way; all of them name the same columns."""
    found = list(made)
    if not found:
        return
    names = list(found[0])
    table = model._meta.table_name
    values = [[row[name] for name in names] for row in found]
    cursor = tx.practice.store.db.cursor()
    if tx.postgresql:
        with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
            for line in values:
                copy.write_row(line)
        return
    marks = ", ".join("?" for _ in names)
    cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)


def analyse(practice: Practice) -> None:
    """Let the database look at what it holds now, as its own housekeeping would."""
    postgresql = practice.store.postgresql
    practice.store.db.execute_sql("VACUUM ANALYZE" if postgresql else "ANALYZE")


def therapists(practice: Practice, number: int, *, seed: int = 1) -> list[str]:
    """Put in therapists whom clients can see, with wishes spread at random."""
    dice = random.Random(seed)
    with practice.change() as tx:
        made = [_therapist(tx, dice, at) for at in range(number)]
        put(tx, Therapist, made)
    return [str(row["id"]) for row in made]


def _therapist(tx: Tx, dice: random.Random, at: int) -> Row:
    def some(words: Sequence[str], most: int) -> int:
        return sum(1 << bit for bit in dice.sample(range(len(words)), dice.randint(1, most)))

    address = f"therapist{at}@example.org"
    return {
        "id": tx.practice.ids.new(),
        "status": "approved",
        "name_sealed": tx.seal(f"Therapist Number {at}", "therapist.name"),
        "email_sealed": tx.seal(address, "therapist.email"),
        "email_hash": tx.digest(address, "therapist.email"),
        "contact_sealed": tx.seal(address, "therapist.contact"),
        "handle_sealed": tx.seal(f"handle{at}", "therapist.handle"),
        "handle_hash": tx.digest(f"handle{at}", "therapist.handle"),
        "headline_sealed": tx.seal("Room to breathe, at your pace", "therapist.headline"),
        "about_sealed": tx.seal("We begin where you are. " * 20, "therapist.about"),
        "zone": "Europe/London",
        "gender": dice.choice(("woman", "man", "non-binary")),
        "concerns": some(CONCERNS, 5),
        "approaches": some(APPROACHES, 2),
        "languages": 1 | some(LANGUAGES, 2),
        "modalities": some(MODALITIES, 2),
        "notice_s": DAY,
        "initial_fee": dice.randrange(30, 91, 5) * 100,
        "initial_minutes": MINUTES,
        "follow_up_fee": FEE,
        "follow_up_minutes": MINUTES,
        "reopens": 1,
        "course_done_at": tx.now,
        "proofs_until": tx.now + 300 * DAY,
        "account": f"acct_{at}",
        "charges_enabled": 1,
        "payouts_enabled": 1,
        "requirements": "[]",
        "account_checked_at": tx.now,
        "sample": 1,
        "created_at": tx.now,
    }


def clients(practice: Practice, number: int) -> list[str]:
    """Put in clients who have a name, an address, a card, and have accepted the terms."""
    with practice.change() as tx:
        ids = [practice.ids.new() for _ in range(number)]
        put(
            tx,
            Client,
            (
                rows.client(tx, key, f"Client {at}", f"client{at}@example.org", tx.now)
                for at, key in enumerate(ids)
            ),
        )
    return ids


def slots(practice: Practice, therapist_ids: Iterable[str], starts: Sequence[int]) -> list[str]:
    """Open slots for every therapist at every one of these instants."""
    with practice.change() as tx:
        made = [
            rows.claim(practice.ids.new(), _session("initial", key, "", start), "open", tx.now)
            for key in therapist_ids
            for start in starts
        ]
        put(tx, Claim, made)
    return [str(row["id"]) for row in made]


def _session(kind: str, therapist_id: str, client_id: str, start: int) -> Session:
    return Session(kind, therapist_id, client_id, start, MINUTES, FEE)


def appointments(
    practice: Practice,
    therapist_id: str,
    client_ids: Sequence[str],
    starts: Iterable[int],
    *,
    ahead: int = 30 * DAY,
    payments_due: bool = False,
) -> list[str]:
    """Book follow-ups at these instants, each `ahead` of its start, one client after the other.

    Their payments wait for their moment, or with `payments_due` are due at once.
    """
    with practice.change() as tx:
        claims, booked, paid, reminded = [], [], [], []
        for at, start in enumerate(starts):
            session = _session("follow_up", therapist_id, client_ids[at % len(client_ids)], start)
            since = start - ahead
            claim = rows.claim(practice.ids.new(), session, "booked", since)
            row = rows.appointment(tx, practice.ids.new(), str(claim["id"]), session, since)
            payment = rows.payment(row, since)
            if payments_due:
                payment["next_at"] = tx.now
            claims.append(claim)
            booked.append(row)
            paid.append(payment)
            reminded += rows.reminders(row, "Europe/London", since)
        for model, made in (
            (Claim, claims),
            (Appointment, booked),
            (Payment, paid),
            (Reminder, reminded),
        ):
            put(tx, model, made)
    return [str(row["id"]) for row in booked]


def notices(practice: Practice, person_ids: Iterable[str]) -> None:
    """Write one notice by e-mail to each of these clients, due now."""
    number = count()
    with practice.change() as tx:
        put(
            tx,
            Notice,
            (
                {
                    "once": f"bench:{next(number)}:{key}",
                    "event": "booked",
                    "party": "client",
                    "person_id": key,
                    "channel": "email",
                    "facts": "{}",
                    "state": "pending",
                    "next_at": tx.now,
                    "tries": 0,
                    "created_at": tx.now,
                }
                for key in person_ids
            ),
        )


def working_hours(first: int, number: int, *, per_day: int = 8) -> list[int]:
    """Return so many hourly starts on consecutive weekdays from an instant (a Monday) on."""
    found: list[int] = []
    for day in count():
        if day % 7 < 5:
            found += [first + day * DAY + hour * HOUR for hour in range(per_day)]
        if len(found) >= number:
            return found[:number]
    raise AssertionError
