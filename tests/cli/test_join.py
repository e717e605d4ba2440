"""`helpspace join`: whose application it is, what is said of it, and what opens."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from helpspace.core.actors import Actor
from helpspace.core.joining import application
from helpspace.core.practice import Practice
from tests import makers
from tests.cli.conftest import CommandLine
from tests.cli.test_surfaces import Room
from tests.core.applicants import EMAIL, NAME, TEAM

NEW = ("join", "--name", NAME, "--email", EMAIL)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Room:
    """A stand-in for the terminal's app, and a terminal."""
    room = Room("helpspace.tui.join.app", "run", 0)
    monkeypatch.setitem(sys.modules, "helpspace.tui.join.app", room)
    monkeypatch.setattr("helpspace.cli.desk.Desk.at_terminal", True)
    return room


def make_visible(practice: Practice, therapist: Actor) -> None:
    makers.open_slot(practice, therapist, makers.SOON)


@makers.ON_SQLITE
def test_j1_a_new_counsellor_is_begun_and_told_what_is_next(
    cli: CommandLine, practice: Practice
) -> None:
    told = cli.json(*NEW)
    assert (told["name"], told["application"], told["step"]) == (NAME, "draft", "application")
    assert told["missing"][0] == {
        "page": "about", "field": "contact", "message": "This is needed."
    }  # fmt: skip
    again = cli.json("join")
    assert again == told
    assert application.application(practice, TEAM, told["therapist_id"]).state == "draft"
    refused = cli(*NEW, "--json")
    assert (refused.code, "Somebody has joined" in refused.line) == (1, True)


@makers.ON_SQLITE
def test_a_rehearsal_begins_nothing(cli: CommandLine, practice: Practice) -> None:
    before = makers.snapshot(practice)
    told = cli(*NEW, "--json", "--dry-run")
    assert told.json["dry_run"] is True
    assert makers.snapshot(practice) == before


@makers.ON_SQLITE
def test_without_a_terminal_the_next_step_is_said(cli: CommandLine) -> None:
    refused = cli("join")
    assert (refused.code, "--name and --email" in refused.line) == (1, True)
    refused = cli("join", "--json")
    assert (refused.code, "--name and --email" in refused.line) == (1, True)
    refused = cli("join", "--therapist", "nobody")
    assert (refused.code, "no such entry" in refused.line) == (1, True)


@makers.ON_SQLITE
def test_the_app_opens_for_whom_it_is(cli: CommandLine, practice: Practice, app: Room) -> None:
    def opened(*argv: str) -> tuple[str, str]:
        assert cli(*argv).code == 0
        _, therapist_id, options = app.calls.pop()
        assert options["stripe"]() is None
        assert options.get("hosted", False) is False
        return therapist_id, options.get("name", "")

    assert opened("join") == ("", "")
    assert opened("join", "--name", NAME) == ("", NAME)
    own = application.begin(practice, NAME, EMAIL)
    assert opened("join") == (own, "")
    assert opened("tui") == (own, "")
    assert opened("join", "--new") == ("", "")
    other = application.begin(practice, "Amira", "amira@example.org")
    assert opened("join") == ("", "")
    assert opened("join", "--therapist", other) == (other, "")
    assert opened("tui", "--therapist", other) == (other, "")


@makers.ON_SQLITE
def test_who_is_published_needs_no_joining(
    cli: CommandLine, practice: Practice, therapist: Actor, app: Room
) -> None:
    assert cli.json("join")["step"] == "publishing"
    make_visible(practice, therapist)
    refused = cli("join")
    assert (refused.code, "published already" in refused.line) == (1, True)
    assert cli("join", "--new").code == 0


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(
    "argv",
    [
        ("join",), ("join", "--new"), NEW, (*NEW, "--json"), (*NEW, "--dry-run"),
        ("join", "--therapist", "abcdefghijkl"), ("tui",), ("tui", "--therapist", "abcdefghijkl"),
        ("tui", "--json"), ("upload", "picture"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_where_there_is_no_store_yet_one_line_says_what_to_run(
    bare: CommandLine,
    argv: tuple[str, ...],
    terminal: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before any screen opens; and nothing is made by asking, neither store nor key."""
    monkeypatch.setattr("helpspace.cli.desk.Desk.at_terminal", terminal)
    told = bare(*argv)
    assert (told.code, told.out) == (1, "")
    where = tmp_path / "data" / "new.db"
    assert told.line == f"helpspace: There is no store at {where}. Run `helpspace init`."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("argv", [("join",), ("tui",)], ids=" ".join)
def test_an_empty_database_is_no_store_either(
    bare: CommandLine, argv: tuple[str, ...], empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpspace.cli.desk.Desk.at_terminal", True)
    if empty_url.startswith("sqlite"):
        path = Path(empty_url.removeprefix("sqlite:///"))
        path.touch(0o600)
    told = bare(*argv, DATABASE=empty_url)
    assert (told.code, told.out) == (1, "")
    assert told.line == "helpspace: There is no store here yet. Run `helpspace init`."
