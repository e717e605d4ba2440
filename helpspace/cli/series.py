"""Weekly series for the commands that book and cancel: every week and its money first (B8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from helpspace.cli.desk import Desk

if TYPE_CHECKING:
    from helpspace.core.booking import Ending, SeriesDate, SeriesPlan
    from helpspace.core.policy import Consequence


def book_weekly(
    desk: Desk,
    therapist_id: str,
    client: str,
    start: int,
    weeks: int,
    *,
    minutes: int | None,
    fee: int | None,
    twice: Literal["first", "second"] | None,
    free_only: bool,
    reason: str,
    yes: bool,
    dry_run: bool,
) -> None:
    """Book a weekly series after listing every week with what is in its way (B8)."""
    from helpspace.cli import shapes
    from helpspace.core import booking
    from helpspace.core.errors import Overlap
    from helpspace.core.moments import pounds

    actor = desk.acting_for("therapist", therapist_id, reason)
    fold: Literal[0, 1] | None = None if twice is None else (0 if twice == "first" else 1)
    people = (desk.practice, actor, therapist_id, client, start, weeks)
    plan = booking.plan_series(*people, minutes=minutes, fee_pence=fee, fold=fold)
    for one in plan.dates:
        desk.say(_week_line(desk, one))
    desk.say(f"{len(plan.free)} of {weeks} weeks are free, {pounds(plan.fee_pence)} in all.")
    if dry_run:
        desk.say_rehearsed()
        if desk.frame.as_json:
            desk.give({**_series(plan, therapist_id), "dry_run": True})
        return
    if len(plan.free) < weeks and not free_only:
        raise Overlap(
            f"{weeks - len(plan.free)} of the {weeks} weeks cannot be booked",
            "Book the free ones with --free-only, or choose another time.",
        )
    if not yes:
        desk.ask(f"Book {len(plan.free)}?")
    made = booking.book_series(
        *people, accept=plan.free, minutes=minutes, fee_pence=fee, fold=fold, shown=plan
    )
    if desk.frame.as_json:
        booked = [shapes.appointment(one) for one in made]
        desk.give({**_series(plan, therapist_id), "appointments": booked})
    else:
        desk.write(f"Booked {', '.join(one.id for one in made)}.")


def _series(plan: SeriesPlan, therapist_id: str) -> dict[str, Any]:
    from helpspace.cli import shapes_time

    return {
        "therapist_id": therapist_id,
        "client_id": plan.client_id,
        "fee_pence": plan.fee_pence,
        "dates": [shapes_time.series_date(one) for one in plan.dates],
    }


def _week_line(desk: Desk, one: SeriesDate) -> str:
    if one.plan is None:
        hint = "; say --twice first or --twice second" if one.state == "twice" else ""
        return f"{one.number}. {one.wall}: {one.why}{hint}."
    line = f"{one.number}. {desk.session(one.plan.start, one.plan.end)}: free"
    if one.plan.charge_at is not None:
        line += f", charged {desk.at(one.plan.charge_at)}"
    if one.plan.withdraws:
        line += f", withdraws your open slot {', '.join(one.plan.withdraws)}"
    return f"{line}."


def cancel_onwards(
    desk: Desk,
    appointment_id: str,
    party: Literal["therapist", "client"],
    person_id: str,
    reason: str,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Cancel an appointment and the later ones of its series, each consequence first (B8, M4)."""
    from helpspace.cli import shapes_time
    from helpspace.core import booking

    actor = desk.acting_for(party, person_id, reason)
    found = booking.plan_cancel_series(desk.practice, actor, appointment_id)
    for one in found:
        desk.say(_ending_line(desk, one))
    documents = [shapes_time.ending(one) for one in found]
    if dry_run:
        desk.say_rehearsed()
        if desk.frame.as_json:
            desk.give([{**one, "dry_run": True} for one in documents])
        return
    if not yes:
        desk.ask(f"Cancel {len(found)}?")
    booking.cancel_series(desk.practice, actor, appointment_id, shown=found)
    if desk.frame.as_json:
        desk.give(documents)
    else:
        desk.write(f"Cancelled {', '.join(one.appointment_id for one in found)}.")


def _ending_line(desk: Desk, one: Ending) -> str:
    return f"{desk.session(one.start, one.end)} ({one.appointment_id}): {money(one.consequence)}"


def money(found: Consequence) -> str:
    """Say in a sentence what a cancellation means for the money (M2, M3)."""
    from helpspace.core.moments import pounds

    if found.refund_pence:
        return f"The client gets {pounds(found.refund_pence)} back."
    if found.charge_pence:
        return f"It is late: the client is charged the fee of {pounds(found.charge_pence)}."
    if found.owed_pence:
        return f"It is late: the fee of {pounds(found.owed_pence)} stays paid."
    return "The client pays nothing."
