"""The team's word on new proofs and pictures of approved counsellors (J4, J7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun

if TYPE_CHECKING:
    from helpspace.core.joining.renewal import RenewalView


def renewals(ctx: typer.Context) -> None:
    """List the new proofs and pictures that wait for the team, the longest waiting first.

    Example: helpspace applications renewals
    """
    from helpspace.cli import shapes
    from helpspace.core.joining import renewal

    desk = Desk(ctx)
    desk.show_list(
        renewal.renewals(desk.practice, desk.team),
        shapes.renewal,
        (
            ("ID", lambda one: one.id),
            ("THERAPIST", lambda one: one.therapist_id),
            ("NAME", lambda one: one.name),
            ("PROOF", lambda one: one.proof),
            ("UNTIL", lambda one: one.last_day),
            ("HANDED IN", lambda one: desk.at(one.created_at)),
        ),
        nothing="No new proof waits. Look who is due: helpspace applications list --recheck",
    )


def renewal(
    ctx: typer.Context,
    renewal_id: Annotated[str, typer.Argument(metavar="ID", help="The renewal.")],
    verdict: Annotated[
        bool | None, typer.Option("--accept/--reject", help="What you say of it.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="What is to be mended.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Show a new proof or picture, accept it, or reject it with a reason; a mail says which.

    Accepting a registration says that you found the member in the body's register today.
    Clients see a picture from the moment you accept it.

    Example: helpspace applications renewal k3x7m2qa5bcd --reject --reason "cannot be read"
    """
    from helpspace.cli import shapes
    from helpspace.core.joining import renewal as core

    desk = Desk(ctx)
    view = core.renewal(desk.practice, desk.team, renewal_id)
    if verdict is None:
        desk.show_one(shapes.renewal(view), _facts(desk, view), heading=f"Renewal {view.id}")
        return
    with desk.rehearsing(dry_run):
        core.judge(
            desk.practice, desk.team, renewal_id,
            accepted=verdict, reason=reason, rehearsed=dry_run,
        )  # fmt: skip
        view = core.renewal(desk.practice, desk.team, renewal_id)
    if desk.frame.as_json:
        desk.give({**shapes.renewal(view), **({"dry_run": True} if dry_run else {})})
        return
    did = "accept" if verdict else "reject"
    did = f"Would {did}" if dry_run else f"{did}ed".capitalize()
    until = f", valid until {view.last_day}" if view.last_day else ""
    desk.write(f"{did} the {view.proof} of {view.name}{until}.")


def _facts(desk: Desk, view: RenewalView) -> list[tuple[str, str]]:
    """Return all about a renewal, and what to do to judge it."""
    from helpspace.core.joining.bodies import body_of

    facts = [
        ("therapist", f"{view.name} ({view.therapist_id})"),
        ("proof", view.proof),
        *([("valid until", view.last_day)] if view.last_day else []),
        ("state", "waiting for the team" if view.state == "waiting" else view.state),
        ("handed in", desk.at(view.created_at)),
    ]
    if view.proof == "insurance":
        facts.append(("insurer", view.answers.get("insurer", "")))
    if view.file and view.state == "waiting":
        look = f"helpspace applications open {view.therapist_id} {view.id}"
        facts.append(("file", f"{view.file}; look at it: {look}"))
    if view.proof == "registration":
        body = body_of(view.answers.get("body", ""))
        facts.append(("register", "" if body is None else f"{body.name}: {body.register}"))
        facts.append(("membership number", view.answers.get("number", "")))
    if view.decided_at is not None:
        facts.append(("decided", f"{desk.at(view.decided_at)} by {view.by_whom or 'a newer one'}"))
    if view.reason:
        facts.append(("reason", view.reason))
    return facts
