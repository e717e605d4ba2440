"""The team's view of the therapists."""

from __future__ import annotations

from typing import Annotated

import typer

from helpspace.cli import ssh_keys
from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun
from helpspace.cli.root import noun

app = noun()
app.add_typer(
    ssh_keys.app, name="ssh-key", help="The keys by which therapists sign in on a shared host."
)

TheTherapist = Annotated[str, typer.Argument(metavar="ID", help="The therapist.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the trail.")]


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
        nothing="There is no therapist yet. Invite one: helpspace therapists invite NAME EMAIL.",
    )


@app.command()
def show(
    ctx: typer.Context,
    therapist_id: TheTherapist,
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


@app.command()
def suspend(
    ctx: typer.Context, therapist_id: TheTherapist, reason: Reason, dry_run: DryRun = False
) -> None:
    """Hide a therapist and close them to new bookings; booked sessions stay. They get a mail.

    Example: helpspace therapists suspend k3x7m2qa5bcd --reason "complaint, being looked into"
    """
    _set_suspended(Desk(ctx), therapist_id, reason, on=True, dry_run=dry_run)


@app.command()
def reinstate(
    ctx: typer.Context, therapist_id: TheTherapist, reason: Reason, dry_run: DryRun = False
) -> None:
    """End a suspension. They get a mail.

    Example: helpspace therapists reinstate k3x7m2qa5bcd --reason "cleared"
    """
    _set_suspended(Desk(ctx), therapist_id, reason, on=False, dry_run=dry_run)


def _set_suspended(desk: Desk, therapist_id: str, reason: str, *, on: bool, dry_run: bool) -> None:
    from helpspace.cli import shapes
    from helpspace.core import policy, profiles
    from helpspace.core.joining import review

    act = review.suspend if on else review.reinstate
    with desk.rehearsing(dry_run):
        act(desk.practice, desk.team, therapist_id, reason)
        view = profiles.therapist(desk.practice, desk.team, therapist_id)
    if desk.frame.as_json:
        desk.give({**shapes.therapist(view), **({"dry_run": True} if dry_run else {})})
        return
    word = "suspend" if on else "reinstate"
    did = f"Would {word}" if dry_run else ("Suspended" if on else "Reinstated")
    desk.write(f"{did} {view.id}.")
    if view.why_hidden:
        hidden = "; ".join(policy.WHY_HIDDEN[code] for code in view.why_hidden)
        desk.say(f"Clients do not see the profile: {hidden}.")


@app.command()
def unlock(
    ctx: typer.Context, therapist_id: TheTherapist, reason: Reason, dry_run: DryRun = False
) -> None:
    """Take the lock off a therapist's terminal, whose passphrase they have forgotten.

    Make sure that it is they who ask: whoever sits at their terminal sees their calendar then.

    Example: helpspace therapists unlock k3x7m2qa5bcd --reason "forgotten, asked by phone"
    """
    from helpspace.core import terminal_lock

    desk = Desk(ctx)
    with desk.rehearsing(dry_run):
        was = terminal_lock.take_off_for(desk.practice, desk.team, therapist_id, reason)
    if desk.frame.as_json:
        more = {"dry_run": True} if dry_run else {}
        desk.give({"id": therapist_id, "therapist_id": therapist_id, "lock_removed": was, **more})
        return
    if not was:
        desk.write(f"There is no lock on the terminal of {therapist_id}.")
    else:
        did = "Would take" if dry_run else "Took"
        desk.write(f"{did} the lock off the terminal of {therapist_id}.")


@app.command()
def invite(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As their clients know them.")],
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Their e-mail address.")],
    dry_run: DryRun = False,
) -> None:
    """Begin an application for a counsellor, and say how they go on with it.

    Example: helpspace therapists invite "Zoë O'Brien" zoe@example.org
    """
    from helpspace.core.joining import application

    desk = Desk(ctx)
    with desk.rehearsing(dry_run):
        therapist_id = application.begin(desk.practice, name, email, by=desk.team)
        view = application.application(desk.practice, desk.team, therapist_id)
    laptop = f"helpspace join --therapist {therapist_id}"
    host = f"helpspace therapists ssh-key add {therapist_id} < id_ed25519.pub"
    if desk.frame.as_json:
        desk.give(
            {
                "id": therapist_id,
                "therapist_id": therapist_id,
                "name": view.name,
                "state": view.state,
                "on_this_machine": laptop,
                "on_a_shared_host": host,
                **({"dry_run": True} if dry_run else {}),
            }
        )
        return
    desk.write(
        f"{'Would begin' if dry_run else 'Began'} the application of {view.name}: {therapist_id}",
        f"On this machine they go on with: {laptop}",
        f"On a shared host, put their public key in: {host}",
        "and they sign in with ssh -t; files go up with: ssh HOST upload insurance < FILE",
    )
