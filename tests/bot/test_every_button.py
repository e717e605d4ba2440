"""Every button of the codec, forged in every way: nothing changes, and the answer tells nothing.

A1: what belongs to somebody else, what never was and what is over get the same bytes.
"""

from __future__ import annotations

import re

import pytest

from helpspace.bot import codec
from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene

UNKNOWN = "aaaaaaaaaaaa"
ID = codec.VERBS["session"][0]
FIXED = ("0", "000000000000", "20260306", "6000", "2001-01", "1", "")
WITH_ID = sorted(verb for verb, shapes in codec.VERBS.items() if any(ID in one for one in shapes))
PUBLIC = ("who", "days", "day", "slot", "name", "named", "email", "terms", "book")
"""Their ids are of profiles and open times, which belong to everybody."""

OWN = ("page", "named")
"""What acts on nobody but the person who taps: an open card page, the name Telegram shows."""


def data(verb: str, named: str) -> str:
    """Return a button of a verb about a thing."""
    args = [
        named if ID in shape else next(one for one in FIXED if re.fullmatch(shape, one))
        for shape in codec.VERBS[verb]
    ]
    return codec.data(verb, *args)


def lasting(scene: Scene) -> dict[str, object]:
    kept = makers.snapshot(scene.practice)
    return {name: rows for name, rows in kept.items() if name not in ("inbox", "dialogue")}


async def answer(scene: Scene, phone: Phone, text: str) -> tuple[object, ...]:
    """Return all that a person sees of a tap made at home."""
    await scene.start(phone)
    await scene.press(phone, text)
    said = [bubble for bubble in phone.messages if bubble.from_bot and bubble.buttons][-1]
    toast = phone.toast.text if phone.toast else ""
    return said.text, said.buttons, toast


def theirs(scene: Scene) -> list[str]:
    """Ids of everything that is another client's: a session, a past one, a hold, a card page."""
    practice = scene.practice
    zoe = makers.add_therapist(practice)
    other = makers.add_client(practice, "Kim", chat=777)
    waiting = makers.add_client(practice, "Lou", chat=778, card=False)
    ahead = makers.session(practice, zoe, other)
    gone = makers.follow_up(practice, zoe, other, makers.SOON + 9 * DAY)
    booking.cancel(practice, other, gone.id)
    held = makers.hold(practice, waiting, makers.open_slot(practice, zoe, makers.SOON + 2 * HOUR))
    return [ahead.id, gone.id, held.request_id, other.id]


@pytest.mark.parametrize("verb", [verb for verb in WITH_ID if verb not in PUBLIC])
def test_a1_another_clients_ids_answer_like_unknown_ones(scene: Scene, verb: str) -> None:
    foreign = theirs(scene)
    phone = scene.phone(502, "Sam")
    makers.add_client(scene.practice, chat=502)

    async def act(s: Scene) -> None:
        await s.start(phone)
        before = lasting(s)
        wanted = await answer(s, phone, data(verb, UNKNOWN))
        for named in foreign:
            said = repr(await answer(s, phone, data(verb, named)))
            # A screen may carry on the id that was sent; it says nothing of its own.
            assert said.replace(named, UNKNOWN) == repr(wanted), named
        if verb not in OWN:
            assert lasting(s) == before

    scene.play(act)


@pytest.mark.parametrize("verb", [one for one in WITH_ID if one not in (*PUBLIC, "hold", "free")])
def test_a1_after_a_cancellation_nothing_can_be_done_to_it(scene: Scene, verb: str) -> None:
    """An old message, tapped twice: a session that is over stays exactly as it is."""
    practice = scene.practice
    zoe, phone = makers.add_therapist(practice), scene.phone(502, "Sam")
    sam: Actor = makers.add_client(practice, chat=502)
    session = makers.session(practice, zoe, sam)
    booking.cancel(practice, sam, session.id)

    async def act(s: Scene) -> None:
        await s.start(phone)
        old = phone.last.message_id
        await s.start(phone)
        before = lasting(s)
        for _ in range(2):
            phone.press(data(verb, session.id), message_id=old)
        await s.settle()
        assert lasting(s) == before
        assert any(bubble.buttons for bubble in phone.messages)

    scene.play(act)


@pytest.mark.parametrize("verb", sorted(codec.VERBS))
def test_a1_invented_bytes_of_every_verb_answer_alike(scene: Scene, verb: str) -> None:
    phone = scene.phone(502, "Sam")
    makers.add_client(scene.practice, chat=502)

    async def act(s: Scene) -> None:
        await s.start(phone)
        before = lasting(s)
        wanted = await answer(s, phone, "junk")
        for text in (f"0:{verb}", f"1:{verb}:\x00", f"1:{verb}:{'é' * 20}", f"{verb}\n"):
            assert codec.read(text) is None
            assert await answer(s, phone, text) == wanted, text
        assert lasting(s) == before

    scene.play(act)
