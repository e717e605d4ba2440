"""The second wall by itself: what is passed on, what is known of what is asked, when it ends."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from textual.app import App

from helpspace import hosted
from helpspace.core.errors import HelpspaceError
from helpspace.core.joining import keys
from helpspace.core.joining.topics import DOCUMENTS
from helpspace.core.practice import Practice
from helpspace.tui.app import TherapistApp
from tests import makers

PUBLIC = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFlu4vPj9kZtTsSjdEqdtfnX71sE7pkn//KW3Wm0oLDX me@example"
)

ASKED = (
    "sh", "sh -i", "bash -c id", "env", "cat /etc/passwd", "upload insurance; sh",
    "upload insurance && sh", "upload insurance | sh", "upload insurance\nsh",
    "upload insurance\n", "upload $(id)", "upload `id`", "upload insurance --therapist x",
    "upload ../../etc/passwd", "upload nothing", "upload", " ", " upload insurance",
    "UPLOAD insurance", "upload  insurance", "upload insurance ", "internal-sftp",
    "/usr/lib/openssh/sftp-server", "scp -t .", "scp -f /etc/passwd", "rsync --server . /",
    "--help", "--json", "tui --therapist x", "audit", "\x1b]52;c;aGk=\x07", "x" * 5000, "é\u202e",
    "\udcff", "upload insurance\x00", "upload picture 2027-03-31", "upload insurance 2027-03-31 x",
    "upload insurance  2027-03-31", "upload insurance 2027-03-31\n", "upload insurance 27-3-31",
    "upload xinsurance 2027-03-31", "upload insurance ２０２７-03-31",
)  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
def test_nothing_else_is_offered(asked: str) -> None:
    with pytest.raises(hosted.NotOffered) as refused:
        hosted.asked_for(asked)
    assert str(refused.value) == f"{hosted.NotOffered.title}. {hosted.NotOffered.hint}"


def test_what_is_offered() -> None:
    assert hosted.asked_for("") is None
    for kind in DOCUMENTS:
        assert hosted.asked_for(f"upload {kind.name}") == kind.name
        assert hosted.until_asked(f"upload {kind.name}") == ""
    dated = "upload insurance 2027-03-31"
    assert (hosted.asked_for(dated), hosted.until_asked(dated)) == ("insurance", "2027-03-31")


def test_an_environment_from_a_list() -> None:
    given = {
        "PATH": "/evil", "HOME": "/evil", "LANG": "x", "TERM": "../../evil", "PYTHONPATH": "/evil",
        "LD_PRELOAD": "/evil", "TEXTUAL_LOG": "/evil", "HELPSPACE_DATABASE": "/evil",
        "SSH_CONNECTION": "$(evil)", "SSH_AUTH_SOCK": "/evil", "SSH_ORIGINAL_COMMAND": "sh",
    }  # fmt: skip
    assert hosted.rebuilt(given) == {
        "PATH": hosted.PATH, "HOME": hosted.home(), "LANG": hosted.LANG, "TERM": "xterm-256color",
        "SSH_CONNECTION": "hosted", "SSH_ORIGINAL_COMMAND": "sh",
    }  # fmt: skip
    address = "10.0.0.1 50000 fe80::1%eth0 22"
    assert hosted.rebuilt({"SSH_CONNECTION": address})["SSH_CONNECTION"] == address


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "x/y", "../x", "x" * 65, "xterm\n", "no-such-terminal", "é", "-x", "x\0"],
)
def test_a_kind_of_terminal_that_nobody_knows(name: str) -> None:
    assert hosted.known_term(name) == "xterm-256color"


def test_a_kind_of_terminal_that_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosted, "_TERMINFO", (str(tmp_path),))
    assert hosted.known_term("tmux-256color") == "xterm-256color"
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "tmux-256color").write_bytes(b"")
    assert hosted.known_term("tmux-256color") == "tmux-256color"
    (tmp_path / "73").mkdir()
    (tmp_path / "73" / "screen").write_bytes(b"")
    assert hosted.known_term("screen") == "screen"


def test_who_is_on_a_shared_host() -> None:
    over = {"SSH_CONNECTION": "x"}
    assert hosted.is_hosted({}, "id", "key")
    assert hosted.is_hosted(over, "id", None)
    assert not hosted.is_hosted({}, "id", None)
    assert not hosted.is_hosted(over, None, None)  # a therapist who signs in to their own machine


@makers.ON_SQLITE
def test_a_terminal_ends_when_its_key_does(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked to leave first; one that does not is ended."""
    therapist = makers.add_therapist(practice)
    key = keys.add(practice, makers.TEAM, therapist.id, PUBLIC)
    told, ended = threading.Event(), threading.Event()
    monkeypatch.setattr(
        os, "kill", lambda _pid, number: told.set() if number == signal.SIGTERM else None
    )
    monkeypatch.setattr(os, "_exit", lambda _code: ended.set())
    with hosted.watched(practice, therapist.id, key.id, every=0.01, grace=0.01):
        assert not told.wait(0.05)
        keys.revoke(practice, makers.TEAM, key.id)
        assert told.wait(20)
        assert ended.wait(20)


@makers.ON_SQLITE
def test_a_terminal_that_left_is_left_alone(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    therapist = makers.add_therapist(practice)
    key = keys.add(practice, makers.TEAM, therapist.id, PUBLIC)
    ended = []
    monkeypatch.setattr(os, "kill", lambda _pid, number: ended.append(number))
    with hosted.watched(practice, therapist.id, key.id, every=0.01):
        pass
    keys.revoke(practice, makers.TEAM, key.id)
    for thread in threading.enumerate():
        if thread.name == "key":
            thread.join(20)
    assert ended == []
    with pytest.raises(HelpspaceError, match="does not let you in"):
        hosted.check_key(practice, therapist.id, key.id)


@makers.ON_SQLITE
def test_what_textual_offers_besides_is_off(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No picture, no browser, no suspending, on a machine that is somebody else's."""
    therapist = makers.add_therapist(practice)
    stops: list[str] = []
    monkeypatch.setattr(App, "open_url", lambda *_, **__: stops.append("browser"))
    monkeypatch.setattr(App, "action_suspend_process", lambda *_: stops.append("suspended"))
    monkeypatch.setattr(App, "deliver_screenshot", lambda *_, **__: stops.append("picture"))
    monkeypatch.setattr(App, "save_screenshot", lambda *_, **__: stops.append("file"))
    copied: list[str] = []
    monkeypatch.setattr(App, "copy_to_clipboard", lambda _, text: copied.append(text))
    for is_hosted, expected in ((True, 0), (False, 4)):
        app = TherapistApp(practice, therapist, hosted=is_hosted)
        app.open_url("https://example.org")
        app.action_suspend_process()
        app.deliver_screenshot()
        app.save_screenshot(path=str(tmp_path))
        assert len(stops) == expected
    assert copied == ["https://example.org"]
