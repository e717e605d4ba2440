"""Bookable times for initial sessions, opened and closed on a therapist's behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from helpspace.cli import time_off
from helpspace.cli.desk import Columns, Desk
from helpspace.cli.options import (
    AsTherapist,
    DryRun,
    Limit,
    Minutes,
    OfTherapist,
    Start,
)
from helpspace.cli.root import noun
from helpspace.cli.whose import the_therapist

if TYPE_CHECKING:
    from helpspace.core.calendar import Opened

Reason = Annotated[str, typer.Option("--reason", help="Why the team does it; kept in the trail.")]

app = noun()
app.add_typer(
    time_off.app, name="time-off", help="Time in which a therapist opens and books nothing."
)


def _columns(desk: Desk) -> Columns[Any]:
    from helpspace.core.moments import pounds

    return (
        ("ID", lambda one: one.id),
        ("THERAPIST", lambda one: one.therapist_id),
        ("WHEN (UTC)" if desk.frame.utc else "WHEN (UK)", lambda s: desk.session(s.start, s.end)),
        ("FEE", lambda one: pounds(one.fee_pence)),
        ("STATE", lambda one: one.state),
    )


@app.command("list")
def list_(
    ctx: typer.Context,
    therapist: OfTherapist = None,
    state: Annotated[
        Literal["open", "held", "booked", "closed"] | None,
        typer.Option("--state", help="Only in this state."),
    ] = None,
    past: Annotated[bool, typer.Option("--past", help="Also those that have passed.")] = False,
    limit: Limit = 1000,
) -> None:
    """List slots that are still ahead, soonest first.

    Example: helpspace slots list --state open
    """
    from helpspace.cli import shapes
    from helpspace.core import slots

    desk = Desk(ctx)
    found = slots.listed(
        desk.practice, desk.team, therapist_id=therapist, state=state, past=past, limit=limit
    )
    desk.show_list(
        found,
        shapes.slot,
        _columns(desk),
        nothing="There is no such slot. Open one: helpspace slots open --start 2026-03-28T09:00.",
        limit=limit,
    )


@app.command("open")
def open_(
    ctx: typer.Context,
    start: Start,
    therapist: AsTherapist = None,
    minutes: Minutes = None,
    weeks: Annotated[int, typer.Option("--weeks", help="Repeat weekly, this often in all.")] = 1,
    reason: Reason = "asked by the therapist",
    dry_run: DryRun = False,
) -> None:
    """Open a slot for initial sessions, once or weekly, as its therapist.

    Example: helpspace slots open --start 2026-03-28T09:00 --weeks 6
    """
    from helpspace.cli import shapes
    from helpspace.core import calendar, moments, profiles

    desk = Desk(ctx)
    therapist_id = the_therapist(desk, therapist)
    zone = profiles.therapist(desk.practice, desk.team, therapist_id).zone
    actor = desk.acting_for("therapist", therapist_id, reason)
    first = moments.read_moment(start, zone)
    with desk.rehearsing(dry_run):
        opened = calendar.open_slots(
            desk.practice, actor, therapist_id, first, minutes=minutes, weeks=weeks
        )
    desk.show_list(
        opened.slots,
        lambda one: {**shapes.slot(one), **({"dry_run": True} if dry_run else {})},
        _columns(desk),
        nothing="",
    )
    _say_visibility(desk, opened, dry_run=dry_run)


def _say_visibility(desk: Desk, opened: Opened, *, dry_run: bool) -> None:
    """Say what opening did to the profile, and which slots nobody can book (P3)."""
    from helpspace.core.policy import WHY_HIDDEN

    if opened.published:
        desk.say(f"Clients {'would see' if dry_run else 'see'} the profile now.")
    elif opened.why_hidden:
        reasons = "; ".join(WHY_HIDDEN[code] for code in opened.why_hidden)
        desk.say(f"Clients do not see the profile: {reasons}.")
    for start in opened.inside_notice:
        desk.say(f"{desk.at(start)} is inside the minimum notice: no client can book it.")


@app.command("close")
def close(
    ctx: typer.Context,
    slot_id: Annotated[str, typer.Argument(metavar="ID", help="The slot.")],
    reason: Reason = "asked by the therapist",
    dry_run: DryRun = False,
) -> None:
    """Withdraw an open slot as its therapist; one that is held or booked is refused.

    Example: helpspace slots close k3x7m2qa5bcd
    """
    from helpspace.cli import shapes
    from helpspace.core import calendar

    desk = Desk(ctx)
    actor = desk.acting_for("therapist", calendar.owner_of(desk.practice, slot_id), reason)
    with desk.rehearsing(dry_run):
        closed = calendar.close_slot(desk.practice, actor, slot_id)
    document = {**shapes.slot(closed), **({"dry_run": True} if dry_run else {})}
    if desk.frame.as_json:
        desk.give(document)
    else:
        word = "Would close" if dry_run else "Closed"
        desk.write(f"{word} {desk.session(closed.start, closed.end)} ({closed.id}).")
