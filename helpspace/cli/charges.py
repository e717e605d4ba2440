"""Where the money of each session stands, why, what is to come, and trying it again."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun, Limit, OfClient, OfTherapist, must_exist
from helpspace.cli.root import noun

app = noun()

Payments = Literal[
    "none", "scheduled", "due", "processing", "paid", "needs_approval", "failed", "refunding",
    "refunded", "waived", "disputed",
]  # fmt: skip
ThePayment = Annotated[
    str, typer.Argument(metavar="ID", help="The appointment, or its payment's or refund's id.")
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="Only from here on: 2026-03-28T09:00, UK time."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Only before this moment.")
]


@app.command("list")
def list_(
    ctx: typer.Context,
    payment: Annotated[
        Payments | None, typer.Option("--payment", help="Only where the money stands so.")
    ] = None,
    therapist: OfTherapist = None,
    client: OfClient = None,
    since: Since = None,
    until: Until = None,
    coming: Annotated[
        bool,
        typer.Option("--coming", help="What is taken by itself from now on, and when."),
    ] = False,
    limit: Limit = 1000,
) -> None:
    """List the money of every session with a fee, by start, or what is taken when (--coming).

    --since and --until are about the session's start, with --coming about that moment.

    Example: helpspace charges list --payment failed
    """
    from helpspace.cli import shapes
    from helpspace.core.moments import pounds
    from helpspace.core.payments import lists

    desk = Desk(ctx)
    between = (_moment(since), _moment(until))
    must_exist(desk, therapist=therapist, client=client)
    if coming:
        if payment is not None:
            raise typer.BadParameter("take --coming or --payment", param_hint="--payment")
        return _coming(desk, therapist, client, between, limit)
    found = lists.charges(
        desk.practice,
        desk.team,
        payment=payment,
        therapist_id=therapist,
        client_id=client,
        since=between[0],
        until=between[1],
        limit=limit,
    )
    desk.say_if_test(bool(found))
    desk.show_list(
        found,
        shapes.charge,
        (
            ("APPOINTMENT", lambda one: one.appointment_id),
            ("SESSION", lambda one: desk.at(one.start)),
            ("FEE", lambda one: pounds(one.fee_pence)),
            ("OWED", lambda one: pounds(one.owed_pence)),
            ("PAID", lambda one: pounds(one.paid_pence)),
            ("PAYMENT", lambda one: one.payment),
            ("REASON", lambda one: one.reason or ""),
            ("NEXT LOOK", lambda one: desk.at(one.next_at)),
        ),
        nothing="No session with a fee is like that. See all: helpspace appointments list.",
        limit=limit,
    )
    return None


def _moment(text: str | None) -> int | None:
    from helpspace.core.moments import LONDON, read_moment

    return None if text is None else read_moment(text, LONDON)


def _coming(
    desk: Desk,
    therapist: str | None,
    client: str | None,
    between: tuple[int | None, int | None],
    limit: int,
) -> None:
    """List the charges to come."""
    from helpspace.cli import shapes_money
    from helpspace.core.moments import pounds
    from helpspace.core.payments import coming as core

    found = core.coming(
        desk.practice,
        desk.team,
        since=between[0],
        until=between[1],
        therapist_id=therapist,
        client_id=client,
        limit=limit,
    )
    desk.say_if_test(bool(found))
    desk.show_list(
        found,
        shapes_money.coming,
        (
            ("APPOINTMENT", lambda one: one.appointment_id),
            ("TAKEN", lambda one: desk.at(one.at)),
            ("FEE", lambda one: pounds(one.fee_pence)),
            ("SESSION", lambda one: desk.at(one.start)),
            ("TRY", lambda one: one.which),
            ("CARD", lambda one: one.card),
        ),
        nothing="Nothing is taken by itself. What failed: helpspace charges list --payment failed.",
        limit=limit,
    )


@app.command()
def explain(ctx: typer.Context, payment: ThePayment) -> None:
    """Tell the whole story of one payment in at most five lines.

    Example: helpspace charges explain k3x7m2qa5bcd
    """
    from helpspace.cli import shapes_money
    from helpspace.core.payments import explain as core

    desk = Desk(ctx)
    story = core.explain(desk.practice, desk.team, payment, zone=desk.zone)
    desk.say_if_test()
    if desk.frame.as_json:
        desk.give(shapes_money.story(story))
    else:
        desk.write(*story.lines)


@app.command()
def receipt(
    ctx: typer.Context,
    payment: ThePayment,
    html: Annotated[bool, typer.Option("--html", help="As a page to print.")] = False,
) -> None:
    """Print the client's receipt of a paid session.

    Example: helpspace charges receipt k3x7m2qa5bcd
    """
    from helpspace.cli import shapes_money
    from helpspace.core.payments import receipts

    desk = Desk(ctx)
    found = receipts.receipt(desk.practice, desk.team, payment)
    if desk.frame.as_json:
        desk.give(shapes_money.receipt(found))
    else:
        text = receipts.as_html(found) if html else receipts.as_text(found)
        desk.write(*text.splitlines())


@app.command()
def retry(
    ctx: typer.Context,
    payment: ThePayment,
    look: Annotated[
        bool,
        typer.Option("--look", help="Only read back what Stripe holds; try nothing by this."),
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Let the jobs take up a payment at once: another try after a soft decline, or a look.

    A card that was declined for good is not tried again; another card is at once, by itself.

    Example: helpspace charges retry k3x7m2qa5bcd
    """
    from helpspace.cli import shapes_money
    from helpspace.core.moments import pounds
    from helpspace.core.payments import retry as core

    desk = Desk(ctx)
    ask = core.preview_retry if dry_run else core.retry
    asked = ask(desk.practice, desk.team, payment, look=look)
    desk.say_if_test()
    if dry_run:
        desk.say_rehearsed()
    if desk.frame.as_json:
        desk.give(shapes_money.asked(asked, dry_run=dry_run))
        return
    fee = pounds(asked.amount_pence)
    what = f"to try to take {fee} once more" if asked.ask == "try" else "to look at it now"
    would = "would be asked" if dry_run else "are asked"
    desk.write(f"The jobs {would} {what}.")
    if not dry_run:
        desk.say(f"What came of it: helpspace charges explain {asked.appointment_id}")
