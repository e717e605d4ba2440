"""N6: what others can see of any notice says neither what it is about nor who it is with."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from helpspace.bot import calendar_file as chat_file
from helpspace.bot import menu
from helpspace.bot.handlers import receipts
from helpspace.bot.screens import receipts as receipt_words
from helpspace.core.letters import Told
from helpspace.core.notices import Event
from helpspace.core.policy import Party
from helpspace.core.privacy import papers
from helpspace.core.store.tables import Client
from helpspace.jobs import calendar_file, chat
from helpspace.jobs.letters import Letter, letter
from helpspace.jobs.mail import envelope
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.jobs.gallery import gallery, told
from tests.jobs.world import World

STEMS = r"counsel|therap|psych|mental"
FORBIDDEN = re.compile(f"{STEMS}|surnamecanary|nachnamenkanari", re.IGNORECASE)
FIRST = 120
"""Characters of a mail that a phone shows without opening it."""

OF_A_CALENDAR = ("SUMMARY", "DESCRIPTION", "LOCATION", "ORGANIZER", "COMMENT")


@pytest.fixture
def shown(store_url: str, clock: MovableClock) -> Iterator[dict[str, Told]]:
    """One of every notice, where both people have telling surnames and a page each (K1a)."""
    world = World(store_url, clock, PUBLIC_URL="https://practice.example.org")
    found = gallery(world, client="Sam Nachnamenkanari", name="Zoë Surnamecanary")
    sam = world.client(chat=7999)
    found["ticket"] = told(world, Event.TICKET_ANSWERED, sam, None, ticket="none")
    yield found
    world.close()


def test_n6_all_there_is_to_tell_was_looked_at(shown: dict[str, Told]) -> None:
    """A new notice has to be in the gallery, for each that may be told of it."""
    assert {what.event for what in shown.values()} == set(Event)
    assert {what.party for what in shown.values()} == set(Party)
    assert any(what.links.page for what in shown.values())
    whole = "".join(letter(what).text for what in shown.values())
    assert "Surnamecanary" in whole  # inside, where only its reader looks, there are names
    assert "Nachnamenkanari" in whole


def test_n6_no_mail_says_what_it_is_about(shown: dict[str, Told]) -> None:
    """Subject and every other header, first line, attachment names, calendar titles."""
    for name, what in shown.items():
        mail = letter(what)
        for text in (*seen_of(mail, what), *titles(mail)):
            assert not FORBIDDEN.search(text), (name, text)


def seen_of(mail: Letter, what: Told) -> Iterator[str]:
    """What a phone or a server log shows of a mail that is not opened."""
    message = envelope(mail, what, "Helpspace <hello@helpspace.example>")
    yield mail.subject
    yield mail.text[:FIRST]
    html = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", mail.html)).strip()
    yield html[: FIRST + len(mail.subject)]
    for part in message.walk():
        for header, value in part.items():
            if header not in ("Content-Type", "To"):
                yield f"{header}: {value}"
        yield part.get_filename() or ""


def titles(mail: Letter) -> Iterator[str]:
    """What a calendar on a shared screen shows of the file that comes along."""
    if mail.ics is None:
        return
    lines = mail.ics.decode().replace("\r\n ", "").split("\r\n")
    assert "SUMMARY:Appointment" in lines
    yield from (line for line in lines if line.startswith(OF_A_CALENDAR))


def test_n6_no_chat_message_or_button_does(shown: dict[str, Told]) -> None:
    clients = {name: what for name, what in shown.items() if what.party is Party.CLIENT}
    assert len(clients) > 30
    for name, what in clients.items():
        message = chat.message(what)
        for text in (message.text, *(one.label for row in message.buttons for one in row)):
            assert not FORBIDDEN.search(text), (name, text)


def test_n6_names_of_attachments_are_neutral() -> None:
    words = (
        calendar_file.NAME, chat_file.NAME, chat_file.CAPTION, receipts.NAME,
        receipt_words.CAPTION, papers.PAGE_NAME, papers.JSON_NAME, menu.SHORT,
        *(one.description for one in menu.COMMANDS),
    )  # fmt: skip
    for name in words:
        assert not FORBIDDEN.search(name), name


def test_n6_names_are_in_the_chat_only_for_those_who_chose_it(
    store_url: str, clock: MovableClock
) -> None:
    """The client's own wish: then every message about a session says who it is with."""
    world = World(store_url, clock)
    zoe, sam = world.therapist(name="Zoë Surnamecanary"), world.client(chat=7999)
    booked = world.session(zoe, sam)

    def said() -> str:
        return chat.message(told(world, Event.BOOKED, sam, booked, "telegram")).text

    assert "Zoë" not in said()
    makers.set_row(world.practice, Client, sam.id, discreet=0)
    assert said().endswith("\nWith Zoë Surnamecanary.")
    assert not re.search(STEMS, said())
    world.close()
