"""The therapist's terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.opening import open_terminal
from helpspace.cli.root import new_app

app = new_app()


@app.command()
def tui(
    ctx: typer.Context,
    therapist: Annotated[
        str | None,
        typer.Option("--therapist", metavar="ID", help="Whose; needed where there are several."),
    ] = None,
    key: Annotated[str | None, typer.Option("--key", metavar="ID", hidden=True)] = None,
    config: Annotated[str | None, typer.Option("--config", metavar="FILE", hidden=True)] = None,
) -> None:
    """Open a therapist's calendar; with --json only say whose it would be.

    On a shared host the line of an SSH key does it: helpspace therapists ssh-key add

    Example: helpspace tui
    """
    raise typer.Exit(open_terminal(Desk(ctx), therapist, key=key, config=config))
