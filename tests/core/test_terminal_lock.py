"""The passphrase of a therapist's terminal (A1, A2, A5, D7)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf import argon2

from helpspace.core import terminal, terminal_lock
from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, Invalid, NotAllowed, NotFound
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Terminal
from helpspace.core.terminal_lock import (
    FIRST_WAIT,
    FREE_TRIES,
    LONGEST_WAIT,
    Cost,
    TooManyTries,
    WrongPassphrase,
)
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.makers import TEAM, add_therapist, all_rows

WORDS = "grey heron at dusk"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries that cost next to nothing, since there are many of them here."""
    monkeypatch.setattr(terminal_lock, "COST", Cost(1, 1, 8))


def test_a_try_costs_what_rfc_9106_asks_for(
    practice: Practice, therapist: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    lock(practice, therapist)
    kept = practice.vault.open(all_rows(practice, Terminal)[0]["lock_sealed"], "terminal.lock")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    terminal_lock.open_lock(practice, therapist, WORDS)


def lock(practice: Practice, actor: Actor, words: str = WORDS, **more: str) -> None:
    terminal_lock.keep_lock(practice, actor, words, 10, **more)


def acts(practice: Practice) -> list[str]:
    return [row["act"] for row in all_rows(practice, Audit) if row["thing"] == "terminal"]


def test_only_its_passphrase_opens_it(practice: Practice, therapist: Actor) -> None:
    """A1: each therapist's own; without a lock there is nothing to open."""
    other = add_therapist(practice, "Bob")
    terminal_lock.open_lock(practice, therapist, "anything")
    lock(practice, therapist)
    assert terminal.settings_of(practice, therapist).lock_minutes == 10
    assert terminal.settings_of(practice, other).lock_minutes is None
    terminal_lock.open_lock(practice, therapist, WORDS)
    for wrong in ("", "grey heron at dusk ", WORDS.upper(), "x" * 10_000, "\ud800"):
        with pytest.raises(WrongPassphrase):
            terminal_lock.open_lock(practice, therapist, wrong)
        terminal_lock.open_lock(practice, therapist, WORDS)
    terminal_lock.open_lock(practice, other, "anything")


def test_the_same_letters_from_another_keyboard_open_it(
    practice: Practice, therapist: Actor
) -> None:
    lock(practice, therapist, "Zoe\u0308s cafe\u0301 \ufb01ne")
    terminal_lock.open_lock(practice, therapist, "Zo\u00ebs caf\u00e9 fine")


def test_nothing_of_it_is_in_the_store_or_the_trail(practice: Practice, therapist: Actor) -> None:
    """D7: a copy without its key shows neither the words nor a hash to try them against."""
    lock(practice, therapist)
    row = all_rows(practice, Terminal)[0]
    assert b"argon2" not in bytes(row["lock_sealed"])
    assert practice.vault.open(row["lock_sealed"], "terminal.lock").startswith("$argon2id$")
    with pytest.raises(WrongPassphrase):
        terminal_lock.open_lock(practice, therapist, "blue heron at dawn")
    trail = json.dumps([row["detail"] for row in all_rows(practice, Audit)])
    assert "heron" not in trail
    assert acts(practice) == ["lock", "miss"]


def miss(practice: Practice, actor: Actor) -> int:
    """Try a wrong one until it is looked at; return the seconds that had to pass before."""
    waited = 0
    while True:
        try:
            terminal_lock.open_lock(practice, actor, "wrong words")
        except TooManyTries as refused:
            with pytest.raises(TooManyTries):
                terminal_lock.open_lock(practice, actor, WORDS)
            assert isinstance(practice.clock, MovableClock)
            practice.clock.advance(refused.seconds)
            waited += refused.seconds
        except WrongPassphrase:
            return waited


def test_wrong_tries_earn_a_wait_that_grows_and_ends(practice: Practice, therapist: Actor) -> None:
    """In the store: another process, or the next start, has the same count."""
    lock(practice, therapist)
    waits = [miss(practice, therapist) for _ in range(FREE_TRIES)]
    other = makers.beside(practice)
    waits += [miss(other, therapist) for _ in range(7)]
    assert waits[:FREE_TRIES] == [0] * FREE_TRIES
    assert waits[FREE_TRIES:] == [30, 60, 120, 240, 480, LONGEST_WAIT, LONGEST_WAIT]
    practice.clock.advance(LONGEST_WAIT)  # type: ignore[attr-defined]
    terminal_lock.open_lock(practice, therapist, WORDS)
    assert [miss(practice, therapist) for _ in range(FREE_TRIES)] == [0] * FREE_TRIES
    other.store.close()


def test_a_try_counts_before_it_is_looked_at(
    practice: Practice, therapist: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed while it compares has had its try."""
    lock(practice, therapist)

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(terminal_lock, "_opens", killed)
        for _ in range(FREE_TRIES):
            with pytest.raises(KeyboardInterrupt):
                terminal_lock.open_lock(practice, therapist, WORDS)
    with pytest.raises(TooManyTries, match=f"{FIRST_WAIT} seconds"):
        terminal_lock.open_lock(practice, therapist, WORDS)


@pytest.mark.parametrize(
    ("words", "minutes"),
    [("", 10), ("short", 10), (" " * 20, 10), ("x" * 201, 10), (WORDS, 0), (WORDS, 241)],
)
def test_what_will_not_do_is_refused(
    practice: Practice, therapist: Actor, words: str, minutes: int
) -> None:
    before = makers.snapshot(practice)
    with pytest.raises(Invalid):
        terminal_lock.keep_lock(practice, therapist, words, minutes)
    assert makers.snapshot(practice) == before


def test_a_lock_is_changed_only_by_who_can_open_it(practice: Practice, therapist: Actor) -> None:
    lock(practice, therapist)
    with pytest.raises(WrongPassphrase):
        lock(practice, therapist, "blue heron at dawn")
    with pytest.raises(WrongPassphrase):
        terminal_lock.take_lock_off(practice, therapist, "blue heron at dawn")
    lock(practice, therapist, "blue heron at dawn", current=WORDS)
    terminal_lock.open_lock(practice, therapist, "blue heron at dawn")
    terminal_lock.take_lock_off(practice, therapist, "blue heron at dawn")
    assert terminal.settings_of(practice, therapist).lock_minutes is None
    terminal_lock.open_lock(practice, therapist, "")


def test_of_two_terminals_the_slower_changes_nothing(
    practice: Practice, therapist: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who proved the old passphrase has not proved the one that came meanwhile."""
    hashed = terminal_lock._hashed

    def slowly(slow: Practice, said: str) -> str:
        with monkeypatch.context() as patch:
            patch.setattr(terminal_lock, "_hashed", hashed)
            lock(practice, therapist)
        return hashed(slow, said)

    monkeypatch.setattr(terminal_lock, "_hashed", slowly)
    with pytest.raises(Changed):
        lock(practice, therapist, "blue heron at dawn")
    terminal_lock.open_lock(practice, therapist, WORDS)


def test_a_clock_set_back_ends_no_wait(practice: Practice, therapist: Actor) -> None:
    """D4: the present never runs backwards, so no earlier hour looks like a later one."""
    lock(practice, therapist)
    for _ in range(FREE_TRIES):
        miss(practice, therapist)
    assert isinstance(practice.clock, MovableClock)
    practice.clock._now -= 3_600
    with pytest.raises(TooManyTries, match=f"{FIRST_WAIT} seconds"):
        terminal_lock.open_lock(practice, therapist, WORDS)


def test_a_machine_without_argon2id_says_so(
    practice: Practice, therapist: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the store came from a machine that had it."""
    lock(practice, therapist)

    class Missing:
        def __init__(self, **_: object) -> None:
            raise UnsupportedAlgorithm("argon2id")

        @staticmethod
        def verify_phc_encoded(*_: object) -> None:
            raise UnsupportedAlgorithm("argon2id")

    monkeypatch.setattr(argon2, "Argon2id", Missing)
    with pytest.raises(Invalid, match="OpenSSL"):
        terminal_lock.open_lock(practice, therapist, WORDS)
    with pytest.raises(Invalid, match="OpenSSL"):
        lock(practice, add_therapist(practice, "Bob"))


def test_the_team_takes_a_forgotten_one_off(practice: Practice, therapist: Actor) -> None:
    """A2: it is on the trail; nobody else can, and an id that is nobody's is no one's (A1)."""
    lock(practice, therapist)
    for who in (therapist, add_therapist(practice, "Bob")):
        with pytest.raises(NotAllowed):
            terminal_lock.take_off_for(practice, who, therapist.id, "forgotten")
    with pytest.raises(NotFound):
        terminal_lock.take_off_for(practice, TEAM, "nobody", "forgotten")
    with pytest.raises(Invalid, match="reason"):
        terminal_lock.take_off_for(practice, TEAM, therapist.id, " ")
    assert terminal_lock.take_off_for(practice, TEAM, therapist.id, "forgotten")
    assert not terminal_lock.take_off_for(practice, TEAM, therapist.id, "forgotten")
    terminal_lock.open_lock(practice, therapist, "")
    assert acts(practice) == ["lock", "unlock"]


def test_only_therapists_have_one(practice: Practice, client: Actor) -> None:
    for who in (client, TEAM):
        for act in (
            lambda who=who: lock(practice, who),
            lambda who=who: terminal_lock.open_lock(practice, who, WORDS),
            lambda who=who: terminal_lock.take_lock_off(practice, who, WORDS),
        ):
            with pytest.raises(NotFound):
                act()


def test_a_start_without_a_lock_loads_nothing_of_it() -> None:
    code = "import sys, helpspace.tui.app; print([m for m in sys.modules if 'argon' in m])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
