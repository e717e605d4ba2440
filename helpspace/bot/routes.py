"""From an update to its reply: which handler answers what, and how refusals are told.

Everything here is synchronous and runs on a thread of the core's; nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from helpspace.bot import codec
from helpspace.bot.codec import Tap
from helpspace.bot.handlers import (
    asking,
    book,
    browse,
    card,
    me,
    pay,
    receipts,
    sessions,
    soon,
    start,
    wishes,
)
from helpspace.bot.handlers import help as helping
from helpspace.bot.handlers.home import home
from helpspace.bot.screens import help as words
from helpspace.bot.visit import Answered, Reply, Visit, enter
from helpspace.core import accounts, appointments, booking, inbox, profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import (
    AlreadyWithTherapist,
    Busy,
    CannotBeBooked,
    HelpspaceError,
    NotFound,
    SettingsFault,
    SlotTaken,
    StoreFault,
    TooManyAhead,
)
from helpspace.core.gateways import StripeGateway
from helpspace.core.inbox import Place, Update
from helpspace.core.practice import Practice

FAULTS = (Busy, StoreFault, SettingsFault)
"""Failures of ours, to be tried again; any other HelpspaceError is told to the person."""

ASKING = ("name", "email", "address", "write", "called")
"""The steps in which text is expected; any other text is not even written down (A4a)."""

PORTRAIT = "portrait"
"""Where a draft has the picture that stands above the living message: its message and digest."""

WAITING = ("hold", "page", "money")
"""The steps in which somebody waits for their card to be taken up, or for their payment."""

OF_A_SESSION = (
    "session", "file", "cancel", "cancelled", "pay", "money", "receipt", "rest", "absent",
    "absented", "askmove", "moveasked",
)  # fmt: skip
"""The verbs whose first argument is an appointment."""

OF_ME = ("zoned", "told", "discreet", "address", "write", "ticket", "part", "parted")
"""The verbs that are reached from Me."""

OF_A_SLOT = ("slot", "name", "named", "email", "terms", "book")
"""The verbs on the way to a booking; their second argument is the therapist."""

STRANGERS = ("welcome", "agree", "help", "privacy")
"""What answers before consent; everything else leads to it (K3a)."""


def _go_on(visit: Visit) -> Reply:
    """Show again what the person was doing."""
    tap = codec.read(visit.place.step)
    return home(visit) if tap is None or tap.verb == "on" else _to(visit, tap)


HANDLERS: dict[str, Callable[..., Reply]] = {
    "home": home,
    "on": _go_on,
    "welcome": start.welcome,
    "help": helping.urgent,
    "privacy": helping.privacy,
    "agree": start.agree,
    "find": browse.find,
    "wishes": wishes.overview,
    "wish": wishes.field,
    "want": wishes.want,
    "clear": wishes.clear,
    "again": wishes.again,
    "soon": soon.soon,
    "who": browse.who,
    "days": browse.days,
    "day": browse.day,
    "slot": book.slot,
    "name": book.name,
    "named": book.named,
    "email": book.email,
    "terms": book.terms,
    "book": book.book,
    "hold": book.hold,
    "free": book.free,
    "mine": sessions.mine,
    "session": sessions.session,
    "file": sessions.file,
    "cancel": sessions.cancel,
    "cancelled": sessions.cancelled,
    "past": sessions.past,
    "receipts": receipts.receipts,
    "receipt": receipts.receipt,
    "rest": sessions.rest,
    "absent": asking.absent,
    "absented": asking.absented,
    "askmove": asking.ask_move,
    "moveasked": asking.move_asked,
    "card": card.card,
    "uncard": card.remove,
    "uncarded": card.removed,
    "page": card.page,
    "pay": pay.pay,
    "money": pay.money,
    "me": me.me,
    "zone": me.zone,
    "zoned": me.zoned,
    "told": me.told,
    "discreet": me.discreet,
    "address": me.address,
    "mydata": me.mydata,
    "forget": me.forget,
    "forgotten": me.forgotten,
    "write": me.write,
    "tickets": me.letters,
    "ticket": me.letter,
    "partners": me.partners,
    "part": me.part,
    "parted": me.parted,
    "invited": me.invited,
    "called": me.called,
    "joined": me.joined,
}
"""Who answers each verb of the codec."""

TAKERS: dict[str, Callable[..., Reply]] = {
    "name": book.take_name,
    "email": book.take_email,
    "address": me.take_address,
    "write": me.take_letter,
    "called": me.take_name,
}
"""Who takes what was written at each step of `ASKING`."""

COMMANDS: dict[str, Callable[[Visit, str], Reply]] = {
    "start": start.arrive,
    "find": lambda visit, _: browse.find(visit, "0"),
    "soon": lambda visit, _: soon.soon(visit, "2", "0", "0"),
    "sessions": lambda visit, _: sessions.mine(visit, "0"),
    "card": lambda visit, _: card.card(visit),
    "me": lambda visit, _: me.me(visit),
    "mydata": lambda visit, _: me.mydata(visit),
    "forget": lambda visit, _: me.forget(visit),
    "help": lambda visit, _: helping.urgent(visit),
    "urgent": lambda visit, _: helping.urgent(visit),
    "privacy": lambda visit, _: helping.privacy(visit),
    "stop": lambda visit, _: stop(visit),
    "cancel": lambda visit, _: cancel(visit),
}
"""Who answers each command; what follows a command is only kept for /start."""


def attend(practice: Practice, stripe: StripeGateway | None, update: Update) -> Answered:
    """Do what an update asks for and return what to show.

    Raises only failures that another try may mend.
    """
    visit = enter(practice, stripe, update)
    reply = _answer(visit, update)
    known = visit.actor is not None or accounts.client_of_chat(practice, visit.chat_id) is not None
    return Answered(reply, visit.place, known and not reply.leaves)


def _answer(visit: Visit, update: Update) -> Reply:
    payload = update.payload
    if update.kind == "tap":
        tap = codec.read(str(payload["d"]))
        return _go_on_or_consent(visit) if tap is None else _to(visit, tap)
    if update.kind == "command":
        return _command(visit, str(payload["c"]), str(payload["a"]))
    if visit.actor is None:
        return start.welcome(visit)
    asked = codec.read(visit.place.step)
    text = str(payload.get("t", ""))
    if text and asked is not None and asked.verb in ASKING:
        take = TAKERS[asked.verb]
        return _told(visit, asked, lambda: take(visit, text, *asked.args))
    if text and update.tries > 1:
        # It was taken before this process; only its mark was lost.
        return _go_on(visit)
    return _go_on(visit).noting(words.NOT_READ if update.kind == "text" else words.NO_FILES)


def _go_on_or_consent(visit: Visit) -> Reply:
    return start.welcome(visit) if visit.actor is None else _go_on(visit)


def _command(visit: Visit, name: str, argument: str) -> Reply:
    handler = COMMANDS.get(name)
    if visit.actor is None and name not in ("start", "help", "urgent", "privacy"):
        return start.welcome(visit)
    if handler is None:
        return _go_on(visit).noting(words.UNKNOWN_COMMAND)
    return _told(visit, Tap("home"), lambda: handler(visit, argument))


def _to(visit: Visit, tap: Tap) -> Reply:
    """Go where a button leads, or show a fresh screen with the reason why not (A1)."""
    if visit.actor is None and tap.verb not in STRANGERS:
        return start.welcome(visit)
    return _told(visit, tap, lambda: HANDLERS[tap.verb](visit, *tap.args))


def _told(visit: Visit, tap: Tap, act: Callable[[], Reply]) -> Reply:
    try:
        return act()
    except FAULTS:
        raise
    except HelpspaceError as error:
        refusal = _as_told(tap, error)
        return _instead(visit, tap, refusal).noting(f"{refusal.title}. {refusal.hint}")


def _as_told(tap: Tap, refusal: HelpspaceError) -> HelpspaceError:
    """Return a refusal as the client hears it: a time of a hidden profile is one that is gone.

    So nobody can tell it from a time that never was (P3, A1).
    """
    hidden = tap.verb in OF_A_SLOT and isinstance(refusal, CannotBeBooked)
    return SlotTaken() if hidden else refusal


def _instead(visit: Visit, tap: Tap, refusal: HelpspaceError) -> Reply:
    """Return the nearest useful screen for a button that led nowhere."""
    if visit.actor is None:
        return start.welcome(visit)
    if tap.verb in OF_A_SESSION or isinstance(refusal, TooManyAhead | AlreadyWithTherapist):
        return sessions.mine(visit, "0")
    if tap.verb in OF_A_SLOT:
        return soon.instead(visit, tap.args[1])
    return me.me(visit) if tap.verb in OF_ME else home(visit)


def stop(visit: Visit) -> Reply:
    """Leave what the person was doing, and only that (K2)."""
    return home(visit).noting("Stopped. Nothing was booked, cancelled or charged by this.")


def cancel(visit: Visit) -> Reply:
    """Leave what the person was doing and show what could be cancelled (K2)."""
    reply = sessions.mine(visit, "0")
    return reply.noting("Nothing was cancelled. To cancel a session, choose it here.")


def look_again(practice: Practice, stripe: StripeGateway | None, chat_id: int) -> Answered | None:
    """Return the screen of somebody who waits for their card, as it is now; None for others."""
    if accounts.client_of_chat(practice, chat_id) is None:
        return None
    place = inbox.place(practice, chat_id)
    tap = codec.read(place.step)
    if place.message_id is None or tap is None or tap.verb not in WAITING:
        return None
    payload = {"p": chat_id, "d": place.step}
    return attend(practice, stripe, Update(0, "", "tap", payload, practice.now(), 1))


def remember(
    practice: Practice,
    chat_id: int,
    answered: Answered,
    message_id: int | None,
    portrait: tuple[int, str] | None = None,
) -> Answered:
    """Store where the person is now: the words that lead here again, and the living message.

    `portrait` is the picture above it: its message and its digest.
    """
    reply, before = answered.reply, answered.place
    draft = dict(before.draft if reply.draft is None else reply.draft)
    draft.pop(PORTRAIT, None)
    if portrait is not None:
        draft[PORTRAIT] = list(portrait)
    after = Place(reply.here or before.step, draft, message_id)
    if answered.known and after != before:
        inbox.move_to(practice, chat_id, after)
    return replace(answered, place=after)


LOOKED_UP = (*OF_A_SESSION, "slot", "terms", "who", "days", "day")
"""The verbs that may lead nowhere, which only a look at the store tells."""


def toast_at_once(text: str) -> str | None:
    """Return what `toast` would, where that is known without a look at the store, else None."""
    tap = codec.read(text)
    if tap is None:
        return words.STALE
    return None if tap.verb in LOOKED_UP else ""


def toast(practice: Practice, chat_id: int, text: str) -> str:
    """Return what to show over the chat for a button that leads nowhere, at once (A1).

    What is not this client's, what never was and what is no more get the same words.
    """
    tap = codec.read(text)
    if tap is None:
        return words.STALE
    client_id = accounts.client_of_chat(practice, chat_id)
    if client_id is None:
        return ""
    actor = Actor.client(client_id)
    try:
        if tap.verb in OF_A_SESSION:
            appointments.appointment(practice, actor, tap.args[0])
        elif tap.verb in ("slot", "terms"):
            booking.offer(practice, actor, tap.args[0])
        elif tap.verb in ("who", "days", "day"):
            profiles.profile(practice, tap.args[0])
    except NotFound:
        return words.STALE
    except FAULTS:
        return ""
    except HelpspaceError as refusal:
        return _as_told(tap, refusal).title
    return ""
