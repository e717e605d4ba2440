"""A counsellor's application, and what else stands before a published profile."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun
from helpspace.cli.root import new_app

app = new_app()


@app.command()
def join(
    ctx: typer.Context,
    therapist: Annotated[
        str | None, typer.Option("--therapist", metavar="ID", help="Go on as this counsellor.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Begin another application, whoever is there already.")
    ] = False,
    name: Annotated[str, typer.Option("--name", help="Of a new counsellor.")] = "",
    email: Annotated[str, typer.Option("--email", help="Of a new counsellor.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Begin a counsellor's application, or go on with it, in this terminal.

    Where the store's one therapist is not published yet, it is theirs. With --json, or with
    --dry-run, no terminal opens: a new one is begun from --name and --email, and how it stands is
    said.

    Example: helpspace join
    """
    from helpspace.core.errors import HelpspaceError

    desk = Desk(ctx)
    # Before anything else: without a store there is nothing to open, nor anybody to ask about.
    _ = desk.practice
    therapist_id = _whose(desk, therapist, new=new or bool(name or email))
    if not (desk.frame.as_json or dry_run):
        if not desk.at_terminal:
            raise HelpspaceError(
                "The application needs a terminal",
                "Run it without a pipe, or with --json, --name and --email.",
            )
        raise typer.Exit(_open(desk, therapist_id, name, email))
    with desk.rehearsing(dry_run):
        if not therapist_id:
            therapist_id = _begin(desk, name, email)
        standing = _standing(desk, therapist_id)
        if dry_run:
            standing["dry_run"] = True
        desk.show_one(
            standing,
            (("counsellor", standing["name"]), ("next", standing["words"])),
            heading="Joining",
        )


def _whose(desk: Desk, named: str | None, *, new: bool) -> str:
    """Return whose application it is, or an empty text for a new one."""
    from helpspace.core import profiles
    from helpspace.core.actors import Actor
    from helpspace.core.errors import HelpspaceError
    from helpspace.core.joining.progress import joining

    if named is not None:
        return profiles.therapist(desk.practice, Actor.therapist(named, "join"), named).id
    ids = [] if new else profiles.therapist_ids(desk.practice)
    if len(ids) != 1:
        return ""
    if joining(desk.practice, Actor.therapist(ids[0], "join"), ids[0]).step is None:
        raise HelpspaceError(
            "The profile is published already",
            "Open the calendar with `helpspace tui`; --new begins another application.",
        )
    return ids[0]


def _begin(desk: Desk, name: str, email: str) -> str:
    from helpspace.core.errors import Invalid
    from helpspace.core.joining import application

    if not name or not email:
        raise Invalid("There is no application yet", "Begin one with --name and --email.")
    return application.begin(desk.practice, name, email)


def _standing(desk: Desk, therapist_id: str) -> dict[str, Any]:
    """Return how a counsellor stands, as the home of the terminal shows it."""
    from helpspace.core import profiles
    from helpspace.core.actors import Actor
    from helpspace.core.errors import NotFound
    from helpspace.core.joining import application
    from helpspace.core.joining.progress import joining

    actor = Actor.therapist(therapist_id, "join")
    found = joining(desk.practice, actor, therapist_id)
    view = profiles.therapist(desk.practice, actor, therapist_id)
    try:
        seen = application.application(desk.practice, actor, therapist_id)
    except NotFound:
        seen = None
    return {
        "therapist_id": therapist_id,
        "name": view.name,
        "application": None if seen is None else seen.state,
        "missing": [] if seen is None else [
            {"page": lack.topic, "field": lack.field, "message": lack.line} for lack in seen.lacks
        ],
        "step": found.step,
        "lacks": list(found.lacks),
        "stripe_asks": list(found.stripe_asks),
        "visible": view.visible,
        "why_hidden": list(view.why_hidden),
        "words": found.words,
    }  # fmt: skip


def _open(desk: Desk, therapist_id: str, name: str, email: str) -> int:
    """Open the terminal's app."""
    from helpspace.cli.opening import course_ground, stripe_of
    from helpspace.tui.join.app import run

    return run(
        desk.practice,
        therapist_id,
        stripe=stripe_of(desk),
        ground=course_ground,
        name=name,
        email=email,
        debug=desk.frame.debug,
    )
