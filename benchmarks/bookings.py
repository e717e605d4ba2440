"""A booking by the core against the very statements it issues, run by the plain driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from benchmarks import filling
from benchmarks.harness import Bench, in_turn, per, said, seconds
from benchmarks.stores import KINDS, NAMES
from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.booking import Shown
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Therapist
from tests.makers import NOW

TITLE = "Bookings, one after the other"
PROMISED = ("bookings", "bookings_floor")

BATCHES, BATCH = 16, 25

Statement = tuple[str, Any]


class Order:
    """Who books which slot, on which terms."""

    def __init__(self, practice: Practice) -> None:
        therapists = filling.therapists(practice, BATCHES * BATCH // 4)
        starts = [NOW + 7 * DAY + hour * HOUR for hour in range(4)]
        self.slots = filling.slots(practice, therapists, starts)
        self.clients = filling.clients(practice, len(self.slots))
        with practice.reading() as view:
            fees = {row.id: row.initial_fee for row in view.rows(Therapist.select())}
        self.fees = [fees[key] for key in therapists for _ in starts]
        filling.analyse(practice)

    def book(self, practice: Practice, number: int) -> None:
        """Make one booking by the core."""
        client = Actor.client(self.clients[number])
        booking.book(practice, client, self.slots[number], Shown(self.fees[number], False))


def measure(bench: Bench) -> None:
    """Book as many slots by the core as by replaying what it does, in turns."""
    for kind in KINDS:
        _measure(bench, kind)
    bench.report.note(
        "A booking checks the rules, seals fields, and writes appointment, payment, reminders,"
        " notices and trail in one commit. The plain driver replays the recorded statements with"
        " their values in the same transactions (`BEGIN IMMEDIATE`, WAL and `synchronous=FULL` on"
        " SQLite; fsync on everywhere) and thinks of nothing."
    )


def _measure(bench: Bench, kind: str) -> None:
    url = bench.stores.new(kind)
    with bench.stores.practice(url) as practice:
        order = Order(practice)
    recorded, core, plain = (bench.stores.copy(url) for _ in range(3))
    with bench.stores.practice(recorded, seed=2) as practice:
        statements = [list(_statements(practice, order, at)) for at in range(len(order.slots))]
    with bench.stores.practice(core, seed=2) as practice, _driver(kind, plain) as execute:
        turns = {"core": iter(range(BATCHES)), "plain": iter(range(BATCHES))}

        def by_core() -> float:
            batch = next(turns["core"]) * BATCH
            return seconds(lambda: [order.book(practice, batch + at) for at in range(BATCH)])

        def by_driver() -> float:
            batch = next(turns["plain"]) * BATCH
            chosen = statements[batch : batch + BATCH]
            return seconds(lambda: [_replay(kind, execute, booked) for booked in chosen])

        core_times, plain_times = in_turn(BATCHES, by_core, by_driver)
        with practice.reading() as view:
            booked = view.count(Appointment.select())
        replayed = execute("SELECT count(*) FROM appointment", ()).fetchone()[0]
    assert booked == replayed == len(order.slots)
    rate = BATCH / median(core_times)
    beside = f"{len(statements[0])} statements and a commit each"
    bench.report.check("bookings", rate, f"{NAMES[kind]}: bookings", beside)
    floor = said(BATCH / median(plain_times), "/s")
    ratio = per(core_times, plain_times)
    bench.report.check("bookings_floor", ratio, f"{NAMES[kind]}: time against plain driver", floor)


def _statements(practice: Practice, order: Order, number: int) -> Iterator[Statement]:
    """Make one booking and return what went to the database."""
    db = practice.store.db
    plain = type(db).execute_sql
    seen: list[Statement] = []

    def noting(sql: str, params: Any = None) -> Any:
        seen.append((sql, tuple(params or ())))
        return plain(db, sql, params)

    db.execute_sql = noting
    try:
        order.book(practice, number)
    finally:
        del db.execute_sql
    yield from seen


@contextmanager
def _driver(kind: str, url: str) -> Iterator[Callable[[str, Any], Any]]:
    """Give the plain driver's `execute` on a store, set up like the core's connection."""
    if kind == "sqlite":
        import pysqlite3

        connection = pysqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in (
            "journal_mode = wal",
            "synchronous = full",
            "foreign_keys = 1",
            "secure_delete = 1",
            "cache_size = -16000",
            "temp_store = memory",
        ):
            connection.execute(f"PRAGMA {pragma}")
    else:
        import psycopg

        connection = psycopg.connect(url, autocommit=True)
    try:
        yield connection.execute
    finally:
        connection.close()


def _replay(kind: str, execute: Callable[[str, Any], Any], statements: list[Statement]) -> None:
    execute("BEGIN IMMEDIATE" if kind == "sqlite" else "BEGIN", ())
    for sql, values in statements:
        done = execute(sql, values)
        if sql.startswith("SELECT"):
            done.fetchall()
    execute("COMMIT", ())
