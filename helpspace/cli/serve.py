"""The bot, the jobs and the web endpoints in one process."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.root import new_app

app = new_app()


@app.command()
def serve(
    ctx: typer.Context,
    bot: Annotated[bool, typer.Option("--bot/--no-bot", help="Answer clients' chats.")] = True,
    jobs: Annotated[bool, typer.Option("--jobs/--no-jobs", help="Do what is due.")] = True,
    web: Annotated[bool, typer.Option("--web/--no-web", help="Listen for browsers.")] = True,
) -> None:
    """Run until SIGTERM or Ctrl+C, then finish what is in flight.

    Split over processes or hosts with --no-bot, --no-jobs, --no-web.

    Example: helpspace serve --no-web
    """
    desk = Desk(ctx)
    desk.say_if_test()
    settings = desk.settings
    if desk.frame.as_json:
        parts = {"bot": bot, "jobs": jobs, "web": web}
        desk.give({"pid": os.getpid(), "bind": settings.bind if web else None, **parts})
        sys.stdout.flush()
    from helpspace.serve import serve as run

    with contextlib.redirect_stdout(sys.stderr):
        code = run(settings, bot=bot, jobs=jobs, web=web, debug=desk.frame.debug)
    raise typer.Exit(code or 0)
