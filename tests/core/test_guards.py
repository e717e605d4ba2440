"""The schema itself refuses, whatever the code does: raw SQL on both databases (D3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import StoreFault
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.store import Store, guards, migrate, open_store
from helpspace.core.store.declared import declared
from tests.makers import (
    ON_POSTGRESQL,
    ON_SQLITE,
    SOON,
    add_client,
    add_therapist,
    open_slot,
    session,
    snapshot,
)

CLAIM = """INSERT INTO claim (id, therapist_id, purpose, start_at, end_at, state, created_at)
    VALUES (?, ?, 'slot', ?, ?, ?, 0)"""


class Raw:
    """A connection past all of our code, as another program would have it."""

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite"):
            from pysqlite3 import dbapi2

            self.connection: Any = dbapi2.connect(url.removeprefix("sqlite:///"))
            self.refused: Any = dbapi2.IntegrityError
        else:
            self.connection = psycopg.connect(url)
            self.refused = psycopg.errors.IntegrityError

    def run(self, statement: str, *values: object) -> int:
        """Run a statement and commit it; return how many rows it met."""
        if not isinstance(self.connection, psycopg.Connection):
            with self.connection:
                return int(self.connection.execute(statement, values).rowcount)
        with self.connection.transaction():
            return int(self.connection.execute(statement.replace("?", "%s"), values).rowcount)

    def must_refuse(self, statement: str, *values: object, by: str | None = None) -> None:
        """Check that a statement fails, and by which guard."""
        with pytest.raises(self.refused, match=by):
            self.run(statement, *values)


@pytest.fixture
def raw(practice: Practice) -> Iterator[Raw]:
    made = Raw(practice.settings.database)
    yield made
    made.connection.close()


@pytest.fixture
def booked(practice: Practice, therapist: Actor, client: Actor) -> AppointmentView:
    return session(practice, therapist, client)


# --- time: C2, C4


@pytest.mark.parametrize(
    ("start", "end", "free"),
    [
        (-HOUR, 0, True),
        (-HOUR, 1, False),
        (0, 3000, False),
        (-HOUR, 2 * HOUR, False),
        (600, 1200, False),
        (2999, 6000, False),
        (3000, 6000, True),
    ],
)
def test_c2_overlap_cannot_be_inserted(
    practice: Practice, raw: Raw, therapist: Actor, start: int, end: int, free: bool
) -> None:
    open_slot(practice, therapist)
    values = ("x", therapist.id, SOON + start, SOON + end, "open")
    if free:
        assert raw.run(CLAIM, *values)
    else:
        raw.must_refuse(CLAIM, *values, by="claim_overlap")


def test_c2_overlap_is_looked_for_among_many(
    practice: Practice, raw: Raw, therapist: Actor
) -> None:
    for day in range(5):
        open_slot(practice, therapist, SOON + day * DAY, minutes=240)
    raw.must_refuse(CLAIM, "x", therapist.id, SOON + 3 * HOUR, SOON + 5 * DAY, "open")


def test_c2_another_therapists_time_is_free(practice: Practice, raw: Raw, therapist: Actor) -> None:
    open_slot(practice, therapist)
    other = add_therapist(practice)
    assert raw.run(CLAIM, "x", other.id, SOON, SOON + 3000, "open")


def test_c2_closed_time_is_free(practice: Practice, raw: Raw, therapist: Actor) -> None:
    raw.run(CLAIM, "x", therapist.id, SOON, SOON + 3000, "closed")
    assert raw.run(CLAIM, "y", therapist.id, SOON, SOON + 3000, "open")
    raw.must_refuse("UPDATE claim SET state = 'open' WHERE id = 'x'", by="claim_closed")


@pytest.mark.parametrize(
    "change",
    ["start_at = start_at - 600", "end_at = end_at + 600", "therapist_id = ?", "id = 'x'",
     "purpose = 'follow_up'", "created_at = 1"],
)  # fmt: skip
def test_c2_claimed_time_does_not_move(
    practice: Practice, raw: Raw, therapist: Actor, change: str
) -> None:
    slot = open_slot(practice, therapist)
    values = (add_therapist(practice).id,) if "?" in change else ()
    raw.must_refuse(f"UPDATE claim SET {change} WHERE id = ?", *values, slot, by="claim_")


@pytest.mark.parametrize("state", ["open", "held", "closed"])
def test_c4_a_claim_with_a_live_appointment_stays_booked(
    raw: Raw, booked: AppointmentView, state: str
) -> None:
    hold = "hold_client_id = ?, hold_until = 9, hold_fee = 0," if state == "held" else ""
    values = (booked.client_id,) if hold else ()
    raw.must_refuse(
        f"UPDATE claim SET {hold} state = '{state}' WHERE id = ?", *values, booked.slot_id
    )


def test_c4_two_live_appointments_cannot_share_a_claim(
    practice: Practice, raw: Raw, booked: AppointmentView
) -> None:
    other = add_client(practice)
    raw.must_refuse(copied(client=f"'{other.id}'"), booked.id)


def test_c4_a_live_appointment_needs_a_claim_of_its_own_time(
    practice: Practice, raw: Raw, therapist: Actor, booked: AppointmentView
) -> None:
    other = add_client(practice).id
    slot = open_slot(practice, therapist, SOON + DAY)
    elsewhere = copied(client=f"'{other}'", slot=f"'{slot}'", shift=DAY)
    raw.must_refuse(elsewhere, booked.id, by="appointment_unclaimed")  # the claim is only open
    raw.run("UPDATE claim SET state = 'booked' WHERE id = ?", slot)
    raw.must_refuse(copied(client=f"'{other}'", slot=f"'{slot}'", shift=DAY + 60), booked.id)
    assert raw.run(elsewhere, booked.id)


def test_b5_one_live_initial_appointment_a_client_and_therapist(
    practice: Practice, raw: Raw, therapist: Actor, booked: AppointmentView
) -> None:
    slot = open_slot(practice, therapist, SOON + DAY)
    raw.run("UPDATE claim SET state = 'booked' WHERE id = ?", slot)
    raw.must_refuse(copied(slot=f"'{slot}'", shift=DAY), booked.id)


def copied(*, client: str = "client_id", slot: str = "slot_id", shift: int = 0) -> str:
    """Return a statement that inserts an appointment like another one."""
    columns = (
        "kind, therapist_id, fee, currency, free_until, state, booked_at, booked_by, sequence,"
        " room_sealed"
    )
    claim = "claim_id" if slot == "slot_id" else slot
    times = "start_at, end_at"
    return f"""INSERT INTO appointment (id, client_id, slot_id, claim_id, {times}, {columns})
        SELECT 'copy', {client}, {slot}, {claim}, start_at + {shift}, end_at + {shift}, {columns}
        FROM appointment WHERE id = ?"""


# --- what never changes: D3, M8, A2


@pytest.mark.parametrize(
    "change",
    ["fee = 30", "kind = 'follow_up'", "booked_at = booked_at - 1", "booked_by = 'therapist'",
     "id = 'x'", "slot_id = NULL", "client_id = ?", "therapist_id = ?", "currency = 'eur'",
     "claim_id = ?"],
)  # fmt: skip
def test_d3_terms_do_not_change(
    practice: Practice, raw: Raw, booked: AppointmentView, change: str
) -> None:
    other = {"client_id": add_client, "therapist_id": add_therapist}.get(
        change.split(" ", maxsplit=1)[0]
    )
    values: tuple[str, ...] = ()
    if other is not None:
        values = (other(practice).id,)
    elif "?" in change:
        values = (open_slot(practice, Actor.therapist(booked.therapist_id), SOON + DAY),)
    raw.must_refuse(f"UPDATE appointment SET {change} WHERE id = ?", *values, booked.id)


@pytest.mark.parametrize("by", ["client", "therapist"])
@pytest.mark.parametrize(
    "change",
    ["state = 'booked', cancelled_at = NULL", "state = 'completed', cancelled_at = NULL",
     "state = 'cancelled_by_client', cancelled_at = cancelled_at - 1",
     "cancelled_at = cancelled_at + 1", "start_at = start_at + 60, end_at = end_at + 60",
     "free_until = free_until + 1"],
)  # fmt: skip
def test_d3_a_cancelled_appointment_stays_as_it_was_cancelled(
    practice: Practice, raw: Raw, booked: AppointmentView, by: str, change: str
) -> None:
    actor = Actor(by, booked.client_id if by == "client" else booked.therapist_id, "test")
    booking.cancel(practice, actor, booked.id)
    raw.must_refuse(f"UPDATE appointment SET {change} WHERE id = ?", booked.id)


@pytest.mark.parametrize("by", ["client", "therapist"])
def test_d3_who_cancelled_does_not_change(
    practice: Practice, raw: Raw, booked: AppointmentView, by: str
) -> None:
    actor = Actor(by, booked.client_id if by == "client" else booked.therapist_id, "test")
    booking.cancel(practice, actor, booked.id)
    other = "therapist" if by == "client" else "client"
    raw.must_refuse(
        f"UPDATE appointment SET state = 'cancelled_by_{other}' WHERE id = ?", booked.id
    )


@pytest.mark.parametrize(
    ("first", "then", "allowed"),
    [
        ("completed", "no_show", True),
        ("completed", "booked", False),
        ("no_show", "completed", False),
        ("completed", "cancelled_by_client", False),
        ("no_show", "booked", False),
    ],
)
def test_b8_states_go_one_way(
    raw: Raw, booked: AppointmentView, first: str, then: str, allowed: bool
) -> None:
    raw.run(f"UPDATE appointment SET state = '{first}' WHERE id = ?", booked.id)
    at = ", cancelled_at = booked_at" if then.startswith("cancelled") else ""
    change = f"UPDATE appointment SET state = '{then}'{at} WHERE id = ?"
    if allowed:
        assert raw.run(change, booked.id)
    else:
        raw.must_refuse(change, booked.id)


@pytest.mark.parametrize("at", ["start_at", "start_at + 1"])
def test_b8_nothing_is_cancelled_at_or_after_its_start(
    raw: Raw, booked: AppointmentView, at: str
) -> None:
    raw.must_refuse(
        f"UPDATE appointment SET state = 'cancelled_by_client', cancelled_at = {at} WHERE id = ?",
        booked.id,
    )


def test_an_appointment_is_never_deleted(raw: Raw, booked: AppointmentView) -> None:
    raw.must_refuse("DELETE FROM appointment WHERE id = ?", booked.id)


LEDGER = """INSERT INTO ledger (at, appointment_id, therapist_id, client_id, kind, amount,
    commission, stripe_id) SELECT 1, id, therapist_id, client_id, ?, fee, 0, ?
    FROM appointment WHERE id = ?"""


def test_m8_the_ledger_is_append_only(raw: Raw, booked: AppointmentView) -> None:
    raw.run(LEDGER, "charge", "pi_1", booked.id)
    raw.must_refuse("UPDATE ledger SET amount = 1", by="ledger_fixed")
    raw.must_refuse("DELETE FROM ledger", by="ledger_kept")


def test_m3_the_ledger_has_one_charge_an_appointment(raw: Raw, booked: AppointmentView) -> None:
    raw.run(LEDGER, "charge", "pi_1", booked.id)
    raw.must_refuse(LEDGER, "charge", "pi_1", booked.id)
    raw.must_refuse(LEDGER, "charge", "pi_2", booked.id)
    raw.run(LEDGER, "refund", "re_1", booked.id)
    raw.must_refuse(LEDGER, "refund", "re_1", booked.id)


@pytest.mark.parametrize(
    "change",
    ["at = 1", "act = 'x'", "actor_id = 'x'", "detail = ''", "seq = 999", "thing_id = 'x'"],
)
def test_a2_the_trail_is_append_only(raw: Raw, booked: AppointmentView, change: str) -> None:
    raw.must_refuse(f"UPDATE audit SET {change}", by="audit_fixed")


def test_a2_the_trail_is_not_deleted(raw: Raw, booked: AppointmentView) -> None:
    raw.must_refuse("DELETE FROM audit", by="audit_kept")


def test_d6_a_reason_in_the_trail_can_only_be_wiped(
    practice: Practice, raw: Raw, team: Actor, booked: AppointmentView
) -> None:
    actor = team.on_behalf_of("client", booked.client_id, "asked by phone")
    booking.cancel(practice, actor, booked.id)
    raw.must_refuse("UPDATE audit SET why_sealed = ? WHERE act = 'cancel'", b"other")
    assert raw.run("UPDATE audit SET why_sealed = NULL WHERE act = 'cancel'")


# --- SQLite's INSERT OR REPLACE, which removes rows without asking a delete trigger


@ON_SQLITE
def test_d3_replacing_by_insert_is_refused_too(
    practice: Practice, raw: Raw, booked: AppointmentView, therapist: Actor
) -> None:
    other = add_client(practice).id
    slot = open_slot(practice, therapist, SOON + DAY)
    raw.run("UPDATE claim SET state = 'booked' WHERE id = ?", slot)
    raw.run(LEDGER, "charge", "pi_1", booked.id)
    before = snapshot(practice)
    for statement, values in (
        (CLAIM, (booked.slot_id, therapist.id, SOON + 9 * DAY, SOON + 10 * DAY, "open")),
        ("INSERT INTO appointment SELECT * FROM appointment", ()),
        (copied(client=f"'{other}'"), (booked.id,)),
        (copied(slot=f"'{slot}'", shift=DAY), (booked.id,)),
        ("INSERT INTO audit SELECT * FROM audit LIMIT 1", ()),
        ("INSERT INTO ledger SELECT * FROM ledger", ()),
        (LEDGER, ("charge", "pi_1", booked.id)),
        (LEDGER, ("charge", "pi_2", booked.id)),
    ):
        raw.must_refuse(statement.replace("INSERT", "INSERT OR REPLACE"), *values)
    assert snapshot(practice) == before


# --- PostgreSQL: two connections at once


CLOSE = "UPDATE claim SET state = 'closed' WHERE id = %s"
FOLLOW_UP = """INSERT INTO appointment (id, kind, therapist_id, client_id, claim_id, start_at,
    end_at, fee, currency, free_until, state, booked_at, booked_by, sequence, room_sealed)
    SELECT 'f', 'follow_up', therapist_id, %s, id, start_at, end_at, 0, 'gbp', 0, 'booked', 0,
    'therapist', 0, '' FROM claim WHERE id = %s"""


@pytest.fixture
def two(practice: Practice) -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Two connections that say so when they would have to wait for each other."""
    url = practice.settings.database
    with psycopg.connect(url) as first, psycopg.connect(url) as second:
        for connection in (first, second):
            connection.execute("SET lock_timeout = '50ms'")
            connection.commit()
        yield first, second
        first.rollback()
        second.rollback()


Two = tuple[psycopg.Connection, psycopg.Connection]


@ON_POSTGRESQL
def test_d3_two_at_once_cannot_overlap(two: Two, therapist: Actor) -> None:
    first, second = two
    insert = CLAIM.replace("?", "%s")
    first.execute(insert, ("x", therapist.id, SOON, SOON + 3000, "open"))
    with pytest.raises(psycopg.errors.LockNotAvailable):
        second.execute(insert, ("y", therapist.id, SOON + 600, SOON + 3600, "open"))
    second.rollback()
    first.commit()
    with pytest.raises(psycopg.errors.ExclusionViolation):
        second.execute(insert, ("y", therapist.id, SOON + 600, SOON + 3600, "open"))


@ON_POSTGRESQL
def test_d3_a_claim_is_not_closed_under_a_booking_on_its_way(
    practice: Practice, two: Two, raw: Raw, therapist: Actor, client: Actor
) -> None:
    """Each alone is allowed; both would leave a live appointment without claimed time."""
    slot = open_slot(practice, therapist)
    raw.run("UPDATE claim SET state = 'booked' WHERE id = ?", slot)
    first, second = two
    first.execute(FOLLOW_UP, (client.id, slot))
    with pytest.raises(psycopg.errors.LockNotAvailable):
        second.execute(CLOSE, (slot,))
    second.rollback()
    first.commit()
    with pytest.raises(psycopg.errors.CheckViolation, match="claim_in_use"):
        second.execute(CLOSE, (slot,))


@ON_POSTGRESQL
def test_d3_nothing_is_booked_on_a_claim_that_is_being_closed(
    practice: Practice, two: Two, raw: Raw, therapist: Actor, client: Actor
) -> None:
    slot = open_slot(practice, therapist)
    raw.run("UPDATE claim SET state = 'booked' WHERE id = ?", slot)
    first, second = two
    second.execute(CLOSE, (slot,))
    with pytest.raises(psycopg.errors.LockNotAvailable):
        first.execute(FOLLOW_UP, (client.id, slot))
    first.rollback()
    second.commit()
    with pytest.raises(psycopg.errors.CheckViolation, match="appointment_unclaimed"):
        first.execute(FOLLOW_UP, (client.id, slot))


# --- a guard that has gone


@pytest.fixture
def own_store(empty_url: str) -> Iterator[Store]:
    """A store whose schema a test may spoil."""
    store = open_store(empty_url)
    migrate.upgrade(store)
    yield store
    store.close()


def spoil(store: Store, name: str, how: str) -> None:
    """Drop a guard, or put one of the same name in its place that lets everything through."""
    db, statement = store.db, guards.expected(store.db)[name]
    bare = name.rpartition(" ")[2]
    if " INDEX " in statement:
        db.execute_sql(f"DROP INDEX {bare}")
        if how == "emptied":
            table = statement.split(" ON ", 1)[1].split()[0]
            db.execute_sql(f"CREATE INDEX {bare} ON {table} ({key_of(store, table)})")
    elif store.postgresql and " TRIGGER " in statement:
        body = "BEGIN RETURN COALESCE(NEW, OLD); END"
        made = f"CREATE OR REPLACE FUNCTION {bare}() RETURNS trigger LANGUAGE plpgsql AS '{body}'"
        db.execute_sql(made if how == "emptied" else f"DROP FUNCTION {bare} CASCADE")
    elif store.postgresql:
        table = statement.split()[2]
        db.execute_sql(f"ALTER TABLE {table} DROP CONSTRAINT {bare} CASCADE")
        if how == "emptied":
            db.execute_sql(f"ALTER TABLE {table} ADD CONSTRAINT {bare} CHECK (1 = 1)")
    elif " TRIGGER " in statement:
        event, table = re.findall(r"BEFORE (.*?) ON (\w+)", statement)[0]
        db.execute_sql(f"DROP TRIGGER {bare}")
        if how == "emptied":
            db.execute_sql(f"CREATE TRIGGER {bare} BEFORE {event} ON {table} BEGIN SELECT 1; END")
    else:
        table, text = words_of(store, bare)
        left = f"CONSTRAINT {bare} CHECK (1 = 1)" if how == "emptied" else "CHECK (1 = 1)"
        rebuild(store, table, text.replace(statement, left))


def key_of(store: Store, table: str) -> str:
    """A column that every row of a table has."""
    return next(iter(store.db.get_primary_keys(table)))


def words_of(store: Store, name: str) -> tuple[str, str]:
    """The table of SQLite that has a constraint, and its words."""
    [(table, text)] = store.db.execute_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE ?",
        (f"%CONSTRAINT {name}%",),
    ).fetchall()
    return table, text


def rebuild(store: Store, table: str, text: str) -> None:
    """Make an empty SQLite table anew with other words, and all that hangs on it as it was."""
    db = store.db
    rest = db.execute_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type <> 'table' AND sql > ''",
        (table,),
    ).fetchall()
    db.execute_sql("PRAGMA foreign_keys = 0")
    for statement in (f"DROP TABLE {table}", text, *(row[0] for row in rest)):
        db.execute_sql(statement)
    db.execute_sql("PRAGMA foreign_keys = 1")


@pytest.mark.parametrize("how", ["dropped", "emptied"])
def test_d3_a_store_that_lost_a_guard_is_refused(own_store: Store, how: str) -> None:
    """Triggers, unique indexes and the constraints of every table, each in turn."""
    migrate.check(own_store)
    names = set(guards.expected(own_store.db))
    assert names >= {
        "claim_overlap", "appointment_kept", "index appointment_one_live",
        "index appointment_one_initial", "index intent_one_open", "index ledger_one_charge",
        "index refund_one", "index claim_one_hold", "index document_single",
        "index connected_account_current", "index renewal_waiting", "constraint claim_hold",
        "constraint appointment_fee", "constraint intent_number", "constraint ledger_once",
        "constraint therapist_account",
    }  # fmt: skip
    for name in sorted(names):
        sealed = not guards.can_be_put_up(own_store.db, name)
        words = words_of(own_store, name.rpartition(" ")[2]) if sealed else None
        spoil(own_store, name, how)
        with pytest.raises(StoreFault, match=rf"\b{name}\b") as refused:
            migrate.check(own_store)
        assert guards.present(own_store.db) == names - {name}
        assert ("backup" if sealed else "helpspace init") in refused.value.hint
        if words is not None:
            with pytest.raises(StoreFault, match="backup"):
                guards.put_up(own_store.db)
            rebuild(own_store, *words)
        guards.put_up(own_store.db)
        assert guards.present(own_store.db) == names
    assert migrate.upgrade(own_store) == []


def test_every_named_constraint_and_unique_index_is_a_guard() -> None:
    """What the scripts say is read by their layout; nothing of it may be overlooked."""
    scripts = "".join(path.read_text() for path in migrate._FOLDER.glob("[0-9]*.py"))
    # A table that is made anew declares its own a second time.
    named = set(re.findall(r"(?:CONSTRAINT|UNIQUE INDEX) (\w+)", scripts))
    assert sorted(one.name for one in declared()) == sorted(named)


@ON_SQLITE
def test_d3_replacing_by_update_is_refused_too(
    practice: Practice, raw: Raw, booked: AppointmentView, therapist: Actor
) -> None:
    """M5: UPDATE OR REPLACE would delete the other live appointment without a word."""
    other = add_client(practice).id
    slot = open_slot(practice, therapist, SOON + DAY)
    raw.run("UPDATE claim SET state = 'booked' WHERE id = ?", slot)
    raw.run(copied(client=f"'{other}'", slot=f"'{slot}'", shift=DAY), booked.id)
    before = snapshot(practice)
    raw.must_refuse(
        "UPDATE OR REPLACE appointment SET claim_id = ?, start_at = start_at + ?,"
        " end_at = end_at + ? WHERE id = ?",
        slot, DAY, DAY, booked.id,
    )  # fmt: skip
    assert snapshot(practice) == before


@ON_POSTGRESQL
def test_d3_a_guard_that_is_switched_off_counts_as_gone(own_store: Store) -> None:
    own_store.db.execute_sql("ALTER TABLE claim DISABLE TRIGGER claim_closed")
    with pytest.raises(StoreFault, match="claim_closed"):
        migrate.check(own_store)
