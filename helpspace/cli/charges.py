"""Where the money of each session stands."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import Limit, OfClient, OfTherapist, must_exist
from helpspace.cli.root import noun

app = noun()

Payments = Literal[
    "none", "scheduled", "due", "processing", "paid", "needs_approval", "failed", "refunding",
    "refunded", "waived", "disputed",
]  # fmt: skip


@app.command("list")
def list_(
    ctx: typer.Context,
    payment: Annotated[
        Payments | None, typer.Option("--payment", help="Only where the money stands so.")
    ] = None,
    therapist: OfTherapist = None,
    client: OfClient = None,
    limit: Limit = 1000,
) -> None:
    """List the money of every session with a fee, by start.

    Example: helpspace charges list --payment failed
    """
    from helpspace.cli import shapes
    from helpspace.core.moments import pounds
    from helpspace.core.payments import lists

    desk = Desk(ctx)
    must_exist(desk, therapist=therapist, client=client)
    found = lists.charges(
        desk.practice,
        desk.team,
        payment=payment,
        therapist_id=therapist,
        client_id=client,
        limit=limit,
    )
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
