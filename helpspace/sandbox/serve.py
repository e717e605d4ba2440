"""`helpspace sandbox serve`: Stripe, Telegram and a mail server on loopback, for trying `serve`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from helpspace import collecting
from helpspace.core.errors import HelpspaceError
from helpspace.sandbox.clock import RunningClock
from helpspace.sandbox.mail import Mail, Mailbox, MailServer
from helpspace.sandbox.stripe import StripeSandbox
from helpspace.sandbox.stripe.http import create_app as stripe_app
from helpspace.sandbox.telegram import TelegramSandbox
from helpspace.sandbox.telegram.http import create_app as telegram_app

HOST = "127.0.0.1"


def _as_json(mail: Mail) -> dict[str, object]:
    kept = asdict(mail)
    for name in ("raw", "message", "attachments"):
        kept.pop(name)
    return {**kept, "links": mail.links, "files": [part.name for part in mail.attachments]}


def with_mails(app: Starlette, inbox: Mailbox) -> Starlette:
    """Return the Telegram application with the mails that arrived beside it, as JSON."""

    async def mails(request: Request) -> Response:
        wanted = request.query_params.get("to")
        found = inbox.to(wanted) if wanted else inbox.mails
        return JSONResponse([_as_json(mail) for mail in found])

    routes = [Route("/_sandbox/mails", mails), Mount("/", app)]
    return Starlette(routes=routes, lifespan=app.router.lifespan_context)


def settings_text(telegram: TelegramSandbox, ports: tuple[int, int, int]) -> str:
    """Return the settings with which `helpspace serve` talks to this sandbox."""
    telegram_port, stripe_port, smtp_port = ports
    return "\n".join(
        (
            f"HELPSPACE_TELEGRAM_TOKEN={telegram.token}",
            f"HELPSPACE_TELEGRAM_API=http://{HOST}:{telegram_port}",
            "HELPSPACE_STRIPE_KEY=sk_test_sandbox",
            f"HELPSPACE_STRIPE_API=http://{HOST}:{stripe_port}",
            f"HELPSPACE_MAIL=smtp://{HOST}:{smtp_port}",
            "HELPSPACE_MAIL_FROM=appointments@example.org",
            "HELPSPACE_VIDEO=https://video.example.org",
        )
    )


def run(telegram_port: int, stripe_port: int, smtp_port: int) -> None:
    """Serve the three stand-ins until SIGTERM or Ctrl+C; a port of 0 takes a free one.

    Raises HelpspaceError for a port that is taken.
    """
    clock = RunningClock()
    inbox = Mailbox(clock)
    with ExitStack() as stack:
        try:
            sockets = [
                stack.enter_context(socket.create_server((HOST, port)))
                for port in (telegram_port, stripe_port)
            ]
            mail = stack.enter_context(MailServer(inbox, host=HOST, port=smtp_port))
        except OSError as error:
            raise HelpspaceError(
                f"A port is taken ({error.strerror})", "Choose others, or 0 for free ones."
            ) from None
        collecting.steadily()
        asyncio.run(_serve(clock, inbox, sockets, mail.port))


async def _serve(
    clock: RunningClock, inbox: Mailbox, sockets: list[socket.socket], smtp_port: int
) -> None:
    telegram_port, stripe_port = (one.getsockname()[1] for one in sockets)
    telegram = TelegramSandbox(clock, local=True)
    stripe = StripeSandbox(clock, base_url=f"http://{HOST}:{stripe_port}")
    # Who is cut off in a long poll at the end is no news.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    servers = [_server(with_mails(telegram_app(telegram), inbox)), _server(stripe_app(stripe))]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    for word in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(word, stop)
    print(settings_text(telegram, (telegram_port, stripe_port, smtp_port)), flush=True)  # noqa: T201 - a command's answer
    print(  # noqa: T201 - a command's answer
        f"The sandbox is up. A client's phone: http://{HOST}:{telegram_port}/  "
        f"The mails: http://{HOST}:{telegram_port}/_sandbox/mails  Stop with Ctrl+C.",
        file=sys.stderr,
        flush=True,
    )
    await asyncio.gather(
        *(server.serve(sockets=[one]) for server, one in zip(servers, sockets, strict=True))
    )


class _Server(uvicorn.Server):
    """Leaves the signals to this process, which stops both servers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: Starlette) -> uvicorn.Server:
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
    )
