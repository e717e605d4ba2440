"""How far the visitor of the demo has come in a session's life, read from its world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from helpspace.core import accounts, appointments
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, LONDON, show
from helpspace.core.policy import State

if TYPE_CHECKING:
    from helpspace.core.appointments import AppointmentView
    from helpspace.sandbox.demo.world import World
    from helpspace.sandbox.mail import Mail


class Step(IntEnum):
    """What comes next; the numbers are those that the guide shows."""

    OPEN = 1
    BOOK = 2
    CONFIRM = 3
    FOLLOW_UP = 4
    CHARGE = 5
    RECEIPT = 6
    CANCEL = 7
    REFUND = 8
    DONE = 9


@dataclass(frozen=True, slots=True)
class Journey:
    """The next step, and the start of the slot or session that it is about."""

    step: Step = Step.OPEN
    start: int = 0
    declined: bool = False
    """Whether the client's card was refused on the way."""


def journey(world: World, chat_id: int, slot: int | None, unread: Sequence[Mail]) -> Journey:
    """Return where the client of a chat and the demo's therapist stand.

    `slot` is the start of the slot that the visitor opened last; `unread` are the mails that they
    have not looked at.
    """
    client_id = accounts.client_of_chat(world.practice, chat_id)
    theirs: list[AppointmentView] = []
    if client_id is not None:
        theirs = appointments.appointments(world.practice, world.therapist, client_id=client_id)
    theirs = sorted(theirs, key=lambda view: view.start)
    back = [view for view in theirs if view.payment in ("refunded", "refunding")]
    if back:
        wanted = Step.REFUND if _told("Refund", back, unread) else Step.DONE
        return Journey(wanted, back[0].start)
    live = [view for view in theirs if view.live]
    if not live or client_id is None:
        if slot is None or slot < world.clock.now() + DAY:
            return Journey(Step.OPEN)
        return Journey(Step.BOOK, slot)
    me = accounts.me(world.practice, Actor.client(client_id))
    return _with_sessions(live, world.clock.now(), unread, confirmed=me.email_confirmed)


def _with_sessions(
    live: list[AppointmentView], now: int, unread: Sequence[Mail], *, confirmed: bool
) -> Journey:
    paid = [v for v in live if v.payment == "paid" and v.state == State.BOOKED and v.start > now]
    if all(view.kind == "initial" for view in live):
        wanted = Step.FOLLOW_UP if confirmed or paid else Step.CONFIRM
        return Journey(wanted, live[0].start)
    if paid:
        wanted = Step.RECEIPT if _told("Receipt", paid, unread) else Step.CANCEL
        return Journey(wanted, paid[0].start)
    declined = [view for view in live if view.payment in ("failed", "needs_approval")]
    return Journey(Step.CHARGE, (declined or live)[0].start, declined=bool(declined))


def _told(about: str, views: Sequence[AppointmentView], mails: Sequence[Mail]) -> bool:
    """Whether one of these mails tells this of one of these sessions."""
    starts = [show(view.start, LONDON) for view in views]
    return any(
        mail.subject.startswith(about) and any(start in mail.subject for start in starts)
        for mail in mails
    )
