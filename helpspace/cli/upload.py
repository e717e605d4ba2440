"""Files of an application through standard input, as on a shared host, where no path is taken."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import AsTherapist, DryRun, standard_input
from helpspace.cli.root import new_app
from helpspace.cli.whose import the_therapist

app = new_app()

Kinds = Literal["qualification", "insurance", "picture"]


@app.command()
def upload(
    ctx: typer.Context,
    kind: Annotated[Kinds, typer.Argument(metavar="KIND", help="What the file is.")],
    until: Annotated[
        str, typer.Argument(metavar="[UNTIL]", help="The last day of a new certificate.")
    ] = "",
    insurer: Annotated[str, typer.Option("--insurer", help="Only where it is another one.")] = "",
    therapist: AsTherapist = None,
    dry_run: DryRun = False,
) -> None:
    """Hand in a file of an application: a PDF, PNG or JPEG of at most 10 MB from standard input.

    After the approval, a new insurance certificate with the last day on which it is valid, or a
    new profile picture; it counts once the team has accepted it.

    Over SSH to a shared host, the same words: ssh HOST upload insurance < insurance.pdf

    Example: helpspace upload insurance < insurance.pdf
    """
    desk = Desk(ctx)
    therapist_id = the_therapist(desk, therapist)
    raise typer.Exit(
        hand_in(desk, therapist_id, kind, until=until, insurer=insurer, dry_run=dry_run)
    )


def hand_in(
    desk: Desk,
    therapist_id: str,
    kind: str,
    *,
    until: str = "",
    insurer: str = "",
    dry_run: bool = False,
) -> int:
    """Read a file from standard input and hand it in as its therapist; answer in one line."""
    from helpspace.core.actors import Actor
    from helpspace.core.errors import Invalid
    from helpspace.core.files.content import MOST_BYTES, bounded
    from helpspace.core.joining import application, documents
    from helpspace.core.joining.topics import document_kind

    actor = Actor.therapist(therapist_id, "upload")
    seen = application.application(desk.practice, actor, therapist_id)
    if kind == "insurance" and seen.state == "approved":
        return _renew(desk, therapist_id, kind, until, insurer, dry_run=dry_run)
    if until or insurer:
        raise Invalid(
            "A date and an insurer go with a new insurance certificate",
            "Write them into the application, or leave them out.",
        )
    if kind == "picture" and seen.state == "approved":
        return _renew(desk, therapist_id, kind, "", "", dry_run=dry_run)
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


def _renew(
    desk: Desk, therapist_id: str, kind: str, until: str, insurer: str, *, dry_run: bool
) -> int:
    """Hand in a new insurance certificate or picture of an approved counsellor (J4, J7)."""
    from helpspace.core.actors import Actor
    from helpspace.core.errors import Invalid
    from helpspace.core.files.content import MOST_BYTES, bounded
    from helpspace.core.joining import renewal
    from helpspace.core.joining.topics import document_kind

    if kind == "insurance" and not until:
        raise Invalid(
            "Say until when the new certificate is valid",
            "Write: upload insurance 2027-03-31 < insurance.pdf",
        )
    actor = Actor.therapist(therapist_id, "upload")
    raw = bounded(standard_input(MOST_BYTES + 1))
    with desk.rehearsing(dry_run):
        if kind == "picture":
            renewal_id = renewal.renew_picture(
                desk.practice, actor, therapist_id, "", raw, rehearsed=dry_run
            )
        else:
            renewal_id = renewal.renew(
                desk.practice, actor, therapist_id, "insurance", until,
                insurer=insurer, name="insurance", raw=raw, rehearsed=dry_run,
            )  # fmt: skip
    if desk.frame.as_json:
        more = {"dry_run": True} if dry_run else {"renewal_id": renewal_id}
        desk.give({"therapist_id": therapist_id, "kind": kind, "lacks": [], **more})
    else:
        did = "Would hand in" if dry_run else "Handed in"
        desk.write(f"{did}: {document_kind(kind).label}. The team looks at it.")
    return 0
