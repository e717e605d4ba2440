"""The ledger against Stripe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from helpspace.cli.desk import Desk, Json
from helpspace.cli.options import DryRun
from helpspace.cli.root import new_app
from helpspace.core.errors import HelpspaceError

if TYPE_CHECKING:
    from helpspace.core.gateways import StripeGateway
    from helpspace.core.payments.adopted import Adopted
    from helpspace.core.reconcile import Difference

app = new_app()


@app.command()
def reconcile(
    ctx: typer.Context,
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="First take over what Stripe holds, after a restore."),
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Print every difference between the ledger and Stripe; exit 1 if there is one.

    Nothing is changed, but with --adopt: then charges, refunds, payments and cards that Stripe has
    and a restored store does not know are taken over first, and the store may charge again. Stop
    any other copy of the store before. It can be given again as often as need be.

    Example: helpspace reconcile --adopt
    """
    from helpspace.core.reconcile import reconcile as compare
    from helpspace.wiring import open_outside

    desk = Desk(ctx)
    outside = open_outside(desk.settings, desk.practice)
    try:
        if outside.stripe is None:
            raise HelpspaceError("Stripe is not set up", "Set HELPSPACE_STRIPE_KEY.")
        done = _adopt(desk, outside.stripe, dry_run=dry_run) if adopt else []
        found = compare(desk.practice, outside.stripe)
    finally:
        outside.close()
    desk.say_if_test(bool(found or done))
    if desk.frame.as_json and adopt:
        document: Json = {
            "adopted": [_taken_over(one) for one in done],
            "differences": [_shape(one) for one in found],
            **({"dry_run": True} if dry_run else {}),
        }
        desk.give(document)
    else:
        if adopt:
            _show_taken_over(desk, done, dry_run=dry_run)
        _show(desk, found)
    if found:
        raise typer.Exit(1)


def _adopt(desk: Desk, stripe: StripeGateway, *, dry_run: bool) -> list[Adopted]:
    from helpspace.core.payments import adopting

    if not dry_run:
        adopting.begin(desk.practice, desk.team, stripe)
    holdings = adopting.look(desk.practice, desk.team, stripe)
    done: list[Adopted] = []
    with desk.rehearsing(dry_run):
        done += adopting.take_over(desk.practice, desk.team, holdings)
    return done


def _taken_over(one: Adopted) -> Json:
    from helpspace.core.plain import plain

    return {
        "kind": one.kind,
        "id": plain(one.about),
        "stripe_id": plain(one.stripe_id),
        "message": one.words,
        "proposal": one.proposal,
    }


def _show_taken_over(desk: Desk, done: list[Adopted], *, dry_run: bool) -> None:
    desk.show_list(
        done,
        _taken_over,
        (
            ("WOULD TAKE OVER" if dry_run else "TAKEN OVER", lambda one: one.kind),
            ("OF", lambda one: one.about),
            ("STRIPE", lambda one: one.stripe_id),
            ("WHAT IT IS", lambda one: one.words),
            ("WHAT TO DO", lambda one: one.proposal),
        ),
        nothing="Nothing had to be taken over: the store knows all that Stripe holds.",
    )
    if not dry_run:
        desk.say("The store may charge again. Next: helpspace serve.")


def _shape(one: Difference) -> Json:
    from helpspace.core.plain import plain

    return {
        "kind": one.kind,
        "appointment_id": plain(one.appointment_id),
        "stripe_id": plain(one.stripe_id),
        "ledger_pence": one.ledger_pence,
        "stripe_pence": one.stripe_pence,
        "message": one.words,
        "proposal": one.proposal,
    }


def _show(desk: Desk, found: list[Difference]) -> None:
    from helpspace.core.moments import pounds

    def said(pence: int | None) -> str:
        return "nothing" if pence is None else pounds(pence)

    desk.show_list(
        found,
        _shape,
        (
            ("APPOINTMENT", lambda one: one.appointment_id),
            ("STRIPE", lambda one: one.stripe_id),
            ("LEDGER", lambda one: said(one.ledger_pence)),
            ("AT STRIPE", lambda one: said(one.stripe_pence)),
            ("DIFFERENCE", lambda one: one.words),
            ("WHAT TO DO", lambda one: one.proposal),
        ),
        nothing="No difference: the ledger and Stripe agree.",
    )
