"""Files of an application through standard input, as on a shared host, where no path is taken."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import AsTherapist, DryRun, standard_input, the_therapist
from helpspace.cli.root import new_app

app = new_app()

Kinds = Literal["qualification", "insurance", "picture"]


@app.command()
def upload(
    ctx: typer.Context,
    kind: Annotated[Kinds, typer.Argument(metavar="KIND", help="What the file is.")],
    therapist: AsTherapist = None,
    dry_run: DryRun = False,
) -> None:
    """Hand in a file of an application: a PDF, PNG or JPEG of at most 10 MB from standard input.

    Over SSH to a shared host, the same words: ssh HOST upload insurance < insurance.pdf

    Example: helpspace upload insurance < insurance.pdf
    """
    desk = Desk(ctx)
    therapist_id = the_therapist(desk, therapist)
    raise typer.Exit(hand_in(desk, therapist_id, kind, dry_run=dry_run))


def hand_in(desk: Desk, therapist_id: str, kind: str, *, dry_run: bool = False) -> int:
    """Read a file from standard input and hand it in as its therapist; answer in one line."""
    from helpspace.core.actors import Actor
    from helpspace.core.files.content import MOST_BYTES, bounded
    from helpspace.core.joining import application, documents
    from helpspace.core.joining.topics import document_kind

    actor = Actor.therapist(therapist_id, "upload")
    seen = application.application(desk.practice, actor, therapist_id)
    raw = bounded(standard_input(MOST_BYTES + 1))
    if dry_run:
        documents.check_hand_in(desk.practice, actor, therapist_id, kind, raw)
        desk.say_rehearsed()
    else:
        seen = documents.hand_in_now(desk.practice, actor, therapist_id, kind, "", raw)
    label = document_kind(kind).label
    if desk.frame.as_json:
        more = {"dry_run": True} if dry_run else {}
        lacks = [one.line for one in seen.lacks]
        desk.give({"therapist_id": therapist_id, "kind": kind, "lacks": lacks, **more})
    else:
        left = f"{len(seen.lacks)} things are still missing" if seen.lacks else "Nothing is missing"
        if len(seen.lacks) == 1:
            left = f"Still missing: {seen.lacks[0].line.rstrip('.')}"
        did = "Would hand in" if dry_run else "Handed in"
        desk.write(f"{did}: {label}. {left}.")
    return 0
