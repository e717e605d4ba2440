"""kill -9 while a store is saved or restored: whole or not at all, and nothing lost (D5)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from helpspace.core.errors import StoreFault
from helpspace.core.keeping import backup, restore
from helpspace.core.practice import Practice
from helpspace.core.store import migrate, open_store, standing
from helpspace.core.store.tables import Client
from tests.core.keeping import kept
from tests.core.workers import Worker
from tests.makers import TEAM, add_client, add_therapist, session

SAVE = """
from pathlib import Path
from helpspace.core.keeping import backup
from helpspace.sandbox.clock import MovableClock
from tests.makers import NOW, TEAM, practice_at

practice = practice_at(sys.argv[2], MovableClock(NOW), seed=5)
honest = backup._put_in_place
armed = sys.argv[4] == "all"

def put_in_place(*args):
    global armed
    armed = True
    honest(*args)

backup._put_in_place = put_in_place
backup.backup(practice, TEAM, Path(sys.argv[3]))
say(hits)
"""


def test_d5_killed_at_any_moment_of_a_backup_no_half_file_has_the_name(
    practice: Practice, folder: Path
) -> None:
    session(practice, add_therapist(practice), add_client(practice))
    url, path = practice.settings.database, folder / "kept"
    for at in ("1", "7", "25"):
        assert Worker(kept.CRASHES + SAVE, at, url, str(path), "all").finish() == []
        assert not path.exists()
    assert any(one.is_dir() for one in folder.iterdir())
    points, whole = kept.points(SAVE, url, str(path), "last"), 0
    for number in points:
        path.unlink(missing_ok=True)
        assert Worker(kept.CRASHES + SAVE, str(number), url, str(path), "last").finish() == []
        if path.exists():
            backup.prove(practice, path)
            whole += 1
    assert len(points) > whole > 2
    path.unlink()
    backup.backup(practice, TEAM, path)
    # Nothing of what was cut off is left, from which nobody would be erased (D6).
    assert not any(one.is_dir() for one in folder.iterdir())


RESTORE = """
from pathlib import Path
from helpspace.core.keeping import places, restore
from helpspace.sandbox.clock import MovableClock
from tests.core.keeping import kept
from tests.makers import NOW, DAY, TEAM, practice_at

practice = practice_at("sqlite:///:memory:", MovableClock(NOW + 4 * DAY), seed=int(sys.argv[1]))
place = kept.place(practice, sys.argv[3], Path(sys.argv[4]))
for one in (places.OnSqlite, places.OnPostgresql):
    def taking(self, folder, honest=one.take):
        global armed
        armed = True
        return honest(self, folder)
    one.take = taking
restore.restore(place, TEAM, Path(sys.argv[2]), replace_old=sys.argv[5] == "replace")
say(hits)
"""


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
def test_d5_killed_at_any_moment_of_a_restore_it_can_be_done_again(
    lived_in: Practice, saved: Path, folder: Path, empty_urls: Callable[[], str], backend: str
) -> None:
    """Where there was nothing there is nothing, or the whole store; never half of one."""
    wanted, ends = kept.rows(lived_in), set()
    points = kept.points(RESTORE, str(saved), empty_urls(), str(folder / "files"), "")
    # Of the documents the first and one between; of what comes after them every moment.
    for number in (1, len(points) // 2, *points[-5:]):
        url, files = empty_urls(), folder / f"files{number}"
        argv = (str(number), str(saved), url, str(files), "")
        assert Worker(kept.CRASHES + RESTORE, *argv).finish() == []
        new = kept.place(lived_in, url, files)
        there = _is_there(url)
        ends.add(there)
        if not there:
            restore.restore(new, TEAM, saved)
        back = kept.opened(new)
        kept.same(back, wanted)
        assert standing.rests(back.store)
        assert kept.documents(back) == kept.documents(lived_in)
        back.store.close()
    assert ends == {True, False}


def _is_there(url: str) -> bool:
    try:
        store = open_store(url, make=False)
    except StoreFault:
        return False
    try:
        there = bool(store.db.get_tables())
        if there:
            migrate.check(store)
        return there
    finally:
        store.close()


def test_d5_killed_while_an_old_store_is_set_aside_nothing_is_lost(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    """The old store is in use, closed for good in its place, or aside; never gone."""
    wanted, seen = kept.rows(lived_in), set()
    first, extra = _with_an_old_store(lived_in, saved, folder / "place0")
    argv = (str(saved), first.settings.database, str(first.settings.files), "replace")
    points = kept.points(RESTORE, *argv)
    for number in (*points[:8:2], *points[8:-6:6], *points[-6:]):
        here = folder / f"place{number}"
        new, extra = _with_an_old_store(lived_in, saved, here)
        argv = (str(saved), new.settings.database, str(new.settings.files), "replace")
        assert Worker(kept.CRASHES + RESTORE, str(number), *argv).finish() == []
        seen.add(_how_it_stands(new, extra))
        new.clock.advance(1)  # type: ignore[attr-defined]
        restore.restore(new, TEAM, saved, replace_old=True)
        back = kept.opened(new)
        kept.same(back, wanted)
        assert kept.documents(back) == kept.documents(lived_in)
        back.store.close()
        assert any(_has(path, extra) for path in here.glob("x.db.before-*"))
        assert any((path / "later").exists() for path in here.glob("files.before-*"))
    assert seen == {"old", "closed", "new"}


def _with_an_old_store(practice: Practice, saved: Path, here: Path) -> tuple[Practice, str]:
    """Make a store with somebody and a document of its own; return it with that client's id."""
    new = kept.place(practice, f"sqlite:///{here / 'x.db'}", here / "files")
    first = kept.restored(new, saved)
    extra = add_client(first, "Later", chat=4242).id
    first.store.close()
    (here / "files" / "later").write_text("a document of its own")
    return new, extra


def _how_it_stands(practice: Practice, extra: str) -> str:
    found = kept.opened(practice)
    try:
        if standing.is_moved(found.store):
            return "closed"
        with found.reading() as view:
            return "new" if view.get(Client, extra) is None else "old"
    finally:
        found.store.close()


def _has(path: Path, client_id: str) -> bool:
    store = open_store(f"sqlite:///{path}", make=False)
    try:
        with store.reading() as reader:
            return reader.get(Client, client_id) is not None
    finally:
        store.close()
