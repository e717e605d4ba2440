"""A terminal that was left open shows nothing until its passphrase is typed (A5)."""

from __future__ import annotations

import pytest
from textual.events import Resize

from helpspace.core import terminal, terminal_lock
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from helpspace.tui.lock.gate import Gate
from helpspace.tui.lock.screen import LockScreen
from helpspace.tui.screens.quick_add import QuickAddModal
from tests.tui.scenes import Scene
from tests.tui.stage import LARGE, SMALL, Stage, play

WORDS = "grey heron at dusk"


@pytest.fixture
def locked(week: Practice, scene: Scene) -> Practice:
    """A practice whose therapist has locked their terminal, after ten minutes."""
    terminal_lock.keep_lock(week, scene.therapist, WORDS, 10)
    return week


def is_locked(stage: Stage) -> bool:
    return isinstance(stage.app.screen, LockScreen)


async def unlock(stage: Stage, words: str = WORDS) -> None:
    await stage.fill("passphrase", words)
    await stage.press("enter")


def go_away(practice: Practice, seconds: int) -> None:
    assert isinstance(practice.clock, MovableClock)
    practice.clock.advance(seconds)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_it_asks_at_the_start_and_after_idle_minutes(
    locked: Practice, scene: Scene, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        assert is_locked(stage)
        assert "Sam" not in stage.text
        assert "This terminal is locked" in stage.text
        assert WORDS not in stage.text
        await unlock(stage)
        assert "Sam" in stage.text
        go_away(locked, 599)
        stage.app.look_after()
        await stage.settle()
        assert not is_locked(stage)
        await stage.press("right")
        go_away(locked, 599)
        stage.app.look_after()
        await stage.settle()
        assert not is_locked(stage)  # the key was a sign of life
        go_away(locked, 1)
        stage.app.look_after()
        await stage.settle()
        assert is_locked(stage)
        assert "Sam" not in stage.text

    play(locked, scene.therapist, walk, size)


def test_the_key_of_somebody_who_comes_later_does_nothing_else(
    locked: Practice, scene: Scene
) -> None:
    """A machine that slept has no timer: the first key meets the lock, not the calendar."""

    async def walk(stage: Stage) -> None:
        await unlock(stage)
        go_away(locked, 600)
        await stage.press("s")
        assert is_locked(stage)
        await unlock(stage)
        assert len(stage.app.screen_stack) == 1

    play(locked, scene.therapist, walk)


def test_what_was_half_done_stays(locked: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await unlock(stage)
        await stage.press("a", *"tue 10:00")
        await stage.press("ctrl+l")
        assert is_locked(stage)
        await stage.press("ctrl+p", "f2", "escape")
        assert is_locked(stage)
        await unlock(stage)
        assert isinstance(stage.app.screen, QuickAddModal)
        assert "tue 10:00" in stage.text

    play(locked, scene.therapist, walk)


def test_what_comes_meanwhile_waits(locked: Practice, scene: Scene) -> None:
    """Neither a word in the corner nor a panel whose act has ended shows anything, or opens it."""

    async def walk(stage: Stage) -> None:
        await unlock(stage)
        await stage.press("a", *"tue 10:00")
        form = stage.app.screen
        stage.app.notify("Sam Taylor cancelled")
        await stage.press("ctrl+l")
        stage.app.notify("Tom Hughes cancelled")
        await stage.pane.run_action("help")
        form.dismiss(None)
        await stage.settle()
        assert is_locked(stage)
        for word in ("Sam", "Tom", "Every key"):
            assert word not in stage.text
        await unlock(stage)
        assert "Tom Hughes cancelled" in stage.text
        assert form not in stage.app.screen_stack

    play(locked, scene.therapist, walk)


def test_nothing_that_ends_under_it_takes_it_away(locked: Practice, scene: Scene) -> None:
    """A screen's end is Textual's pop of whatever is on top: the lock must not be that."""

    async def walk(stage: Stage) -> None:
        await unlock(stage)
        await stage.pane.run_action("settings")
        await stage.settle()
        under = stage.app.screen
        stage.app.lock_up()
        under.dismiss(None)
        await stage.settle()
        assert is_locked(stage)
        assert under in stage.app.screen_stack
        await unlock(stage)
        assert len(stage.app.screen_stack) == 1

    play(locked, scene.therapist, walk)


def test_a_clock_set_back_puts_it_off_by_no_more_than_its_minutes() -> None:
    """The idle time counts from where the clock stands then, not from an hour to come."""
    now = 100_000
    gate = Gate(lambda: now, 10)
    now -= 3_600
    assert not gate.is_due()
    now += 599
    assert not gate.is_due()
    now += 1
    assert gate.is_due()


def test_a_resumed_terminal_is_locked_before_it_paints(locked: Practice, scene: Scene) -> None:
    """After a stop of the process the size comes first, and with it the first paint."""

    async def walk(stage: Stage) -> None:
        await unlock(stage)
        go_away(locked, 600)
        size = stage.app.size
        await stage.app.on_event(Resize(size, size))
        assert is_locked(stage)

    play(locked, scene.therapist, walk)


def test_a_wrong_one_is_refused_and_empties_the_field(locked: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await unlock(stage, "wrong")
        assert "That is not the passphrase" in stage.text
        assert is_locked(stage)
        for _ in range(4):
            await unlock(stage, "wrong")
        await unlock(stage)
        assert "Try again in 30 seconds" in stage.text
        go_away(locked, 30)
        await unlock(stage)
        assert not is_locked(stage)

    play(locked, scene.therapist, walk)


def test_it_is_set_changed_and_taken_off_in_the_terminal(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("ctrl+l")
        assert "There is no lock yet" in stage.text
        await stage.pane.run_action("lock")
        await stage.settle()
        await stage.fill("new", WORDS)
        await stage.fill("again", "grey heron at dawn")
        await stage.press("enter")
        assert "The two passphrases differ" in stage.flat
        await stage.fill("again", WORDS)
        await stage.fill("minutes", "5")
        assert "After 5 min without a key" in stage.flat
        assert WORDS not in stage.text
        await stage.press("enter")
        assert "Locked after 5 min" in stage.said
        go_away(week, 300)
        stage.app.look_after()
        await stage.settle()
        assert is_locked(stage)
        await unlock(stage)
        await stage.pane.run_action("lock")
        await stage.settle()
        assert "Enter takes the lock off" in stage.flat
        await stage.press("enter")
        assert "That is not the passphrase" in stage.flat
        await stage.fill("present", WORDS)
        await stage.press("enter")
        assert "The lock is off" in stage.said
        go_away(week, 3_600)
        stage.app.look_after()
        await stage.settle()
        assert not is_locked(stage)

    play(week, scene.therapist, walk)
    assert terminal.settings_of(week, scene.therapist).lock_minutes is None


def test_the_team_took_it_off_while_it_was_locked(locked: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        terminal_lock.take_lock_off(locked, scene.therapist, WORDS)
        await stage.press("enter")
        assert not is_locked(stage)

    play(locked, scene.therapist, walk)
