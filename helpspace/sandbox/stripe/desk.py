"""A small desk to control a sandbox from over HTTP, under /_sandbox/: JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpspace.sandbox.clock import MovableClock, RunningClock
from helpspace.sandbox.stripe.errors import ApiError
from helpspace.sandbox.stripe.sandbox import StripeSandbox

Asked = Mapping[str, Any]
ACTS = (
    "approve",
    "ask_account",
    "card_answers",
    "close_dispute",
    "complete_onboarding",
    "deauthorise",
    "finish_processing",
    "finish_refund",
    "give_details",
    "open_dispute",
    "pay_out",
    "pay_out_daily",
    "refund_answers",
    "renew_card",
    "restrict",
    "short_of_money",
    "type_card",
    "verify",
)


class Desk:
    """Looks at the books and the requests, moves the clock, orders bad weather, acts for people."""

    def __init__(self, sandbox: StripeSandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """What the desk answers."""
        return [
            _route("ledger", "GET", self.ledger),
            _route("requests", "GET", self.requests),
            _route("events", "GET", self.events),
            _route("clock", "GET", self.clock),
            _route("clock", "POST", self.clock),
            _route("fault", "POST", self.fault),
            _route("reset", "POST", self.reset),
            _route("act", "POST", self.act),
        ]

    def ledger(self, _: Asked) -> object:
        """What each payment intent came to."""
        return [asdict(row) for row in self._sandbox.ledger()]

    def requests(self, _: Asked) -> object:
        """Every request so far."""
        return [asdict(one) for one in self._sandbox.requests]

    def events(self, _: Asked) -> object:
        """Every event of the last thirty days, of all accounts."""
        return self._sandbox.events()

    def clock(self, asked: Asked) -> object:
        """The time; `advance` seconds or `now` (never back) move it where it can be moved."""
        clock = self._sandbox.clock
        if asked:
            if not isinstance(clock, MovableClock | RunningClock):
                raise TypeError("this sandbox keeps the time of the machine")
            if "advance" in asked:
                clock.advance(int(asked["advance"]))
            if "now" in asked:
                clock.move_to(int(asked["now"]))
        return {"now": clock.now()}

    def fault(self, asked: Asked) -> object:
        """Order a fault with the arguments of `Faults.add`; nothing asked clears all."""
        if asked:
            self._sandbox.faults.add(**asked)
        else:
            self._sandbox.faults.clear()
        return [asdict(rule) for rule in self._sandbox.faults.rules]

    def reset(self, _: Asked) -> object:
        """Begin again with nothing."""
        self._sandbox.reset()
        return {}

    def act(self, asked: Asked) -> object:
        """Do what a person or a bank does: `act` names the method, the rest are its arguments."""
        arguments = dict(asked)
        name = arguments.pop("act", "")
        if name not in ACTS:
            raise ValueError(f"unknown act; one of {', '.join(ACTS)}")
        done = getattr(self._sandbox, name)(**arguments)
        if is_dataclass(done) and not isinstance(done, type):
            return {"done": asdict(done)}
        return {"done": done}


def _asked(body: bytes) -> Asked:
    asked = json.loads(body) if body else {}
    if not isinstance(asked, dict):
        raise TypeError("send a JSON object")
    return asked


def _route(name: str, method: str, does: Callable[[Asked], object]) -> Route:
    """One control; what is wrong with a request is told with 400."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            return JSONResponse(await run_in_threadpool(does, _asked(body)))
        except (ValueError, TypeError, KeyError, ApiError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)

    return Route(f"/_sandbox/{name}", endpoint, methods=[method])
