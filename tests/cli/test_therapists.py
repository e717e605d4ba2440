"""What the team does with therapists: invite, suspend, reinstate, let in by a key."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest

from helpspace.core import terminal, terminal_lock
from helpspace.core.joining import application, keys
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Notice, SshKey, Therapist
from tests import makers
from tests.cli.conftest import CommandLine
from tests.core import applicants

ME = pwd.getpwuid(os.getuid()).pw_name
KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFlu4vPj9kZtTsSjdEqdtfnX71sE7pkn//KW3Wm0oLDX me@example\n"
)


@pytest.fixture
def backend() -> str:
    """SQLite: nothing here is about a database."""
    return "sqlite"


@pytest.fixture
def host(cli: CommandLine, tmp_path: Path) -> CommandLine:
    """The command line of a host whose settings are all in its config file."""
    folder = tmp_path / "config"
    folder.mkdir()
    names = ("HELPSPACE_DATABASE", "HELPSPACE_KEY_FILE")
    lines = [f"{name}={cli.environment.pop(name)}" for name in names]
    (folder / "helpspace.env").write_text("\n".join(lines) + "\n")
    (folder / "helpspace.env").chmod(0o600)
    return cli


def test_invited(cli: CommandLine, practice: Practice) -> None:
    """The team begins an application, and says how it goes on; in a rehearsal nothing is begun."""
    before = makers.snapshot(practice)
    argv = ("therapists", "invite", "Zoë O'Brien", "zoe@example.org")
    rehearsed = cli(*argv, "--dry-run")
    assert rehearsed.code == 0
    assert "Would begin the application of Zoë O'Brien" in rehearsed.out
    assert makers.snapshot(practice) == before
    done = cli(*argv)
    (row,) = makers.all_rows(practice, Therapist)
    host = f"helpspace therapists ssh-key add {row['id']} < id_ed25519.pub"
    assert done.out.splitlines() == [
        f"Began the application of Zoë O'Brien: {row['id']}",
        f"On this machine they go on with: helpspace join --therapist {row['id']}",
        f"On a shared host, put their public key in: {host}",
        "and they sign in with ssh -t; files go up with: ssh HOST upload insurance < FILE",
    ]
    assert application.application(practice, applicants.TEAM, row["id"]).state == "draft"
    begun = makers.all_rows(practice, Audit)[-1]
    assert (begun["role"], begun["actor_id"]) == ("team", ME)
    again = cli(*argv)
    assert (again.code, again.out) == (1, "")
    assert "this e-mail address" in again.line
    found = cli.json("therapists", "invite", "Ali", "ali@example.org")
    assert found["state"] == "draft"
    assert found["on_this_machine"].endswith(found["therapist_id"])


def test_suspended_and_back(cli: CommandLine, practice: Practice) -> None:
    therapist = makers.add_therapist(practice)
    makers.open_slot(practice, therapist)
    before = makers.snapshot(practice)
    argv = ("therapists", "suspend", therapist.id, "--reason", "a complaint")
    assert cli(*argv, "--dry-run").out == f"Would suspend {therapist.id}.\n"
    assert makers.snapshot(practice) == before
    done = cli(*argv)
    assert done.out == f"Suspended {therapist.id}.\n"
    assert "suspended" in done.line
    found = cli.json("therapists", "show", therapist.id)
    assert (found["status"], found["visible"]) == ("suspended", False)
    assert "already" in cli(*argv).line
    back = cli.json("therapists", "reinstate", therapist.id, "--reason", "cleared")
    assert (back["status"], back["visible"]) == ("approved", True)
    events = [row["event"] for row in makers.all_rows(practice, Notice)]
    assert events.count("suspended") == events.count("reinstated") == 1
    trail = cli.json("audit", "--thing", therapist.id)
    assert [(row["act"], row["why"]) for row in trail[:2]] == [
        ("reinstate", "cleared"), ("suspend", "a complaint"),
    ]  # fmt: skip


def test_a_key_is_let_in_and_sent_away(
    host: CommandLine, practice: Practice, tmp_path: Path
) -> None:
    therapist = makers.add_therapist(practice)
    path = tmp_path / "keys"
    path.write_text("ssh-rsa AAAA somebody else\n")
    add = ("therapists", "ssh-key", "add", therapist.id, "--file", str(path))
    rehearsed = host(*add, "--dry-run", answer=KEY)
    assert rehearsed.code == 0
    assert path.read_text() == "ssh-rsa AAAA somebody else\n"
    assert makers.all_rows(practice, SshKey) == []
    done = host(*add, answer=KEY)
    (key,) = keys.keys(practice, applicants.TEAM)
    line = done.out.rstrip("\n")
    assert path.read_text() == f"ssh-rsa AAAA somebody else\n{line}\n"
    assert line.startswith('restrict,pty,command="/usr/bin/env -i PATH=/usr/local/bin:')
    assert f"-I -m helpspace tui --config {tmp_path}/config/helpspace.env" in line
    assert line.endswith(
        f'--therapist {therapist.id} --key {key.id}" {key.public} helpspace:{key.id}'
    )
    again = host(*add, "--json", answer=KEY)
    assert again.json["line"] == line
    assert len(path.read_text().splitlines()) == 2
    listed = ("therapists", "ssh-key", "list", therapist.id, "--file", str(path))
    (found,) = host.json(*listed)
    assert (found["id"], found["in_file"], found["revoked_at"]) == (key.id, True, None)
    assert "in use" in host(*listed).out
    path.write_text("ssh-rsa AAAA somebody else\n")
    assert "no line in the file" in host(*listed).out
    host(*add, answer=KEY)
    revoke = ("therapists", "ssh-key", "revoke", key.id, "--file", str(path))
    assert host(*revoke, "--dry-run").out == f"Would revoke {key.id} of {therapist.id}.\n"
    assert keys.lets_in(practice, therapist.id, key.id)
    assert host.json(*revoke)["line_removed"]
    assert path.read_text() == "ssh-rsa AAAA somebody else\n"
    assert "revoked" in host(*listed).out
    told = host(*revoke)
    assert told.code == 0
    assert "no line of it" in told.line
    assert "was revoked" in host(*add, answer=KEY).line


def test_a_line_that_needs_the_environment_is_not_written(
    cli: CommandLine, practice: Practice, tmp_path: Path
) -> None:
    """What only the environment says does not reach a terminal over SSH, so it is told."""
    therapist = makers.add_therapist(practice)
    before = makers.snapshot(practice)
    argv = ("therapists", "ssh-key", "add", therapist.id, "--file", str(tmp_path / "keys"))
    done = cli(*argv, answer=KEY)
    assert done.code == 1
    assert "HELPSPACE_DATABASE" in done.line
    assert "Write it into" in done.line
    assert makers.snapshot(practice) == before
    assert not (tmp_path / "keys").exists()


def test_a_file_through_standard_input(cli: CommandLine, practice: Practice) -> None:
    therapist_id = application.begin(practice, "Zoë", "zoe@example.org")
    text = applicants.PDF.decode()
    argv = ("upload", "insurance", "--therapist", therapist_id)
    seen = application.application(practice, applicants.TEAM, therapist_id)
    assert "Would hand in" in cli(*argv, "--dry-run", answer=text).out
    assert application.application(practice, applicants.TEAM, therapist_id) == seen
    done = cli(*argv, answer=text)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Handed in: Insurance certificate. ")
    now = application.application(practice, applicants.TEAM, therapist_id)
    assert [one.type for one in now.of_kind("insurance")] == ["pdf"]
    for raw, words in (("", "empty"), ("hello", "neither a PDF"), ("%PDF-1.4", "cut off")):
        for more in ((), ("--dry-run",)):
            refused = cli(*argv, *more, answer=raw)
            assert (refused.code, refused.out) == (1, "")
            assert words in refused.line
    found = cli("upload", "insurance", "--json", answer=text)
    assert found.json["kind"] == "insurance"
    assert "Profile picture: hand in a file." in found.json["lacks"]


def test_on_a_shared_host_only_the_key_decides(host: CommandLine, practice: Practice) -> None:
    """In process: a wrong key, a revoked one, another verb; each one line."""
    therapist = makers.add_therapist(practice)
    host.environment["HELPSPACE_DATABASE"] = practice.settings.database
    key_file = Path(host.environment["HELPSPACE_CONFIG"]).parents[1] / "test.key"
    host.environment["HELPSPACE_KEY_FILE"] = str(key_file)
    key = keys.add(practice, applicants.TEAM, therapist.id, KEY)
    argv = ("tui", "--therapist", therapist.id, "--key", key.id)
    assert "needs a terminal" in host(*argv).line
    assert "does not let you in" in host(*argv[:-1], "aaaaaaaaaaaa").line
    host.environment["SSH_ORIGINAL_COMMAND"] = "upload insurance; sh"
    other = host(*argv)
    assert (other.code, other.out) == (2, "")
    assert other.line.startswith("Over SSH there is only the terminal.")
    host.environment["SSH_ORIGINAL_COMMAND"] = "upload insurance"
    assert host(*argv, answer="x").code == 1  # they have no application
    keys.revoke(practice, applicants.TEAM, key.id)
    assert "does not let you in" in host(*argv).line


def test_a_forgotten_passphrase_is_taken_off(cli: CommandLine, practice: Practice) -> None:
    """A1, A2: the team's act, with its reason on the trail; the rehearsal changes nothing."""
    therapist = makers.add_therapist(practice)
    terminal_lock.keep_lock(practice, therapist, "grey heron at dusk", 10)
    argv = ("therapists", "unlock", therapist.id, "--reason", "asked by phone")
    assert cli(*argv, "--dry-run").out == (
        f"Would take the lock off the terminal of {therapist.id}.\n"
    )
    assert terminal.settings_of(practice, therapist).lock_minutes == 10
    done = cli(*argv, "--json")
    assert (done.code, json.loads(done.out)["lock_removed"]) == (0, True)
    assert terminal.settings_of(practice, therapist).lock_minutes is None
    assert cli(*argv).out == f"There is no lock on the terminal of {therapist.id}.\n"
    assert "asked by phone" in cli("audit", "--json").out
