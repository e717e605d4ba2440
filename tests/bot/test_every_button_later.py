"""Every button when its time is over: tapped twice, from an old message, after erasure.

A1, K4: nothing happens twice, and what was somebody's who is forgotten is like what never was.
"""

from __future__ import annotations

import re

import pytest

from helpspace.bot import codec
from helpspace.core.moments import DAY
from helpspace.core.privacy import erasing, wiping
from helpspace.sandbox.telegram import Phone
from tests.bot.conftest import Scene
from tests.bot.live import CHAT, life
from tests.bot.test_every_button import PUBLIC, UNKNOWN, lasting

READS = ("mydata", "page", "under news: card")
"""What may be asked for again and is in the trail each time, or is a page of its own."""

OWN_WISH = ("page", "under news: card", "named", "zoned", "told", "discreet", "mydata", "book")
"""What acts on the person who taps only, whoever's button it was: their settings, a free time."""

MARKED = re.compile(r"(?<![0-9a-z])(?:[a-z2-7]{12}|[0-9a-f]{12}|[a-z2-7]{26})(?![0-9a-z])")


ALL = [*sorted(codec.VERBS), *(f"under news: {word}" for word in codec.SHARED)]


@pytest.mark.parametrize("verb", ALL)
def test_a_double_tap_and_an_old_message_act_once(scene: Scene, verb: str) -> None:
    """Of every verb: its real button, tapped twice at once, and again when it is long past."""
    lived = life(scene)
    phone = scene.phone(CHAT, "Sam")

    async def act(s: Scene) -> None:
        await s.start(phone)
        old = phone.last.message_id
        phone.press(lived.buttons[verb], message_id=old)
        await s.settle()
        once = lasting(s)
        phone.press(lived.buttons[verb], message_id=old)
        await s.settle()
        assert verb in READS or lasting(s) == once
        await s.start(phone)
        again = lasting(s)
        for _ in range(2):
            phone.press(lived.buttons[verb], message_id=old)
        await s.settle()
        assert verb in READS or lasting(s) == again
        assert not phone.spinning
        assert any(bubble.buttons for bubble in phone.messages)

    scene.play(act)


def unknown(verb: str, text: str) -> str:
    """Return a button, or what was said to it, with every id that was theirs made one of nobody."""
    if verb in (*PUBLIC, "under news: s"):
        return text
    return MARKED.sub(lambda found: (UNKNOWN * 3)[: len(found[0])], text)


async def said(s: Scene, phone: Phone, data: str) -> tuple[object, ...]:
    """Return all that a person sees of a tap."""
    for one in ("1:home", data):
        living = [bubble for bubble in phone.messages if bubble.from_bot and bubble.buttons][-1]
        await s.press(phone, one, living.message_id)
    shown = [bubble for bubble in phone.messages if bubble.from_bot and bubble.buttons][-1]
    return shown.text, shown.buttons, phone.toast.text if phone.toast else ""


@pytest.mark.parametrize("who", ["whose it was", "the same, anew", "another"])
def test_a1_after_erasure_every_button_is_like_one_of_nobody(scene: Scene, who: str) -> None:
    """K4, A1: the very button and one about nothing get the same bytes, and nothing changes."""
    lived = life(scene)
    erasing.erase(scene.practice, lived.sam)
    scene.clock.advance(31 * DAY)
    assert wiping.settle(scene.practice, lived.sam.id)
    phone = scene.phone(CHAT, "Sam") if who != "another" else scene.phone(503, "Kim")

    async def act(s: Scene) -> None:
        await s.start(phone)
        if who != "whose it was":
            await s.tap(phone, "I agree")
        for verb, theirs in lived.buttons.items():
            if verb == "agree":
                continue
            before = lasting(s)
            wanted = await said(s, phone, unknown(verb, theirs))
            found = await said(s, phone, theirs)
            assert unknown(verb, repr(found)) == unknown(verb, repr(wanted)), verb
            assert "anary" not in repr(found), verb
            if who == "whose it was" or verb not in OWN_WISH:
                assert lasting(s) == before, verb

    scene.play(act)
