"""Messages owed to people; their words and addresses stay out of here."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun, Limit, must_exist
from helpspace.cli.root import noun

app = noun()

States = Literal["pending", "sent", "expired", "failed", "dropped"]


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[States | None, typer.Option("--state", help="Only in this state.")] = None,
    appointment: Annotated[
        str | None, typer.Option("--appointment", metavar="ID", help="Only about this one.")
    ] = None,
    limit: Limit = 200,
) -> None:
    """List notices, newest first.

    Example: helpspace notices list --state failed
    """
    from helpspace.cli import shapes
    from helpspace.core import notices

    desk = Desk(ctx)
    must_exist(desk, appointment=appointment)
    desk.show_list(
        notices.notices(
            desk.practice, desk.team, state=state, appointment_id=appointment, limit=limit
        ),
        shapes.notice,
        (
            ("ID", lambda one: one.id),
            ("EVENT", lambda one: one.event),
            ("TO", lambda one: one.party),
            ("BY", lambda one: one.channel),
            ("STATE", lambda one: one.state),
            ("TRIES", lambda one: str(one.tries)),
            ("WRITTEN", lambda one: desk.at(one.created_at)),
            ("ERROR", lambda one: one.error or ""),
        ),
        nothing="There is no such notice. They are written with every booking and cancellation.",
        limit=limit,
    )


@app.command()
def resend(
    ctx: typer.Context,
    notice_ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="Failed notices.")
    ] = None,
    all_failed: Annotated[
        bool, typer.Option("--all-failed", help="Every failed notice, instead of naming some.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Put failed notices back in the queue; all of them or none.

    Example: helpspace notices resend 17 18
    """
    from helpspace.core import notices

    if bool(notice_ids) == all_failed:
        raise typer.BadParameter("Name the notices, or give --all-failed.")
    desk = Desk(ctx)
    with desk.rehearsing(dry_run), desk.practice.change():
        ids = notice_ids or notices.failed_ones(desk.practice, desk.team)
        for notice_id in ids:
            notices.resend(desk.practice, desk.team, notice_id)
    if desk.frame.as_json:
        state = "failed" if dry_run else "pending"
        extra = {"dry_run": True} if dry_run else {}
        desk.give([{"id": one, "state": state, **extra} for one in ids])
    elif ids:
        word = "Would queue" if dry_run else "Queued"
        desk.write(f"{word} again: {', '.join(ids)}.")
    else:
        desk.say("There is no failed notice.")
