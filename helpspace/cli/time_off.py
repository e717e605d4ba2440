"""Time off of a therapist: list it, take it with what it hits shown first, lift it (C7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import AsTherapist, DryRun, Limit, OfTherapist, Yes
from helpspace.cli.root import noun
from helpspace.cli.whose import the_therapist

if TYPE_CHECKING:
    from helpspace.core.time_off import TimeOffPlan

Reason = Annotated[str, typer.Option("--reason", help="Why the team does it; kept in the trail.")]

app = noun()


@app.command("list")
def list_(
    ctx: typer.Context,
    therapist: OfTherapist = None,
    past: Annotated[
        bool, typer.Option("--past", help="Also what has ended or was lifted.")
    ] = False,
    limit: Limit = 1000,
) -> None:
    """List time off, soonest first.

    Example: helpspace slots time-off list
    """
    from helpspace.cli import shapes_time
    from helpspace.core import time_off

    desk = Desk(ctx)
    desk.show_list(
        time_off.listed(desk.practice, desk.team, therapist, include_past=past, limit=limit),
        shapes_time.time_off,
        (
            ("ID", lambda one: one.id),
            ("THERAPIST", lambda one: one.therapist_id),
            ("FROM", lambda one: desk.at(one.start)),
            ("UNTIL", lambda one: desk.at(one.end)),
            ("LIFTED", lambda one: desk.at(one.lifted_at)),
        ),
        nothing="Nobody has taken time off. Take some: helpspace slots time-off take --help.",
        limit=limit,
    )


@app.command()
def take(
    ctx: typer.Context,
    start: Annotated[
        str,
        typer.Option(
            "--start",
            metavar="TIME",
            help="From when: 2026-08-03T00:00 in the therapist's zone, or with an offset or Z.",
        ),
    ],
    end: Annotated[
        str, typer.Option("--end", metavar="TIME", help="Until when, written like --start.")
    ],
    therapist: AsTherapist = None,
    sessions: Annotated[
        Literal["cancel", "keep"] | None,
        typer.Option("--sessions", help="What becomes of the sessions in it, where there are any."),
    ] = None,
    reason: Reason = "asked by the therapist",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Take time off as its therapist: slots close, sessions are cancelled or kept, refunds shown.

    Example: helpspace slots time-off take --start 2026-08-03T00:00 --end 2026-08-10T00:00
    """
    from helpspace.cli import shapes_time
    from helpspace.core import moments, profiles, time_off

    desk = Desk(ctx)
    therapist_id = the_therapist(desk, therapist)
    zone = profiles.therapist(desk.practice, desk.team, therapist_id).zone
    actor = desk.acting_for("therapist", therapist_id, reason)
    since, until = moments.read_moment(start, zone), moments.read_moment(end, zone)
    plan = time_off.plan(desk.practice, actor, therapist_id, since, until)
    for line in _plan_lines(desk, plan, sessions):
        desk.say(line)
    if dry_run:
        desk.say_rehearsed()
        if desk.frame.as_json:
            desk.give({**shapes_time.time_off_plan(plan), "dry_run": True})
        return
    _must_be_said(plan, sessions)
    if not yes:
        desk.ask("Take it?")
    done = time_off.take(
        desk.practice, actor, therapist_id, since, until, cancel=sessions == "cancel", shown=plan
    )
    if desk.frame.as_json:
        cancelled = [one.appointment_id for one in done.cancelled]
        document = {**shapes_time.time_off_plan(plan), **shapes_time.time_off(done.time_off)}
        desk.give({**document, "cancelled": cancelled, "kept": list(done.kept)})
    else:
        desk.write(f"Time off {done.time_off.id}: {desk.at(since)} to {desk.at(until)}.")


def _must_be_said(plan: TimeOffPlan, sessions: str | None) -> None:
    from helpspace.core.errors import Invalid

    if plan.sessions and sessions is None:
        raise Invalid(
            f"{len(plan.sessions)} booked in that time", "Say --sessions cancel or --sessions keep."
        )


def _plan_lines(desk: Desk, plan: TimeOffPlan, sessions: str | None) -> list[str]:
    from helpspace.cli.series import money
    from helpspace.core.moments import pounds

    lines = [f"Time off from {desk.at(plan.start)} to {desk.at(plan.end)}."]
    lines += [
        f"Closes {desk.session(one.start, one.end)} ({one.id})"
        + (": somebody is booking it just now." if one.held else ".")
        for one in plan.slots
    ]
    for one in plan.sessions:
        when = f"{desk.session(one.start, one.end)} ({one.appointment_id})"
        if sessions == "keep":
            lines.append(f"Keeps {when}.")
        else:
            lines.append(f"Cancels {when}: {money(one.consequence)}")
    if plan.sessions and sessions != "keep":
        lines.append(f"{pounds(plan.refund_pence)} goes back to clients in all; each is told.")
    return lines


@app.command()
def lift(
    ctx: typer.Context,
    time_off_id: Annotated[str, typer.Argument(metavar="ID", help="The time off.")],
    reason: Reason = "asked by the therapist",
    dry_run: DryRun = False,
) -> None:
    """Lift time off as its therapist; slots that it closed stay closed until opened again.

    Example: helpspace slots time-off lift k3x7m2qa5bcd
    """
    from helpspace.cli import shapes_time
    from helpspace.core import time_off

    desk = Desk(ctx)
    owner = time_off.owner_of(desk.practice, time_off_id)
    actor = desk.acting_for("therapist", owner, reason)
    with desk.rehearsing(dry_run):
        done = time_off.lift(desk.practice, actor, time_off_id)
    if desk.frame.as_json:
        desk.give({**shapes_time.time_off(done), **({"dry_run": True} if dry_run else {})})
    else:
        word = "Would lift" if dry_run else "Lifted"
        desk.write(f"{word} the time off from {desk.at(done.start)} to {desk.at(done.end)}.")
