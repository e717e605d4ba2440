"""A role that one process at a time has: talking to Stripe for settlement.

The role is a row with an end, renewed while it is used. Whoever finds it ended takes it over, so a
process that dies is followed within a minute, and at once on its own machine; one that slept finds
that its own time is over before it does anything more. Two seconds lie between two holders, so that
the rate of calls is kept over both.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpspace.core.clock import line_of_time
from helpspace.core.errors import HelpspaceError
from helpspace.core.ids import Ids
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Lease

STRIPE = "stripe"
"""The role of settling at Stripe."""

LENGTH = 45
"""Seconds for which the role is had without being renewed; with `GAP` and a tick under a minute."""

RENEW = 10
"""Seconds after which it is renewed while it is used."""

GAP = 2
"""Seconds between the end of one holder's time and the beginning of another's."""


@dataclass(frozen=True, slots=True)
class LeaseView:
    """Who has a role: instants in UTC epoch seconds."""

    name: str
    holder: str
    since: int
    until: int


def holder(practice: Practice, name: str = STRIPE) -> LeaseView | None:
    """Return who has a role now, or None."""
    with practice.reading() as view:
        row = view.get(Lease, name)
        if row is None or row.until <= view.now:
            return None
        return LeaseView(row.name, row.holder, row.since, row.until)


def process_id() -> str:
    """Return a name for this process that no other one has, also after a restart."""
    import socket  # noqa: PLC0415 - only processes that may settle need it

    host = socket.gethostname().replace(":", "-")[:40]
    return f"{host}:{os.getpid()}:{_machine()}:{Ids().new()}"


@cache
def _machine() -> str:
    """Return a mark of this run of this machine, where it has one: only there pids are told apart.

    Two containers have marks of their own, even if both are called the same.
    """
    from hashlib import sha256  # noqa: PLC0415 - only processes that may settle need it

    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        inside = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - it leads to no file
    except OSError:
        return ""
    return sha256(f"{boot}{inside}".encode()).hexdigest()[:8]


def is_gone(name: str) -> bool:
    """Say whether a process is known to have ended: one of this machine, whose number is free."""
    parts = name.split(":")
    if len(parts) != 4 or not parts[1].isdecimal() or not parts[2] or parts[2] != _machine():
        return False
    try:
        os.kill(int(parts[1]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


class Grip:
    """A process's own hold on a role; one for all its threads.

    `monotonic` stands beside the practice's clock: the one stops while the machine sleeps, the
    other may be set back; both must say that there is time left.
    """

    def __init__(
        self,
        name: str = STRIPE,
        *,
        holder: str | None = None,
        monotonic: Callable[[], float] = line_of_time,
    ) -> None:
        self.name = name
        self.holder = holder or process_id()
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._ends: tuple[int, float] | None = None

    def still(self, practice: Practice) -> bool:
        """Say, without asking the store, whether the role is still this process's."""
        ends = self._ends
        if ends is None:
            return False
        return practice.clock.now() < ends[0] and self._monotonic() < ends[1]

    def take(self, practice: Practice) -> bool:
        """Take the role, or go on having it; False while another process has it."""
        with self._lock:
            now, line = practice.clock.now(), self._monotonic()
            if self._ends is not None and self.still(practice):
                used = LENGTH - min(self._ends[0] - now, int(self._ends[1] - line))
                if used < RENEW:
                    return True
            with practice.change() as tx:
                mine = _take(tx, self.name, self.holder)
            self._ends = (now + LENGTH, line + LENGTH) if mine else None
            return mine

    def release(self, practice: Practice) -> None:
        """Let go of the role, so that another process need not wait for its end."""
        with self._lock:
            if self._ends is None:
                return
            self._ends = None
            with practice.change() as tx:
                mine = "name = ? AND holder = ?"
                tx.set(Lease, mine, self.name, self.holder, until=tx.now)

    @contextmanager
    def used(self, practice: Practice) -> Iterator[bool]:
        """Use the role for a while, renewing it beside; gives whether it was had at all."""
        if not self.take(practice):
            yield False
            return
        over = threading.Event()
        beside = threading.Thread(
            target=self._keep, args=(practice, over), name="lease", daemon=True
        )
        beside.start()
        try:
            yield True
        finally:
            over.set()
            beside.join()

    def _keep(self, practice: Practice, over: threading.Event) -> None:
        """Renew until it is over, or the role is lost; a store that is busy is asked again."""
        try:
            while not over.wait(RENEW):
                try:
                    if not self.still(practice) or not self.take(practice):
                        return
                except HelpspaceError:
                    continue
        finally:
            practice.store.close()


def _take(tx: Tx, name: str, holder: str) -> bool:
    """Write the row for a holder unless another one's time is not over yet."""
    values = {"holder": holder, "until": tx.now + LENGTH, "since": tx.now}
    if tx.insert_once(Lease, name=name, **values):
        return True
    if tx.set(Lease, "name = ? AND holder = ? AND until > ?", name, holder, tx.now,
              until=tx.now + LENGTH):  # fmt: skip
        return True
    free = "name = ? AND (until <= ? OR (holder = ? AND until <= ?))"
    if tx.set(Lease, free, name, tx.now - GAP, holder, tx.now, **values):
        return True
    row = tx.get(Lease, name)
    if row is not None and row.until > tx.now and is_gone(row.holder):
        # It died on this machine: its time ends now, and after the gap it is followed.
        tx.set(Lease, "name = ? AND holder = ?", name, row.holder, until=tx.now)
    return False
