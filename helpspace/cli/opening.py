"""Opening the therapist's terminal: the calendar, the steps of joining, and on a shared host (A2).

Nothing here needs the command line's library, so that the plain `helpspace tui` starts without it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from helpspace.cli.desk import Desk
from helpspace.cli.whose import the_therapist
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError

if TYPE_CHECKING:
    from helpspace.core.gateways import StripeGateway
    from helpspace.tui.learn.ground import Ground

WRONG_USAGE = 2


def open_terminal(
    desk: Desk, therapist: str | None, *, key: str | None = None, config: str | None = None
) -> int:
    """Open a therapist's terminal, or say with --json only whose it would be; the exit code.

    `key` and `config` stand in the line of an SSH key on a shared host.
    """
    if _is_hosted(desk, therapist, key):
        return _hosted(desk, therapist or "", key, config)
    from helpspace.core import profiles

    therapist_id = the_therapist(desk, therapist)
    actor = Actor.therapist(therapist_id, "tui")
    view = profiles.therapist(desk.practice, actor, therapist_id)
    if desk.frame.as_json:
        desk.give({"therapist_id": view.id, "name": view.name})
        return 0
    if not desk.at_terminal:
        raise HelpspaceError("The calendar needs a terminal", "Run it without a pipe.")
    if "not_approved" in view.why_hidden:
        return _open_joining(desk, therapist_id)
    from helpspace.tui.app import run

    stripe = stripe_of(desk)
    return run(desk.practice, actor, ground=course_ground, stripe=stripe, debug=desk.frame.debug)


def course_ground() -> Ground:
    """Make the throw-away practice on which the course's exercises act."""
    from helpspace.sandbox.practice_ground import open_ground

    return open_ground()


def stripe_of(desk: Desk) -> Callable[[], StripeGateway | None]:
    """Return what opens Stripe when a counsellor asks for a link, and only then (it is slow)."""

    def open_stripe() -> StripeGateway | None:
        from dataclasses import replace

        from helpspace.wiring import open_outside

        only = replace(desk.settings, telegram_token=None, mail=None)
        return open_outside(only, desk.practice).stripe

    return open_stripe


def _open_joining(desk: Desk, therapist_id: str, *, hosted: bool = False) -> int:
    """Open the steps of joining for a therapist who is not approved yet (J1)."""
    from helpspace.tui.join.app import run

    return run(
        desk.practice,
        therapist_id,
        hosted=hosted,
        stripe=stripe_of(desk),
        ground=course_ground,
        debug=desk.frame.debug,
    )


# -- on a shared host (A2) -----------------------------------------------------------------------


def _is_hosted(desk: Desk, therapist: str | None, key: str | None) -> bool:
    # As `hosted.is_hosted`, which costs nothing where nobody came in over SSH.
    environment = os.environ if desk.frame.environment is None else desk.frame.environment
    if key is None and not environment.get("SSH_CONNECTION"):
        return False
    from helpspace import hosted

    return hosted.is_hosted(environment, therapist, key)


def _hosted(desk: Desk, therapist_id: str, key: str | None, config: str | None) -> int:
    """Do the one thing that a key's line allows: open the terminal, or take a file."""
    from helpspace import hosted
    from helpspace.cli.upload import hand_in

    environment = desk.frame.environment
    if environment is None:
        hosted.wall_off(sys.argv[1:])
        environment = os.environ
        desk.frame.environment = {"HELPSPACE_CONFIG": config} if config else {}
    desk.frame.debug = False
    try:
        asked = environment.get("SSH_ORIGINAL_COMMAND", "")
        kind, until = hosted.asked_for(asked), hosted.until_asked(asked)
    except hosted.NotOffered as refused:
        desk.say(str(refused))
        return WRONG_USAGE
    hosted.check_key(desk.practice, therapist_id, key)
    with hosted.watched(desk.practice, therapist_id, key):
        if kind is not None:
            return hand_in(desk, therapist_id, kind, until=until)
        return _open_hosted(desk, therapist_id)


def _open_hosted(desk: Desk, therapist_id: str) -> int:
    from helpspace.core import profiles

    actor = Actor.therapist(therapist_id, "tui")
    view = profiles.therapist(desk.practice, actor, therapist_id)
    if not desk.at_terminal:
        raise HelpspaceError("The calendar needs a terminal", "Add -t: ssh -t HOST")
    if "not_approved" in view.why_hidden:
        return _open_joining(desk, therapist_id, hosted=True)
    from helpspace.tui.app import run

    return run(desk.practice, actor, ground=course_ground, stripe=stripe_of(desk), hosted=True)
