"""Handing out what is held about a client, and forgetting them, for the team (K4)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun, Yes

if TYPE_CHECKING:
    from helpspace.core.privacy.erasing import ErasePlan

Id = Annotated[str, typer.Argument(metavar="ID", help="The client.")]


def export(
    ctx: typer.Context,
    client_id: Id,
    page: Annotated[
        bool, typer.Option("--page", help="As a page to read in a browser, instead of JSON.")
    ] = False,
) -> None:
    """Write everything held about a client to standard output: JSON, or a page to read.

    It is for that client only; that it was taken is kept in the trail.

    Example: helpspace clients export k3x7m2qa5bcd --page > my-data.html
    """
    from helpspace.core.privacy import papers, record

    desk = Desk(ctx)
    held = record.export(desk.practice, desk.team, client_id)
    if page and not desk.frame.as_json:
        sys.stdout.write(papers.as_page(held).decode())
        return
    desk.give(papers.as_document(held))


def erase(
    ctx: typer.Context,
    client_id: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; who asked, and how.")],
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Forget a client on their behalf: says what that means, asks, and does exactly that.

    Everything new stops at once; what is held about them goes when no money is open, at the latest
    in 30 days. It cannot be undone.

    Example: helpspace clients erase k3x7m2qa5bcd --reason "asked by letter"
    """
    from helpspace.core.privacy import erasing

    desk = Desk(ctx)
    actor = desk.acting_for("client", client_id, reason)
    plan = erasing.plan_erase(desk.practice, actor)
    if not (yes or dry_run):
        desk.say(_in_words(plan))
        desk.ask("Forget this client? It cannot be undone.")
    with desk.rehearsing(dry_run):
        done = erasing.erase(desk.practice, actor, shown=plan)
    _tell(desk, done, "Would be forgotten" if dry_run else "Forgotten", dry_run=dry_run)


def _in_words(plan: ErasePlan) -> str:
    """Return what forgetting a client means, in one line."""
    from helpspace.core.moments import pounds

    ended = ", ".join(one.appointment_id for one in plan.cancels) or "none"
    return (
        f"Appointments cancelled: {ended}. Still due: {pounds(plan.owed_pence)}; given back:"
        f" {pounds(plan.refund_pence)}. Under way: {plan.running}; holds let go: {plan.holds};"
        f" work ended with: {plan.therapists}."
    )


def _tell(desk: Desk, plan: ErasePlan, heading: str, *, dry_run: bool = False) -> None:
    from helpspace.core.moments import pounds

    desk.show_one(
        {
            "client_id": plan.client_id,
            "cancelled": [one.appointment_id for one in plan.cancels],
            "owed_pence": plan.owed_pence,
            "refund_pence": plan.refund_pence,
            "running": plan.running,
            "holds": plan.holds,
            "wishes": plan.wishes,
            "therapists": plan.therapists,
            **({"dry_run": True} if dry_run else {}),
        },
        (
            ("cancelled", ", ".join(one.appointment_id for one in plan.cancels) or "none ahead"),
            ("still due", pounds(plan.owed_pence)),
            ("given back", pounds(plan.refund_pence)),
            ("under way", str(plan.running)),
            ("holds let go", str(plan.holds)),
            ("wishes dropped", str(plan.wishes)),
            ("work ended with", str(plan.therapists)),
        ),
        heading=f"{heading}: {plan.client_id}",
    )
