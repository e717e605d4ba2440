"""What clients have written to the team, and answering it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun, Limit
from helpspace.cli.root import noun

if TYPE_CHECKING:
    from helpspace.core.tickets import TicketView

app = noun()

Id = Annotated[str, typer.Argument(metavar="ID", help="The message.")]


def _shape(one: TicketView, *, whole: bool = True) -> dict[str, Any]:
    from helpspace.cli.shapes import moment

    texts = {"text": one.text, "answer": one.answer or None} if whole else {}
    return {
        "id": one.id,
        "client_id": one.client_id,
        "kind": one.kind,
        "state": one.state,
        "created_at": moment(one.created_at),
        "answer_by": moment(one.answer_by),
        "answered_at": None if one.answered_at is None else moment(one.answered_at),
        **texts,
    }


@app.command("list")
def list_(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Answered ones too.")] = False,
    limit: Limit = 100,
) -> None:
    """List what clients have written and waits for an answer, the oldest first.

    Example: helpspace clients tickets list
    """
    from helpspace.core import tickets

    desk = Desk(ctx)
    state = None if everything else "open"
    desk.show_list(
        tickets.tickets(desk.practice, desk.team, state=state, limit=limit),
        lambda one: _shape(one, whole=False),
        (
            ("ID", lambda one: one.id),
            ("CLIENT", lambda one: one.client_id),
            ("KIND", lambda one: one.kind),
            ("STATE", lambda one: one.state),
            ("WRITTEN", lambda one: desk.at(one.created_at)),
            ("ANSWER BY", lambda one: desk.at(one.answer_by)),
        ),
        nothing="Nothing waits for an answer.",
        limit=limit,
    )


@app.command()
def show(ctx: typer.Context, ticket_id: Id) -> None:
    """Show what a client has written, with the answer.

    Example: helpspace clients tickets show k3x7m2qa5bcd
    """
    from helpspace.core import tickets

    desk = Desk(ctx)
    _show(desk, tickets.ticket(desk.practice, desk.team, ticket_id), {})


@app.command()
def answer(
    ctx: typer.Context,
    ticket_id: Id,
    text: Annotated[str, typer.Option("--text", help="The answer, at most 1,000 characters.")],
    dry_run: DryRun = False,
) -> None:
    """Answer what a client has written; they get it in the chat and by e-mail.

    Example: helpspace clients tickets answer k3x7m2qa5bcd --text "It is put right."
    """
    from helpspace.core import tickets

    desk = Desk(ctx)
    with desk.rehearsing(dry_run):
        found = tickets.answer(desk.practice, desk.team, ticket_id, text)
    _show(desk, found, {"dry_run": True} if dry_run else {})


def _show(desk: Desk, one: TicketView, more: dict[str, Any]) -> None:
    from helpspace.core.plain import plain

    desk.show_one(
        {**_shape(one), **more},
        (
            ("client", one.client_id),
            ("written", desk.at(one.created_at)),
            ("answer by", desk.at(one.answer_by)),
            ("text", plain(one.text, 1000)),
            ("answer", plain(one.answer, 1000) or "none yet"),
        ),
        heading=f"{one.kind.capitalize()} {one.id}, {one.state}",
    )
