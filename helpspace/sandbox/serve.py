"""`helpspace sandbox serve`: Stripe, Telegram and a mail server on loopback, for trying `serve`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

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
    return {**kept, "files": [part.name for part in mail.attachments]}


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
    """Serve the three stand-ins until interrupted; a port of 0 takes a free one."""
    try:
        asyncio.run(_serve(telegram_port, stripe_port, smtp_port))
    except KeyboardInterrupt:
        return
    except OSError as error:
        raise HelpspaceError(
            "A port is taken", f"Choose others, or 0 for free ones ({error.strerror})."
        ) from None


async def _serve(telegram_port: int, stripe_port: int, smtp_port: int) -> None:
    clock = RunningClock()
    inbox = Mailbox(clock)
    telegram = TelegramSandbox(clock, local=True)
    stripe = StripeSandbox(clock)
    servers = [
        _server(with_mails(telegram_app(telegram), inbox), telegram_port),
        _server(stripe_app(stripe), stripe_port),
    ]
    with MailServer(inbox, host=HOST, port=smtp_port) as mail:
        running = [asyncio.create_task(server.serve()) for server in servers]
        while not all(server.started for server in servers):
            done = [task for task in running if task.done()]
            if done:
                raise OSError(98, "address already in use")
            await asyncio.sleep(0.02)
        taken = [server.servers[0].sockets[0].getsockname()[1] for server in servers]
        stripe.base_url = f"http://{HOST}:{taken[1]}"
        print(settings_text(telegram, (taken[0], taken[1], mail.port)), flush=True)  # noqa: T201
        print(  # noqa: T201
            f"The sandbox is up. A client's phone: http://{HOST}:{taken[0]}/  "
            f"The mails: http://{HOST}:{taken[0]}/_sandbox/mails  Stop with Ctrl+C.",
            file=sys.stderr,
            flush=True,
        )
        await asyncio.gather(*running)


def _server(app: Starlette, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=HOST,
            port=port,
            log_level="warning",
            date_header=False,
            timeout_graceful_shutdown=2,
        )
    )
