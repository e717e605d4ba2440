"""Failures on demand: which call goes wrong, how, and before or after it took effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal["timeout", "network", "too_many", "server_error", "bad_gateway", "slow"]


@dataclass
class Fault:
    """One planned failure; `passed` and `hit` count what happened to it so far."""

    kind: FaultKind
    method: str
    nth: int
    times: int
    after: bool
    seconds: float
    chat_id: int | None
    passed: int = 0
    hit: int = 0


class Faults:
    """The plan of failures, asked once for every call."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def add(
        self,
        kind: FaultKind,
        method: str = "*",
        *,
        nth: int = 1,
        times: int = 1,
        after: bool = False,
        seconds: float = 3,
        chat_id: int | None = None,
    ) -> Fault:
        """Let the nth matching call from now on fail, and `times` in all.

        `*` is every method but getUpdates. `after` means that the call takes effect and only its
        answer is lost. `seconds` is the wait that a 429 names, or how long a slow answer takes.
        """
        if kind not in get_args(FaultKind):
            raise ValueError(f"a fault is one of {', '.join(get_args(FaultKind))}")
        if after and kind in {"too_many", "slow"}:
            raise ValueError("a 429 has no effect, and a slow answer always has: leave `after` out")
        fault = Fault(kind, method.lower(), nth, times, after, seconds, chat_id)
        self._planned.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all planned failures."""
        self._planned.clear()

    def next_for(self, method: str, chat_id: int | None) -> Fault | None:
        """The failure that this call meets, if any; every matching plan counts the call."""
        met: Fault | None = None
        for fault in list(self._planned):
            if not _matches(fault, method.lower(), chat_id):
                continue
            fault.passed += 1
            if met is None and fault.passed >= fault.nth:
                met = fault
        if met is not None:
            met.hit += 1
            if met.hit >= met.times:
                self._planned.remove(met)
        return met


def _matches(fault: Fault, method: str, chat_id: int | None) -> bool:
    if fault.chat_id is not None and fault.chat_id != chat_id:
        return False
    if fault.method == "*":
        return method != "getupdates"
    return fault.method == method
