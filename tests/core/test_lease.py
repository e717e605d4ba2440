"""One process at a time settles: taken, kept, taken over, and fenced after a sleep (M5a)."""

from __future__ import annotations

import threading

from helpspace.core import lease
from helpspace.core.lease import GAP, LENGTH, RENEW, Grip
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Lease
from helpspace.sandbox.clock import MovableClock
from tests.core.workers import Worker, all_at_once
from tests.makers import ON_SQLITE, all_rows

TICK = 5
"""Seconds between two tries of a process that waits (`jobs.sweeps`)."""


class Line:
    """Monotonic seconds that only the test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at


def grip(name: str, line: Line | None = None) -> Grip:
    return Grip(holder=name, monotonic=(line or Line()).now)


def test_one_has_it_and_the_other_does_not(practice: Practice, clock: MovableClock) -> None:
    one, two = grip("one"), grip("two")
    assert one.take(practice)
    assert one.still(practice)
    assert not two.take(practice)
    assert not two.still(practice)
    who = lease.holder(practice)
    assert who is not None
    assert (who.holder, who.since) == ("one", clock.now())


def test_it_is_kept_by_being_used(practice: Practice, clock: MovableClock) -> None:
    """Renewed in time it is nobody else's, and the moment since when stays."""
    one, two, line = grip("one"), grip("two"), Line()
    one = grip("one", line)
    began = clock.now()
    for _ in range(20):
        assert one.take(practice)
        assert not two.take(practice)
        clock.advance(RENEW)
        line.at += RENEW
    assert one.take(practice)
    who = lease.holder(practice)
    assert who is not None
    assert who.since == began


def test_using_it_often_costs_no_commits(practice: Practice, clock: MovableClock) -> None:
    one = grip("one")
    one.take(practice)
    until = all_rows(practice, Lease)[0]["until"]
    clock.advance(RENEW - 1)
    assert one.take(practice)
    assert all_rows(practice, Lease)[0]["until"] == until


def test_it_is_taken_over_within_a_minute(practice: Practice, clock: MovableClock) -> None:
    """The holder died: the other goes on, with a gap in which no call of the first can begin."""
    assert grip("dead").take(practice)
    two, waited = grip("two"), 0
    while not two.take(practice):
        clock.advance(TICK)
        waited += TICK
    assert LENGTH + GAP <= waited <= 60
    assert lease.holder(practice).holder == "two"  # type: ignore[union-attr]


def test_one_that_slept_finds_itself_fenced(practice: Practice, clock: MovableClock) -> None:
    """A laptop that wakes: its monotonic clock stood still, the wall clock did not."""
    line = Line()
    sleeper, two = grip("sleeper", line), grip("two")
    assert sleeper.take(practice)
    clock.advance(LENGTH + GAP)
    assert not sleeper.still(practice)
    assert two.take(practice)
    assert not sleeper.take(practice)
    assert not sleeper.still(practice)


def test_a_clock_set_back_keeps_nobody_in_it(practice: Practice, clock: MovableClock) -> None:
    """D4: the monotonic clock says that the time is over."""
    line = Line()
    one = grip("one", line)
    assert one.take(practice)
    line.at += LENGTH
    assert not one.still(practice)


def test_who_lets_go_is_followed_at_once(practice: Practice, clock: MovableClock) -> None:
    one, two = grip("one"), grip("two")
    one.take(practice)
    one.release(practice)
    one.release(practice)
    assert lease.holder(practice) is None
    assert not two.take(practice)
    clock.advance(GAP)
    assert two.take(practice)


def test_the_same_process_goes_on_at_once(practice: Practice) -> None:
    one = grip("one")
    for _ in range(3):
        assert one.take(practice)
        one.release(practice)


def test_nobody_lets_go_of_anothers(practice: Practice, clock: MovableClock) -> None:
    one, two = grip("one"), grip("two")
    one.take(practice)
    clock.advance(LENGTH + GAP)
    two.take(practice)
    one.release(practice)
    assert lease.holder(practice).holder == "two"  # type: ignore[union-attr]


@ON_SQLITE
def test_every_process_has_a_name_of_its_own(practice: Practice) -> None:
    assert len({Grip().holder for _ in range(50)}) == 50


@ON_SQLITE
def test_threads_of_a_process_share_it(practice: Practice) -> None:
    one, had = grip("one"), []

    def use() -> None:
        with one.used(practice) as mine:
            had.append(mine)
        practice.store.close()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert had == [True] * 4


RIVAL = """
from helpspace.core.lease import Grip
from helpspace.sandbox.clock import MovableClock
from tests.makers import practice_at

url, now, name = sys.argv[1:]
practice = practice_at(url, MovableClock(int(now)))
practice.now()
ready()
say(Grip(holder=name).take(practice))
practice.store.close()
"""


HOLDER = """
from helpspace.core.lease import Grip
from helpspace.sandbox.clock import MovableClock
from tests.makers import practice_at

url, now = sys.argv[1:]
say(Grip().take(practice_at(url, MovableClock(int(now)))))
ready()
"""


def test_of_many_processes_one_has_it(practice: Practice, clock: MovableClock) -> None:
    url, now = practice.settings.database, str(clock.now())
    for round_ in range(3):
        workers = [Worker(RIVAL, url, now, f"{round_}-{n}") for n in range(4)]
        taken = [said for (said,) in all_at_once(workers)]
        assert taken.count(True) == (1 if round_ == 0 else 0)


def test_one_that_died_on_this_machine_is_followed_at_once(
    practice: Practice, clock: MovableClock
) -> None:
    """A restart need not wait for the end of a time that nobody uses."""
    worker = Worker(HOLDER, practice.settings.database, str(clock.now()))
    assert worker.hear() is True
    two = grip("two")
    assert not two.take(practice)
    assert lease.holder(practice) is not None
    worker.kill()
    assert not two.take(practice)
    assert lease.holder(practice) is None
    clock.advance(GAP)
    assert two.take(practice)


@ON_SQLITE
def test_of_other_machines_nothing_is_known(practice: Practice) -> None:
    """Only who is known to have ended is: the number must be one of this machine's."""
    host, pid, mark, rest = lease.process_id().split(":")
    assert not lease.is_gone(f"{host}:{pid}:{mark}:{rest}")
    assert lease.is_gone(f"{host}:{2**22 + 7}:{mark}:{rest}")
    assert not lease.is_gone(f"{host}:{2**22 + 7}:another:{rest}")
    for odd in ("", "one", "a:b:c:d", f"{host}:{'9' * 30}:{mark}:x", f"{host}::{mark}:x"):
        assert not lease.is_gone(odd)
