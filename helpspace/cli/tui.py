"""The therapist's terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import the_therapist
from helpspace.cli.root import new_app

app = new_app()


@app.command()
def tui(
    ctx: typer.Context,
    therapist: Annotated[
        str | None,
        typer.Option("--therapist", metavar="ID", help="Whose; needed where there are several."),
    ] = None,
) -> None:
    """Open a therapist's calendar; with --json only say whose it would be.

    As an SSH forced command: helpspace tui --therapist ID

    Example: helpspace tui
    """
    from helpspace.core import profiles
    from helpspace.core.actors import Actor
    from helpspace.core.errors import HelpspaceError

    desk = Desk(ctx)
    therapist_id = the_therapist(desk, therapist)
    actor = Actor.therapist(therapist_id, "tui")
    view = profiles.therapist(desk.practice, actor, therapist_id)
    if desk.frame.as_json:
        desk.give({"therapist_id": view.id, "name": view.name})
        return
    if not desk.at_terminal:
        raise HelpspaceError("The calendar needs a terminal", "Run it without a pipe.")
    from helpspace.tui.app import run

    raise typer.Exit(run(desk.practice, actor, debug=desk.frame.debug))
