"""Names typed on a phone, on every surface of one world: unharmed and harmless (A3, A3a)."""

from __future__ import annotations

import asyncio
import html
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.pilot import Pilot

from helpspace.__main__ import main
from helpspace.core import appointments
from helpspace.core.plain import plain
from helpspace.sandbox.demo.mails import MailScreen
from helpspace.sandbox.demo.phone import PhonePane
from helpspace.sandbox.demo.story import START
from helpspace.sandbox.demo.world import World, open_world
from helpspace.sandbox.telegram import Phone
from helpspace.tui.look import HelpspaceApp
from helpspace.tui.widgets.calendar_pane import CalendarPane
from tests.tui.screen_text import screen_text

NAMES = {
    601: "[/b]",
    602: "[@click=app.quit]x[/]",
    603: "\x1b]52;c;aGk=\x07\x9b31m\u202eEve",
    604: "=1+1",
    605: "<b>",
    606: "Zoë O'Brien",
    607: "محمد",
}
"""By chat; what control characters leave of the third is only unusual."""

CLEAN = {chat: plain(name) for chat, name in NAMES.items()}


class BothSides(HelpspaceApp):
    """The two sides of the demo around a world and a phone."""

    def __init__(self, world: World, phone: Phone) -> None:
        super().__init__()
        self.calendar = CalendarPane(world.practice, world.therapist, id="calendar")
        self.phone = PhonePane(phone)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.calendar
            yield self.phone

    def on_mount(self) -> None:
        self.phone.styles.width = 48


async def _tap(world: World, phone: Phone, beginning: str) -> None:
    phone.tap(lambda button: button.label.startswith(beginning))
    await world.bot.catch_up()


async def _book(world: World, chat: int, name: str) -> None:
    """Book a session under a name that is typed on the phone, and confirm the address."""
    phone = world.phone(chat, name)
    phone.start("t_zoe-obrien")
    await world.bot.catch_up()
    await _tap(world, phone, "I agree")
    times = [label for label in phone.last.labels() if label[0] in "MTWF" and ":" in label]
    await _tap(world, phone, times[-1])
    await _tap(world, phone, "Go on")
    phone.write(name)
    await world.bot.catch_up()
    assert f"Your name: {CLEAN[chat]}" in phone.last.text
    phone.write(f"client{chat}@example.org")
    await world.bot.catch_up()
    assert f"Your name: {CLEAN[chat]}" in phone.last.text
    await _tap(world, phone, "Book")
    await _tap(world, phone, "Open the card page")
    assert world.type_card(phone.opened[-1].rsplit("/", 1)[-1])
    await world.advance(20)
    mail = world.mails.latest(f"client{chat}@example.org")
    phone.open(mail.links[-1])
    await world.settle()


def _check_chat(world: World, chat: int) -> None:
    """The bot sends no markup: what looks like some is text, and only its own words are styled."""
    for bubble in world.phone(chat, "").messages:
        if bubble.from_bot:
            assert all(line.isprintable() for line in bubble.text.splitlines()), bubble.text
            assert all(one.type in ("bold", "url", "email") for one in bubble.entities)
    calls = world.telegram.calls_of("sendmessage", "editmessagetext")
    assert all("parse_mode" not in call.params for call in calls)


def _check_mails(world: World, chat: int) -> None:
    """The therapist reads the name in text and HTML; subjects and calendar files never have it."""
    name = CLEAN[chat]
    address = f"client{chat}@example.org"
    told = [mail for mail in world.mails.to("zoe-obrien@example.org") if address in mail.text]
    assert told
    for mail in told:
        assert name in mail.text
        assert name in html.unescape(mail.html)
        assert mail.html.count("<b>") == 0
    for mail in told + world.mails.to(address):
        assert name not in mail.subject
        assert name not in (mail.calendar or "")
        for text in (mail.text, mail.html, mail.calendar or "", mail.subject):
            assert all(line.replace("\t", "").isprintable() for line in text.splitlines()), text
        assert b"\x1b" not in mail.raw
        assert b"\x07" not in mail.raw


async def _check_screens(world: World, chat: int) -> None:
    """The screens show the name as it is, obey none of it, and still answer afterwards."""
    app = BothSides(world, world.phone(chat, ""))
    async with app.run_test(size=(150, 44)) as pilot:
        found = appointments.appointments(world.practice, world.therapist)
        session = next(one for one in found if one.other_name == CLEAN[chat])
        app.calendar.grid.move_cursor_to(session.start)
        await _shows(app, pilot, f" {CLEAN[chat]}  ")
        app.push_screen(MailScreen(world.mails.to("zoe-obrien@example.org")))
        await _shows(app, pilot, "Subject")
        await pilot.press("escape")
        await pilot.click(app.phone)
        await _shows(app, pilot, "phone")
        assert app.is_running


async def _shows(app: BothSides, pilot: Pilot[None], words: str) -> None:
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()
    screen = "\n".join(screen_text(app))
    assert words in screen, screen
    for strip in app.screen._compositor.render_strips():
        raw = strip.render(app.console)
        assert "\x1b]52" not in raw
        assert "\x07" not in raw
        assert "\u202e" not in raw
        actions = [segment.style.meta.get("@click") for segment in strip if segment.style]
        assert not any(actions), actions


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from _texts(value)
    elif isinstance(document, str):
        yield document


def _run(world: World, *command: str) -> str:
    settings = world.practice.settings
    environment = {
        "HELPSPACE_DATABASE": settings.database,
        "HELPSPACE_KEY_FILE": str(settings.key_file),
        "HELPSPACE_CONFIG": str(settings.config_file),
    }
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        assert main(command, environment=environment, clock=world.clock) == 0
    return out.getvalue()


def _check_commands(world: World) -> None:
    people = json.loads(_run(world, "clients", "list", "--json"))
    assert set(CLEAN.values()) <= {one["name"] for one in people}
    for command in (
        ("clients", "list"),
        ("appointments", "list"),
        ("notices", "list"),
        ("audit",),
    ):
        assert all(
            text.isprintable() for text in _texts(json.loads(_run(world, *command, "--json")))
        )
        assert all(line.isprintable() for line in _run(world, *command).splitlines())


@pytest.mark.long
def test_every_surface_shows_them_and_obeys_none(tmp_path: Path) -> None:
    async def live() -> None:
        async with open_world(tmp_path, START, seed=1) as world:
            for chat, name in NAMES.items():
                await _book(world, chat, name)
                _check_chat(world, chat)
                _check_mails(world, chat)
            await _check_screens(world, 602)
            await _check_screens(world, 603)
            await _check_screens(world, 607)
            _check_commands(world)

    asyncio.run(live())
