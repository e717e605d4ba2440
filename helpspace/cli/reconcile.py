"""The ledger against Stripe."""

from __future__ import annotations

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.root import new_app
from helpspace.core.errors import HelpspaceError

app = new_app()


@app.command()
def reconcile(ctx: typer.Context) -> None:
    """Print every difference between the ledger and Stripe; exit 1 if there is one.

    Nothing is changed.

    Example: helpspace reconcile
    """
    from helpspace.core.moments import pounds
    from helpspace.core.plain import plain
    from helpspace.core.reconcile import reconcile as compare
    from helpspace.wiring import open_outside

    desk = Desk(ctx)
    outside = open_outside(desk.settings, desk.practice)
    try:
        if outside.stripe is None:
            raise HelpspaceError("Stripe is not set up", "Set HELPSPACE_STRIPE_KEY.")
        found = compare(desk.practice, outside.stripe)
    finally:
        outside.close()

    def said(pence: int | None) -> str:
        return "nothing" if pence is None else pounds(pence)

    desk.show_list(
        found,
        lambda one: {
            "kind": one.kind,
            "appointment_id": plain(one.appointment_id),
            "stripe_id": plain(one.stripe_id),
            "ledger_pence": one.ledger_pence,
            "stripe_pence": one.stripe_pence,
            "message": one.words,
            "proposal": one.proposal,
        },
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
    if found:
        raise typer.Exit(1)
