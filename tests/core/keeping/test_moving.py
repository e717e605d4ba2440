"""A store moves from SQLite to PostgreSQL: everything goes, and one of the two serves (D5, M5)."""

from __future__ import annotations

from collections.abc import Iterator

import peewee
import pytest

from helpspace.core import accounts
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError, NotAllowed, SettingsFault, StoreFault
from helpspace.core.keeping import copying, moving
from helpspace.core.payments import settle
from helpspace.core.practice import Practice
from helpspace.core.store import open_store, rows, standing
from helpspace.core.store.tables import Audit, Ledger, Notice
from tests import makers, postgres
from tests.core.keeping import kept
from tests.makers import ON_POSTGRESQL, TEAM, all_rows


@pytest.fixture
def url(databases: postgres.Databases) -> Iterator[str]:
    """An empty database on PostgreSQL."""
    name = databases.make()
    yield databases.url(name)
    databases.drop(name)


def test_d5_everything_moves(lived_in: Practice, url: str) -> None:
    with lived_in.change() as tx:
        last = tx.sql("SELECT max(seq) FROM notice")[0][0]
        tx.run(Notice.delete().where(Notice.seq == last))
    before = kept.rows(lived_in)
    with lived_in.reading() as view:
        numbers = rows.serials(view)
    moved = moving.move(lived_in, TEAM, url)
    assert moved.counts["ledger"] == len(all_rows(lived_in, Ledger)) > 2
    new = kept.at(lived_in, url)
    kept.same(new, before)
    assert all_rows(new, Audit)[-1]["act"] == "move"
    with new.reading() as view:
        assert rows.serials(view) == {**numbers, "audit": numbers["audit"] + 1}
        assert view.fact(standing.FILLING) is None
        assert view.fact(standing.MOVED) is None
    # It goes on as a store of its own: not restored, so it charges, and no number comes twice.
    assert settle.claim(new, "w") is not None
    makers.session(
        new, makers.add_therapist(new), makers.add_client(new), makers.SOON + 30 * makers.DAY
    )
    assert min(row["seq"] for row in all_rows(new, Notice)[-2:]) > last
    new.store.close()


def test_d5_the_old_store_takes_no_change_any_more(lived_in: Practice, url: str) -> None:
    """Nor in a process that had it open before; one line says where to go."""
    running = kept.beside(lived_in)
    with running.reading() as view:
        assert view.fact("name")
    moving.move(lived_in, TEAM, url)
    before = makers.snapshot(lived_in)
    for act in (
        lambda: accounts.register(running, 4711),
        lambda: settle.claim(running, "w"),
        lambda: standing.refuse_unfit(open_store(lived_in.settings.database)),
    ):
        with pytest.raises(StoreFault, match="This store has moved to PostgreSQL") as told:
            act()
        assert told.value.hint == "Set HELPSPACE_DATABASE to its address."
    assert makers.snapshot(lived_in) == before
    running.store.close()


def test_a5_where_it_has_gone_is_told_without_the_password(lived_in: Practice, url: str) -> None:
    secret = f"{url}&password=hunter2"
    assert "hunter2" not in repr(moving.move(lived_in, TEAM, secret))
    with pytest.raises(StoreFault) as told:
        accounts.register(lived_in, 4711)
    assert "hunter2" not in str(told.value)


def test_a_rehearsal_moves_nothing(lived_in: Practice, url: str) -> None:
    before = makers.snapshot(lived_in)
    assert moving.move(lived_in, TEAM, url, dry_run=True).rows == sum(map(len, before.values()))
    assert makers.snapshot(lived_in) == before
    target = open_store(url)
    assert target.db.get_tables() == []
    target.close()


def test_what_cannot_be_moved_to_is_refused(
    lived_in: Practice, url: str, databases: postgres.Databases
) -> None:
    before = makers.snapshot(lived_in)
    used = open_store(url)
    used.db.execute_sql("CREATE TABLE mine (x INTEGER)")
    used.close()
    for bad, match in (
        (url, "not empty"),
        ("sqlite:///x.db", "no address of PostgreSQL"),
        ("postgresql:///", "names no database"),
        ("postgresql:///x?host=/nowhere", "does not answer"),
    ):
        with pytest.raises(HelpspaceError, match=match):
            moving.move(lived_in, TEAM, bad)
    assert makers.snapshot(lived_in) == before
    assert accounts.register(lived_in, 4711)


@ON_POSTGRESQL
def test_a_store_on_postgresql_is_there_already(practice: Practice, url: str) -> None:
    with pytest.raises(HelpspaceError, match="on PostgreSQL already"):
        moving.move(practice, TEAM, url)


def test_a_missing_driver_is_told_in_one_line(
    lived_in: Practice, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Without(peewee.PostgresqlDatabase):
        def __init__(self, *_args: object, **_options: object) -> None:
            raise peewee.ImproperlyConfigured("no driver")

    monkeypatch.setattr(peewee, "PostgresqlDatabase", Without)
    with pytest.raises(SettingsFault, match="needs its driver") as told:
        moving.move(lived_in, TEAM, url)
    assert "helpspace[postgres]" in told.value.hint


def test_a_copy_that_is_not_the_same_is_undone(
    lived_in: Practice, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, honest = makers.snapshot(lived_in), rows.put

    def losing(db: object, model: object, columns: object, given: object) -> None:
        if model is Ledger:
            given = list(given)[:-1]  # type: ignore[call-overload]
        honest(db, model, columns, given)  # type: ignore[arg-type]

    monkeypatch.setattr(copying.rows, "put", losing)
    with pytest.raises(StoreFault, match="ledger did not come out the same"):
        moving.move(lived_in, TEAM, url)
    assert makers.snapshot(lived_in) == before
    monkeypatch.setattr(copying.rows, "put", honest)
    assert moving.move(lived_in, TEAM, url).rows


def test_a1_only_the_team_moves(lived_in: Practice, url: str) -> None:
    with pytest.raises(NotAllowed):
        moving.move(lived_in, Actor.therapist("x" * 12), url)
