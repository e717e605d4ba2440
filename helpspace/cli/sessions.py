"""What is done to booked sessions besides cancelling: moved, waived, missed, reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun, Limit, Start, Yes

if TYPE_CHECKING:
    from helpspace.core.actors import Actor
    from helpspace.core.appointments import AppointmentView
    from helpspace.core.booking import MovePlan

TheAppointment = Annotated[str, typer.Argument(metavar="ID", help="The appointment.")]
Reason = Annotated[str, typer.Option("--reason", help="Why the team does it; kept in the trail.")]
ASKED = "asked by the therapist"


def register(app: typer.Typer) -> None:
    """Add these commands to the appointments'."""
    app.command()(move)
    app.command()(waive)
    app.command("no-show")(no_show)
    app.command()(absences)
    app.command()(absence)
    app.command("refuse-move")(refuse_move)


def _for_its_therapist(
    desk: Desk, appointment_id: str, reason: str
) -> tuple[AppointmentView, Actor]:
    """Return an appointment and the team acting as its therapist."""
    from helpspace.core import appointments

    view = appointments.appointment(desk.practice, desk.team, appointment_id)
    return view, desk.acting_for("therapist", view.therapist_id, reason)


def move(
    ctx: typer.Context,
    appointment_id: TheAppointment,
    start: Start,
    asked_by: Annotated[
        Literal["client", "therapist"],
        typer.Option("--asked-by", help="Who wishes the move; it decides about the money."),
    ],
    minutes: Annotated[
        int | None, typer.Option("--minutes", help="How long; else as long as it was.")
    ] = None,
    reason: Reason = ASKED,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Move an appointment as its therapist, after showing what it does to the money.

    Example: helpspace appointments move k3x7m2qa5bcd --start 2026-03-28T09:00 --asked-by client
    """
    from helpspace.cli import shapes, shapes_time
    from helpspace.core import booking, moments, profiles
    from helpspace.core.policy import Party

    desk = Desk(ctx)
    view, actor = _for_its_therapist(desk, appointment_id, reason)
    zone = profiles.therapist(desk.practice, desk.team, view.therapist_id).zone
    at, wish = moments.read_moment(start, zone), Party(asked_by)
    plan = booking.plan_move(
        desk.practice, actor, appointment_id, at, asked_by=wish, minutes=minutes
    )
    for line in _move_lines(desk, plan):
        desk.say(line)
    document = {**shapes.appointment(view), **shapes_time.move(plan)}
    if not desk.goes_on("Move it?", document, dry_run=dry_run, yes=yes):
        return
    done = booking.move(
        desk.practice, actor, appointment_id, at, asked_by=wish, minutes=minutes, shown=plan.shown
    )
    if desk.frame.as_json:
        desk.give({**shapes.appointment(done), **shapes_time.move(plan), **_as_done(done)})
    else:
        desk.write(f"Moved {done.id} to {desk.session(done.start, done.end)}.")


def _as_done(done: Any) -> dict[str, Any]:
    """Return what an act may have set a little later than it was shown."""
    from helpspace.core.moments import iso

    return {"free_until": iso(done.free_until), "paid_pence": done.paid_pence}


def _move_lines(desk: Desk, plan: MovePlan) -> list[str]:
    from helpspace.core.moments import pounds

    old = desk.session(plan.old_start, plan.old_end)
    lines = [f"From {old} to {desk.session(plan.start, plan.end)}, asked by the {plan.asked_by}."]
    if plan.asked_by == "therapist" and plan.fee_pence:
        lines.append(
            "If the client asked for this, say --asked-by client: it makes a difference to the"
            " money."
        )
    lines.append(_cancelling_line(desk, plan))
    if plan.charge_at is not None:
        due = "is due" if plan.charge_at <= desk.now else f"is taken {desk.at(plan.charge_at)}"
        lines.append(f"The fee of {pounds(plan.fee_pence)} {due}.")
    if plan.withdraws:
        lines.append(f"Your open slot there is withdrawn: {', '.join(plan.withdraws)}.")
    if plan.closes_slot:
        lines.append("The slot it was booked in stays closed.")
    lines.append("Both are told, with the new calendar file.")
    return lines


def _cancelling_line(desk: Desk, plan: MovePlan) -> str:
    """Say what the move means for cancelling (M10)."""
    from helpspace.core.moments import pounds

    if not plan.fee_pence or plan.waived:
        return "No money moves."
    until = desk.at(plan.free_until)
    if plan.locked:
        stays = f"The fee of {pounds(plan.fee_pence)} stays {'paid' if plan.paid_pence else 'due'}"
        if plan.free_until > desk.now:
            return f"The client may cancel free until {until}, as before; no longer by the move."
        return f"{stays}: the move opens no new free cancellation."
    if plan.paid_pence:
        return (
            f"The {pounds(plan.paid_pence)} stay paid; the client may cancel until {until} and gets"
            " them back in full."
        )
    return f"The client may cancel free until {until}."


def waive(
    ctx: typer.Context,
    appointment_id: TheAppointment,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the trail.")],
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Waive a fee as its therapist: an unpaid one ends, a paid one goes back in full.

    Example: helpspace appointments waive k3x7m2qa5bcd --reason "was ill"
    """
    from helpspace.cli import shapes, shapes_time
    from helpspace.core import booking
    from helpspace.core.moments import pounds

    desk = Desk(ctx)
    view, actor = _for_its_therapist(desk, appointment_id, reason)
    plan = booking.plan_waive(desk.practice, actor, appointment_id)
    desk.say(f"The fee of {pounds(plan.fee_pence)} for {desk.session(view.start, view.end)}.")
    if plan.refund_pence:
        desk.say(f"The client gets {pounds(plan.refund_pence)} back in full.")
    else:
        desk.say(f"Of it {pounds(plan.owed_pence)} is owed now; the client then owes nothing.")
    desk.say("Both are told.")
    document = {**shapes.appointment(view), **shapes_time.waive(plan)}
    if not desk.goes_on("Waive it?", document, dry_run=dry_run, yes=yes):
        return
    done = booking.waive(desk.practice, actor, appointment_id, shown=plan)
    if desk.frame.as_json:
        desk.give({**shapes.appointment(done), "refund_pence": plan.refund_pence})
    else:
        desk.write(f"Waived the fee of {done.id}.")


def no_show(
    ctx: typer.Context,
    appointment_id: TheAppointment,
    reason: Reason = ASKED,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Mark as its therapist that the client did not come; the fee stands.

    Example: helpspace appointments no-show k3x7m2qa5bcd
    """
    from helpspace.cli import shapes
    from helpspace.core import booking
    from helpspace.core.moments import pounds

    desk = Desk(ctx)
    view, actor = _for_its_therapist(desk, appointment_id, reason)
    booking.plan_no_show(desk.practice, actor, appointment_id)
    desk.say(f"The client did not come to {desk.session(view.start, view.end)}.")
    stands = f"The fee of {pounds(view.fee_pence)} stands" if view.fee_pence else "No money moves"
    desk.say(f"{stands}; the client is told.")
    document = {**shapes.appointment(view), "state": "no_show"}
    if not desk.goes_on("Mark it?", document, dry_run=dry_run, yes=yes):
        return
    done = booking.no_show(desk.practice, actor, appointment_id)
    if desk.frame.as_json:
        desk.give(shapes.appointment(done))
    else:
        desk.write(f"Marked {done.id} as missed.")


def absences(
    ctx: typer.Context,
    undecided: Annotated[
        bool, typer.Option("--undecided", help="Only those that wait for a decision.")
    ] = False,
    limit: Limit = 1000,
) -> None:
    """List clients' reports that their therapist did not come, the oldest first.

    Example: helpspace appointments absences --undecided
    """
    from helpspace.cli import shapes_time
    from helpspace.core import booking
    from helpspace.core.moments import pounds

    desk = Desk(ctx)
    desk.show_list(
        booking.absences(desk.practice, desk.team, undecided=undecided, limit=limit),
        shapes_time.absence,
        (
            ("APPOINTMENT", lambda one: one.appointment_id),
            ("WHEN", lambda one: desk.session(one.start, one.end)),
            ("THERAPIST", lambda one: one.therapist_id),
            ("CLIENT", lambda one: one.client_id),
            ("FEE", lambda one: pounds(one.fee_pence)),
            ("REPORTED", lambda one: desk.at(one.reported_at)),
            ("STATE", lambda one: one.state),
        ),
        nothing="Nobody has reported that a therapist did not come.",
        limit=limit,
    )


def absence(
    ctx: typer.Context,
    appointment_id: TheAppointment,
    agree: Annotated[
        bool, typer.Option("--agree/--refuse", help="Whether the therapist was not there.")
    ],
    reason: Annotated[
        str, typer.Option("--reason", help="Why; a client who is refused reads it.")
    ] = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Decide as the team on a report that the therapist did not come; agreeing waives the fee.

    Example: helpspace appointments absence k3x7m2qa5bcd --refuse --reason "both were there"
    """
    from helpspace.cli import shapes_time
    from helpspace.core import booking

    desk = Desk(ctx)
    known = booking.plan_answer(
        desk.practice, desk.team, appointment_id, agreed=agree, reason=reason
    )
    word = "agreed: the fee is waived" if agree else "refused: the fee stands"
    desk.say(f"The report about {desk.session(known.start, known.end)} is {word}.")
    document = shapes_time.absence(known)
    if not desk.goes_on("Decide so?", document, dry_run=dry_run, yes=yes):
        return
    done = booking.answer_absence(
        desk.practice, desk.team, appointment_id, agreed=agree, reason=reason
    )
    if desk.frame.as_json:
        desk.give(shapes_time.absence(done))
    else:
        desk.write(f"Decided on {done.appointment_id}: {done.state}.")


def refuse_move(
    ctx: typer.Context,
    appointment_id: TheAppointment,
    reason: Reason = ASKED,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Refuse as its therapist a client's wish for another time; the session stays, they are told.

    Example: helpspace appointments refuse-move k3x7m2qa5bcd
    """
    from helpspace.cli import shapes_time
    from helpspace.core import booking

    desk = Desk(ctx)
    view, actor = _for_its_therapist(desk, appointment_id, reason)
    known = booking.plan_refuse_move(desk.practice, actor, appointment_id)
    desk.say(f"The client asked on {desk.at(known.asked_at)} for another time.")
    desk.say(f"The session stays on {desk.session(view.start, view.end)}; the client is told.")
    document = shapes_time.move_request(known)
    if not desk.goes_on("Refuse it?", document, dry_run=dry_run, yes=yes):
        return
    done = booking.refuse_move(desk.practice, actor, appointment_id)
    if desk.frame.as_json:
        desk.give(shapes_time.move_request(done))
    else:
        desk.write(f"Refused: {done.appointment_id} stays where it is.")
