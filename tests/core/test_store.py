"""The store's transactions: whole or not at all, one state a question, told in plain words (D2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peewee
import psycopg
import pytest

from helpspace.core import accounts, booking, calendar, cards, holds
from helpspace.core.actors import Actor
from helpspace.core.errors import Busy, SettingsFault, StoreFault
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import settle
from helpspace.core.payments.steps import ConfirmIntent
from helpspace.core.practice import Practice
from helpspace.core.store import Writer, open_store, refusal_of
from helpspace.core.store.opening import wal_is_safe
from helpspace.core.store.tables import Client, StoreFact
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import FakeStripe
from tests.core.workers import Worker
from tests.makers import (
    ON_POSTGRESQL,
    ON_SQLITE,
    SOON,
    add_client,
    add_therapist,
    beside,
    book,
    card_of,
    follow_up,
    hold,
    open_page,
    open_slot,
    session,
    snapshot,
)

Act = Callable[[Practice], Callable[[], Any]]


# --- D2: every act is one commit


def opening(practice: Practice) -> Callable[[], Any]:
    therapist = add_therapist(practice)
    return lambda: calendar.open_slots(practice, therapist, therapist.id, SOON, weeks=3)


def closing(practice: Practice) -> Callable[[], Any]:
    therapist = add_therapist(practice)
    slot = open_slot(practice, therapist)
    return lambda: calendar.close_slot(practice, therapist, slot)


def registering(practice: Practice) -> Callable[[], Any]:
    return lambda: accounts.register(practice, 7001)


def booking_(practice: Practice) -> Callable[[], Any]:
    client = add_client(practice)
    slot = open_slot(practice, add_therapist(practice))
    return lambda: book(practice, client, slot)


def holding(practice: Practice) -> Callable[[], Any]:
    client = add_client(practice, card=False)
    slot = open_slot(practice, add_therapist(practice))
    return lambda: book(practice, client, slot)


def completing(practice: Practice) -> Callable[[], Any]:
    client = add_client(practice, card=False)
    held = hold(practice, client, open_slot(practice, add_therapist(practice)))
    open_page(practice, client, held.request_id)
    return lambda: holds.card_completed(practice, held.request_id, card_of(client))


def asking(practice: Practice) -> Callable[[], Any]:
    client = add_client(practice, card=False)
    return lambda: cards.ask_for_card(practice, client)


def following_up(practice: Practice) -> Callable[[], Any]:
    therapist, client = add_therapist(practice), add_client(practice)
    session(practice, therapist, client)
    open_slot(practice, therapist, SOON + DAY)
    return lambda: follow_up(practice, therapist, client, SOON + DAY)


def cancelling(practice: Practice) -> Callable[[], Any]:
    therapist, client = add_therapist(practice), add_client(practice)
    booked = session(practice, therapist, client)
    return lambda: booking.cancel(practice, client, booked.id)


ACTS = [
    opening, closing, registering, booking_, holding, completing, asking, following_up, cancelling,
]  # fmt: skip


class PowerCut(BaseException):
    """What no code catches."""


@pytest.mark.parametrize("act", ACTS)
def test_d2_a_crash_at_any_statement_leaves_nothing(
    practice: Practice, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = act(practice)
    before = snapshot(practice)
    left = 0

    def crashing(statement: Callable[..., Any]) -> Callable[..., Any]:
        def run(writer: Writer, *args: Any, **kwargs: Any) -> Any:
            nonlocal left
            if left == 0:
                raise PowerCut
            left -= 1
            return statement(writer, *args, **kwargs)

        return run

    for name in ("insert", "insert_once", "insert_many", "set", "run", "returning"):
        monkeypatch.setattr(Writer, name, crashing(getattr(Writer, name)))
    for statements in range(60):
        left = statements
        try:
            do()
        except PowerCut:
            assert snapshot(practice) == before, f"after {statements} statements"
        else:
            break
    after = snapshot(practice)
    assert statements >= 2
    assert len(after["audit"]) > len(before["audit"])


def test_d2_an_error_undoes_what_went_before(practice: Practice) -> None:
    def half() -> None:
        with practice.change() as tx:
            tx.set_fact("name", "other")
            raise ZeroDivisionError

    before = snapshot(practice)
    with pytest.raises(ZeroDivisionError):
        half()
    assert snapshot(practice) == before


def test_d2_a_change_within_a_change_is_part_of_it(practice: Practice) -> None:
    def half() -> None:
        with practice.change():
            accounts.register(practice, 7001)
            raise ZeroDivisionError

    before = snapshot(practice)
    with pytest.raises(ZeroDivisionError):
        half()
    assert snapshot(practice) == before


# --- one state a question


def test_a_reading_sees_one_state_throughout(practice: Practice, other: Practice) -> None:
    with practice.reading() as view:
        assert view.count(Client.select()) == 0
        accounts.register(other, 7001)
        assert view.count(Client.select()) == 0
    with practice.reading() as view:
        assert view.count(Client.select()) == 1


def test_a_change_sees_what_was_committed_before_it(practice: Practice, other: Practice) -> None:
    with practice.reading() as view:
        assert view.fact("seen") is None
    with other.change() as tx:
        tx.set_fact("seen", "yes")
    with practice.change() as tx:
        assert tx.fact("seen") == "yes"


def test_another_ones_commit_is_noticed(practice: Practice, other: Practice) -> None:
    version = practice.store.version()
    assert practice.store.version() == version
    accounts.register(other, 7001)
    assert practice.store.version() != version


@ON_POSTGRESQL
def test_commits_are_noticed_in_whatever_order_they_come(practice: Practice) -> None:
    """What began first may be committed last, and not every change leaves a line in the trail."""
    add = """INSERT INTO audit (at, role, actor_id, via, act, thing, thing_id, detail)
        VALUES (0, 'team', 'x', 'test', 'x', 'x', 'x', '')"""
    url = practice.settings.database
    seen = [practice.store.version()]
    with psycopg.connect(url) as first, psycopg.connect(url) as second:
        first.execute(add)
        second.execute(add)
        second.commit()
        seen.append(practice.store.version())
        first.commit()
        seen.append(practice.store.version())
        second.execute(add)
        first.execute(add)
        second.commit()
        seen.append(practice.store.version())
        first.commit()
        seen.append(practice.store.version())
        first.execute("UPDATE store_fact SET value = value")
        first.commit()
        seen.append(practice.store.version())
    assert len(set(seen)) == len(seen)


# --- D4: the clock


def test_d4_the_present_never_runs_backwards(practice: Practice, other: Practice) -> None:
    accounts.register(practice, 7001)
    seen = practice.now()
    behind = Practice(
        other.store, other.settings, other.vault, MovableClock(seen - HOUR), other.ids
    )
    assert behind.now() == seen
    with behind.reading() as view:
        assert view.now == seen
    with behind.change() as tx:
        assert tx.now == seen


def test_d4_a_clock_that_steps_back_does_not_lengthen_the_free_time(
    practice: Practice, other: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    booked = session(practice, therapist, client)
    clock.move_to(booked.free_until + 1)
    accounts.set_name(practice, client, "Sam B")
    late = Practice(
        other.store, other.settings, other.vault, MovableClock(booked.free_until - HOUR), other.ids
    )
    assert booking.preview_cancel(late, client, booked.id).owed_pence == booked.fee_pence


def test_d4_a_charge_that_has_begun_ends_the_free_time_for_clocks_that_are_behind_too(
    practice: Practice, other: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    """M5: else one clock cancels free what the other is charging, and both are right."""
    booked = session(practice, therapist, client)
    clock.move_to(booked.free_until + MINUTE)
    stripe = FakeStripe(clock.now)
    (task,) = settle.claim(practice, "w")
    step = settle.advance(practice, task)
    while not isinstance(step, ConfirmIntent):
        assert step is not None
        step = settle.advance(practice, task, step, stripe.carry_out(step))
    late = Practice(
        other.store, other.settings, other.vault, MovableClock(booked.free_until - HOUR), other.ids
    )
    assert booking.preview_cancel(late, client, booked.id).owed_pence == booked.fee_pence


LOOK = """
import fcntl
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
    except OSError:
        say("in use")
    else:
        say("free")
"""
"""Asks for the lock with which SQLite's last connection removes the WAL."""


@ON_SQLITE
def test_d1_opening_a_store_twice_in_a_process_lets_go_of_no_lock(practice: Practice) -> None:
    """Else another process that closes removes the WAL into which this one still commits."""
    accounts.register(practice, 7001)
    path = str(practice.store.path)
    assert Worker(LOOK, path).finish() == ["in use"]
    beside(practice)
    assert Worker(LOOK, path).finish() == ["in use"]


# --- writing


def test_insert_once_says_whether_it_did(practice: Practice) -> None:
    with practice.change() as tx:
        assert tx.insert_once(StoreFact, key="x", value="1")
        assert not tx.insert_once(StoreFact, key="x", value="2")
        assert tx.fact("x") == "1"


def test_run_says_how_many_rows_it_met(practice: Practice) -> None:
    with practice.change() as tx:
        tx.insert_many(StoreFact, [{"key": f"many{n}", "value": ""} for n in range(1200)])
        assert tx.run(StoreFact.update(value="x").where(StoreFact.key.startswith("many"))) == 1200
        assert tx.run(StoreFact.delete().where(StoreFact.key == "none")) == 0


@pytest.mark.parametrize(
    ("statement", "sqlite", "postgresql"),
    [
        (
            "INSERT INTO store_fact (key, value) VALUES ('name', '')",
            "store_fact.key",
            "store_fact_pkey",
        ),
        ("DELETE FROM audit", "audit_kept", "audit_kept"),
    ],
)
def test_d3_a_refusal_is_known_by_its_guard(
    practice: Practice, statement: str, sqlite: str, postgresql: str
) -> None:
    accounts.register(practice, 7001)
    with pytest.raises(peewee.IntegrityError) as refused, practice.change():
        practice.store.db.execute_sql(statement)
    assert refusal_of(refused.value) == (postgresql if practice.store.postgresql else sqlite)


# --- trouble


@ON_SQLITE
def test_a_store_held_by_another_is_busy(practice: Practice, store_url: str) -> None:
    from pysqlite3 import dbapi2

    with practice.reading():
        practice.store.db.execute_sql("PRAGMA busy_timeout = 10")
    holder = dbapi2.connect(store_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        accounts.register(practice, 7001)
    holder.execute("ROLLBACK")
    assert accounts.register(practice, 7001)
    holder.close()


@ON_POSTGRESQL
def test_a_row_held_by_another_is_busy(practice: Practice, therapist: Actor) -> None:
    with practice.reading():
        practice.store.db.execute_sql("SET lock_timeout = '10ms'")
    with psycopg.connect(practice.settings.database) as holder:
        holder.execute("SELECT 1 FROM therapist FOR UPDATE")
        with pytest.raises(Busy):
            open_slot(practice, therapist)
    assert open_slot(practice, therapist)


@ON_SQLITE
def test_a_full_disk_is_told_and_changes_nothing(practice: Practice) -> None:
    before = snapshot(practice)
    pages = practice.store.db.execute_sql("PRAGMA page_count").fetchone()[0]
    practice.store.db.execute_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFault, match="disk"), practice.change() as tx:
        tx.set_fact("big", "x" * 100_000)
    practice.store.db.execute_sql("PRAGMA max_page_count = 1000000")
    assert snapshot(practice) == before
    assert accounts.register(practice, 7001)


@ON_POSTGRESQL
def test_a_connection_that_was_lost_is_made_anew(practice: Practice) -> None:
    """A server that restarts costs the act that meets it, not every act until we restart too."""
    with practice.reading() as view:
        (pid,) = view.sql("SELECT pg_backend_pid()")[0]
    terminate(practice, pid)
    with pytest.raises(StoreFault, match="does not answer"):
        accounts.register(practice, 7001)
    assert accounts.register(practice, 7001)
    assert practice.now()


@ON_POSTGRESQL
def test_a_connection_lost_in_a_change_undoes_it(practice: Practice) -> None:
    def half() -> None:
        with practice.change() as tx:
            tx.set_fact("half", "done")
            terminate(practice, tx.sql("SELECT pg_backend_pid()")[0][0])
            tx.set_fact("half", "done again")

    with pytest.raises(StoreFault, match="does not answer"):
        half()
    with practice.reading() as view:
        assert view.fact("half") is None


@ON_POSTGRESQL
def test_a_change_that_stands_still_lets_go_of_its_rows(practice: Practice) -> None:
    """A process that was halted in a change does not keep the others waiting for ever."""
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    with practice.reading() as view:
        set_ = {name: view.sql(f"SHOW {name}")[0][0] for name in names}
    assert set_ == dict(zip(names, ("10s", "1min", "1min"), strict=True))

    def halted() -> None:
        with practice.change() as tx:
            tx.set_fact("half", "done")
            tx.sql("SELECT set_config('idle_in_transaction_session_timeout', '1ms', false)")
            (pid,) = tx.sql("SELECT pg_backend_pid()")[0]
            with psycopg.connect(practice.settings.database, autocommit=True) as operator:
                asked = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
                while operator.execute(asked, (pid,)).fetchone():
                    pass
            tx.set_fact("half", "done again")

    with pytest.raises(StoreFault, match="does not answer"):
        halted()
    with practice.change() as tx:
        assert tx.fact("half") is None


def terminate(practice: Practice, pid: int) -> None:
    """End a connection as a restart of the server would."""
    with psycopg.connect(practice.settings.database, autocommit=True) as operator:
        operator.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_threads_have_connections_of_their_own(practice: Practice) -> None:
    made: list[str] = []

    def register() -> None:
        made.append(accounts.register(practice, 7000 + threading.get_ident() % 1000))
        practice.store.close()

    for _ in range(3):
        thread = threading.Thread(target=register)
        thread.start()
        thread.join()
    assert len(made) == 3


# --- opening


@ON_SQLITE
def test_d2_sqlite_is_set_up_for_money(practice: Practice) -> None:
    db = practice.store.db
    asked = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    with practice.reading():
        for name, value in asked.items():
            assert db.execute_sql(f"PRAGMA {name}").fetchone()[0] == value
        version = db.execute_sql("SELECT sqlite_version()").fetchone()[0]
    assert wal_is_safe(tuple(map(int, version.split("."))))


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ("3.7.0", False), ("3.40.1", False), ("3.44.5", False), ("3.44.6", True),
        ("3.45.0", False), ("3.50.6", False), ("3.50.7", True), ("3.51.2", False),
        ("3.51.3", True), ("3.52.1", True), ("3.53.4", True),
    ],
)  # fmt: skip
def test_d2_versions_with_the_wal_reset_bug_are_known(version: str, safe: bool) -> None:
    assert wal_is_safe(tuple(map(int, version.split(".")))) is safe


@ON_SQLITE
def test_d2_the_file_is_closed_to_others(empty_url: str) -> None:
    path = Path(empty_url.removeprefix("sqlite:///")).parent / "new" / "helpspace.db"
    store = open_store(f"sqlite:///{path}")
    with store.writing() as writer:
        writer.sql("CREATE TABLE t (x)")
    assert path.parent.stat().st_mode & 0o777 == 0o700
    modes = {found.name: found.stat().st_mode & 0o777 for found in path.parent.iterdir()}
    assert set(modes) >= {"helpspace.db", "helpspace.db-wal"}
    assert set(modes.values()) == {0o600}
    store.close()


@ON_SQLITE
def test_d2_an_unsafe_sqlite_is_refused_for_a_file(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several processes share the file: with the WAL-reset bug commits can be lost."""
    monkeypatch.setattr(peewee.sqlite3, "sqlite_version_info", (3, 45, 1))
    with pytest.raises(StoreFault, match=r"SQLite 3\.45\.1 can lose") as refused:
        open_store(store_url)
    assert "pysqlite3" in refused.value.hint
    open_store("sqlite:///:memory:").close()


@ON_SQLITE
@pytest.mark.parametrize(
    ("mode", "refused"),
    [(0o770, True), (0o707, True), (0o777, True), (0o755, False), (0o700, False), (0o1777, False)],
)
def test_d2_a_folder_in_which_others_can_write_is_refused(
    store_url: str, mode: int, refused: bool
) -> None:
    """They could put another file in the place of the store; under the sticky bit they cannot."""
    folder = Path(store_url.removeprefix("sqlite:///")).parent
    folder.chmod(mode)
    try:
        if not refused:
            open_store(store_url).close()
            return
        with pytest.raises(StoreFault, match="can be changed by others") as told:
            open_store(store_url)
        assert f"chmod 700 {folder}" in told.value.hint
    finally:
        folder.chmod(0o700)


@ON_SQLITE
def test_d2_a_file_that_others_can_read_is_refused(store_url: str) -> None:
    path = Path(store_url.removeprefix("sqlite:///"))
    path.chmod(0o644)
    with pytest.raises(StoreFault, match="can be read by others") as refused:
        open_store(store_url)
    assert f"chmod 600 {path}" in refused.value.hint


@pytest.mark.parametrize(
    "url",
    ["mysql://host/name", "helpspace.db", "", "postgresql://host", "postgresql://host:port/name",
     "postgresql://[/name", "postgresql:///name?colour=teal"],
)  # fmt: skip
def test_a_bad_address_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(SettingsFault) as refused:
        open_store(url)
    assert "HELPSPACE_DATABASE" in refused.value.title


def test_a5_a_password_in_the_address_is_not_shown() -> None:
    store = open_store("postgresql://me:canary@localhost:1/helpspace")
    with pytest.raises(StoreFault) as refused, store.reading() as reader:
        reader.sql("SELECT 1")
    assert "canary" not in f"{store!r} {refused.value}"


@ON_SQLITE
def test_a_store_is_not_made_unasked(empty_url: str) -> None:
    with pytest.raises(StoreFault, match="no store at") as refused:
        open_store(empty_url, make=False)
    assert "helpspace init" in refused.value.hint
    assert not Path(empty_url.removeprefix("sqlite:///")).exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFault, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'helpspace.db'}")


# --- ids from outside


ODD_IDS = ["", "x", "\0", "\ud800", "' OR 1=1 --", "a" * 100_000, "%", "é", "１２"]


@pytest.mark.parametrize("odd", ODD_IDS, ids=range(len(ODD_IDS)))
def test_a1_an_odd_id_is_simply_not_there(practice: Practice, odd: str) -> None:
    with practice.reading() as view:
        assert view.get(Client, odd) is None
    with practice.change() as tx:
        assert tx.lock(Client, odd) is None
