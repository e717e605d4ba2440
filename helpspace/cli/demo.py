"""A whole practice to play with."""

from __future__ import annotations

import contextlib
import io
from typing import Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.root import new_app

app = new_app()


@app.command()
def demo(
    ctx: typer.Context,
    story: Annotated[
        bool, typer.Option("--story", help="Play one session's life as text, and check it.")
    ] = False,
) -> None:
    """Open a sample practice with the client's phone beside it; in a pipe, play the story.

    The story exits 1 if any step is not as the rules say.

    Example: helpspace demo --story
    """
    from helpspace.sandbox.demo import run

    desk = Desk(ctx)
    if not desk.frame.as_json:
        raise typer.Exit(run(story=story or not desk.at_terminal) or 0)
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        code = run(story=True) or 0
    desk.give({"ok": code == 0, "story": told.getvalue().splitlines()})
    raise typer.Exit(code)
