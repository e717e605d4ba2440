"""A client who has one of each thing, and the real button of every verb that leads to it."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.bot import codec
from helpspace.bot.handlers.sessions import _mark
from helpspace.core import accounts, booking, card_removal, invitations, links, tickets
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR
from helpspace.core.privacy import erasing
from helpspace.core.store.tables import Client
from tests import makers
from tests.bot.conftest import Scene

CHAT = 502


@dataclass(frozen=True)
class Life:
    """Somebody with sessions ahead and behind, a held time, a letter, an invitation."""

    sam: Actor
    zoe: Actor
    buttons: dict[str, str]
    """What the button of each verb carries, and of each word under messages that stay."""


def life(scene: Scene) -> Life:
    """Let somebody live a bit of everything, and return the buttons that they could see."""
    practice = scene.practice
    links.remember_bot(practice, "helpspace_bot")
    zoe, ann = makers.add_therapist(practice), makers.add_therapist(practice, "Ann Li")
    sam = makers.add_client(practice, "Sam Canary", "sam.canary@example.org", chat=CHAT)
    first = makers.session(practice, zoe, sam)
    scene.clock.move_to(first.end + HOUR)
    booking.complete_past(practice)
    now = practice.now()
    ahead = makers.follow_up(practice, zoe, sam, now + 5 * DAY)
    start = now + 9 * DAY
    free = booking.plan_series(practice, zoe, zoe.id, sam.id, start, 3).free
    week = booking.book_series(practice, zoe, zoe.id, sam.id, start, 3, accept=free)[0].id
    invited = str(invitations.invite(practice, ann).link).partition("i_")[2]
    letter = tickets.write(practice, sam, "question", "What is canary-letter?")
    slot = makers.open_slot(practice, ann, now + 6 * DAY)
    makers.open_slot(practice, ann, now + 7 * DAY)
    # A time is held as by somebody whose card had gone meanwhile.
    card = makers.row(practice, Client, sam.id)["card"]
    makers.set_row(practice, Client, sam.id, card=None)
    held = makers.hold(practice, sam, slot)
    makers.set_row(practice, Client, sam.id, card=card)
    plan = card_removal.plan_removal(practice, sam)
    assert plan is not None
    series = _mark(booking.plan_cancel_series(practice, sam, week))
    leaving = erasing.mark_of(practice, erasing.plan_erase(practice, sam))
    on_slot = (slot, ann.id)
    args: dict[str, tuple[object, ...]] = {
        **dict.fromkeys(codec.VERBS, ()),
        **dict.fromkeys(("welcome", "help", "privacy", "page"), ("",)),
        **dict.fromkeys(("find", "mine", "past", "receipts", "zone"), (0,)),
        **dict.fromkeys(("session", "file", "cancel", "askmove", "moveasked"), (ahead.id,)),
        **dict.fromkeys(("receipt", "absent", "absented", "pay", "money"), (first.id,)),
        **dict.fromkeys(("slot", "name", "named", "email", "terms", "free"), on_slot),
        **dict.fromkeys(("part", "parted"), (zoe.id,)),
        **dict.fromkeys(("invited", "called", "joined"), (invited,)),
        "agree": (accounts.CONSENT_VERSION, ""),
        "wish": (0, 0),
        "want": (0, 1, 1, 0),
        "soon": (2, 0, 0),
        "who": (ann.id,),
        "days": (ann.id, 0),
        "day": (ann.id, "20260312"),
        "book": (*on_slot, 6000, 0, 1),
        "hold": (held.request_id, *on_slot),
        "cancelled": (ahead.id, 0),
        "rest": (week, series),
        "uncarded": (plan.mark,),
        "zoned": (4,),
        "told": (2,),
        "discreet": (0,),
        "forgotten": (leaving,),
        "write": ("q",),
        "ticket": (letter.id,),
    }
    shared = {"a": f"a:{ahead.id}", "s": f"s:{slot}", "pay": f"pay:{first.id}"}
    news = {f"under news: {word}": shared.get(word, word) for word in codec.SHARED}
    living = {verb: codec.data(verb, *given) for verb, given in args.items()}
    return Life(sam, zoe, {**living, **news})
