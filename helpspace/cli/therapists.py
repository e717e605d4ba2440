"""The team's view of the therapists."""

from __future__ import annotations

from typing import Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.root import noun

app = noun()


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the therapists, and why clients do not see a profile.

    Example: helpspace therapists list
    """
    from helpspace.cli import shapes
    from helpspace.core import profiles

    desk = Desk(ctx)
    desk.show_list(
        profiles.therapists(desk.practice, desk.team),
        shapes.therapist,
        (
            ("ID", lambda one: one.id),
            ("NAME", lambda one: one.name),
            ("STATUS", lambda one: one.status),
            ("SLOTS", lambda one: str(one.open_slots)),
            ("VISIBLE", lambda one: "yes" if one.visible else f"no: {', '.join(one.why_hidden)}"),
        ),
        nothing="There is no therapist yet. Try it with sample people: helpspace populate.",
    )


@app.command()
def show(
    ctx: typer.Context,
    therapist_id: Annotated[str, typer.Argument(metavar="ID", help="The therapist.")],
) -> None:
    """Show a therapist: terms, visibility, and which step of joining is next.

    Example: helpspace therapists show k3x7m2qa5bcd
    """
    from helpspace.cli import shapes
    from helpspace.core import policy, profiles
    from helpspace.core.joining.progress import joining
    from helpspace.core.moments import pounds, show_minutes

    desk = Desk(ctx)
    view = profiles.therapist(desk.practice, desk.team, therapist_id)
    found = joining(desk.practice, desk.team, therapist_id)
    hidden = "; ".join(policy.WHY_HIDDEN[code] for code in view.why_hidden)
    desk.show_one(
        {**shapes.therapist(view), **shapes.joining(found)},
        (
            ("name", view.name),
            ("e-mail", view.email),
            ("contact for clients", view.contact),
            ("handle", view.handle),
            ("zone", view.zone),
            ("status", view.status),
            ("next step", found.words),
            ("visible to clients", "yes" if view.visible else f"no: {hidden}"),
            ("payments", "enabled" if view.payments_enabled else "not enabled at Stripe"),
            ("minimum notice", "" if view.notice_s is None else show_minutes(view.notice_s)),
            ("initial session", f"{view.initial_minutes} min, {pounds(view.initial_fee_pence)}"),
            ("follow-up", f"{view.follow_up_minutes} min, {pounds(view.follow_up_fee_pence)}"),
            ("bookable slots", str(view.open_slots)),
            ("here since", desk.at(view.created_at)),
        ),
        heading=f"Therapist {view.id}",
    )
