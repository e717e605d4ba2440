"""The demo's manners: quick to appear, calm when something fails, and gone without a trace."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from helpspace.bot.app import BotService
from helpspace.sandbox.demo.app import DemoApp
from helpspace.sandbox.demo.bubble import KeyButton
from helpspace.sandbox.demo.phone import Chat
from helpspace.sandbox.demo.world import open_world
from helpspace.sandbox.telegram.bubbles import Button
from tests.sandbox.visitor import MONDAY, visiting

HEAVY = ("telegram", "stripe", "httpx", "peewee", "aiosmtpd", "apscheduler", "cryptography")


def test_it_paints_before_it_loads_what_it_is_made_of() -> None:
    code = """
import sys, helpspace.sandbox.demo.app
print(sorted(set(sys.argv[1:]) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


@pytest.mark.parametrize("early", [True, False], ids=["while it opens", "once it is open"])
def test_leaving_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, early: bool
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(threading.enumerate())

    def begun() -> bool:
        return bool(list(tmp_path.iterdir()))

    async def leave() -> None:
        app = DemoApp(start=MONDAY)
        async with app.run_test(size=(80, 24)) as pilot:
            while not begun():
                await pilot.pause()
            if not early:
                await app.workers.wait_for_complete()
            await pilot.press("ctrl+q")

    asyncio.run(leave())
    assert list(tmp_path.iterdir()) == []
    assert set(threading.enumerate()) <= before


def test_leaving_while_the_bot_greets_leaves_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(threading.enumerate())
    greet = BotService.start

    async def interrupted(bot: BotService) -> None:
        await greet(bot)
        raise asyncio.CancelledError

    async def leave() -> None:
        with pytest.raises(asyncio.CancelledError):
            async with open_world(tmp_path, MONDAY):
                pytest.fail("it opened")

    monkeypatch.setattr(BotService, "start", interrupted)
    asyncio.run(leave())
    assert set(threading.enumerate()) <= before


def test_what_is_done_while_the_bot_works_is_not_lost() -> None:
    async def hurry() -> None:
        async with visiting((140, 40)) as visitor:
            phone, pilot = visitor.app.phone, visitor.pilot
            phone.focus_keys()
            await pilot.press("enter", "f6", "f6")
            phone.line.focus()
            await pilot.press("slash", "h", "e", "l", "p", "enter")
            await visitor.calm()
            assert visitor.app._world is not None
            assert visitor.app._world.telegram.unanswered() == []
            assert visitor.app._world.telegram.pending_updates() == 0
            visitor.sees("Mon 2 Mar 10:00", "Samaritans", "Help")

    asyncio.run(hurry())


def test_what_goes_wrong_is_one_calm_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail() -> None:
        async with visiting((140, 40)) as visitor:
            world = visitor.app._world
            assert world is not None

            async def broken(_seconds: int) -> None:
                raise RuntimeError("[/b] a traceback")

            with monkeypatch.context() as patch:
                patch.setattr(world, "advance", broken)
                await visitor.press("f6", "F6 +1 hour")
            visitor.sees("That went wrong (RuntimeError). Nothing is lost: try it again.")
            await visitor.press("f6", "F6 +1 hour")
            visitor.sees("Mon 2 Mar 09:00")

    asyncio.run(fail())


def test_the_clock_moves_under_an_open_page_and_sides_follow_the_width() -> None:
    async def turn() -> None:
        async with visiting((80, 24)) as visitor:
            await visitor.press("f8", "F8 mails")
            await visitor.pilot.press("f6")
            await visitor.pilot.press("f2")
            await visitor.close()
            visitor.sees("Mon 2 Mar 09:00", "visible to clients")
            assert "phone ─" not in visitor.screen
            await visitor.pilot.resize_terminal(140, 40)
            await visitor.calm()
            visitor.sees("visible to clients", "Sam’s phone")
            await visitor.press("f2", "F2 phone")
            await visitor.pilot.resize_terminal(80, 24)
            await visitor.calm()
            visitor.sees("Sam’s phone", "I agree, go on")
            assert "visible to clients" not in visitor.screen
            # What was drawn while it was hidden is there when it comes back.
            await visitor.press("f9", "F9 +1 day")
            await visitor.press("f2", "F2 calendar")
            visitor.sees("09:00 ○", "Tue 3 Mar 09:00")

    asyncio.run(turn())


def test_letters_typed_on_the_phone_are_a_message_and_not_keys() -> None:
    async def write() -> None:
        async with visiting((80, 24)) as visitor:
            await visitor.press("f2", "F2 phone")
            await visitor.pilot.press("q", "s")
            assert visitor.app.phone.line.value == "qs"
            await visitor.pilot.press("escape")
            assert visitor.app.phone.line.value == ""
            assert isinstance(visitor.app.focused, KeyButton)

    asyncio.run(write())


def test_no_key_of_the_phone_goes_astray_while_its_buttons_are_drawn_anew() -> None:
    """Between two screens of the phone the keys stay with it, and never reach the calendar."""

    async def walk() -> None:
        async with visiting((140, 40)) as visitor:
            await visitor.press("f2", "F2 phone")
            astray: list[object] = []

            def look(focused: object) -> None:
                if focused is not None and visitor.app.phone not in focused.ancestors:  # type: ignore[attr-defined]
                    astray.append(focused)

            visitor.app.watch(visitor.app.screen, "focused", look, init=False)
            for label in ("I agree", "Find a counsellor"):
                await visitor.tap(label)
            assert not astray

    asyncio.run(walk())


def test_a_dangerous_button_is_told_by_more_than_its_colour() -> None:
    key = KeyButton(Button("Yes, cancel · free", "callback", "1:home", "danger"), 1, 0)
    assert str(key.render()) == "✕ Yes, cancel · free"
    link = KeyButton(Button("[/b] \x1b]52;c;x\x07", "url", "https://example.org"), 1, 0)
    assert str(link.render()) == "[/b] ]52;c;x ↗"


def test_a_long_label_wraps_instead_of_hiding_its_money() -> None:
    label = "Book · £45 · free to cancel until Tue 3 Mar 08:30, and a little more than fits"

    async def look() -> None:
        async with visiting((140, 40)) as visitor:
            chat = visitor.app.phone.query_one("#chat", Chat)
            await chat.mount(KeyButton(Button(label, "callback", "1:home"), 1, 0))
            await visitor.calm()
            visitor.sees("Book · £45 · free to cancel", "a little more than fits")

    asyncio.run(look())
