"""kill -9 while a store moves to PostgreSQL: never two that serve, and none is lost (D5, M5)."""

from __future__ import annotations

from helpspace.core.errors import StoreFault
from helpspace.core.keeping import moving
from helpspace.core.practice import Practice
from helpspace.core.store import Store, open_store, standing
from tests import postgres
from tests.core.keeping import kept
from tests.core.workers import Worker
from tests.makers import TEAM

MOVE = """
from helpspace.sandbox.clock import MovableClock
from tests.makers import NOW, DAY, TEAM, practice_at

practice = practice_at(sys.argv[2], MovableClock(NOW + 4 * DAY), seed=8)
honest_filling = moving.standing.mark_filling
def filling(*args):
    global armed
    armed = True
    honest_filling(*args)

moving.standing.mark_filling = filling
moving.move(practice, TEAM, sys.argv[3])
say(hits)
"""


def test_d5_killed_at_any_commit_one_store_serves_and_the_move_can_be_finished(
    lived_in: Practice, databases: postgres.Databases
) -> None:
    """M5: never both, else both would charge."""
    source = lived_in.settings.database
    lived_in.store.close()
    ends = []
    # Before the copy is committed and after, after the mark, and after the last word.
    for number in (1, 2, 4, 6):
        name = databases.make()
        url, here = databases.url(name), kept.copied(source, number)
        assert Worker(kept.CRASHES + MOVE, str(number), here, url).finish() == []
        old = kept.opened(kept.place(lived_in, here, lived_in.settings.files))
        before = kept.rows(old)
        new = open_store(url)
        serves = (
            not standing.is_moved(old.store),
            bool(new.db.get_tables()) and not _unfit(new),
        )
        new.close()
        ends.append(serves)
        moving.move(old, TEAM, url)
        moved = kept.at(lived_in, url)
        kept.same(moved, before)
        moved.store.close()
        old.store.close()
        databases.drop(name)
    assert ends == [(True, False), (True, False), (False, False), (False, True)]


def _unfit(store: Store) -> bool:
    try:
        standing.refuse_unfit(store)
    except StoreFault:
        return True
    return False
