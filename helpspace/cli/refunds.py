"""Money given back."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import Limit, OfClient, OfTherapist, must_exist
from helpspace.cli.root import noun

app = noun()

States = Literal["asked", "pending", "succeeded", "failed"]


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[States | None, typer.Option("--state", help="Only in this state.")] = None,
    therapist: OfTherapist = None,
    client: OfClient = None,
    limit: Limit = 1000,
) -> None:
    """List refunds, newest first, with what the therapist's account still owes for one.

    Example: helpspace refunds list --state failed
    """
    from helpspace.cli import shapes
    from helpspace.core.moments import pounds
    from helpspace.core.payments import lists

    desk = Desk(ctx)
    must_exist(desk, therapist=therapist, client=client)
    found = lists.refunds(
        desk.practice,
        desk.team,
        state=state,
        therapist_id=therapist,
        client_id=client,
        limit=limit,
    )
    desk.say_if_test(bool(found))
    desk.show_list(
        found,
        shapes.refund,
        (
            ("ID", lambda one: one.id),
            ("APPOINTMENT", lambda one: one.appointment_id),
            ("AMOUNT", lambda one: pounds(one.amount_pence)),
            ("STATE", lambda one: one.state),
            ("REASON", lambda one: one.reason or ""),
            ("ACCOUNT OWES", lambda one: _owes(one.account_owes_pence)),
            ("ASKED", lambda one: desk.at(one.created_at)),
            ("ENDED", lambda one: desk.at(one.ended_at)),
        ),
        nothing="There is no such refund. They follow when a paid session is cancelled in time.",
        limit=limit,
    )


def _owes(pence: int) -> str:
    """Return what an account owes, where it owes anything."""
    from helpspace.core.moments import pounds

    return pounds(pence) if pence else ""
