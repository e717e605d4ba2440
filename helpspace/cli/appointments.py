"""Booked sessions: reading them, booking follow-ups and cancelling on somebody's behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from helpspace.cli import exporting, series, sessions
from helpspace.cli.desk import Columns, Desk
from helpspace.cli.options import (
    AsTherapist,
    DryRun,
    Limit,
    Minutes,
    OfClient,
    OfTherapist,
    Start,
    Yes,
    must_exist,
    read_pounds,
)
from helpspace.cli.root import noun
from helpspace.cli.whose import the_therapist

if TYPE_CHECKING:
    from helpspace.core.booking import FollowUpPlan
    from helpspace.core.policy import Consequence

app = noun()

TheAppointment = Annotated[str, typer.Argument(metavar="ID", help="The appointment.")]
States = Literal["booked", "completed", "no_show", "cancelled_by_client", "cancelled_by_therapist"]


def _columns(desk: Desk) -> Columns[Any]:
    from helpspace.core.moments import pounds

    return (
        ("ID", lambda one: one.id),
        ("WHEN (UTC)" if desk.frame.utc else "WHEN (UK)", lambda a: desk.session(a.start, a.end)),
        ("KIND", lambda one: one.kind),
        ("THERAPIST", lambda one: one.therapist_id),
        ("CLIENT", lambda one: one.client_id),
        ("FEE", lambda one: pounds(one.fee_pence)),
        ("STATE", lambda one: one.state),
        ("PAYMENT", lambda one: one.payment),
    )


@app.command("list")
def list_(
    ctx: typer.Context,
    therapist: OfTherapist = None,
    client: OfClient = None,
    ahead: Annotated[bool, typer.Option("--ahead", help="Only those still to come.")] = False,
    state: Annotated[States | None, typer.Option("--state", help="Only in this state.")] = None,
    limit: Limit = 1000,
) -> None:
    """List appointments by their start.

    Example: helpspace appointments list --ahead
    """
    from helpspace.cli import shapes
    from helpspace.core import appointments

    desk = Desk(ctx)
    must_exist(desk, therapist=therapist, client=client)
    found = appointments.appointments(
        desk.practice,
        desk.team,
        therapist_id=therapist,
        client_id=client,
        ahead=ahead,
        limit=limit,
    )
    desk.show_list(
        [one for one in found if state in (None, one.state)],
        shapes.appointment,
        _columns(desk),
        nothing="There is no such appointment. Clients book initial sessions in the bot.",
    )
    desk.say_if_cut(len(found), limit)


@app.command()
def show(ctx: typer.Context, appointment_id: TheAppointment) -> None:
    """Show an appointment with its terms, its money and the notices it has caused.

    Example: helpspace appointments show k3x7m2qa5bcd
    """
    from helpspace.cli import shapes
    from helpspace.core import appointments, notices
    from helpspace.core.moments import pounds

    desk = Desk(ctx)
    view = appointments.appointment(desk.practice, desk.team, appointment_id)
    told = notices.notices(desk.practice, desk.team, appointment_id=appointment_id)
    told.reverse()
    reason = f" ({view.payment_reason})" if view.payment_reason else ""
    desk.show_one(
        {**shapes.appointment(view), "notices": [shapes.notice(one) for one in told]},
        (
            ("when", f"{desk.session(view.start, view.end)} ({view.minutes} min)"),
            ("kind", view.kind),
            ("state", view.state),
            ("therapist", view.therapist_id),
            ("client", view.client_id),
            ("fee", pounds(view.fee_pence)),
            ("free to cancel until", desk.at(view.free_until)),
            ("payment", f"{view.payment}{reason}"),
            ("owed now, paid", f"{pounds(view.owed_pence)}, {pounds(view.paid_pence)}"),
            ("card", view.card),
            ("video", view.video_url or "no video base is set (HELPSPACE_VIDEO)"),
            ("booked", desk.at(view.booked_at)),
            ("cancelled", desk.at(view.cancelled_at)),
            *((f"notice {n.id}", f"{n.event}, {n.party}, {n.channel}: {n.state}") for n in told),
        ),
        heading=f"Appointment {view.id}",
    )


@app.command()
def book(
    ctx: typer.Context,
    client: Annotated[str, typer.Option("--client", metavar="ID", help="For whom.")],
    start: Start,
    therapist: AsTherapist = None,
    minutes: Minutes = None,
    fee: Annotated[
        str | None,
        typer.Option("--fee", metavar="POUNDS", help="Like 60 or 60.50; else the usual fee."),
    ] = None,
    weeks: Annotated[
        int, typer.Option("--weeks", help="A weekly series of so many, each listed first.")
    ] = 1,
    twice: Annotated[
        Literal["first", "second"] | None,
        typer.Option("--twice", help="Which one, where a week's time happens twice."),
    ] = None,
    free_only: Annotated[
        bool, typer.Option("--free-only", help="Leave out the weeks that cannot be booked.")
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why the team does it; kept in the trail.")
    ] = "asked by the therapist",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Book a follow-up as its therapist, after showing what it costs and when it is charged.

    Example: helpspace appointments book --client k3x7m2qa5bcd --start 2026-03-28T09:00 --fee 60
    """
    from helpspace.cli import shapes
    from helpspace.core import booking, moments, profiles

    desk = Desk(ctx)
    pence = None if fee is None else read_pounds(fee)
    therapist_id = the_therapist(desk, therapist)
    zone = profiles.therapist(desk.practice, desk.team, therapist_id).zone
    actor = desk.acting_for("therapist", therapist_id, reason)
    at = moments.read_moment(start, zone)
    if weeks != 1:
        series.book_weekly(
            desk, therapist_id, client, at, weeks, minutes=minutes, fee=pence, twice=twice,
            free_only=free_only, reason=reason, yes=yes, dry_run=dry_run,
        )  # fmt: skip
        return
    plan = booking.plan_follow_up(
        desk.practice, actor, therapist_id, client, at, minutes=minutes, fee_pence=pence
    )
    for line in _plan_lines(desk, plan):
        desk.say(line)
    if dry_run:
        desk.say_rehearsed()
        if desk.frame.as_json:
            desk.give(shapes.plan(plan, therapist_id))
        return
    if not yes:
        desk.ask("Book it?")
    made = booking.book_follow_up(
        desk.practice, actor, therapist_id, client, at, minutes=minutes, fee_pence=plan.fee_pence
    )
    if desk.frame.as_json:
        desk.give(shapes.appointment(made))
    else:
        desk.write(f"Booked {made.id}.")


def _plan_lines(desk: Desk, plan: FollowUpPlan) -> list[str]:
    from helpspace.core.moments import pounds

    when = desk.session(plan.start, plan.end)
    lines = [f"Follow-up for client {plan.client_id}: {when}, {pounds(plan.fee_pence)}."]
    if plan.charge_at is not None:
        lines.append(
            f"Free to cancel until {desk.at(plan.free_until)}; charged {desk.at(plan.charge_at)}."
        )
    if plan.charge_at is not None and plan.card != "ok":
        lines.append(f"The client's card is {plan.card}: they will be asked for one.")
    if plan.withdraws:
        lines.append(f"Your open slot there is withdrawn: {', '.join(plan.withdraws)}.")
    return lines


@app.command()
def cancel(
    ctx: typer.Context,
    appointment_id: TheAppointment,
    party: Annotated[
        Literal["therapist", "client"],
        typer.Option("--as", help="Whose cancellation it is; it decides about the money."),
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the trail.")],
    and_later: Annotated[
        bool, typer.Option("--and-later", help="Also the later ones of its weekly series.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Cancel an appointment as one of its two people, after showing what it does to the money.

    Example: helpspace appointments cancel k3x7m2qa5bcd --as client --reason "asked by phone"
    """
    from helpspace.cli import shapes
    from helpspace.core import appointments, booking

    desk = Desk(ctx)
    view = appointments.appointment(desk.practice, desk.team, appointment_id)
    person = view.client_id if party == "client" else view.therapist_id
    if and_later:
        desk.say(f"Cancelling as the {party}, this one and the later ones of its series:")
        series.cancel_onwards(desk, appointment_id, party, person, reason, yes=yes, dry_run=dry_run)
        return
    actor = desk.acting_for(party, person, reason)
    found = booking.preview_cancel(desk.practice, actor, appointment_id)
    desk.say(f"Cancelling {desk.session(view.start, view.end)} as the {party}.")
    for line in _money_lines(found):
        desk.say(line)
    document = {**shapes.appointment(view), **shapes.consequence(found)}
    if not desk.goes_on("Cancel it?", document, dry_run=dry_run, yes=yes):
        return
    done, found = booking.cancel(
        desk.practice, actor, appointment_id, shown_owed_pence=found.owed_pence
    )
    if desk.frame.as_json:
        desk.give({**shapes.appointment(done), **shapes.consequence(found)})
    else:
        desk.write(f"Cancelled {done.id}.")


def _money_lines(found: Consequence) -> list[str]:
    """Say what a cancellation means for the money (M2, M3)."""
    lines = []
    if found.by == "therapist":
        lines.append(
            "If the client asked for this, cancel --as client: it makes a difference to the money."
        )
    return [*lines, series.money(found)]


sessions.register(app)
exporting.register(app)
