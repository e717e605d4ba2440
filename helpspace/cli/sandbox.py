"""Stand-ins for the outside world."""

from __future__ import annotations

import contextlib
import sys
from typing import Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.root import noun

app = noun()

HOST = "127.0.0.1"

Port = typer.Option(min=0, max=65_535, help="0 lets the system choose one.")


@app.command()
def serve(
    ctx: typer.Context,
    telegram_port: Annotated[int, Port] = 8081,
    stripe_port: Annotated[int, Port] = 12111,
    smtp_port: Annotated[int, Port] = 1025,
) -> None:
    """Serve stand-ins for Telegram, Stripe and mail on 127.0.0.1 until Ctrl+C.

    Example: helpspace sandbox serve --telegram-port 8081 --stripe-port 12111 --smtp-port 1025
    """
    from helpspace.sandbox.serve import run

    desk = Desk(ctx)
    if not desk.frame.as_json:
        run(telegram_port, stripe_port, smtp_port)
        return
    telegram_port, stripe_port, smtp_port = map(_chosen, (telegram_port, stripe_port, smtp_port))
    desk.give(
        {
            "telegram_api": f"http://{HOST}:{telegram_port}",
            "stripe_api": f"http://{HOST}:{stripe_port}",
            "mail": f"smtp://{HOST}:{smtp_port}",
        }
    )
    sys.stdout.flush()
    with contextlib.redirect_stdout(sys.stderr):
        run(telegram_port, stripe_port, smtp_port)


def _chosen(port: int) -> int:
    """Return a port, a free one for 0, so that it can be told before anything listens there."""
    import socket

    if port:
        return port
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])
