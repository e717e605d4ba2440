"""The demo's guide: it always names a key or button that is there, in words that fit."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from email.message import EmailMessage

import pytest

from helpspace.core.moments import DAY, HOUR
from helpspace.sandbox.demo.bubble import KeyButton
from helpspace.sandbox.demo.guide import THERAPIST, WELCOME, Chat, Side, Sight, tip
from helpspace.sandbox.demo.journey import Journey, Step
from helpspace.sandbox.demo.mails import LinkButton, MailScreen
from helpspace.sandbox.mail import Mail
from tests.sandbox.visitor import MONDAY, visiting

ROOM = 78
"""Columns that a line of the bar has in the narrowest terminal."""

KEYS = ("F2", "F7", "F8", "^Q", "Enter", "Esc", "→", "↓", "↑↓", "s opens", "f books", "x cancels",
        "y cancels", "n goes", "p goes", "[ shows", "] shows", "Details")  # fmt: skip

START = MONDAY + 3 * DAY + HOUR // 2
WEEK = (MONDAY - 8 * HOUR, MONDAY - 8 * HOUR + 7 * DAY)
CALENDAR = Sight(Side.CALENDAR, MONDAY, MONDAY + HOUR // 2, week=WEEK)


def _said(step: Step, sight: Sight, *, declined: bool = False) -> str:
    return tip(Journey(step, START, declined=declined), sight)


@pytest.mark.parametrize("step", list(Step), ids=lambda step: step.name)
def test_every_step_names_a_key_and_fits_everywhere(step: Step) -> None:
    sights = [
        replace(CALENDAR, side=side, cursor=cursor, free=free)
        for side, cursor, free in itertools.product(
            Side, (MONDAY, START, START + 9 * DAY), (True, False)
        )
    ]
    for sight, declined in itertools.product(sights, (True, False)):
        said = _said(step, sight, declined=declined)
        assert len(said) <= ROOM, said
        assert any(key in said for key in (*KEYS, "type /start")), said
    assert len(WELCOME) <= ROOM


def test_it_leads_through_the_calendar_from_wherever_the_cursor_is() -> None:
    on = replace(CALENDAR, cursor=START, free=False)
    assert "f books a follow-up" in _said(Step.FOLLOW_UP, on)
    assert "x cancels this session" in _said(Step.CANCEL, on)
    assert ": n goes on to Sam's session on Thu 5 Mar 08:30." in _said(Step.CANCEL, CALENDAR)
    later = replace(CALENDAR, cursor=START + DAY)
    assert ": p goes back to Sam's session on Thu 5 Mar 08:30." in _said(Step.CANCEL, later)
    next_week = replace(on, week=(WEEK[0] + 7 * DAY, WEEK[1] + 7 * DAY))
    assert ": [ shows the week before;" in _said(Step.CANCEL, next_week)
    last_week = replace(on, week=(WEEK[0] - 7 * DAY, WEEK[1] - 7 * DAY))
    assert ": ] shows the week after;" in _said(Step.CANCEL, last_week)


@pytest.mark.parametrize(
    ("text", "labels", "wanted"),
    [
        ("Welcome", ("I agree, go on", "Urgent help"), "I agree, go on"),
        ("Home", ("My sessions", "Find a counsellor", "Help"), "Find a counsellor"),
        ("Home", ("Finish my booking", "Find a counsellor"), "Finish my booking"),
        ("Counsellors", ("Sam Adeyemi", "Next ›", "Home", "‹ Back"), "Next ›"),
        (f"… {THERAPIST} …", ("Amira", THERAPIST, "Next ›", "Home"), THERAPIST),
        (THERAPIST, ("Wed 4 Mar 09:00", "All free times", "Home"), "All free times"),
        ("Sam Adeyemi", ("Wed 4 Mar 09:00", "All free times", "Home"), "Home"),
        (THERAPIST, ("Thu 5 Mar 08:30", "All free times", "Home"), "Thu 5 Mar 08:30"),
        (THERAPIST, ("Wed 4 Mar · 3 times", "Thu 5 Mar · 1 time", "Home"), "Thu 5 Mar · 1 time"),
        (THERAPIST, ("08:00", "08:30", "Home"), "08:30"),
        (THERAPIST, ("Go on: your name", "Home"), "Go on: your name"),
        (THERAPIST, ("Book · £45 · free to cancel until Tue", "Home"), "Book · £45"),
        ("One step left", ("Open the card page", "Check again", "Home"), "Open the card page"),
    ],
)
def test_it_names_the_button_that_leads_to_the_slot(
    text: str, labels: tuple[str, ...], wanted: str
) -> None:
    phone = replace(CALENDAR, side=Side.PHONE, chats=(Chat(text, labels),))
    assert _said(Step.BOOK, phone) == f"Step 2/8: ↑↓ to “{wanted}”, then Enter."
    label = next(label for label in labels if label.startswith(wanted))
    assert _said(Step.BOOK, replace(phone, on=label)) == f"Step 2/8: Enter taps “{wanted}”."


def test_a_chat_that_asks_for_words_is_ready_for_them() -> None:
    async def ask() -> None:
        async with visiting((80, 24)) as visitor:
            await visitor.press("f2", "F2 phone")
            for label in ("I agree", "Find a counsellor"):
                await visitor.tap(label)
            await visitor.leaf_to(THERAPIST)
            for label in ("Wed 4 Mar 11:00", "Go on: your name", "Use “Sam”"):
                await visitor.tap(label)
            assert visitor.app.phone.line.has_focus
            visitor.sees("type · Enter send · ↑↓ buttons")
            await visitor.pilot.press("up")
            assert isinstance(visitor.app.focused, KeyButton)
            visitor.sees("Enter tap")

    asyncio.run(ask())


def test_what_a_link_passes_on_is_not_shown_as_if_it_had_been_typed() -> None:
    async def start() -> None:
        async with visiting((140, 40)) as visitor:
            visitor.app.phone.phone.open("https://t.me/HelpspaceSandboxBot?start=t_zoe-obrien")
            visitor.app.acted()
            await visitor.calm()
            visitor.sees("/start")
            assert "t_zoe-obrien" not in visitor.screen

    asyncio.run(start())


def test_mails_that_come_while_one_reads_are_there_at_once() -> None:
    async def read() -> None:
        async with visiting((80, 24)) as visitor:
            await visitor.press("f8", "F8 mails")
            visitor.sees("Mails (8)")
            assert isinstance(visitor.app.screen, MailScreen)
            before = visitor.lines[2]
            await visitor.press("down", "↑↓ mail")
            assert visitor.lines[2] == before, "reading is no event"
            await visitor.press("f7", "F7 next event")
            visitor.sees("Mails (9)", "Subject  Receipt for £45")

    asyncio.run(read())


def test_a_link_of_a_mail_says_what_it_is_for() -> None:
    text = (
        "Video: https://video.example.org/room\n\nConfirm this address:\nhttps://t.me/b?start=c\n"
    )

    async def look() -> None:
        async with visiting((80, 24)) as visitor:
            told = ("a@example.org", ("b@example.org",), "Subject", text, "", None, (), MONDAY)
            mail = Mail(*told, raw=b"", message=EmailMessage())
            visitor.app.push_screen(MailScreen([mail]))
            await visitor.calm()
            labels = [str(link.label) for link in visitor.app.screen.query(LinkButton)]
            assert labels == ["Video ↗", "Confirm this address ↗"]

    asyncio.run(look())
