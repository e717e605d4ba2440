"""Making and upgrading the store: the same from anywhere, alone, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest

from helpspace.core.actors import Actor
from helpspace.core.errors import Overlap, StoreFault
from helpspace.core.practice import Practice
from helpspace.core.store import Store, guards, migrate, open_store
from helpspace.core.store.init import make_ready
from helpspace.core.store.tables import StoreFact, Terminal, Therapist
from helpspace.sandbox.clock import MovableClock
from tests.core.workers import Worker, all_at_once
from tests.makers import (
    NOW,
    ON_SQLITE,
    SOON,
    add_client,
    add_therapist,
    all_rows,
    follow_up,
    open_slot,
    practice_at,
    session,
    snapshot,
)

AddMigration = Callable[[str, str], None]

ADD_COLUMN = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE therapist ADD COLUMN colour TEXT DEFAULT 'teal'")
    db.execute_sql("CREATE INDEX therapist_colour ON therapist (colour)")
"""

REBUILD = """
from peewee import TextField

def up(migrator, db):
    migrator.migrate(migrator.alter_column_type("claim", "hold_fee", TextField(null=True)))
    migrator.migrate(migrator.alter_column_type("appointment", "sequence", TextField()))
"""

FAIL = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE therapist ADD COLUMN colour TEXT")
    raise RuntimeError("half way")
"""


@pytest.fixture
def store(empty_url: str) -> Iterator[Store]:
    made = open_store(empty_url)
    yield made
    made.close()


@pytest.fixture
def add_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AddMigration:
    """Adds migrations that only this test knows."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate._FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))

    def add(name: str, code: str) -> None:
        (folder / f"{name}.py").write_text(code)
        monkeypatch.setattr(migrate, "_FOLDER", folder)

    return add


def schema(store: Store) -> list[Any]:
    """Return everything the database says about its own shape."""
    if not store.postgresql:
        found = store.db.execute_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
        return sorted((row[0], row[1], row[2], " ".join((row[3] or "").split())) for row in found)
    queries = (
        """SELECT table_name, column_name, data_type, is_nullable, column_default
            FROM information_schema.columns WHERE table_schema = 'public'""",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        """SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
            WHERE NOT tgisinternal""",
        """SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')""",
    )
    return [sorted(map(str, store.db.execute_sql(query).fetchall())) for query in queries]


def test_a_fresh_store_is_complete(store: Store) -> None:
    assert migrate.upgrade(store) == migrate.known()
    migrate.check(store)
    assert migrate.upgrade(store) == []


def test_every_table_has_the_columns_of_its_model(practice: Practice) -> None:
    assert snapshot(practice)


def test_upgraded_equals_fresh(
    empty_url: str, store: Store, add_migration: AddMigration, request: pytest.FixtureRequest
) -> None:
    migrate.upgrade(store)
    released = migrate.known()
    add_migration("0900_colour", ADD_COLUMN)
    assert migrate.upgrade(store) == ["0900_colour"]
    upgraded = schema(store)
    fresh = open_store(another_url(empty_url, request))
    assert migrate.upgrade(fresh) == [*released, "0900_colour"]
    assert schema(fresh) == upgraded
    fresh.close()


def another_url(url: str, request: pytest.FixtureRequest) -> str:
    if url.startswith("sqlite"):
        return f"{url}.second"
    databases = request.getfixturevalue("databases")
    name = databases.make()
    request.addfinalizer(lambda: databases.drop(name))
    return str(databases.url(name))


@pytest.fixture
def lived_in(empty_url: str) -> Iterator[Practice]:
    """A practice of the first release with people and sessions in it."""
    made = practice_at(empty_url, MovableClock(NOW))
    make_ready(made)
    therapist, client = add_therapist(made), add_client(made)
    session(made, therapist, client)
    follow_up(made, therapist, client, SOON + 86_400)
    open_slot(made, therapist, SOON + 2 * 86_400)
    yield made
    made.store.close()


@pytest.mark.parametrize("code", [ADD_COLUMN, REBUILD], ids=["column", "rebuild"])
def test_an_upgrade_keeps_the_data_and_every_guard(
    lived_in: Practice, add_migration: AddMigration, code: str
) -> None:
    """SQLite rebuilds a table for some changes and drops its triggers without a word."""
    before = {table: len(rows) for table, rows in snapshot(lived_in).items()}
    add_migration("0900_change", code)
    with pytest.raises(StoreFault, match="older Helpspace"):
        migrate.check(lived_in.store)
    migrate.upgrade(lived_in.store)
    migrate.check(lived_in.store)
    assert {table: len(rows) for table, rows in snapshot(lived_in).items()} == before
    therapist = next(iter(all_rows(lived_in, Therapist)))
    with pytest.raises(Overlap):
        open_slot(lived_in, Actor.therapist(therapist["id"]), SOON)


@ON_SQLITE
def test_a_rebuild_leaves_no_reference_hanging(
    lived_in: Practice, add_migration: AddMigration
) -> None:
    add_migration("0900_change", REBUILD)
    migrate.upgrade(lived_in.store)
    db = lived_in.store.db
    assert db.execute_sql("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
    assert db.execute_sql("PRAGMA foreign_keys").fetchone() == (1,)
    with pytest.raises(peewee.IntegrityError):
        db.execute_sql("INSERT INTO bond (therapist_id, client_id) VALUES ('nobody', 'nobody')")


@ON_SQLITE
def test_a_change_that_leaves_references_hanging_is_undone(
    lived_in: Practice, add_migration: AddMigration
) -> None:
    add_migration(
        "0900_bad", 'def up(migrator, db):\n    db.execute_sql("DELETE FROM therapist")\n'
    )
    with pytest.raises((StoreFault, peewee.IntegrityError)):
        migrate.upgrade(lived_in.store)
    assert all_rows(lived_in, Therapist)


def test_a_step_that_fails_leaves_nothing_behind(
    lived_in: Practice, add_migration: AddMigration
) -> None:
    before = schema(lived_in.store)
    add_migration("0900_bad", FAIL)
    with pytest.raises(RuntimeError, match="half way"):
        migrate.upgrade(lived_in.store)
    assert schema(lived_in.store) == before
    assert "0900_bad" not in migrate.applied(lived_in.store)
    assert session(lived_in, add_therapist(lived_in), add_client(lived_in))


def test_one_step_can_be_taken_by_itself(store: Store, add_migration: AddMigration) -> None:
    released = migrate.known()
    add_migration("0900_colour", ADD_COLUMN)
    assert migrate.upgrade(store, target=released[-1]) == released
    assert migrate.upgrade(store) == ["0900_colour"]


# --- what does not fit is refused


def test_a_store_that_is_not_there_yet(store: Store) -> None:
    with pytest.raises(StoreFault, match="no store here") as refused:
        migrate.check(store)
    assert "helpspace init" in refused.value.hint


def test_a_store_of_a_newer_program_is_refused(store: Store) -> None:
    migrate.upgrade(store)
    store.db.execute_sql(
        "INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')"
    )
    for use in (migrate.check, migrate.upgrade):
        with pytest.raises(StoreFault, match="newer Helpspace"):
            use(store)


@ON_SQLITE
@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"x" * 4096]
)
def test_a_damaged_file_is_told_in_one_line(empty_url: str, content: bytes) -> None:
    path = Path(empty_url.removeprefix("sqlite:///"))
    path.write_bytes(content)
    path.chmod(0o600)
    store = open_store(empty_url)
    for use in (migrate.check, migrate.upgrade):
        with pytest.raises(StoreFault, match="damaged"):
            use(store)
    store.close()
    assert path.read_bytes() == content


def test_a_server_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    store = open_store(f"postgresql:///helpspace?host={tmp_path}")
    for use in (migrate.check, migrate.upgrade):
        with pytest.raises(StoreFault, match="does not answer"):
            use(store)


# --- several at once, and killed in the middle

MAKE = """
from helpspace.core.store.init import make_ready
from helpspace.core.store.tables import Therapist
from helpspace.sandbox.clock import MovableClock
from tests.makers import practice_at

practice = practice_at(sys.argv[1], MovableClock(0), seed=int(sys.argv[2]))
ready()
say(",".join(make_ready(practice)) or "nothing")
with practice.reading() as view:
    say(view.fact("name"))
"""


def test_four_makers_at_once_make_one_store(empty_url: str, store: Store) -> None:
    ends = all_at_once([Worker(MAKE, empty_url, str(seed)) for seed in range(4)])
    did = sorted(said[0] for said in ends)
    assert did == [",".join(migrate.known()), "nothing", "nothing", "nothing"]
    assert len({said[1] for said in ends}) == 1  # one name
    migrate.check(store)


UPGRADE = """
from pathlib import Path
from helpspace.core.store import guards, migrate, open_store

migrate._FOLDER = Path(sys.argv[2])
where = sys.argv[3]
put_up = guards.put_up

def stopping(db):
    if where == "before the guards":
        ready()
    put_up(db)
    if where == "after the guards":
        ready()

guards.put_up = stopping
store = open_store(sys.argv[1])
sys.in_the_step = ready if where == "in the step" else str
migrate.upgrade(store)
"""

STOPPING = (
    ADD_COLUMN
    + """
    import sys
    sys.in_the_step()
    db.execute_sql("ALTER TABLE client ADD COLUMN colour TEXT DEFAULT 'teal'")
"""
)


@pytest.mark.parametrize("where", ["in the step", "before the guards", "after the guards"])
def test_killed_during_an_upgrade_it_is_whole_at_the_next_start(
    lived_in: Practice, add_migration: AddMigration, where: str
) -> None:
    add_migration("0900_colour", STOPPING)
    url, folder = lived_in.settings.database, str(migrate._FOLDER)
    worker = Worker(UPGRADE, url, folder, where)
    worker.wait_ready()
    worker.kill()
    assert "0900_colour" not in migrate.applied(lived_in.store)
    (migrate._FOLDER / "0900_colour.py").write_text(ADD_COLUMN)
    assert migrate.upgrade(lived_in.store) == ["0900_colour"]
    migrate.check(lived_in.store)
    assert guards.present(lived_in.store.db) >= set(guards.expected(lived_in.store.db))


def plausible(name: str, kind: str, of: str) -> object:
    if "INT" in kind:
        return 6_000 if name.endswith("fee") else 50 if name.endswith("minutes") else 1
    return of.encode() if kind in ("BLOB", "BYTEA") else of


def test_what_a_therapist_had_set_is_kept_when_it_gets_columns(store: Store) -> None:
    """What was kept as facts is in columns of its own, for each therapist alone."""
    migrate.upgrade(store, target="0013_phone")
    for one, theme in (("anna", "helpspace-light"), ("bob", None)):
        needed = {
            column.name: plausible(column.name, column.data_type.upper(), one)
            for column in store.db.get_columns("therapist")
            if not column.null and column.default is None
        }
        values = {
            **needed,
            "id": one,
            "zone": "Europe/London",
            "theme": theme,
            "status": "approved",
        }
        names, marks = ", ".join(values), ", ".join([store.db.param] * len(values))
        store.db.execute_sql(
            f"INSERT INTO therapist ({names}) VALUES ({marks})", tuple(values.values())
        )
    for key, value in (
        ("view:anna", "month"), ("boundaries:anna", "5,15"), ("boundaries:bob", "0,10"),
        ("kept", "as it is"),
    ):  # fmt: skip
        StoreFact.insert(key=key, value=value).execute(store.db)
    migrate.upgrade(store)
    found = Terminal.select(Terminal.therapist_id, Terminal.theme, Terminal.view, Terminal.opens)
    assert list(found.tuples().execute(store.db)) == [("anna", "helpspace-light", "month", "last")]
    limits = Therapist.select(Therapist.id, Therapist.day_cap, Therapist.rest_minutes)
    assert sorted(limits.tuples().execute(store.db)) == [("anna", 5, 15), ("bob", None, 10)]
    facts = StoreFact.select(StoreFact.key).where(
        StoreFact.key.contains("kept") | StoreFact.key.contains(":")
    )
    assert list(facts.tuples().execute(store.db)) == [("kept",)]


@ON_SQLITE
def test_d3_a_store_as_it_was_made_is_known_by_its_schema(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes a table changes `AS_MADE`; else every start looks at each guard by itself."""
    for name in migrate.known():
        migrate.upgrade(store, target=name)
    assert migrate.schema_of(store) == migrate.AS_MADE
    store.db.execute_sql("ANALYZE")
    monkeypatch.setattr(guards, "check", lambda _: pytest.fail("every guard was looked at"))
    migrate.check(store)


@ON_SQLITE
def test_d3_a_changed_schema_has_its_guards_looked_at(store: Store) -> None:
    migrate.upgrade(store)
    store.db.execute_sql("CREATE INDEX audit_via ON audit (via)")
    migrate.check(store)
    store.db.execute_sql("DROP TRIGGER ledger_kept")
    with pytest.raises(StoreFault, match="ledger_kept"):
        migrate.check(store)
