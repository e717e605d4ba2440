"""The passphrase that opens a therapist's terminal after they were away from it (A5, D7).

It keeps whoever passes by from a calendar that was left open. What is stored is an argon2id hash,
sealed by the vault, so that a stolen store gives nothing to try against without its key. A try is
counted before it is looked at: a process that is killed in between has had it.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from helpspace.core.actors import LONGEST_REASON, Actor
from helpspace.core.errors import Changed, HelpspaceError, Invalid, NotFound
from helpspace.core.plain import plain
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Terminal, Therapist
from helpspace.core.terminal import own, row_of

SHORTEST = 8
"""Characters of a passphrase at least."""

LONGEST = 200
"""Characters of a passphrase at most."""

LONGEST_IDLE = 240
"""Minutes after which a terminal that has a lock asks at the latest."""

FREE_TRIES = 5
"""Wrong tries in a row before the first wait."""

FIRST_WAIT = 30
"""Seconds of the first wait; each further wrong try doubles it."""

LONGEST_WAIT = 15 * 60
"""Seconds that a wait never goes beyond: nobody is kept from their calendar for the day."""

_COLUMN = "terminal.lock"


class Cost(NamedTuple):
    """What one try costs."""

    iterations: int
    lanes: int
    kibibytes: int


COST = Cost(3, 4, 64 * 1024)
"""RFC 9106's second choice; a hash keeps its own, so that it can be raised."""


class WrongPassphrase(HelpspaceError):
    """A passphrase that does not open the lock."""

    title = "That is not the passphrase"
    hint = "Try again; your Helpspace team can take a forgotten one off."


class TooManyTries(HelpspaceError):
    """A try inside the wait that wrong tries have earned; it is not looked at."""

    title = "There were too many wrong tries"

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = -(-seconds // 60)
        span = f"{seconds} seconds" if seconds < 60 else f"{minutes} min"
        super().__init__(hint=f"Try again in {span}.")


def keep_lock(
    practice: Practice, actor: Actor, passphrase: str, minutes: int, *, current: str = ""
) -> None:
    """Lock a therapist's own terminal by a passphrase after some idle minutes (A1, A2).

    Where there is a lock, `current` must open it. Raises Invalid, WrongPassphrase,
    TooManyTries, and Changed where another terminal was faster.
    """
    said = _checked(passphrase)
    if not 1 <= minutes <= LONGEST_IDLE:
        raise Invalid(f"The terminal locks after 1 to {LONGEST_IDLE} minutes", "Write a number.")
    before = _must_open(practice, actor, current)
    kept = _hashed(practice, said)
    with practice.change() as tx:
        if row_of(tx, actor).lock_sealed != before:
            raise Changed
        tx.set(
            Terminal, "therapist_id = ?", actor.id, lock_sealed=tx.seal(kept, _COLUMN),
            lock_minutes=minutes, lock_misses=0, lock_until=None,
        )  # fmt: skip
        tx.audit(actor, "lock", "terminal", actor.id, minutes=minutes)


def take_lock_off(practice: Practice, actor: Actor, current: str) -> None:
    """Take a therapist's own lock off; `current` must open it (A1, A2)."""
    _must_open(practice, actor, current)
    _take_off(practice, actor, actor.id)


def take_off_for(practice: Practice, actor: Actor, therapist_id: str, reason: str) -> bool:
    """Take a lock off whose passphrase is forgotten; the team's act, with a reason (A1, A2).

    Returns whether there was one. It shows nothing of the calendar to the team.
    """
    actor.must_be("team")
    why = plain(reason, LONGEST_REASON)
    if not why:
        raise Invalid("A reason is needed", "Give one with --reason.")
    return _take_off(practice, actor._replace(why=why), therapist_id)


def open_lock(practice: Practice, actor: Actor, passphrase: str) -> None:
    """Say whether a passphrase opens the acting therapist's terminal, by raising or not.

    Raises WrongPassphrase, or TooManyTries inside a wait. Without a lock everything opens it.
    """
    _must_open(practice, actor, passphrase)


def _must_open(practice: Practice, actor: Actor, passphrase: str) -> bytes | None:
    """Refuse a passphrase that does not open; return the lock, sealed, that it opens, if any."""
    with practice.change() as tx:
        row = tx.get(Terminal, own(actor)) if tx.lock(Therapist, own(actor)) else None
        if row is None or row.lock_sealed is None:
            return None
        if row.lock_until is not None and tx.now < row.lock_until:
            raise TooManyTries(row.lock_until - tx.now)
        kept = tx.open(row.lock_sealed, _COLUMN)
        misses = row.lock_misses + 1
        tx.set(
            Terminal, "therapist_id = ?", actor.id, lock_misses=misses,
            lock_until=tx.now + _wait(misses) if misses >= FREE_TRIES else None,
        )  # fmt: skip
    if not _opens(passphrase, kept):
        with practice.change() as tx:
            tx.audit(actor, "miss", "terminal", actor.id, tries=misses)
        raise WrongPassphrase
    with practice.change() as tx:
        tx.set(Terminal, "therapist_id = ?", actor.id, lock_misses=0, lock_until=None)
    return row.lock_sealed


def _wait(misses: int) -> int:
    return int(min(FIRST_WAIT * 2 ** min(misses - FREE_TRIES, 10), LONGEST_WAIT))


def _take_off(practice: Practice, actor: Actor, therapist_id: str) -> bool:
    with practice.change() as tx:
        if tx.lock(Therapist, therapist_id) is None:
            raise NotFound
        row = tx.get(Terminal, therapist_id)
        if row is None or row.lock_sealed is None:
            return False
        tx.set(
            Terminal, "therapist_id = ?", therapist_id, lock_sealed=None, lock_minutes=None,
            lock_misses=0, lock_until=None,
        )  # fmt: skip
        tx.audit(actor, "unlock", "terminal", therapist_id)
        return True


def _normal(passphrase: str) -> str:
    """Return it as every keyboard means it (RFC 8265: compatible forms are one)."""
    return unicodedata.normalize("NFKC", passphrase)


def _checked(passphrase: str) -> str:
    if len(passphrase) > LONGEST:
        raise Invalid(f"A passphrase has at most {LONGEST} characters", "Choose a shorter one.")
    said = _normal(passphrase)
    if len(said) < SHORTEST or not said.strip():
        raise Invalid(
            f"A passphrase has at least {SHORTEST} characters", "A few words that you remember do."
        )
    return said


def _hashed(practice: Practice, said: str) -> str:
    """Return an argon2id hash with its salt and parameters."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - only with a lock
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - same

    try:
        made = Argon2id(
            salt=practice.ids.nonce(16),
            length=32,
            iterations=COST.iterations,
            lanes=COST.lanes,
            memory_cost=COST.kibibytes,
        )
        return str(made.derive_phc_encoded(said.encode("utf-8", "replace")))
    except UnsupportedAlgorithm:
        raise _too_old() from None


def _opens(passphrase: str, kept: str) -> bool:
    from cryptography.exceptions import InvalidKey, UnsupportedAlgorithm  # noqa: PLC0415 - same
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - same

    if len(passphrase) > LONGEST:
        return False
    try:
        Argon2id.verify_phc_encoded(_normal(passphrase).encode("utf-8", "replace"), kept)
    except InvalidKey:
        return False
    except UnsupportedAlgorithm:  # the store has moved to another machine
        raise _too_old() from None
    return True


def _too_old() -> Invalid:
    return Invalid("This machine's OpenSSL is too old for a lock", "Install OpenSSL 3.2 or newer.")
