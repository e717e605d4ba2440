"""Whatever a phone sends: a kind answer, and nothing changed but where the person is (A1)."""

from __future__ import annotations

import re

import pytest

from helpspace.bot import codec
from tests import makers
from tests.bot.conftest import Scene as Chat
from tests.surfaces.names import harmless

UNKNOWN = "aaaaaaaaaaaa"
OWN = ("card", "page", "named", "mydata", "zoned", "told", "discreet")
"""What needs nothing of others: a card page, the name that Telegram shows, one's own data and how
one is told of things."""

GUESSES = (UNKNOWN, "0", "9999", "20269999", "2001-01", "1", "c", "a" * 26, "x", "")


def invented(verb: str) -> list[str]:
    """Return buttons of a verb that fit its shape and lead nowhere, and some that do not fit."""
    shapes = codec.VERBS[verb]
    args = [next(guess for guess in GUESSES if re.fullmatch(shape, guess)) for shape in shapes]
    fits = ":".join((codec.VERSION, verb, *args))
    return [fits, f"{fits}:{UNKNOWN}", f"{codec.VERSION}:{verb}:\x00", f"0:{verb}", f"{fits}\n"]


@pytest.mark.parametrize("verb", [verb for verb in codec.VERBS if verb != "agree"])
def test_invented_buttons_change_nothing(chat: Chat, verb: str) -> None:
    therapist = makers.add_therapist(chat.practice)
    makers.open_slot(chat.practice, therapist)
    makers.session(
        chat.practice, therapist, makers.add_client(chat.practice, chat=501), makers.SOON + 7200
    )
    makers.add_client(chat.practice, chat=502)

    def lasting() -> dict[str, object]:
        kept = makers.snapshot(chat.practice)
        return {name: rows for name, rows in kept.items() if name not in ("inbox", "dialogue")}

    async def act(s: Chat) -> None:
        phone = s.phone(502, "Kim")
        await s.start(phone)
        before = lasting()
        for data in invented(verb):
            await s.press(phone, data)
            harmless(phone.last.text)
            assert phone.last.labels() or phone.last.document, data
            if verb not in OWN:
                assert lasting() == before, data

    chat.play(act)


def test_texts_of_every_size_and_kind(chat: Chat) -> None:
    """Asked for or not: too long, empty of letters, markup, a command that is none."""
    therapist = makers.add_therapist(chat.practice)
    slot = makers.open_slot(chat.practice, therapist)
    makers.add_client(chat.practice, None, None, chat=501, card=False)

    async def act(s: Chat) -> None:
        phone = s.phone(501, "Kim")
        await s.start(phone)
        for step in ("home", f"name:{slot}:{therapist.id}"):
            await s.press(phone, f"1:{step}")
            for text in ("\u202e", "🙂", "/nothing", "/start " + "x" * 64, "\x1b]52;c;x\x07"[:1]):
                before = makers.snapshot(s.practice)["client"]
                await s.write(phone, text)
                harmless(phone.last.text)
                if "🙂" not in text:
                    assert makers.snapshot(s.practice)["client"] == before, text
        await s.press(phone, f"1:email:{slot}:{therapist.id}")
        for text in ("x" * 4096, "a@" + "b" * 4000, "@", "a@b@c", "a@example.org\nb@example.org"):
            await s.write(phone, text)
            assert "no e-mail address" in phone.last.text, text[:40]

    chat.play(act)
