"""Every screen that can be reached, with the longest texts there are, is one that Telegram takes.

What the sandbox refuses is what the published description forbids; that its rules are the published
ones is proven in tests/sandbox. `Scene.play` fails on any refusal and on a button left spinning.
"""

from __future__ import annotations

from collections import Counter, deque

import pytest

from helpspace.bot import codec
from helpspace.bot.render import LONGEST, units
from helpspace.core.moments import DAY, HOUR
from helpspace.core.wishes import APPROACHES, CONCERNS, LANGUAGES, Wishes, written
from helpspace.sandbox.telegram import Phone
from helpspace.sandbox.telegram.bubbles import Bubble
from tests import makers
from tests.bot.conftest import Scene

WIDE = "👩🏽"
"""One character to the eye, four units to Telegram."""

LASTING = (
    "book",
    "cancelled",
    "page",
    "agree",
    "named",
    "rest",
    "moveasked",
    "uncarded",
    "forgotten",
    "parted",
    "joined",
    "called",
)
"""What changes more than where the person is; tried elsewhere."""

EACH = 12
"""How many different buttons of one verb are pressed."""


def crowd(scene: Scene, *, wide: bool) -> None:
    """Make a practice whose texts are as long as they may be."""
    for number in range(7):
        name = WIDE * 30 if wide else f"Person {number}"
        made = makers.add_therapist(
            scene.practice, name, headline=WIDE * 60 if wide else "Calm", gender="woman",
            about=WIDE * 500 if wide else "I listen.", concerns=2 ** len(CONCERNS) - 1,
            approaches=2 ** len(APPROACHES) - 1, languages=2 ** len(LANGUAGES) - 1,
            zone="America/New_York",
        )  # fmt: skip
        for slot in range(9):
            makers.open_slot(
                scene.practice, made, makers.SOON + slot * DAY + number * HOUR, minutes=50
            )


def living(phone: Phone) -> Bubble:
    """The newest message with buttons; a file that was asked for comes below it."""
    return next(bubble for bubble in reversed(phone.messages) if bubble.buttons)


def check(phone: Phone) -> None:
    """What must be true of every screen of a client."""
    shown = living(phone)
    assert 1 <= units(shown.text) <= LONGEST
    labels = shown.labels()
    assert "Home" in labels or "Home" in shown.text.split("\n"), shown.text
    assert len(labels) <= 100
    for row in shown.buttons:
        assert 1 <= len(row) <= 4
        for one in row:
            assert one.label.strip()
            assert one.kind != "callback" or len(one.value.encode()) <= codec.MOST_BYTES


def crawl(scene: Scene, phone: Phone, *, each: int = EACH) -> Counter[str]:
    """Press each new button where it is seen, until there are no new ones; count them by verb."""
    client = makers.add_client(scene.practice, chat=phone.user.id)
    other = makers.add_therapist(scene.practice, "Booked", zone="Asia/Kolkata")
    makers.session(scene.practice, other, client, makers.SOON + 40 * DAY)
    pressed: Counter[str] = Counter()

    async def act(s: Scene) -> None:
        await s.start(phone)
        todo = deque([b.value for row in phone.last.buttons for b in row])
        known = set(todo)
        while todo:
            data = todo.popleft()
            tap = codec.read(data)
            assert tap is not None, data
            if tap.verb in LASTING or pressed[tap.verb] == each:
                continue
            pressed[tap.verb] += 1
            await s.press(phone, data, message_id=living(phone).message_id)
            check(phone)
            new = [b.value for row in living(phone).buttons for b in row if b.kind == "callback"]
            todo.extend(value for value in new if value not in known)
            known.update(new)
        assert not phone.spinning
        assert len(s.sandbox.calls_of("answerCallbackQuery")) == pressed.total()

    scene.play(act)
    return pressed


@pytest.mark.parametrize("wide", [False, True])
def test_everything_that_can_be_reached_from_home(scene: Scene, wide: bool) -> None:
    """ "Done when" 1: each new button is pressed where it is seen, until there are no new ones."""
    crowd(scene, wide=wide)
    pressed = crawl(scene, scene.phone(501, WIDE * 10 if wide else "Sam"))
    reached = {"find", "wishes", "wish", "want", "soon", "who", "days", "day", "slot"}
    assert reached | {"home", "mine", "session", "cancel", "card", "help"} <= set(pressed)


def test_every_wish_at_once_still_fits(scene: Scene) -> None:
    """The longest reasons and the longest list of wishes are shown in one message."""
    crowd(scene, wide=True)
    phone = scene.phone()
    makers.add_client(scene.practice, chat=phone.user.id)
    everything = Wishes(
        2 ** len(CONCERNS) - 1, 2 ** len(APPROACHES) - 1, 2 ** len(LANGUAGES) - 1, 3,
        ("woman", "man", "non-binary"), 10000, 0b0101010, 0b101,
    )  # fmt: skip

    async def act(s: Scene) -> None:
        from helpspace.core import inbox

        await s.start(phone)
        there = inbox.place(s.practice, phone.user.id)
        draft = {"wishes": written(everything)}
        inbox.move_to(s.practice, phone.user.id, inbox.Place("1:home", draft, there.message_id))
        for data in ("1:wishes", "1:wish:0:0", "1:wish:5:0", "1:find:0", "1:soon:2:0:0"):
            await s.press(phone, data, message_id=phone.last.message_id)
            check(phone)

    scene.play(act)
