"""Invitations of a therapist to people they know already: made, listed, taken back (B2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import AsTherapist, DryRun
from helpspace.cli.root import noun
from helpspace.cli.sessions import ASKED, Reason
from helpspace.cli.whose import the_therapist

if TYPE_CHECKING:
    from helpspace.core.actors import Actor
    from helpspace.core.invitations import Invitation

app = noun()


def _shape(one: Invitation, therapist_id: str) -> dict[str, Any]:
    from helpspace.core.moments import iso

    return {
        "id": one.id,
        "therapist_id": therapist_id,
        "created_at": iso(one.created_at),
        "expires_at": iso(one.expires_at),
    }


def _actor(desk: Desk, therapist: str | None, reason: str) -> Actor:
    """Return the team acting as the therapist who is named, or as the only one there is."""
    from helpspace.core import profiles

    therapist_id = the_therapist(desk, therapist)
    profiles.therapist(desk.practice, desk.team, therapist_id)  # refuses one that there is not
    return desk.acting_for("therapist", therapist_id, reason)


@app.command("list")
def list_(ctx: typer.Context, therapist: AsTherapist = None) -> None:
    """List a therapist's invitations that wait to be accepted, the oldest first.

    Example: helpspace clients invitations list
    """
    from helpspace.core import invitations

    desk = Desk(ctx)
    actor = _actor(desk, therapist, ASKED)
    desk.show_list(
        invitations.invitations(desk.practice, actor),
        lambda one: _shape(one, actor.id),
        (
            ("ID", lambda one: one.id),
            ("MADE", lambda one: desk.at(one.created_at)),
            ("VALID UNTIL", lambda one: desk.at(one.expires_at)),
        ),
        nothing="No invitation waits. Make one with: helpspace clients invitations make.",
    )


@app.command()
def make(
    ctx: typer.Context,
    therapist: AsTherapist = None,
    reason: Reason = ASKED,
    dry_run: DryRun = False,
) -> None:
    """Make a link by which one person lets a therapist book for them; it is shown only now.

    Example: helpspace clients invitations make
    """
    from helpspace.core import invitations

    desk = Desk(ctx)
    actor = _actor(desk, therapist, reason)
    with desk.rehearsing(dry_run):
        made = invitations.invite(desk.practice, actor)
    if desk.frame.as_json:
        link = {"link": None, "dry_run": True} if dry_run else {"link": made.link}
        desk.give({**_shape(made, actor.id), **link})
    elif dry_run:
        desk.write(f"Would make an invitation that is valid until {desk.at(made.expires_at)}.")
    else:
        desk.write(str(made.link))
        desk.say(
            f"Send this link to one person; it works once, until {desk.at(made.expires_at)}. Take"
            f" it back with: helpspace clients invitations withdraw {made.id}"
        )


@app.command()
def withdraw(
    ctx: typer.Context,
    invitation_id: Annotated[str, typer.Argument(metavar="ID", help="The invitation.")],
    therapist: AsTherapist = None,
    reason: Reason = ASKED,
    dry_run: DryRun = False,
) -> None:
    """Take back an invitation that nobody has accepted yet; its link leads nowhere then.

    Example: helpspace clients invitations withdraw k3x7m2qa5bcd
    """
    from helpspace.core import invitations

    desk = Desk(ctx)
    actor = _actor(desk, therapist, reason)
    with desk.rehearsing(dry_run):
        invitations.revoke(desk.practice, actor, invitation_id)
    if desk.frame.as_json:
        done = {"id": invitation_id, "therapist_id": actor.id, "state": "withdrawn"}
        desk.give({**done, **({"dry_run": True} if dry_run else {})})
        return
    did = "Would take back" if dry_run else "Took back"
    desk.write(f"{did} invitation {invitation_id}.")
