"""The therapist's terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import the_therapist
from helpspace.cli.root import new_app
from helpspace.cli.upload import hand_in

if TYPE_CHECKING:
    from helpspace.tui.learn.ground import Ground

app = new_app()

WRONG_USAGE = 2


def course_ground() -> Ground:
    """Make the throw-away practice on which the course's exercises act."""
    from helpspace.sandbox.practice_ground import open_ground

    return open_ground()


def _open_joining(desk: Desk, therapist_id: str, *, hosted: bool = False) -> int:
    """Open the steps of joining for a therapist who is not approved yet (J1)."""
    from helpspace.cli.join import stripe_of
    from helpspace.tui.join.app import run

    return run(
        desk.practice,
        therapist_id,
        hosted=hosted,
        stripe=stripe_of(desk),
        ground=course_ground,
        debug=desk.frame.debug,
    )


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
    from helpspace.core import profiles
    from helpspace.core.actors import Actor
    from helpspace.core.errors import HelpspaceError

    desk = Desk(ctx)
    if _is_hosted(desk, therapist, key):
        raise typer.Exit(_hosted(desk, therapist or "", key, config))
    therapist_id = the_therapist(desk, therapist)
    actor = Actor.therapist(therapist_id, "tui")
    view = profiles.therapist(desk.practice, actor, therapist_id)
    if desk.frame.as_json:
        desk.give({"therapist_id": view.id, "name": view.name})
        return
    if not desk.at_terminal:
        raise HelpspaceError("The calendar needs a terminal", "Run it without a pipe.")
    if "not_approved" in view.why_hidden:
        raise typer.Exit(_open_joining(desk, therapist_id))
    from helpspace.tui.app import run

    raise typer.Exit(run(desk.practice, actor, ground=course_ground, debug=desk.frame.debug))


# -- on a shared host (A2) -----------------------------------------------------------------------


def _is_hosted(desk: Desk, therapist: str | None, key: str | None) -> bool:
    # As `hosted.is_hosted`, which costs nothing where nobody came in over SSH.
    environment = os.environ if desk.frame.environment is None else desk.frame.environment
    if key is None and not environment.get("SSH_CONNECTION"):
        return False
    from helpspace import hosted

    return hosted.is_hosted(environment, therapist, key)


def _hosted(desk: Desk, therapist_id: str, key: str | None, config: str | None) -> int:
    """Do the one thing that a key's line allows: open the terminal, or take a file."""
    from helpspace import hosted

    environment = desk.frame.environment
    if environment is None:
        hosted.wall_off(sys.argv[1:])
        environment = os.environ
        desk.frame.environment = {"HELPSPACE_CONFIG": config} if config else {}
    desk.frame.debug = False
    try:
        asked = environment.get("SSH_ORIGINAL_COMMAND", "")
        kind, until = hosted.asked_for(asked), hosted.until_asked(asked)
    except hosted.NotOffered as refused:
        desk.say(str(refused))
        return WRONG_USAGE
    hosted.check_key(desk.practice, therapist_id, key)
    with hosted.watched(desk.practice, therapist_id, key):
        if kind is not None:
            return hand_in(desk, therapist_id, kind, until=until)
        return _open_hosted(desk, therapist_id)


def _open_hosted(desk: Desk, therapist_id: str) -> int:
    from helpspace.core import profiles
    from helpspace.core.actors import Actor
    from helpspace.core.errors import HelpspaceError

    actor = Actor.therapist(therapist_id, "tui")
    view = profiles.therapist(desk.practice, actor, therapist_id)
    if not desk.at_terminal:
        raise HelpspaceError("The calendar needs a terminal", "Add -t: ssh -t HOST")
    if "not_approved" in view.why_hidden:
        return _open_joining(desk, therapist_id, hosted=True)
    from helpspace.tui.app import run

    return run(desk.practice, actor, ground=course_ground, hosted=True)
