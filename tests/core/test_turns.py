"""The queue before a SQLite file: turns are exclusive, and nobody waits for ever."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from helpspace.core.errors import Busy
from helpspace.core.store.turns import Turns

SOON = 0.02
LONG = 20.0


def held(turns: Turns) -> tuple[threading.Thread, threading.Event]:
    """Let another thread take a turn, and keep it until the event."""
    there, end = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.turn():
            there.set()
            end.wait(LONG)
        turns.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert there.wait(LONG)
    return holder, end


def test_a_turn_that_does_not_come_is_refused_and_leaves_nothing_locked(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "store.db", patience=SOON)
    holder, end = held(turns)
    for _ in range(3):
        with pytest.raises(Busy), turns.turn():
            pytest.fail("two turns at once")
    end.set()
    holder.join(LONG)
    # Those who left close their handles as soon as the lock comes to them.
    with Turns(tmp_path / "store.db", patience=LONG).turn():
        pass
    turns.close()


def test_a_turn_comes_when_the_one_before_has_ended(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "store.db", patience=LONG)
    holder, end = held(turns)
    threading.Timer(SOON, end.set).start()
    with turns.turn():
        assert end.is_set()
    holder.join(LONG)
    turns.close()


def test_turns_are_exclusive(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "store.db", patience=LONG)
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(50):
            with turns.turn():
                inside.append(1)
                most.append(len(inside))
                inside.pop()
        turns.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert len(most) == 300
    assert set(most) == {1}
