"""A client's page of one appointment (K1a): see it, cancel it. Nothing is decided here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from helpspace.core import moments, own_pages, policy
from helpspace.core.errors import AlreadyCancelled, Changed, NotFound, TooLate
from helpspace.core.moments import MINUTE, pounds
from helpspace.core.offload import Offload
from helpspace.core.own_pages import OwnPage
from helpspace.core.payments.tries import STOPPED
from helpspace.core.payments.words import reason_words
from helpspace.core.policy import Consequence
from helpspace.core.practice import Practice
from helpspace.web.callers import Callers
from helpspace.web.pages import CRISIS
from helpspace.web.rendering import page, with_forms

MOST_FORM = 1024
"""Bytes of a form; ours are far smaller."""

MOST_A_MINUTE = 60
"""Requests that one address on the net may make in a minute."""

MOST_KNOWN = 10_000
"""Addresses that are counted at once; the oldest is forgotten first."""

STATES = {
    "completed": "It is over.",
    "no_show": "It is over; you were marked as not there.",
    "cancelled_by_client": "You have cancelled it.",
    "cancelled_by_therapist": "It will not take place; the other person had to cancel it.",
}

MONEY = {
    "due": "{fee} is about to be charged",
    "processing": "{fee} is being charged",
    "paid": "{fee} is paid",
    "needs_approval": "{fee} is not paid yet: your bank wants you to approve it",
    "refunding": "{fee} is on its way back to you",
    "refunded": "{fee} was paid back to you",
    "waived": "nothing to pay",
    "none": "nothing to pay",
    "disputed": "{fee} is disputed at your bank",
}
"""Where the money stands, by the word of `interface.md`."""


class Rate:
    """Counts requests by address and minute, in bounded memory."""

    def __init__(self, most: int = MOST_A_MINUTE) -> None:
        self._most = most
        self._counts: OrderedDict[tuple[str, int], int] = OrderedDict()

    def allows(self, address: str, now: int) -> bool:
        """Say whether one more request is within bounds, and count it."""
        key = address, now // MINUTE
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if len(self._counts) > MOST_KNOWN:
            self._counts.popitem(last=False)
        return count <= self._most


class OwnPages:
    """The handlers of the page of an appointment."""

    def __init__(
        self, practice: Practice, offload: Offload, nudge: Callable[[str], Awaitable[None]]
    ) -> None:
        self._practice = practice
        self._offload = offload
        self._nudge = nudge
        self._rate = Rate()
        self._callers = Callers(practice.settings.proxies)

    def routes(self) -> list[Route]:
        """Return the routes by their public names (`interface.md`)."""
        return [
            Route("/a/{token}", self.see),
            Route("/a/{token}", self.act, methods=["POST"]),
        ]

    async def see(self, request: Request) -> Response:
        """Show an appointment to whoever has its address; everything else is the same 404 (A1)."""
        if not self._may(request):
            return _too_many()
        return await self._offload(self._see, str(request.path_params["token"]))

    async def act(self, request: Request) -> Response:
        """Ask before cancelling, or cancel exactly on what was shown (K1a, M4)."""
        if not self._may(request):
            return _too_many()
        form = parse_qs((await _body(request)).decode("ascii", "replace"), max_num_fields=4)
        owed = form.get("owed", [""])[0]
        token = str(request.path_params["token"])
        if not (owed.isascii() and owed.isdigit() and len(owed) < 9):
            return await self._offload(self._ask, token)
        answer = await self._offload(self._cancel, token, int(owed))
        await self._nudge("delivery")
        return answer

    def _may(self, request: Request) -> bool:
        return self._rate.allows(self._callers.of(request), self._practice.clock.now())

    def _see(self, token: str) -> Response:
        try:
            return _shown(own_pages.look(self._practice, token))
        except NotFound:
            return _gone()

    def _ask(self, token: str) -> Response:
        try:
            found = own_pages.look(self._practice, token)
        except NotFound:
            return _gone()
        return _shown(found, asking=found.consequence is not None)

    def _cancel(self, token: str, owed: int) -> Response:
        try:
            return _shown(own_pages.cancel(self._practice, token, shown_owed_pence=owed))
        except NotFound:
            return _gone()
        except Changed:
            return self._again(token, "What cancelling costs has changed. Nothing was done.")
        except TooLate:
            return self._again(token, "It has started and can no longer be cancelled.")
        except AlreadyCancelled:
            return self._see(token)

    def _again(self, token: str, note: str) -> Response:
        try:
            found = own_pages.look(self._practice, token)
        except NotFound:
            return _gone()
        return _shown(found, asking=found.consequence is not None, note=note, status=409)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM:
            raise HTTPException(413)
    return body


def _gone() -> Response:
    return page("own_gone", "page", 404, crisis=CRISIS)


def _too_many() -> Response:
    return PlainTextResponse("Please try again in a minute.", 429, {"Retry-After": "60"})


def _shown(found: OwnPage, *, asking: bool = False, note: str = "", status: int = 200) -> Response:
    words = {**_words(found), "asking": asking, "note": note}
    return with_forms(page("own", "page", status, test=found.test, **words))


def _words(found: OwnPage) -> dict[str, object]:
    """Return what the page says, in words."""
    session, zone, now = found.session, found.zone, found.now
    begins = moments.show(session.start, zone, reference=now)
    at = f"{begins}–{moments.show_time(session.end, zone)} ({moments.zone_word(zone)})"
    ahead = found.consequence is not None
    facts = [("When", at), ("Length", f"{session.minutes} minutes"), ("With", session.other_name)]
    if session.other_contact:
        facts.append(("Contact", session.other_contact))
    facts.append(("Money", _money(found)))
    if ahead and session.fee_pence and now <= session.free_until:
        until = moments.show(session.free_until, zone, reference=now)
        facts.append(("Cancelling", f"free to cancel until {until}"))
    state = STATES.get(session.state, "" if ahead else "It has started.")
    return {
        "facts": facts,
        "state": state,
        "video": session.video_url if session.state == "booked" else None,
        "consequence": "" if found.consequence is None else _consequence(found.consequence),
        "price": "" if found.consequence is None else _price(found.consequence),
        "owed": 0 if found.consequence is None else found.consequence.owed_pence,
        "crisis": CRISIS,
    }


def _money(found: OwnPage) -> str:
    session = found.session
    if session.fee_pence == 0:
        return "free of charge"
    fee = pounds(session.fee_pence)
    if session.payment == "scheduled":
        lacks = session.payment_reason == STOPPED or session.card != "ok"
        word = "due" if lacks else "charged"
        at = policy.charge_from(session.terms)
        return f"{fee}, {word} on {moments.show(at, found.zone, reference=found.now)}"
    if session.payment == "failed":
        return f"{fee} did not go through, because {reason_words(session.payment_reason)}"
    return MONEY.get(session.payment, fee).format(fee=fee)


def _consequence(found: Consequence) -> str:
    """Return what cancelling means for the money (M2)."""
    if found.owed_pence == 0 and found.refund_pence:
        return f"You get {pounds(found.refund_pence)} back in full."
    if found.owed_pence == 0:
        return "Cancelling is free of charge: you pay nothing."
    if found.charge_pence:
        return f"The time to cancel free of charge has passed. You pay {pounds(found.owed_pence)}."
    paid = pounds(found.paid_pence)
    return f"The time to cancel free of charge has passed. The {paid} you paid is not given back."


def _price(found: Consequence) -> str:
    """Return the money as the button that cancels says it (K2)."""
    if found.owed_pence == 0:
        return f"{pounds(found.refund_pence)} back" if found.refund_pence else "free"
    if found.charge_pence:
        return f"pay {pounds(found.owed_pence)}"
    return f"{pounds(found.paid_pence)} is not given back"
