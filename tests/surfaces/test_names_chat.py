"""Every name on every screen of the chat: text, with no markup but our own titles (A3, A3a)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from icalendar import Calendar

from helpspace.bot import codec
from helpspace.core import invitations, links, tickets
from helpspace.core.accounts import CONSENT_VERSION
from helpspace.core.store.tables import Payment
from helpspace.sandbox.telegram import Call, Phone
from helpspace.sandbox.telegram.world import Message
from tests import makers
from tests.bot.conftest import Scene as Chat
from tests.surfaces.names import NAMES, WORSE, harmless, poisoned, shown

NAMING = {"who", "days", "day", "slot", "terms", "mine", "session", "cancel", "find", "home",
          "soon"}  # fmt: skip
"""The verbs whose screens or buttons name the therapist."""


LINKED = {"url", "email"}
"""What Telegram itself finds in plain text."""


class Walk:
    """Two clients of one therapist, all of whom bear the name, and a button for every verb."""

    def __init__(self, chat: Chat, raw: str) -> None:
        therapist = makers.add_therapist(chat.practice, "Harmless", headline="h", about="a")
        client = makers.add_client(chat.practice, chat=501)
        makers.add_client(chat.practice, chat=502, card=False)
        self.session = makers.session(chat.practice, therapist, client).id
        unpaid = makers.follow_up(chat.practice, therapist, client, makers.SOON + 7200).id
        makers.set_row(chat.practice, Payment, unpaid, status="failed", reason="lost_card")
        self.unpaid = unpaid
        self.slots = [
            makers.open_slot(chat.practice, therapist, makers.SOON + n * makers.DAY) for n in (1, 2)
        ]
        self.therapist = therapist.id
        self.letter = tickets.write(chat.practice, client, "question", "Hello?").id
        links.remember_bot(chat.practice, "HelpspaceBot")
        self.token = str(invitations.invite(chat.practice, therapist).link).partition("i_")[2]
        chat.practice, vault = poisoned(chat.practice)
        vault.name = raw

    def buttons(self) -> Iterator[tuple[int, str]]:
        """Give every button with the phone that presses it: 501 has a card, 502 none."""
        slot, other = self.slots
        pair = (slot, self.therapist)
        for verb, args in (
            ("welcome", ("",)),
            ("agree", (CONSENT_VERSION, "")),
            ("help", ("",)),
            ("privacy", ("",)),
            ("home", ()),
            ("find", (0,)),
            ("soon", (2, 0, 0)),
            ("wishes", ()),
            ("wish", (0, 0)),
            ("want", (0, 1, 1, 0)),
            ("clear", ()),
            ("again", ()),
            ("who", (self.therapist,)),
            ("days", (self.therapist, 0)),
            ("day", (self.therapist, "20260307")),
            ("mine", (0,)),
            ("session", (self.session,)),
            ("session", (self.unpaid,)),
            ("on", ()),
            ("file", (self.session,)),
            ("pay", (self.unpaid,)),
            ("money", (self.unpaid,)),
            ("card", ()),
            ("page", ("",)),
            ("cancel", (self.session,)),
            ("past", (0,)),
            ("receipts", (0,)),
            ("receipt", (self.session,)),
            ("rest", (self.session, "0" * 12)),
            ("absent", (self.session,)),
            ("absented", (self.session,)),
            ("askmove", (self.session,)),
            ("moveasked", (self.session,)),
            ("uncard", ()),
            ("uncarded", ("0" * 12,)),
            ("me", ()),
            ("zone", (0,)),
            ("zoned", (0,)),
            ("told", (0,)),
            ("discreet", (1,)),
            ("address", ()),
            ("mydata", ()),
            ("forget", ()),
            ("forgotten", ("0" * 12,)),
            ("write", ("q",)),
            ("tickets", ()),
            ("ticket", (self.letter,)),
            ("partners", ()),
            ("part", (self.therapist,)),
            ("invited", (self.token,)),
            ("called", (self.token,)),
            ("joined", (self.token,)),
            ("parted", (self.therapist,)),
            ("cancelled", (self.session, 0)),
        ):
            yield 501, codec.data(verb, *args)
        for verb, args in (
            ("slot", pair),
            ("name", pair),
            ("named", pair),
            ("email", pair),
            ("terms", pair),
            ("book", (other, self.therapist, 6000, 0, 1)),
            ("home", ()),
        ):
            yield 502, codec.data(verb, *args)

    def after_hold(self, request: str) -> Iterator[tuple[int, str]]:
        """Give the buttons about a hold."""
        other = self.slots[1]
        yield 502, codec.data("hold", request, other, self.therapist)
        yield 502, codec.data("free", other, self.therapist)


def check(calls: list[Call]) -> None:
    """No call asks for markup, and no text in one is more than text."""
    for call in calls:
        params = call.params
        assert "parse_mode" not in params
        for part in ("text", "caption"):
            harmless(str(params.get(part, "")))


def living(phone: Phone) -> Message:
    """Return the newest message that has buttons."""
    return next(one for one in reversed(phone.messages) if one.from_bot and one.buttons)


def check_calendar(data: bytes, raw: str) -> None:
    """The calendar file is one entry of short lines without the name (N6)."""
    assert shown(raw).encode() not in data
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    harmless(data.decode(), allowed="\r\n")
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert event["SUMMARY"] == "Appointment"


@pytest.mark.parametrize("raw", [*NAMES, *WORSE])
def test_every_name_behind_every_button(chat: Chat, raw: str) -> None:
    walk = Walk(chat, raw)
    named: dict[str, bool] = {}

    async def act(s: Chat) -> None:
        phones = {number: s.phone(number, shown(raw) or "x") for number in (501, 502)}
        for phone in phones.values():
            await s.start(phone)

        async def press(number: int, data: str) -> None:
            phone, tap = phones[number], codec.read(data)
            assert tap is not None
            await s.press(phone, data, message_id=living(phone).message_id)
            seen = "\n".join([living(phone).text, *living(phone).labels()])
            harmless(seen)
            emphasis = [one for one in living(phone).entities if one.type not in LINKED]
            assert [one.type for one in emphasis] in ([], ["bold"])
            for one in emphasis:
                units = living(phone).text.encode("utf-16-le")
                title = units[one.offset * 2 : (one.offset + one.length) * 2].decode("utf-16-le")
                assert title in living(phone).text.splitlines()
            named[tap.verb] = named.get(tap.verb, False) or shown(raw)[:20] in seen
            if tap.verb == "file":
                sent = phone.last.document
                assert sent is not None
                check_calendar(sent.data, raw)

        for number, data in walk.buttons():
            await press(number, data)
        for number, data in walk.after_hold(s.stripe.made[-1]):
            await press(number, data)

    chat.play(act)
    assert set(named) == set(codec.VERBS)
    missing = {verb for verb in NAMING if not named[verb]}
    assert not missing, missing
    calls = chat.sandbox.calls_of("sendMessage", "editMessageText", "sendDocument")
    assert len(calls) > len(codec.VERBS)
    check(calls)
