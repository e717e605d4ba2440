"""Every name in every mail, calendar file and chat notice: unharmed and harmless (A3, N6)."""

from __future__ import annotations

import email
import html
import re
from dataclasses import replace
from email import policy
from html.parser import HTMLParser

import pytest
from icalendar import Calendar

from helpspace.core import letters
from helpspace.core.letters import Told
from helpspace.core.notices import Event
from helpspace.jobs import chat
from helpspace.jobs.letters import TEMPLATES, Letter, letter
from helpspace.jobs.mail import BadAddress, envelope
from tests.jobs.gallery import errand, gallery
from tests.jobs.world import World
from tests.surfaces.names import NAMES, WORSE, harmless, poisoned, shown

SENDER = "Helpspace <hello@helpspace.example>"
HEADERS = {"Subject", "From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted",
           "MIME-Version", "Content-Type"}  # fmt: skip
TAGS = {"html", "head", "meta", "title", "style", "body", "p", "table", "tr", "td", "th", "a", "br",
        "div", "span", "bdi", "strong", "h1", "h2", "hr", "tbody", "small"}  # fmt: skip


class Tags(HTMLParser):
    """The tags of a page, the words between them, and the addresses they lead to."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.leads: set[str] = set()
        self.words: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        names = dict(attrs)
        assert not any(name.startswith("on") for name in names), names
        self.leads |= {str(names[name]) for name in ("href", "src") if name in names}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def check_letter(mail: Letter, told: Told, raw: str) -> bool:
    """Check one mail from its bytes; return whether it names the other person."""
    name = shown(raw)
    message = envelope(mail, told, SENDER)
    parsed = email.message_from_bytes(message.as_bytes(), policy=policy.default)
    assert set(parsed.keys()) <= HEADERS
    assert len(parsed.keys()) == len(set(parsed.keys()))
    assert not parsed.defects
    for value in parsed.values():
        harmless(str(value))
        assert name not in str(value)
    assert [one.addr_spec for one in parsed["To"].addresses] == [told.to]
    body = parsed.get_body(("plain",))
    page = parsed.get_body(("html",))
    assert body is not None
    assert page is not None
    text = body.get_content().replace("\r\n", "\n")
    harmless(text)
    tags = Tags(page.get_content())
    assert tags.tags <= TAGS, tags.tags
    assert not any("evil" in lead for lead in tags.leads)
    words = " ".join(" ".join(tags.words).split())
    harmless(words)
    named = bool(re.search(rf"^With: +{re.escape(name)}$", text, re.MULTILINE))
    assert (name in words) >= named
    assert (html.escape(name, quote=False) in page.get_content().replace("&#39;", "'")) >= named
    attached = [part for part in parsed.walk() if part.get_content_type() == "text/calendar"]
    assert len(attached) == (mail.ics is not None)
    for part in attached:
        assert part.get_filename() == "appointment.ics"
        check_calendar(part.get_payload(decode=True), name)
    return named


def check_calendar(data: bytes, name: str) -> None:
    """One entry, short lines, no name, and nothing that was not ours (RFC 5545, N6)."""
    assert name.encode() not in data
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in b"".join(lines)
    harmless(data.decode(), allowed="\r\n")
    calendar = Calendar.from_ical(data)
    assert [part.name for part in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    assert calendar.walk("VEVENT")[0]["SUMMARY"] == "Appointment"


@pytest.mark.parametrize("raw", [*NAMES, *WORSE])
def test_every_name_in_every_mail(world: World, raw: str) -> None:
    world.practice, vault = poisoned(world.practice)
    vault.name = raw
    shown_in: set[Event] = set()
    found = gallery(world)
    for told in found.values():
        if check_letter(letter(told), told, raw):
            shown_in.add(told.event)
        if told.party == "client" and told.event is not Event.CONFIRM_EMAIL:
            said = chat.message(replace(told, full=True))
            for text in (said.text, *(one.label for row in said.buttons for one in row)):
                harmless(text)
                assert shown(raw) not in text
    written = {event for event in Event for _ in TEMPLATES.glob(f"{event}_*.txt")}
    assert {told.event for told in found.values()} >= written
    assert shown_in >= {Event.BOOKED, Event.MOVED, Event.CANCELLED, Event.REMINDER, Event.CHARGED}


@pytest.mark.parametrize(
    "raw",
    [
        "a@example.org\r\nBcc: all@example.org",
        "a@example.org, b@example.org",
        '"\x1b]52;c;eA==\x07"@example.org',
        "=?utf-8?q?=0aBcc:_all=40example.org?=@example.org",
        "<b>@example.org",
        "a@exa\x00mple.org",
        "Zoë@example.org",
    ],
)
def test_an_address_in_a_raw_row_makes_no_header(world: World, raw: str) -> None:
    """One clean recipient, or a refusal that delivery knows; never another header."""
    session = world.booked()
    world.practice, vault = poisoned(world.practice, ("client.email",))
    vault.name = raw
    told = letters.compose(world.practice, errand(Event.BOOKED, world.sam, session))
    assert isinstance(told, Told)
    try:
        message = envelope(letter(told), told, SENDER)
        whole = message.as_bytes()
    except BadAddress:
        return
    parsed = email.message_from_bytes(whole, policy=policy.default)
    assert set(parsed.keys()) <= HEADERS
    assert len(parsed["To"].addresses) == 1


def test_both_people_are_named_to_each_other_and_nobody_else(world: World) -> None:
    """The walk above is not empty: each reader finds the other's name."""
    session = world.booked()
    for person, name in ((world.sam, "Zoë O'Brien"), (world.zoe, "Sam")):
        told = letters.compose(world.practice, errand(Event.BOOKED, person, session))
        assert isinstance(told, Told)
        assert re.search(rf"^With: +{name}$", letter(told).text, re.MULTILINE)
