"""Is everything as it has to be?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.root import new_app

if TYPE_CHECKING:
    from helpspace.cli.checks import Finding

app = new_app()


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Check everything, a line each; exit 1 if anything fails. Nothing is changed.

    Example: helpspace doctor
    """
    desk = Desk(ctx)
    found = _look(desk)
    desk.show_list(
        found,
        lambda one: {
            "check": one.name,
            "ok": one.state != "failed",
            "state": one.state,
            "message": one.words,
        },
        (
            ("CHECK", lambda one: one.name),
            ("", lambda one: "FAILED" if one.state == "failed" else one.state),
            ("", lambda one: one.words),
        ),
        nothing="",
    )
    if any(one.state == "failed" for one in found):
        raise typer.Exit(1)


def _look(desk: Desk) -> list[Finding]:
    from helpspace.cli import checks
    from helpspace.core.errors import HelpspaceError

    try:
        settings = desk.settings
    except HelpspaceError as error:
        return [checks.failed("settings", f"{error.title}. {error.hint}")]
    found = [*checks.of_settings(settings)]
    outside = {
        "Telegram": lambda: checks.of_telegram(settings),
        "mail": lambda: checks.of_mail(settings),
    }
    try:
        practice = desk.practice
        found += [*checks.of_store(practice, desk.team), *checks.of_jobs(practice)]
        found += checks.of_trouble(practice, desk.team)
        outside["Stripe"] = lambda: checks.of_stripe(settings, practice)
    except HelpspaceError as error:
        found.append(checks.failed("store", f"{error.title}. {error.hint}"))
    return found + checks.at_once(outside)
