"""The web endpoints of `serve`: what Stripe, Telegram and clients' browsers reach.

Nothing is decided here: a webhook is verified, made durable, and answered; the sweeps do the rest.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from helpspace.core.errors import HelpspaceError
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice
from helpspace.web.feed import Feeds
from helpspace.web.own import OwnPages
from helpspace.web.pages import Pages
from helpspace.web.rendering import page

log = logging.getLogger(__name__)

MOST_BYTES = 512 * 1024
"""A larger body is refused unread; Stripe's and Telegram's are far smaller."""


def _nobody(_payment: str) -> bool:
    """Nobody waits for a payment here."""
    return False


@dataclass(frozen=True)
class Ears:
    """What the endpoints hand on to; each is composed by `serve`."""

    practice: Practice
    """What the public pages read."""
    stripe_event: Callable[[bytes, str], bool]
    """Take in a Stripe webhook's raw body with its signature; False when it does not verify."""
    telegram_update: Callable[[bytes], Awaitable[bool]]
    """Make a Telegram update durable; False when it is none."""
    telegram_secret: str | None
    """What Telegram sends along to prove itself (A4); None when updates are polled."""
    card_returned: Callable[[str], int]
    """Somebody came back from the card page of a session: look at it at once."""
    account_returned: Callable[[], int]
    """Somebody came back from Stripe's onboarding: look at the accounts at once."""
    nudge: Callable[[str], Awaitable[None]]
    """Wake a sweep, or the bot, by its name."""
    beats: Callable[[], dict[str, str]]
    """Each job and how it is ("ok" or what is wrong), for /health."""
    payment_returned: Callable[[str], bool] = _nobody
    """Somebody came back from the bank's page of a payment: look at it at once."""


class Endpoints:
    """The handlers of every route, sharing the ears and the threads for core calls."""

    def __init__(self, ears: Ears, offload: Offload) -> None:
        self._ears = ears
        self._offload = offload

    def routes(self) -> list[Route]:
        """Return the routes by their public names (`interface.md`)."""
        return [
            Route("/stripe/webhook", self.stripe_webhook, methods=["POST"]),
            Route("/telegram/webhook", self.telegram_webhook, methods=["POST"]),
            Route("/card/done", self.card_done),
            Route("/payments/done", self.payments_done),
            Route("/health", self.health),
        ]

    async def stripe_webhook(self, request: Request) -> Response:
        """Take in an event, verified over the raw bytes (A4); what it says is only a hint."""
        body = await _body(request)
        signature = request.headers.get("stripe-signature", "")
        if not await self._offload(self._ears.stripe_event, body, signature):
            return PlainTextResponse("not accepted", 400)
        await self._ears.nudge("stripe-events")
        return PlainTextResponse("ok")

    async def telegram_webhook(self, request: Request) -> Response:
        """Make an update durable, then acknowledge it (A4a)."""
        said = request.headers.get("x-telegram-bot-api-secret-token", "")
        secret = self._ears.telegram_secret
        if secret is None or not hmac.compare_digest(said.encode(), secret.encode()):
            return PlainTextResponse("not accepted", 403)
        if not await self._ears.telegram_update(await _body(request)):
            return PlainTextResponse("not accepted", 400)
        await self._ears.nudge("bot")
        return PlainTextResponse("ok")

    async def card_done(self, request: Request) -> Response:
        """Thank whoever comes back from a card page; the visit itself proves nothing."""
        session = request.query_params.get("session", "")[:200]
        await self._offload(self._ears.card_returned, session)
        await self._ears.nudge("cards")
        return self._said("Thank you. You can go back to the chat now; it shows how things stand.")

    async def payments_done(self, request: Request) -> Response:
        """Thank whoever comes back from Stripe's onboarding (J5), or from their bank's page (M6).

        Neither visit proves anything: it only lets somebody look.
        """
        payment = request.query_params.get("payment_intent", "")[:200]
        if payment:
            if await self._offload(self._ears.payment_returned, payment):
                await self._ears.nudge("charges")
            return self._said(
                "Thank you. You can go back to the chat now; it shows how things stand."
            )
        if await self._offload(self._ears.account_returned):
            await self._ears.nudge("accounts")
        return self._said(
            "Thank you. You can close this page; your terminal shows how things stand."
        )

    def _said(self, sentence: str) -> Response:
        test = self._ears.practice.settings.stripe_is_test
        return page("said", "said", test=test, sentence=sentence)

    async def health(self, _request: Request) -> Response:
        """Say whether every job has run lately."""
        beats = await self._offload(self._ears.beats)
        well = all(state == "ok" for state in beats.values())
        return JSONResponse({"ok": well, "jobs": beats}, 200 if well else 503)


async def _body(request: Request) -> bytes:
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > MOST_BYTES:
        raise HTTPException(413)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413)
    return body


async def _refused(_request: Request, error: Exception) -> Response:
    """Ask to come again: the store is busy or away, and who calls here tries again by itself."""
    log.warning("web request refused: %s", type(error).__name__)
    return PlainTextResponse("Please try again in a moment.", 503, {"Retry-After": "10"})


async def _broken(_request: Request, error: Exception) -> Response:
    log.error("web request failed: %s", type(error).__name__)
    return PlainTextResponse("Something went wrong here; please try again.", 500)


def create_app(ears: Ears, offload: Offload) -> Starlette:
    """Return the ASGI application with every endpoint."""
    routes = [
        *Endpoints(ears, offload).routes(),
        *Pages(ears.practice, offload).routes(),
        *Feeds(ears.practice, offload).routes(),
        *OwnPages(ears.practice, offload, ears.nudge).routes(),
    ]
    return Starlette(
        routes=routes, exception_handlers={HelpspaceError: _refused, Exception: _broken}
    )
