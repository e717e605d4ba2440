"""The thin commands in front of bot, terminal and demo: what they refuse and whom they choose."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from tests import makers
from tests.cli.conftest import CommandLine


class Room(ModuleType):
    """A stand-in for a room that is heavy to load: it keeps what it was called with."""

    def __init__(self, name: str, verb: str, answer: Any = None) -> None:
        super().__init__(name)
        self.calls: list[tuple[Any, ...]] = []

        def called(*args: Any, **kwargs: Any) -> Any:
            print("chatter of the room")
            self.calls.append((*args, kwargs))
            return answer

        setattr(self, verb, called)


@makers.ON_SQLITE
def test_the_only_therapist_needs_no_name(cli: CommandLine, therapist: Actor) -> None:
    assert cli.json("tui") == {"therapist_id": therapist.id, "name": "Zoë O'Brien"}


@makers.ON_SQLITE
def test_of_several_one_must_be_named(
    cli: CommandLine, practice: Practice, therapist: Actor
) -> None:
    other = makers.add_therapist(practice, "Amira")
    for command in (("tui",), ("slots", "open", "--start", "2026-03-06T09:00")):
        refused = cli(*command)
        assert refused.code == 1
        assert "--therapist ID" in refused.line
    assert cli.json("tui", "--therapist", other.id)["name"] == "Amira"


@makers.ON_SQLITE
def test_without_any_therapist_the_next_step_is_said(cli: CommandLine) -> None:
    refused = cli("tui")
    assert (refused.code, "helpspace populate" in refused.line) == (1, True)


@makers.ON_SQLITE
def test_the_calendar_needs_a_terminal(cli: CommandLine, therapist: Actor) -> None:
    refused = cli("tui")
    assert (refused.code, "needs a terminal" in refused.line) == (1, True)


@makers.ON_SQLITE
def test_the_calendar_is_opened_as_its_therapist(
    cli: CommandLine, therapist: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room("helpspace.tui.app", "run", 0)
    monkeypatch.setitem(sys.modules, "helpspace.tui.app", room)
    monkeypatch.setattr("helpspace.cli.desk.Desk.at_terminal", True)
    assert cli("tui").code == 0
    ((practice, actor, _),) = room.calls
    assert (actor.role, actor.id, actor.via) == ("therapist", therapist.id, "tui")
    assert practice.settings.database == cli.environment["HELPSPACE_DATABASE"]


@makers.ON_SQLITE
@pytest.mark.parametrize(
    ("argv", "parts"),
    [
        ((), {"bot": True, "jobs": True, "web": True}),
        (("--no-bot", "--no-web"), {"bot": False, "jobs": True, "web": False}),
        (("--no-jobs",), {"bot": True, "jobs": False, "web": True}),
    ],
)
def test_serve_passes_on_what_to_serve(
    cli: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    argv: tuple[str, ...],
    parts: dict[str, bool],
) -> None:
    room = Room("helpspace.serve", "serve")
    monkeypatch.setitem(sys.modules, "helpspace.serve", room)
    done = cli("serve", *argv, "--json")
    assert done.code == 0
    assert parts.items() <= done.json.items()
    ((settings, given),) = room.calls
    assert given == {**parts, "debug": False}
    assert settings.database == cli.environment["HELPSPACE_DATABASE"]


@makers.ON_SQLITE
@pytest.mark.parametrize("code", [0, 1])
def test_the_story_is_played_where_no_person_looks(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    room = Room("helpspace.sandbox.demo", "run", code)
    monkeypatch.setitem(sys.modules, "helpspace.sandbox.demo", room)
    assert cli("demo").code == code
    assert cli("demo", "--story").out == "chatter of the room\n"
    monkeypatch.setattr("helpspace.cli.desk.Desk.at_terminal", True)
    cli("demo")
    assert [kwargs["story"] for (kwargs,) in room.calls] == [True, True, False]
    told = cli("demo", "--json")
    assert told.code == code
    assert told.json == {"ok": code == 0, "story": ["chatter of the room"]}


def test_the_sandbox_is_told_its_ports(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room("helpspace.sandbox.serve", "run")
    monkeypatch.setitem(sys.modules, "helpspace.sandbox.serve", room)
    ports = ("--telegram-port", "1081", "--stripe-port", "1082", "--smtp-port", "0")
    bare("sandbox", "serve", *ports)
    assert room.calls == [(1081, 1082, 0, {})]
    told = bare.json("sandbox", "serve", *ports)
    assert told["stripe_api"] == "http://127.0.0.1:1082"
    smtp = room.calls[-1][2]
    assert smtp > 0
    assert told["mail"] == f"smtp://127.0.0.1:{smtp}"
