"""N6: what others can see of any notice says neither what it is about nor who it is with."""

from __future__ import annotations

import re

from helpspace.bot import calendar_file as chat_file
from helpspace.bot.handlers import receipts
from helpspace.core.notices import Event
from helpspace.core.policy import Party
from helpspace.jobs import calendar_file, chat
from helpspace.jobs.letters import letter
from helpspace.sandbox.clock import MovableClock
from tests.jobs.gallery import gallery, told
from tests.jobs.world import World

FORBIDDEN = re.compile(r"counsel|therap|psych|mental|surnamecanary", re.IGNORECASE)
FIRST = 120
"""Characters of a mail that a phone shows without opening it."""

OF_JOINING = ("application", "proof", "published", "account", "suspended", "reinstated", "picture")
"""Notices that no client is party to: they say to a counsellor what became of their profile."""


def test_n6_no_notice_says_what_it_is_about(store_url: str, clock: MovableClock) -> None:
    """Subject, first line, chat text, its buttons, attachment names, calendar titles."""
    world = World(store_url, clock)
    found = gallery(world, name="Zoë Surnamecanary")
    sam = world.client(chat=7999)
    found["ticket"] = told(world, Event.TICKET_ANSWERED, sam, None, ticket="none")
    clients = {what.event for what in found.values() if what.party is Party.CLIENT}
    for name, what in found.items():
        if what.party is Party.TEAM or what.event.startswith(OF_JOINING):
            continue
        mail = letter(what)
        seen = [mail.subject, mail.text[:FIRST]]
        if mail.ics is not None:
            lines = mail.ics.decode().replace("\r\n ", "").split("\r\n")
            seen += [line for line in lines if line.startswith(("SUMMARY", "DESCRIPTION"))]
            assert any(line == "SUMMARY:Appointment" for line in lines)
        if what.party is Party.CLIENT:
            words = chat.message(what)
            seen += [words.text, *(one.label for row in words.buttons for one in row)]
        for text in seen:
            assert not FORBIDDEN.search(text), (name, text)
    world.close()
    # All that a client can be told of was looked at.
    sessions = {event for event in Event if not event.startswith(OF_JOINING)}
    for_others = {
        Event.REFUND_FAILED, Event.DISPUTED, Event.CHARGES_TOMORROW, Event.ABSENCE_REPORTED,
        Event.MOVE_ASKED,
    }  # fmt: skip
    assert sessions - for_others <= clients


def test_n6_names_of_attachments_are_neutral() -> None:
    for name in (calendar_file.NAME, chat_file.NAME, chat_file.CAPTION, receipts.NAME):
        assert not FORBIDDEN.search(name)
