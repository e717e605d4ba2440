"""The team's view of the clients."""

from __future__ import annotations

from typing import Annotated

import typer

from helpspace.cli import inviting, leaving, tickets
from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun, Limit
from helpspace.cli.root import noun

app = noun()


@app.command("list")
def list_(ctx: typer.Context, limit: Limit = 1000) -> None:
    """List the clients, newest first.

    Example: helpspace clients list --limit 20
    """
    from helpspace.cli import shapes
    from helpspace.core import accounts

    desk = Desk(ctx)
    desk.show_list(
        accounts.clients(desk.practice, desk.team, limit=limit),
        shapes.client,
        (
            ("ID", lambda one: one.id),
            ("NAME", lambda one: one.name),
            ("E-MAIL", lambda one: one.email),
            ("CARD", lambda one: one.card),
            ("SINCE", lambda one: desk.at(one.created_at)),
        ),
        nothing="There is no client yet: they come by themselves when they write to the bot.",
        limit=limit,
    )


@app.command()
def show(
    ctx: typer.Context,
    client_id: Annotated[str, typer.Argument(metavar="ID", help="The client.")],
) -> None:
    """Show a client: how they are told, their card, and how many sessions are ahead.

    Example: helpspace clients show k3x7m2qa5bcd
    """
    from helpspace.cli import shapes
    from helpspace.core import accounts, appointments

    desk = Desk(ctx)
    view = accounts.client(desk.practice, desk.team, client_id)
    ahead = appointments.appointments(
        desk.practice, desk.team, client_id=client_id, ahead=True, live_only=True
    )
    channels = [word for word, on in (("e-mail", view.by_email), ("chat", view.by_chat)) if on]
    desk.show_one(
        {**shapes.client(view), "sessions_ahead": len(ahead)},
        (
            ("name", view.name),
            ("e-mail", f"{view.email} ({'' if view.email_confirmed else 'not '}confirmed)"),
            ("zone", view.zone),
            ("told by", " and ".join(channels)),
            ("card", f"{view.card}: {view.card_words}"),
            ("terms", "accepted" if view.accepted_terms else "not accepted yet"),
            ("charges", _charges(desk, view.charges_stopped_at)),
            ("sessions ahead", str(len(ahead))),
            ("here since", desk.at(view.created_at)),
        ),
        heading=f"Client {view.id}",
    )


def _charges(desk: Desk, stopped_at: int | None) -> str:
    """Say whether a client's fees are taken by themselves."""
    if stopped_at is None:
        return "taken by themselves"
    return f"stopped since {desk.at(stopped_at)}: a payment is disputed"


@app.command("resume-charges")
def resume_charges(
    ctx: typer.Context,
    client_id: Annotated[str, typer.Argument(metavar="ID", help="The client.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the trail.")],
    dry_run: DryRun = False,
) -> None:
    """Let a client's fees be taken by themselves again, after a dispute had stopped that.

    Example: helpspace clients resume-charges k3x7m2qa5bcd --reason "dispute settled"
    """
    from helpspace.cli import shapes
    from helpspace.core import accounts
    from helpspace.core.payments import disputing

    desk = Desk(ctx)
    with desk.rehearsing(dry_run):
        due = disputing.resume_charges(desk.practice, desk.team, client_id, reason)
        view = accounts.client(desk.practice, desk.team, client_id)
    if desk.frame.as_json:
        done = {**shapes.client(view), "payments_due": due}
        desk.give({**done, **({"dry_run": True} if dry_run else {})})
        return
    did = "Would let" if dry_run else "Lets"
    desk.write(f"{did} the fees of {view.id} be taken by themselves again; due now: {due}.")


app.command()(leaving.export)
app.command()(leaving.erase)
app.add_typer(inviting.app, name="invitations", help="Links by which people let a therapist book.")
app.add_typer(tickets.app, name="tickets", help="What clients have written to the team.")
