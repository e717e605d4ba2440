"""What went to the therapists' banks, and the sessions in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import OfTherapist, must_exist
from helpspace.cli.root import new_app

if TYPE_CHECKING:
    from helpspace.core.payments.payouts import PayoutView

app = new_app()


@app.command()
def payouts(
    ctx: typer.Context,
    therapist: OfTherapist = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="How far back.")] = 60,
) -> None:
    """List payouts to the therapists' banks, newest first, with the sessions in each.

    Read from Stripe now and kept nowhere. What does not belong to a session is said in words.

    Example: helpspace payouts --days 30
    """
    from helpspace.cli import shapes_money
    from helpspace.cli.tables import table
    from helpspace.core.moments import DAY
    from helpspace.core.payments import payouts as core
    from helpspace.wiring import open_outside

    desk = Desk(ctx)
    must_exist(desk, therapist=therapist)
    outside = open_outside(desk.settings, desk.practice)
    try:
        found = core.payouts(
            desk.practice,
            outside.stripe,
            desk.team,
            since=desk.now - days * DAY,
            therapist_id=therapist,
        )
    finally:
        outside.close()
    desk.say_if_test(bool(found))
    if desk.frame.as_json:
        desk.give([shapes_money.payout(one) for one in found])
    elif found:
        rows = [row for one in found for row in _rows(desk, one)]
        headings = ("PAYOUT", "THERAPIST", "WHEN", "WHAT", "AMOUNT", "COMMISSION", "NET")
        desk.write(*table(headings, rows, width=desk.width))
    else:
        desk.say(f"There was no payout in the last {days} days. Stripe pays out by itself.")


def _rows(desk: Desk, one: PayoutView) -> list[list[str]]:
    """Return a payout's own line, and one for everything in it."""
    from helpspace.core.moments import local_date, pounds, show_day

    day = show_day(local_date(one.arrives_at, "UTC"))
    said = one.state_words + (f"; {one.note}" if one.note else "")
    head = [one.id, one.therapist_id, day, said, "", "", pounds(one.amount_pence)]
    inside = [
        [
            "",
            "",
            desk.at(part.start),
            f"{part.what} {part.appointment_id}",
            pounds(part.amount_pence),
            pounds(part.fee_pence),
            pounds(part.net_pence),
        ]
        for part in one.sessions
    ]
    rest = [["", "", "", part.words, "", "", pounds(part.net_pence)] for part in one.others]
    return [head, *inside, *rest]
