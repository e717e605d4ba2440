"""What the demo says: what has just happened in it, and what its visitor could try next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpspace.core import accounts, appointments
from helpspace.core.actors import Actor
from helpspace.core.moments import LONDON, show
from helpspace.core.plain import plain
from helpspace.core.policy import State

if TYPE_CHECKING:
    from helpspace.core.appointments import AppointmentView
    from helpspace.sandbox.demo.world import World
    from helpspace.sandbox.mail import Mail

STILL = "Time stands still until you move it"

TOLD = frozenset({"cards", "charges", "reminders", "delivery", "holds"})
"""The jobs whose work is told; the others only look."""

OPEN = "Try: → to Thursday, s opens a slot there. F2 goes to the phone, to book it."
BOOK = "Try: F2, then I agree · Find a counsellor · Zoë O'Brien · your slot."
CONFIRM = "Try: F8, then ↓ to a mail to Sam: Enter Enter opens the link that confirms it."
FOLLOW_UP = "Try: n goes to Sam's session, f books a follow-up for the week after it."
CHARGE = "Try: F7 until 48 hours before a session: its card is charged. F8 reads mails."
CANCEL = "Try: n to a paid session, x shows the refund first. Then read F8's new mails."
REFUNDED = "That was a session's life. F8 reads its mails, F7 goes on, ^Q leaves."


def happened(world: World, mails: Sequence[Mail], due: int | None) -> str:
    """Return what the jobs did and which mails left since the last look, else what comes next."""
    posts = [f"✉ {plain(mail.subject)}" for mail in reversed(mails[-2:])]
    if len(mails) > len(posts):
        posts.append(f"{len(mails) - len(posts)} more mails")
    told = [report.words for name, report in world.reports if name in TOLD]
    done = list(dict.fromkeys(told))
    news = [*posts, *done] or [STILL]
    if due is not None and due > world.clock.now():
        news.append(f"next event {show(due, LONDON)}")
    return " · ".join([*news, f"{len(world.mails)} mails"])


def clock_words(world: World) -> str:
    """Return what time it is in the demo."""
    return show(world.clock.now(), LONDON)


def what_to_try(world: World, chat_id: int, *, opened: bool) -> str:
    """Return the next step in a session's life that the client of a chat has not lived through.

    `opened` says whether the visitor has opened a slot in the calendar.
    """
    client_id = accounts.client_of_chat(world.practice, chat_id)
    theirs: list[AppointmentView] = []
    if client_id is not None:
        theirs = appointments.appointments(world.practice, world.therapist, client_id=client_id)
    if not theirs:
        return BOOK if opened else OPEN
    if not accounts.me(world.practice, Actor.client(theirs[0].client_id)).email_confirmed:
        return CONFIRM
    payments = {view.payment for view in theirs}
    if payments & {"refunded", "refunding"}:
        return REFUNDED
    if all(view.kind == "initial" for view in theirs):
        return FOLLOW_UP
    if any(view.payment == "paid" and view.state == State.BOOKED for view in theirs):
        return CANCEL
    return CHARGE
