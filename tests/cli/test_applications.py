"""The team's review in commands: list, show, review, registered, open, approve, return (J4)."""

from __future__ import annotations

import os
import pwd
import stat
import sys
from pathlib import Path

import pytest

from helpspace.cli import viewing
from helpspace.cli.desk import Desk
from helpspace.core.actors import Actor
from helpspace.core.joining import application, review
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Notice
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.cli.conftest import Answer, CommandLine
from tests.core import applicants
from tests.core.applicants import TEAM, version

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def backend() -> str:
    """SQLite: nothing here is about a database."""
    return "sqlite"


@pytest.fixture
def one(practice: Practice) -> str:
    """An application that is handed in."""
    therapist_id = applicants.fill_in(practice)
    applicants.submit(practice, therapist_id)
    return therapist_id


def seen(practice: Practice, therapist_id: str) -> application.ApplicationView:
    return application.application(practice, TEAM, therapist_id)


def document(practice: Practice, therapist_id: str, kind: str) -> str:
    return seen(practice, therapist_id).of_kind(kind)[0].id


def test_listed(cli: CommandLine, practice: Practice, one: str) -> None:
    assert "ID" in cli("applications", "list").out
    (found,) = cli.json("applications", "list", "--state", "submitted")
    assert (found["id"], found["state"], found["name"]) == (one, "submitted", applicants.NAME)
    assert cli.json("applications", "list", "--state", "approved") == []
    assert "helpspace therapists invite" in cli("applications", "list", "--recheck").line


def test_shown_with_the_register(cli: CommandLine, practice: Practice, one: str) -> None:
    out = cli("applications", "show", one).out
    for words in (
        "https://www.bacp.co.uk/search/Register", "00123456", "Ann Lee", "Calm Cover",
        "Insurance certificate is not looked at yet",
        f"version            {version(practice, one)}", document(practice, one, "picture"),
    ):  # fmt: skip
        assert words in out, words
    found = cli.json("applications", "show", one)
    assert found["register"]["number"] == "00123456"
    assert found["register"]["checked_at"] is None
    assert len(found["parts"]) == 11
    assert found["answers"]["insurance"]["insurer"] == "Calm Cover"


def test_a_whole_review_in_commands(cli: CommandLine, practice: Practice, one: str) -> None:
    """Reject one, return; the counsellor mends only that; accept all, look up, approve."""
    insurance = document(practice, one, "insurance")
    before = makers.snapshot(practice)
    argv = ("applications", "review", one, insurance, "--reject", "--reason", "out of date")
    assert cli(*argv, "--dry-run").code == 0
    assert makers.snapshot(practice) == before
    assert cli(*argv).out == "Insurance certificate is rejected.\n"
    for kind in ("qualification", "picture"):
        done = cli("applications", "review", one, document(practice, one, kind), "--accept")
        assert done.code == 0, done.err
    assert "It cannot be approved yet" in cli("applications", "approve", one).line
    assert cli("applications", "return", one, "--reason", "nearly there").code == 0
    back = cli.json("applications", "show", one)
    assert (back["state"], back["reason"]) == ("returned", "nearly there")
    assert seen(practice, one).open == ("insurance",)
    applicants.hand_in(practice, one, "insurance", applicants.PDF)
    applicants.submit(practice, one)
    done = cli("applications", "review", one, document(practice, one, "insurance"), "--accept")
    assert done.code == 0, done.err
    assert cli("applications", "review", one, "body", "--accept").out.startswith("Professional")
    assert "register" in cli("applications", "approve", one).line
    found = cli.json("applications", "registered", one)
    assert found["register"]["checked_by"] == ME
    assert cli("applications", "approve", one, "--dry-run").out.startswith("Would approve")
    assert seen(practice, one).state == "submitted"
    assert cli("applications", "approve", one).out == f"Approved {one}.\n"
    assert cli.json("therapists", "show", one)["next_step"] == "payments"
    events = [row["event"] for row in makers.all_rows(practice, Notice)]
    assert {"application_returned", "application_approved"} <= set(events)


def test_looked_up_every_year(
    cli: CommandLine, practice: Practice, clock: MovableClock, one: str
) -> None:
    applicants.approve(practice, one)
    assert cli.json("applications", "list", "--recheck") == []
    clock.advance(340 * DAY)
    (due,) = cli.json("applications", "list", "--recheck")
    assert due["id"] == one
    assert cli("applications", "registered", one).code == 0
    assert cli.json("applications", "list", "--recheck") == []


def test_two_of_the_team_at_once(cli: CommandLine, practice: Practice, one: str) -> None:
    """Neither overwrites what the other said unseen; with the version it is meant."""
    number = version(practice, one)
    picture = document(practice, one, "picture")
    eve = Actor.team("eve")
    review.judge(
        practice, eve, one, f"document:{picture}", accepted=False, reason="blurred", version=number
    )
    before = makers.snapshot(practice)
    mine = ("applications", "review", one, picture, "--accept")
    for more in (("--version", str(number)), ()):
        late = cli(*mine, *more)
        assert (late.code, late.out) == (1, "")
        assert "This has changed" in late.line
    for act in ("approve", "return", "registered"):
        assert "This has changed" in cli("applications", act, one, "--version", str(number)).line
    assert makers.snapshot(practice) == before
    assert cli(*mine, "--version", str(number + 1)).code == 0
    assert seen(practice, one).verdicts[f"document:{picture}"].by_whom == ME


def test_what_cannot_be_reviewed(cli: CommandLine, practice: Practice, one: str) -> None:
    before = makers.snapshot(practice)
    for argv, words in (
        ((one,), "Say which part"),
        ((one, "body"), "Say which part"),
        ((one, "--accept"), "Say which part"),
        ((one, "nothing", "--accept"), "There is no such part"),
        ((one, "body", "--reject"), "needs a reason"),
        (("nobody", "body", "--accept"), "There is no such entry"),
    ):
        done = cli("applications", "review", *argv)
        assert (done.code, done.out) == (1, "")
        assert words in done.line
    assert makers.snapshot(practice) == before


def test_kept_in_a_file(cli: CommandLine, practice: Practice, one: str, tmp_path: Path) -> None:
    insurance, path = document(practice, one, "insurance"), tmp_path / "kept.pdf"
    argv = ("applications", "open", one, insurance, "--to", str(path))
    assert cli.json(*argv)["file"] == str(path)
    assert path.read_bytes() == applicants.PDF
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert cli.json("audit", "--act", "look_at")[0]["actor_id"] == ME
    path.write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for place in (path, tmp_path / "link", tmp_path, tmp_path / "no" / "x"):
        assert cli(*argv[:-1], str(place)).code == 1
    assert path.read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()
    other = application.begin(practice, "Ali", "ali@example.org")
    assert cli("applications", "open", other, insurance, "--to", str(tmp_path / "y")).code == 1


def at_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "at_terminal", property(lambda _: True))


def test_opened_in_a_viewer_and_gone(
    cli: CommandLine, practice: Practice, one: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The viewer gets a file of its owner's alone, and it is gone afterwards."""
    told, ready = tmp_path / "told", tmp_path / "ready"
    os.mkfifo(ready)
    viewer = tmp_path / "viewer"
    viewer.write_text(
        f'#!/bin/sh\nstat -c "%a" "$1" "$(dirname "$1")" >{told}\n'
        f'cat "$1" >>{told}\necho "$1" >{ready}\n'
    )
    viewer.chmod(0o755)
    monkeypatch.setattr(viewing, "viewer_here", lambda: str(viewer))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    argv = ("applications", "open", one, document(practice, one, "insurance"))
    assert "--to" in cli(*argv).line  # nobody is there to look
    at_terminal(monkeypatch)
    shown: list[str] = []

    class Person:
        """Presses Enter once the viewer has shown it."""

        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            shown.append(ready.read_text().strip())
            return "\n"

    monkeypatch.setattr("io.StringIO", lambda _: Person())
    done = cli(*argv)
    assert done.code == 0, done.err
    modes, _, content = told.read_bytes().partition(b"%")
    assert modes.split() == [b"600", b"700"]
    assert b"%" + content == applicants.PDF
    assert shown[0].endswith("/document.pdf")
    assert not Path(shown[0]).exists()
    assert not Path(shown[0]).parent.exists()
    monkeypatch.setattr(viewing, "viewer_here", lambda: None)
    assert "--to" in cli(*argv).line


def test_what_opens_files_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert viewing.viewer_here() is None
    monkeypatch.setenv("DISPLAY", ":0")
    assert viewing.viewer_here() == "/bin/xdg-open"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert viewing.viewer_here() == "/bin/open"


def walk(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, therapist_id: str, *answers: str
) -> Answer:
    at_terminal(monkeypatch)
    return cli("applications", "review", therapist_id, answer="\n".join(answers) + "\n")


def test_a_walk_that_approves(
    cli: CommandLine, practice: Practice, one: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = walk(cli, monkeypatch, one, *["accept"] * 11, "yes", "yes")
    assert done.code == 0, done.err
    assert done.out == f"Approved {one}.\n"
    for words in ("Calm Cover", "https://www.bacp.co.uk", "accept, reject, open, skip or quit?"):
        assert words in done.err
    assert seen(practice, one).state == "approved"
    assert "nothing to review" in walk(cli, monkeypatch, one).line


def test_opening_what_is_no_file_is_no_rejection(
    cli: CommandLine, practice: Practice, one: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page has nothing to open; without a viewer the walk says how to look elsewhere."""
    done = walk(cli, monkeypatch, one, "o", "a", "a", "o", "q")
    assert "Type one of a r s q, then Enter." in done.err
    assert "needs a reason" not in done.err
    certificate = document(practice, one, "qualification")
    assert f"helpspace applications open {one} {certificate} --to FILE" in done.err
    assert [said.accepted for said in seen(practice, one).verdicts.values()] == [True, True]


def test_a_walk_that_returns(
    cli: CommandLine, practice: Practice, one: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is accepted is not asked again; a rejection without a reason is."""
    left = walk(cli, monkeypatch, one, "a", "q")
    assert left.code == 1
    assert "What was said is kept" in left.err
    done = walk(cli, monkeypatch, one, "r", "", "r", "out of date", *["s"] * 9, "y", "y", "soon")
    assert done.code == 0, done.err
    assert done.out == f"Returned {one}.\n"
    view = seen(practice, one)
    assert (view.state, view.reason) == ("returned", "soon")
    assert [said.reason for said in view.verdicts.values() if not said.accepted] == ["out of date"]


def test_a_walk_beside_another(
    cli: CommandLine, practice: Practice, one: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody says meanwhile is shown before anything is said over it."""
    judge, eve = review.judge, Actor.team("eve")
    once = iter([True])

    def slower(*args: object, **named: object) -> int:
        if next(once, False):
            number = version(practice, one)
            judge(practice, eve, one, "topic:about", accepted=False, reason="who?", version=number)
        return judge(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(review, "judge", slower)
    done = walk(cli, monkeypatch, one, "a", "q")
    assert "This has changed since you looked" in done.err
    assert "eve rejected (who?) it" in done.err
    assert seen(practice, one).verdicts["topic:about"].by_whom == "eve"


def test_nobody_answers(
    cli: CommandLine, practice: Practice, one: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = makers.snapshot(practice)
    at_terminal(monkeypatch)
    done = cli("applications", "review", one)
    assert done.code == 1
    assert "Nobody answered" in done.err
    assert makers.snapshot(practice) == before
