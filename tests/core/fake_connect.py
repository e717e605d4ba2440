"""Stripe's connected accounts for the core alone: made once a key, listed, looked at, lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from helpspace.core.errors import OutsideFault
from helpspace.core.gateways import AccountOrder, AccountSeen
from helpspace.core.moments import DAY

BEFORE, AFTER, SAVED = "lost before", "lost after", "saved failure"
"""Faults of a call: no effect; an effect without an answer; none, and its key says so for a day."""

LOST = OutsideFault("Stripe did not answer as needed", "Try again in a minute. (test)")


class Died(BaseException):
    """The process was killed at this point."""


@dataclass
class FakeConnect:
    """What Stripe holds of accounts. `die_at` counts down moves, two a call: before it, after."""

    now: Callable[[], int]
    accounts: dict[str, AccountOrder] = field(default_factory=dict)
    made_at: dict[str, int] = field(default_factory=dict)
    seen: dict[str, AccountSeen] = field(default_factory=dict)
    saved: dict[str, tuple[AccountOrder, str | None, int]] = field(default_factory=dict)
    faults: deque[str | None] = field(default_factory=deque)
    calls: list[str] = field(default_factory=list)
    die_at: int | None = None

    def make_account(self, order: AccountOrder) -> str:
        self._move("make")
        fault = self.faults.popleft() if self.faults else None
        if fault == BEFORE:
            raise LOST
        known = self.saved.get(order.key)
        if known is not None and self.now() - known[2] < DAY:
            if known[0] != order or known[1] is None:
                raise LOST
            return self._done(known[1])
        if fault == SAVED:
            self.saved[order.key] = (order, None, self.now())
            raise LOST
        account = f"acct_new{len(self.accounts) + 1}"
        self.accounts[account] = order
        self.made_at[account] = self.now()
        self.seen[account] = AccountSeen(account, False, False, ("external_account",))
        self.saved[order.key] = (order, account, self.now())
        if fault == AFTER:
            raise LOST
        return self._done(account)

    def find_account(self, order: AccountOrder) -> str | None:
        self._move("find")
        for account, made in self.accounts.items():
            there = not self.seen[account].gone and self.made_at[account] >= order.since
            if there and made.metadata == order.metadata:
                return self._done(account)
        self._move(None)
        return None

    def look_at_account(self, account: str) -> AccountSeen:
        self._move("look")
        self._move(None)
        return self.seen[account]

    def onboarding_link(self, account: str) -> str:
        self._move("link")
        assert not self.seen[account].gone
        return self._done(f"https://connect.example.org/{account}/{len(self.calls)}")

    def dashboard_link(self, account: str) -> str:
        self._move("dashboard")
        return self._done(f"https://dashboard.example.org/{account}/{len(self.calls)}")

    def _done(self, answer: str) -> str:
        self._move(None)
        return answer

    def _move(self, call: str | None) -> None:
        if self.die_at is not None:
            if self.die_at == 0:
                raise Died
            self.die_at -= 1
        if call is not None:
            self.calls.append(call)
