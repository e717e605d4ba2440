"""The words of every mail and chat message, and what none of them may show (N1–N6, A3, P1)."""

from __future__ import annotations

import html
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from icalendar import Calendar

from helpspace.core import accounts, letters
from helpspace.core.actors import Actor
from helpspace.core.joining import application, review
from helpspace.core.letters import Dropped, Told
from helpspace.core.moments import DAY, HOUR
from helpspace.core.notices import Event
from helpspace.core.plain import plain
from helpspace.jobs import chat
from helpspace.jobs.letters import Letter, letter
from tests import makers
from tests.core import applicants
from tests.jobs.gallery import errand, gallery, told
from tests.jobs.world import World

GOLDEN = Path(__file__).parent / "golden"
STEMS = ("counsel", "therap", "psych", "mental")
HOSTILE = [
    "[/b]",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;cm0gLXJm\x07Eve",
    "=1+1",
    "<b>Eve</b>",
    "Eve\r\nBcc: all@example.org",
    "{{ 7*7 }}{% raw %}",
    "محمد",
    "Zoë O'Brien",
    "李",
]


def page(mail: Letter) -> str:
    """A mail as a person reads it."""
    head = f"To: {mail.to}\nSubject: {mail.subject}\nCalendar: {mail.method or '-'}\n\n"
    return head + mail.text


def visible(source: str) -> str:
    """The words of an HTML page in their order."""
    body = re.sub(r"<(head|style).*?</\1>", "", source, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_every_mail_reads_as_its_golden_text(world: World) -> None:
    """UPDATE_GOLDEN=1 writes them anew; a person in distress reads them, so read them too."""
    shown = gallery(world)
    for name, what in shown.items():
        path = GOLDEN / f"{name}.txt"
        text = page(letter(what))
        if os.environ.get("UPDATE_GOLDEN") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text, name
    assert {path.stem for path in GOLDEN.glob("*.txt")} - {"chat"} == set(shown)


def test_every_chat_message_reads_as_its_golden_text(world: World) -> None:
    """N1: one neutral line and its buttons."""
    lines = []
    for name, what in gallery(world).items():
        if what.party == "client" and what.event is not Event.CONFIRM_EMAIL:
            said = chat.message(replace(what, full=True))
            buttons = [f"[{one.label} {one.data}]" for row in said.buttons for one in row]
            lines.append(" ".join([f"{name}:", said.text, *buttons]))
    path = GOLDEN / "chat.txt"
    text = "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("zone", ["Europe/London", "America/Argentina/ComodRivadavia"])
def test_what_others_can_see_is_neutral(world: World, zone: str) -> None:
    """N6: subject, first 120 characters and chat text; no stem, no surname, no link."""
    for name, what in gallery(world).items():
        at_home = replace(what, zone=zone)
        mail = letter(at_home)
        seen = [mail.subject, mail.text[:120], visible(mail.html)[:120]]
        if what.party == "client":
            said = chat.message(replace(at_home, full=True))
            seen += [said.text, *(one.label for row in said.buttons for one in row)]
        for text in seen:
            assert not any(stem in text.lower() for stem in STEMS), (name, text)
            assert "brien" not in text.lower(), (name, text)
            assert "http" not in text.lower(), (name, text)
            assert "!" not in text, (name, text)
        opening = mail.text.split("\n", 1)[0]
        assert len(opening) >= 120, (name, len(opening))
        assert opening in visible(mail.html), name


def test_text_and_html_say_the_same(world: World) -> None:
    """Every paragraph and every row is in both."""
    for name, what in gallery(world).items():
        mail = letter(what)
        words = visible(mail.html)
        for line in mail.text.splitlines():
            clean = " ".join(line.split())
            clean = re.sub(
                r"^(When|With|Fee|Cancelling|Video|Contact|Amount|Reference"
                r"|To mend|They wrote|Why|Needed|Missing|By|Page|Payment|Refund|Dispute"
                r"|Reason|Answer by|Answer|Therapist|Account|Due): ",
                "",
                clean,
            )
            if clean and clean != "--" and not clean.startswith("https://t.me"):
                assert clean.rstrip(":") in words, (name, clean)


def test_an_address_that_is_not_confirmed_gets_no_name(world: World) -> None:
    """N1: only the time, the free-to-cancel moment and the confirm link, whatever happened."""
    zoe = world.therapist()
    shy = world.client(confirmed=False, name="Samira Canary")
    session = world.session(zoe, shy)
    world.to_charge(session)
    world.clock.advance(1)
    for event, facts in {
        Event.BOOKED: {},
        Event.CANCELLED: {"by": "therapist", "refund": 6000},
        Event.CHARGED: {"amount": 6000},
        Event.CHARGE_FAILED: {"code": "lost_card"},
        Event.REFUNDED: {"amount": 6000},
    }.items():
        mail = letter(told(world, event, shy, session, **facts))
        whole = mail.text + mail.html + (mail.ics or b"").decode()
        for private in ("Zoë", "Brien", "Samira", "contact1", "video.example", "£60", "999"):
            assert private not in whole, (event, private)
        assert "https://t.me/HelpspaceBot?start=c_" in mail.text


def test_a_calendar_file_is_neutral_and_keeps_its_uid(world: World) -> None:
    """N1, N3: same UID, higher sequence, UTC, no name; the link only for those who may see it."""
    zoe, sam = world.therapist(), world.client()
    session = world.session(zoe, sam)
    booked = letter(told(world, Event.BOOKED, sam, session))
    world.cancel(zoe, session.id)
    ended = letter(told(world, Event.CANCELLED, sam, session, by="therapist"))
    assert (booked.method, ended.method) == ("REQUEST", "CANCEL")
    first, second = (Calendar.from_ical(one.ics).walk("VEVENT")[0] for one in (booked, ended))
    assert first["UID"] == second["UID"] == "appointment1@store"
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert first["SUMMARY"] == second["SUMMARY"] == "Appointment"
    assert first["STATUS"] == "CONFIRMED"
    assert second["STATUS"] == "CANCELLED"
    assert first["URL"] == "https://video.example.org/room"
    assert first.decoded("DTSTART").timestamp() == session.start
    assert str(first.decoded("DTSTART").tzinfo) == "UTC"
    for text in (booked.ics, ended.ics):
        assert text is not None
        assert b"Zo" not in text
        assert b"Sam" not in text


@pytest.mark.parametrize("name", HOSTILE)
def test_names_come_through_unharmed_and_harmless(world: World, name: str) -> None:
    """A3, A3a: markup, escapes, headers, templates and other scripts, in text, HTML and chat."""
    zoe = world.therapist(name)
    sam = world.client(name=name)
    session = world.session(zoe, sam)
    kept = accounts.me(world.practice, sam).name
    for person in (zoe, sam):
        mail = letter(told(world, Event.BOOKED, person, session))
        assert f"With:       {kept}\n" in mail.text
        assert f"<bdi>{html.escape(kept, quote=False).replace(chr(39), '&#39;')}</bdi>" in mail.html
        assert "<b>Eve" not in mail.html
        assert "\x1b" not in mail.text + mail.html + mail.subject
        assert "\n" not in mail.subject
        assert kept not in mail.subject
    assert kept not in chat.message(told(world, Event.BOOKED, sam, session, "telegram")).text


def test_both_clocks_are_shown_where_they_differ(world: World) -> None:
    """N1: the reader's own zone first, the other one below; one line where they agree."""
    zoe = world.therapist(zone="Europe/Berlin")
    sam = world.client()
    session = world.session(zoe, sam)
    what = told(world, Event.BOOKED, zoe, session)
    assert "Fri 6 Mar 10:00–10:50 (Berlin time)" in letter(what).text
    assert "for them: Fri 6 Mar 09:00 (UK time)" in letter(what).text
    assert "for them:" not in letter(replace(what, other_zone="Europe/Paris")).text


def test_a_session_booked_inside_the_window_says_so(world: World) -> None:
    """B3a, M4: charged at once, not free to cancel; and the receipt says why."""
    zoe, sam = world.therapist(), world.client()
    session = world.session(zoe, sam, world.clock.now() + 30 * HOUR)
    text = letter(told(world, Event.BOOKED, sam, session)).text
    assert "not free of charge, because it was booked less than 48 hours ahead" in text
    receipt = letter(told(world, Event.CHARGED, sam, session, amount=6000)).text
    assert "charged straight away" in receipt


def test_a_booking_for_today_says_today(world: World) -> None:
    """N2: the confirmation is the reminder."""
    zoe, sam = world.therapist(notice_s=0), world.client()
    session = world.session(zoe, sam, world.clock.now() + HOUR)
    mail = letter(told(world, Event.BOOKED, sam, session))
    assert "today at" in mail.subject
    assert "your reminder as well" in mail.text


def test_a_free_session_says_nothing_of_money(world: World) -> None:
    zoe, sam = world.therapist(initial_fee=0), world.client()
    text = letter(told(world, Event.BOOKED, sam, world.session(zoe, sam))).text
    assert "Fee:        free of charge" in text
    assert "Cancelling:" not in text


def dropped(world: World, *args: object, **facts: object) -> str:
    found = letters.compose(world.practice, errand(*args, **facts))  # type: ignore[arg-type]
    assert isinstance(found, Dropped), found
    return found.reason


def test_a_reminder_that_is_out_of_place_is_dropped(world: World) -> None:
    """N2: this start only, on its own day, before it, and never for a cancelled session."""
    zoe, sam = world.therapist(), world.client()
    session = world.session(zoe, sam)
    ask = (Event.REMINDER, sam, session)
    assert dropped(world, *ask, start=session.start) == "not_today"
    world.clock.move_to(session.start - HOUR)
    assert isinstance(told(world, *ask, start=session.start), Told)
    assert dropped(world, *ask, start=session.start - DAY) == "moved"
    world.clock.move_to(session.start)
    assert dropped(world, *ask, start=session.start) == "started"


def test_what_has_been_put_right_is_not_told_any_more(world: World) -> None:
    """N5: re-read before sending."""
    zoe, sam = world.therapist(), world.client()
    session = world.session(zoe, sam)
    failed = (Event.CHARGE_FAILED, sam, session)
    assert dropped(world, *failed, code="lost_card") == "not_owed"
    world.to_charge(session)
    assert isinstance(told(world, *failed, code="lost_card"), Told)
    world.settle()
    assert dropped(world, *failed, code="lost_card") == "settled"
    assert dropped(world, Event.APPROVAL_NEEDED, sam, session) == "settled"
    assert dropped(world, Event.CARD_NEEDED, sam, session) == "card_there"
    assert dropped(world, Event.CONFIRM_EMAIL, sam, None) == "confirmed"
    world.cancel(zoe, session.id)
    assert dropped(world, Event.REMINDER, sam, session, start=session.start) == "cancelled"


def test_a_card_that_came_after_its_hold_offers_the_slot_again(world: World) -> None:
    """B3: only while it is still free, and nothing is booked without a tap."""
    zoe, sam = world.therapist(), world.client(card=None)
    slot = makers.open_slot(world.practice, zoe)
    what = told(world, Event.CARD_SAVED, sam, None, "telegram", slot=slot)
    said = chat.message(what)
    assert "still free" in said.text
    assert said.buttons[0][0].data == f"s:{slot}"
    makers.book(world.practice, world.client(), slot)
    gone = chat.message(told(world, Event.CARD_SAVED, sam, None, "telegram", slot=slot))
    assert gone.buttons == ()


def test_an_answer_of_the_team_is_told_and_not_shown(world: World) -> None:
    """N6: a neutral line, and a button to the words themselves."""
    said = chat.message(
        told(world, Event.TICKET_ANSWERED, world.client(), None, "telegram", ticket="none")
    )
    assert said.text == "There is an answer to your message."
    assert [one.data for row in said.buttons for one in row] == ["t"]


def test_buttons_fit_into_64_bytes(world: World) -> None:
    """N7: Telegram takes no more."""
    for what in gallery(world).values():
        for row in chat.message(what).buttons:
            assert all(len(one.data.encode()) <= 64 for one in row)


@pytest.mark.parametrize("name", HOSTILE)
def test_reasons_and_file_names_come_through_harmless(world: World, name: str) -> None:
    """A3: what the team writes and how a file is called, in the mail that returns it."""
    one = applicants.fill_in(world.practice)
    applicants.hand_in(world.practice, one, "insurance", applicants.PDF + b"\n", name)
    applicants.submit(world.practice, one)
    seen = application.application(world.practice, applicants.TEAM, one)
    part = f"document:{seen.of_kind('insurance')[0].id}"
    version = review.judge(
        world.practice, applicants.TEAM, one, part, accepted=False, reason=name,
        version=seen.version,
    )  # fmt: skip
    review.return_(world.practice, applicants.TEAM, one, name, version=version)
    mail = letter(told(world, Event.APPLICATION_RETURNED, Actor.therapist(one), None))
    kept = plain(name)
    assert f"To mend:    Insurance certificate ({kept}): {kept}\n" in mail.text
    for text in (mail.text, mail.html, mail.subject):
        assert "\x1b" not in text
        assert "<b>Eve" not in mail.html
    assert "Eve" not in mail.subject
    # Its lines are kept, each below the other.
    assert f"They wrote: {kept} " in " ".join(mail.text.split()) + " "
