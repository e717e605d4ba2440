"""Bad weather on order: which requests go wrong, how, and how often."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, get_args

Effect = Literal[
    "drop_before",
    "no_answer_after",
    "500_before",
    "500_after",
    "503",
    "429",
    "409",
    "slow",
    "account_error",
]
EFFECTS: tuple[str, ...] = get_args(Effect)


@dataclass
class Fault:
    """One rule: from the `nth` matching request on, for `times` requests (None: for ever).

    drop_before: nothing happens, the connection ends. no_answer_after: it happens, the connection
    ends. 500_before and 500_after: the answer is a 500, kept under the idempotency key. 503, 429
    and 409: nothing happens, nothing is kept. slow: it takes `seconds` more. account_error: refused
    because of the connected account, with the error code `code`.
    """

    effect: Effect
    method: str | None = None
    path: str = ""
    nth: int = 1
    times: int | None = 1
    seconds: float = 0.0
    code: str = "account_invalid"
    seen: int = 0
    fired: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule is about such a request; `path` is searched as a regular expression."""
        return (self.method is None or self.method == method) and bool(re.search(self.path, path))

    @property
    def due(self) -> bool:
        """Whether the request counted last is one to hit."""
        return self.seen >= self.nth and (self.times is None or self.fired < self.times)


@dataclass(frozen=True)
class Trip:
    """What the weather does to one request."""

    effect: str | None
    seconds: float
    code: str


@dataclass
class Faults:
    """The rules in force; `latency` seconds are added to every request."""

    latency: float = 0.0
    rules: list[Fault] = field(default_factory=list)

    def add(
        self,
        effect: Effect,
        method: str | None = None,
        path: str = "",
        *,
        nth: int = 1,
        times: int | None = 1,
        seconds: float = 0.0,
        code: str = "account_invalid",
    ) -> Fault:
        """Lay out a rule; the returned one counts how often it was seen and fired."""
        if effect not in EFFECTS:
            raise ValueError(f"unknown effect {effect!r}; one of {', '.join(EFFECTS)}")
        re.compile(path)
        rule = Fault(effect, method, path, nth, times, seconds, code)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Fair weather again."""
        self.rules.clear()
        self.latency = 0.0

    def trip(self, method: str, path: str) -> Trip:
        """What hits this request: every slowness adds up, of the rest the first rule wins."""
        seconds, effect, code = self.latency, None, ""
        for rule in self.rules:
            if not rule.matches(method, path):
                continue
            rule.seen += 1
            if not rule.due or (effect and rule.effect != "slow"):
                continue
            rule.fired += 1
            if rule.effect == "slow":
                seconds += rule.seconds
            else:
                effect, code = rule.effect, rule.code
        return Trip(effect, seconds, code)
