"""Names are text, whatever is in them: on every screen, and in a real terminal (A3, A3a)."""

from __future__ import annotations

import unicodedata

import pytest

from helpspace.core.practice import Practice
from helpspace.core.store.tables import Client, Therapist
from helpspace.tui.fact_lines import wrapped
from tests import makers
from tests.tui.scenes import WEDNESDAY, Scene, at
from tests.tui.stage import LARGE, SMALL, Stage, flat, play
from tests.tui.terminal import Terminal, only_drawn

NAMES = [
    "[/b]",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;aGVsbG8=\x07Osc",
    "=1+1 <b> Zoë O'Brien محمد",
    "\x9b31mCsi\r\n\u202eRtl \U0001f469\u200d\U0001f4bb[red]$primary",
]
SHOWN = [
    "[/b]",
    "[@click=app.quit]x[/]",
    "]52;c;aGVsbG8=Osc",
    "=1+1 <b> Zoë O'Brien محمد",
    "31mCsi Rtl \U0001f469\u200d\U0001f4bb[red]$primary",
]


def spoil(practice: Practice, scene: Scene) -> list[str]:
    """Store hostile names as they are, past the cleaning of the core; return the sessions."""
    sessions = []
    for number, name in enumerate(NAMES):
        client = makers.add_client(practice, "Harmless")
        start = at(5 + number // 5, 8 + 2 * (number % 5))
        makers.acquaint(practice, scene.therapist, client)
        sessions.append(makers.follow_up(practice, scene.therapist, client, start).id)
        with practice.change() as tx:
            email = tx.seal(f"{name}@example.org", "client.email")
            sealed = tx.seal(name, "client.name")
            tx.run(
                Client.update(name_sealed=sealed, email_sealed=email).where(Client.id == client.id)
            )
    with practice.change() as tx:
        sealed = tx.seal("[/b]\x1b]52;c;aGk=\x07[@click=app.quit]Z[/]", "therapist.name")
        tx.run(Therapist.update(name_sealed=sealed).where(Therapist.id == scene.therapist.id))
    return sessions


def harmless(text: str) -> None:
    """Refuse every control character except the line's end."""
    bad = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c != "\n"}
    assert bad <= {"\u200d", "\u200c"}


@pytest.mark.parametrize(("size", "keys"), [(SMALL, ("enter", "f")), (LARGE, ("x",))])
def test_every_screen_shows_every_name_as_it_is(
    week: Practice, scene: Scene, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    sessions = spoil(week, scene)

    async def walk(stage: Stage) -> None:
        assert "[/b]]52;c;aGk=[@click=app.qu" in stage.text
        for session, name in zip(sessions, SHOWN, strict=True):
            await stage.go(session)
            whole = stage.text
            assert name in whole
            for key in keys:
                await stage.pilot.press(key)
                text = stage.text
                whole += text
                assert name in flat(text), (key, name)
                await stage.app.pop_screen()
            harmless(whole)
        await stage.press("x", "y")
        assert "Cancelled" in stage.said
        assert stage.app.is_running

    play(week, scene.therapist, walk, size)


def test_a_name_is_searched_for_as_text(week: Practice, scene: Scene) -> None:
    spoil(week, scene)

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(4, 18))
        await stage.press("f")
        await stage.fill("client", "[@CLICK")
        assert "18:00–18:50 [@click=app.quit]x[/] £60" in stage.flat
        await stage.press("enter")
        assert "for [@click=app.quit]x[/]." in stage.said
        await stage.pilot.click(stage.pane.status, offset=(45, 0))
        await stage.pilot.pause()
        assert stage.app.is_running
        assert stage.app._exit is False

    play(week, scene.therapist, walk)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_no_control_byte_reaches_a_terminal(
    week: Practice, scene: Scene, size: tuple[int, int]
) -> None:
    spoil(week, scene)
    week.store.close()
    url = week.settings.database
    with Terminal(url, scene.therapist.id, WEDNESDAY, size) as terminal:
        terminal.until("q quit")
        terminal.press("ctrl+z")
        terminal.press("/", *"aGVsbG8")
        terminal.until("1 found")
        terminal.press("enter")
        terminal.until_gone("1 found")
        terminal.until("f follow-up")
        terminal.press("enter")
        terminal.until("copy link")
        assert "]52;c;aGVsbG8=Osc" in terminal.text
        terminal.press("x")
        terminal.until("cancel the session")
        terminal.press("n")
        terminal.until_gone("cancel the session")
        terminal.press("f")
        terminal.until("Book a follow-up")
        terminal.press("escape")
        terminal.until_gone("Book a follow-up")
        terminal.press("q")
        terminal.until_gone("copy link")
        terminal.press("q")
        assert terminal.wait() == 0
    only_drawn(terminal.raw)


def test_a_fault_shows_no_traceback_and_no_name(week: Practice, scene: Scene) -> None:
    """A5: Textual's own traceback shows the values of variables."""
    week.store.close()
    url = week.settings.database
    with Terminal(url, scene.therapist.id, WEDNESDAY, SMALL, fault=True) as terminal:
        assert terminal.wait() == 1
    written = terminal.raw.decode()
    assert "Helpspace has stopped because of a fault of its own." in written
    for word in ("Traceback", "ZeroDivisionError", "Sam Taylor", "detail_pane"):
        assert word not in written


def test_breaking_lines_loses_nothing() -> None:
    for text in ("", "a", "one two three", "x" * 50, "李" * 30, "a " + "b" * 20 + " 李小龙"):
        lines = wrapped(text, 9)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(line for line in lines)
