"""Bad input to every argument of every command: one line with the next step, nothing changed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpspace.core import invitations, links, notices, tickets, time_off
from helpspace.core.actors import Actor
from helpspace.core.joining import keys
from helpspace.core.practice import Practice
from helpspace.core.store import open_store
from helpspace.core.store.tables import Application, Client, Document, Renewal
from tests import makers
from tests.cli.conftest import Answer, CommandLine
from tests.surfaces.commands import all_commands, params_of

ROOT = Path(__file__).parents[2]
STEP = re.compile(
    r"--help|helpspace \w+|HELPSPACE_\w+|chmod|Ctrl\+"
    r"|\b(Begin|Correct|Write|Look|Choose|Set|Add|Say|Run|Give|Make|Put|Cancel|Restore|Upgrade"
    r"|Take|Install|There are|try again)\b"
    r"|choose a time|free again|look again|Sign in|Nothing was changed"
)
"""Words that tell what to do next."""

LONG = "x" * 5000
ODD = ("", " ", "\x00", "\x1b]52;c;aGk=\x07", "\u202e", "[/b]", "=1+1", "-", "--", "\n", "٣", LONG)
IDS = (*ODD, "nobody", "aaaaaaaaaaaa", "AAAAAAAAAAAA", "'; DROP TABLE claim;--", "1", "-1", "../x")
NUMBERS = ("", " ", "x", "1.5", "1e3", "0x10", "-1", "9" * 40, "-" + "9" * 40, "\x00", "NaN", "½")
WORDS = ("", "nonsense", "OPEN", "\x00", "booked,open", LONG)
TIMES = (
    *ODD, "tomorrow", "2026-02-30T09:00", "2026-02-30", "2026-13-01T09:00", "2026-03-06T24:30",
    "2026-03-06T09:00+99:00", "2026-03-06 at nine", "0001-01-01T00:00", "9999-12-31T23:59",
    "2026-03-29T01:30", "2026-10-25T01:30", "2026-03-06T09:00 Europe/Nowhere",
    "2026-03-06T09:00Europe/London", "1772787600", "-2026-03-06T09:00",
)  # fmt: skip
PAST = ("2026-03-01T09:00", "2026-03-02T09:00Z", "2026-03-02", "2000-01-01T00:00")
FEES = (*NUMBERS[:3], "1e3", "-1", "60.505", "0.29", "0.01", "100000.01", "9" * 40, "£", "$60",
        "６０", "\x00", "=1+1")  # fmt: skip
PORTS = (*NUMBERS, "65536", "70000")
MINUTES = (*NUMBERS, "0", "9", "241", "100000")
LIMITS = (*NUMBERS, "0", "1000001")
REASONS = ("", " ", "\x00", "\x1b\x07", "\u202e\ufeff", "x" * 201, LONG)
COUNTS = (*NUMBERS, "1000001")
SEARCHES = ("", " ", "\x00", "\x1b]52;c;aGk=\x07", "a\nb", LONG)
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFlu4vPj9kZtTsSjdEqdtfnX71sE7pkn//KW3Wm0oLDX"
NAMES = ("", " ", "\x00", "\x1b\x07", "\u202e", "-", "=+-")
EMAILS = (*ODD, "nobody", "a@b", "a b@example.org", "therapist1@example.org")
VERSIONS = (*NUMBERS, "0", "1", "1000")
FILES = (*SEARCHES, "\u202e", "/", ".", "/no/such/x")


@dataclass(frozen=True)
class Row:
    """A command that would work, and for each of its arguments what would not."""

    argv: str
    bad: dict[str, tuple[str, ...]]


FIRM = "--start 2026-03-13T09:00"

WEEK_OFF = 1_774_825_200
"""Monday 30 March 2026 in London: a week that the therapist has taken off."""

TABLE: dict[str, Row] = {
    "demo": Row("--story", {}),
    "init": Row("", {}),
    "doctor": Row("", {}),
    "serve": Row("", {}),
    "tui": Row("", {"--therapist": IDS, "--key": IDS, "--config": ()}),
    "join": Row(
        "--json --name Newcomer --email new@example.org",
        {"--therapist": IDS, "--name": NAMES, "--email": EMAILS},
    ),
    "upload": Row(
        "insurance 2027-03-31",
        {
            "kind": (*WORDS, "certificate"),
            "until": TIMES,
            "--insurer": REASONS,
            "--therapist": IDS,
        },
    ),
    "applications list": Row("", {"--state": WORDS}),
    "applications show": Row("APPLICATION", {"therapist_id": IDS}),
    "applications review": Row(
        "APPLICATION body --reject --reason x",
        {
            "therapist_id": IDS,
            "part": (*IDS, "topic:", "document:", "topic:nothing"),
            "--reason": REASONS[:5],
            "--version": VERSIONS,
        },
    ),
    "applications registered": Row("APPLICATION", {"therapist_id": IDS, "--version": VERSIONS}),
    "applications approve": Row("APPLICATION", {"therapist_id": IDS, "--version": VERSIONS}),
    "applications return": Row(
        "APPLICATION",
        {"therapist_id": IDS, "--reason": (), "--version": VERSIONS},
    ),
    "applications open": Row(
        "APPLICATION DOCUMENT --to kept.pdf",
        {"therapist_id": IDS, "document_id": IDS, "--to": FILES},
    ),
    "applications renewals": Row("", {}),
    "applications renewal": Row(
        "RENEWAL --reject --reason x", {"renewal_id": IDS, "--reason": REASONS[:5]}
    ),
    "therapists list": Row("", {}),
    "therapists show": Row("THERAPIST", {"therapist_id": IDS}),
    "therapists suspend": Row(
        "THERAPIST --reason x", {"therapist_id": IDS, "--reason": REASONS[:5]}
    ),
    "therapists reinstate": Row(
        "THERAPIST --reason x", {"therapist_id": IDS, "--reason": REASONS[:5]}
    ),
    "therapists unlock": Row(
        "THERAPIST --reason x", {"therapist_id": IDS, "--reason": REASONS[:5]}
    ),
    "therapists invite": Row(
        "Newcomer new@example.org",
        {
            "name": NAMES,
            "email": EMAILS,
        },
    ),
    "therapists ssh-key add": Row("THERAPIST", {"therapist_id": IDS, "--file": FILES}),
    "therapists ssh-key list": Row("", {"therapist_id": IDS, "--file": FILES[:-1]}),
    "therapists ssh-key revoke": Row("KEY --file keys", {"key_id": IDS, "--file": FILES[:-1]}),
    "clients list": Row("", {"--limit": LIMITS}),
    "clients show": Row("CLIENT", {"client_id": IDS}),
    "clients export": Row("CLIENT", {"client_id": IDS}),
    "clients erase": Row("CLIENT --reason x --yes", {"client_id": IDS, "--reason": REASONS[:5]}),
    "clients tickets list": Row("", {"--limit": LIMITS}),
    "clients tickets show": Row("TICKET", {"ticket_id": IDS}),
    "clients tickets answer": Row("TICKET --text x", {"ticket_id": IDS, "--text": REASONS[:5]}),
    "clients resume-charges": Row(
        "STRANGER --reason x", {"client_id": (*IDS, "CLIENT"), "--reason": REASONS[:5]}
    ),
    "clients invitations list": Row("", {"--therapist": IDS}),
    "clients invitations make": Row("", {"--therapist": IDS, "--reason": REASONS}),
    "clients invitations withdraw": Row(
        "INVITATION", {"invitation_id": IDS, "--therapist": IDS, "--reason": REASONS}
    ),
    "slots list": Row("", {"--therapist": IDS, "--state": WORDS, "--limit": LIMITS}),
    "slots open": Row(
        FIRM,
        {
            "--start": TIMES + PAST + ("2026-03-06T09:30",),
            "--therapist": IDS,
            "--minutes": MINUTES,
            "--weeks": (*NUMBERS, "0", "53", "1000"),
            "--reason": REASONS,
        },
    ),
    "slots close": Row(
        "FREE-SLOT", {"--reason": REASONS, "slot_id": (*IDS, "BOOKED-SLOT", "HELD-SLOT")}
    ),
    "slots time-off list": Row("", {"--therapist": IDS, "--limit": LIMITS}),
    "slots time-off take": Row(
        "--start 2026-03-20T00:00 --end 2026-03-27T00:00 --yes",
        {
            "--start": (*TIMES, "2026-03-27T00:00", "2026-03-28T00:00"),
            "--end": TIMES + PAST + ("2026-03-20T00:00", "2199-01-01T00:00"),
            "--therapist": IDS,
            "--sessions": WORDS,
            "--reason": REASONS,
        },
    ),
    "slots time-off lift": Row("TIME-OFF", {"time_off_id": IDS, "--reason": REASONS}),
    "appointments move": Row(
        "APPOINTMENT --start 2026-03-13T09:00 --asked-by client --yes",
        {
            "appointment_id": IDS,
            "--start": TIMES + PAST + ("2026-03-06T09:00", "2026-03-06T11:00", "2026-04-01T09:00"),
            "--asked-by": (*WORDS, "team"),
            "--minutes": MINUTES,
            "--reason": REASONS,
        },
    ),
    "appointments waive": Row(
        "APPOINTMENT --reason x --yes", {"appointment_id": IDS, "--reason": REASONS}
    ),
    "appointments no-show": Row(
        "APPOINTMENT --yes", {"appointment_id": (*IDS, "APPOINTMENT"), "--reason": REASONS}
    ),
    "appointments absences": Row("", {"--limit": LIMITS}),
    "appointments absence": Row(
        "APPOINTMENT --refuse --reason x --yes",
        {"appointment_id": (*IDS, "APPOINTMENT"), "--reason": REASONS},
    ),
    "appointments refuse-move": Row(
        "APPOINTMENT --yes", {"appointment_id": (*IDS, "APPOINTMENT"), "--reason": REASONS}
    ),
    "appointments list": Row(
        "", {"--therapist": IDS, "--client": IDS, "--state": WORDS, "--limit": LIMITS}
    ),
    "appointments show": Row("APPOINTMENT", {"appointment_id": IDS}),
    "appointments export-ics": Row(
        "", {"--therapist": IDS, "--out": ("", "\x00", "/", ".", "/no/such/x"), "--reason": REASONS}
    ),
    "appointments book": Row(
        f"--client CLIENT {FIRM} --yes",
        {
            "--client": (*IDS, "STRANGER"),
            "--start": TIMES + PAST + ("2026-03-06T09:00",),
            "--therapist": IDS,
            "--minutes": MINUTES,
            "--fee": FEES,
            "--weeks": (*NUMBERS, "0", "53", "1000"),
            "--twice": WORDS,
            "--reason": REASONS,
        },
    ),
    "appointments cancel": Row(
        "APPOINTMENT --as client --reason x --yes",
        {"appointment_id": IDS, "--as": (*WORDS, "team"), "--reason": REASONS},
    ),
    "charges list": Row(
        "",
        {
            "--payment": WORDS,
            "--therapist": IDS,
            "--client": IDS,
            "--since": TIMES,
            "--until": TIMES,
            "--limit": LIMITS,
        },
    ),
    "charges explain": Row("APPOINTMENT", {"payment": IDS}),
    "charges receipt": Row("APPOINTMENT", {"payment": (*IDS, "APPOINTMENT")}),
    "charges retry": Row("APPOINTMENT", {"payment": (*IDS, "APPOINTMENT")}),
    "payouts": Row("", {"--therapist": IDS, "--days": (*NUMBERS, "0", "3661")}),
    "report income": Row(
        "--tax-year 2026",
        {"--tax-year": (*NUMBERS, "0", "1999", "2100"), "--therapist": IDS},
    ),
    "refunds list": Row(
        "", {"--state": WORDS, "--therapist": IDS, "--client": IDS, "--limit": LIMITS}
    ),
    "reconcile": Row("", {}),
    "notices list": Row("", {"--state": WORDS, "--appointment": IDS, "--limit": LIMITS}),
    "notices resend": Row("FAILED", {"notice_ids": (*IDS, "9" * 40, "9" * 5000, "FAILED nothing")}),
    "jobs list": Row("", {}),
    "jobs run": Row("", {"names": (*ODD, "nothing", "charges nothing", "CHARGES")}),
    "store check": Row("", {}),
    "store backup": Row("kept.backup", {"file": FILES}),
    "store restore": Row("nowhere.backup", {"file": (*FILES, "/etc/passwd")}),
    "store move-to-postgres": Row(
        "postgresql://helpspace@/x?host=/nowhere&connect_timeout=2",
        {"url": (*ODD, "nobody", "sqlite:///x.db", "postgresql://", "postgresql://host:x/y")},
    ),
    "store stats": Row("", {}),
    "store mend-clock": Row("", {}),
    "audit": Row(
        "",
        {
            "--thing": SEARCHES,
            "--actor": SEARCHES,
            "--act": SEARCHES,
            "--since": TIMES,
            "--limit": LIMITS,
        },
    ),
    "populate": Row(
        "",
        {
            "--therapists": COUNTS,
            "--clients": COUNTS,
            "--slots": COUNTS,
            "--appointments": COUNTS,
            "--seed": ("", "x", "1.5", "\x00", LONG),
        },
    ),
    "sandbox serve": Row(
        "", {"--telegram-port": PORTS, "--stripe-port": PORTS, "--smtp-port": PORTS}
    ),
}
"""Each command with a row for each of its arguments; a new one needs its own."""

RISKY = {"demo", "serve", "sandbox serve", "tui"}
"""Commands that would go on running where nothing is wrong."""


def test_every_argument_has_a_row() -> None:
    found = {
        path: {param.opts[0] for param in params_of(command)}
        for path, command in all_commands().items()
    }
    assert {path: set(row.bad) for path, row in TABLE.items()} == found


@pytest.fixture
def busy(practice: Practice) -> dict[str, str]:
    """A practice with one of each thing, and what the table calls them."""
    therapist, client = makers.add_therapist(practice), makers.add_client(practice)
    booked = makers.session(practice, therapist, client)
    waiting = makers.add_client(practice, "Kim", card=False)
    held = makers.open_slot(practice, therapist, makers.SOON + 7200)
    makers.hold(practice, waiting, held)
    makers.set_row(practice, Client, waiting.id, charges_stopped_at=1)
    errand = notices.claim(practice, "sender")[0]
    notices.failed(practice, errand, "smtp_550", for_good=True)
    assert booked.slot_id is not None
    document = hand_in_an_application(practice, therapist)
    return {
        "APPLICATION": therapist.id,
        "DOCUMENT": document,
        "RENEWAL": "b" * 26,
        "KEY": keys.add(practice, makers.TEAM, therapist.id, PUBLIC).id,
        "THERAPIST": therapist.id,
        "CLIENT": client.id,
        "TICKET": tickets.write(practice, client, "question", "Hello?").id,
        "STRANGER": waiting.id,
        "APPOINTMENT": booked.id,
        "FREE-SLOT": makers.open_slot(practice, therapist, makers.SOON + 14400),
        "BOOKED-SLOT": booked.slot_id,
        "HELD-SLOT": held,
        "TIME-OFF": time_off.take(
            practice, therapist, therapist.id, WEEK_OFF, WEEK_OFF + 7 * 86_400, cancel=False
        ).time_off.id,
        "INVITATION": invited(practice, therapist),
        "FAILED": str(errand.seq),
    }


def invited(practice: Practice, therapist: Actor) -> str:
    """Let a therapist invite somebody, once the bot is known, and return the invitation's id."""
    links.remember_bot(practice, "helpspace_bot")
    return invitations.invite(practice, therapist).id


def hand_in_an_application(practice: Practice, therapist: Actor) -> str:
    """Give a therapist an application that is with the team, and return its document's id."""
    with practice.change() as tx:
        tx.insert(
            Application,
            therapist_id=therapist.id,
            state="submitted",
            answers_sealed=tx.seal("{}", "application.answers"),
            version=7,
            submitted_at=tx.now,
            created_at=tx.now,
        )
        tx.insert(
            Document,
            id="a" * 26,
            therapist_id=therapist.id,
            kind="insurance",
            name_sealed=tx.seal("insurance", "document.name"),
            type="pdf",
            size=9,
            digest="0" * 64,
            created_at=tx.now,
        )
        tx.insert(
            Renewal,
            id="b" * 26,
            therapist_id=therapist.id,
            proof="registration",
            answers_sealed=tx.seal("{}", "renewal.answers"),
            until_at=tx.now + 86400,
            state="waiting",
            created_at=tx.now,
        )
    return "a" * 26


def refused(done: Answer, *codes: int) -> None:
    """One line on stderr that says the next step, nothing on stdout."""
    assert done.code in codes, done
    assert done.out == ""
    line = done.line
    assert line.startswith("helpspace: ")
    assert line.isprintable()
    assert "Traceback" not in line
    assert "nobody foresaw" not in line
    assert STEP.search(line), line
    assert len(line) < 900


def spelled(path: str, row: Row, name: str, value: str, busy: dict[str, str]) -> list[str]:
    """Return a command line in which one argument is what is given."""
    argv = row.argv.split()
    given = [busy.get(part, part) for part in value.split(" ")] if value.split() else [value]
    places = [one.name for one in params_of(all_commands()[path])
              if one.param_type_name == "argument"]  # fmt: skip
    if len(places) > 1 and name in places:
        said, rest = argv[: len(places)], argv[len(places) :]
        said[places.index(name) : places.index(name) + 1] = given
        argv = [*rest, "--", *said]
    elif not name.startswith("-"):
        rest = [part for part in argv if part not in busy]
        argv = [*rest, "--", *given] if value.startswith("-") else [*given, *rest]
    else:
        if name in argv:
            at = argv.index(name)
            del argv[at : at + 2]
        argv = [*argv, f"{name}={busy.get(value, value)}"]
    return [*path.split(), *(busy.get(part, part) for part in argv)]


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("path", [path for path, row in TABLE.items() if row.bad])
def test_every_bad_value_is_refused(
    cli: CommandLine, practice: Practice, busy: dict[str, str], path: str, backend: str
) -> None:
    row = TABLE[path]
    only = None if backend == "sqlite" else {"\x00", "\u202e", "aaaaaaaaaaaa", "9" * 40}
    before = makers.snapshot(practice)
    for name, values in row.bad.items():
        for value in values if only is None else only.intersection(values):
            done = cli(*spelled(path, row, name, value, busy))
            try:
                refused(done, 1, 2)
            except AssertionError as error:
                raise AssertionError((path, name, value[:60], done)) from error
        assert makers.snapshot(practice) == before, (path, name)


@pytest.mark.parametrize("path", list(TABLE))
def test_words_that_no_command_knows(
    cli: CommandLine, practice: Practice, busy: dict[str, str], path: str
) -> None:
    """An unknown option, one without its value, one argument too many, a switch with a value."""
    before = makers.snapshot(practice)
    command = all_commands()[path]
    argv = [*path.split(), *(busy.get(part, part) for part in TABLE[path].argv.split())]
    wrong = [["--nonsense"], ["--json=yes"], ["--\x1b]52;c;x\x07"]]
    wrong += [[param.opts[0]] for param in params_of(command) if param.opts[0].startswith("-")]
    if not any(param.nargs == -1 for param in command.params):
        wrong += [["extra", "and more"]]
    for more in wrong:
        refused(cli(*argv, *more), 2)
    for param in command.params:
        if param.required:
            refused(cli(*path.split()), 2)
    assert makers.snapshot(practice) == before


def broken_stores(folder: Path) -> dict[str, dict[str, str]]:
    """Settings under which there is no store to work with, by what is wrong."""
    garbage, newer = folder / "garbage.db", folder / "newer.db"
    garbage.write_bytes(b"\x00\x01 no database" * 200)
    (folder / "blocked").write_text("a file, no folder")
    (folder / "keyfolder").mkdir()
    (folder / "damaged.key").write_text("nonsense!")
    (folder / "open.key").write_text("x")
    (folder / "open.key").chmod(0o644)
    for path in (garbage, folder / "damaged.key"):
        path.chmod(0o600)
    return {
        "missing": {"DATABASE": f"sqlite:///{folder / 'nowhere' / 'x.db'}"},
        "a folder": {"DATABASE": f"sqlite:///{folder}"},
        "no folder": {"DATABASE": f"sqlite:///{folder / 'blocked' / 'x.db'}"},
        "read-only": {"DATABASE": "sqlite:////proc/helpspace/x.db"},
        "garbage": {"DATABASE": f"sqlite:///{garbage}"},
        "newer": {"DATABASE": f"sqlite:///{newer}"},
        "no server": {"DATABASE": f"postgresql://helpspace@/x?host={folder}&connect_timeout=2"},
        "no address": {"DATABASE": "nonsense"},
        "no key": {"KEY_FILE": str(folder / "none.key")},
        "key is a folder": {"KEY_FILE": str(folder / "keyfolder")},
        "key below a file": {"KEY_FILE": str(folder / "blocked" / "x.key")},
        "key damaged": {"KEY_FILE": str(folder / "damaged.key")},
        "key open": {"KEY_FILE": str(folder / "open.key")},
    }


NEEDS_NO_STORE = {"demo", "sandbox serve"}
THOROUGH = {"init", "serve", "doctor", "slots open"}
"""Commands that meet every state; all open the store in the same place."""

MAKES = {"missing", "no key"}
"""What `init` and `serve` make instead of refusing."""


@makers.ON_SQLITE
@pytest.mark.parametrize("path", [path for path in TABLE if path not in NEEDS_NO_STORE])
def test_no_store_to_work_with(
    cli: CommandLine,
    practice: Practice,
    busy: dict[str, str],
    path: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("helpspace.logs.set_up", lambda **_: None)
    monkeypatch.setattr("os.umask", lambda _: 0)
    folder = tmp_path / "broken"
    folder.mkdir()
    states = broken_stores(folder)
    if path not in THOROUGH:
        states = {name: states[name] for name in ("missing", "newer", "key damaged")}
    newer_store(practice, folder / "newer.db")
    before = makers.snapshot(practice)
    argv = [*path.split(), *(busy.get(part, part) for part in TABLE[path].argv.split())]
    files = contents(folder)
    for name, settings in states.items():
        if path in ("init", "serve") and name in MAKES:
            continue
        done = cli(*argv, **{"BIND": "127.0.0.1:0", **settings})
        try:
            if path == "doctor":
                assert done.code == 1
                assert "FAILED" in done.out.upper()
                assert "Traceback" not in done.out + done.err
            else:
                refused(done, 1)
        except AssertionError as error:
            raise AssertionError((path, name, done)) from error
        assert contents(folder) == files, (path, name)
    assert makers.snapshot(practice) == before


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes, but for what SQLite keeps beside a store."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    beside = (".db-wal", ".db-shm", ".lock")
    return {str(path): path.read_bytes() for path in files if not path.name.endswith(beside)}


def newer_store(practice: Practice, path: Path) -> None:
    """Make a copy of a store that a newer program has upgraded."""
    practice.store.db.execute_sql("VACUUM INTO ?", (str(path),))
    path.chmod(0o600)
    store = open_store(f"sqlite:///{path}")
    store.db.execute_sql(
        "INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')"
    )
    store.close()


READING = [path for path in TABLE if path.endswith((" list", " show"))] + [
    "audit", "store check", "store stats",
]  # fmt: skip

AT_A_BAD_PLACE = """
import io, os, sys
from helpspace.__main__ import main
kind, *lines = sys.argv[1:]
quiet, say = os.dup(2), sys.stderr
for line in lines:
    if kind == "full":
        place = os.open("/dev/full", os.O_WRONLY)
    else:
        read, place = os.pipe()
        os.close(read)
    os.dup2(place, 1)
    os.close(place)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = io.StringIO()
    code = main(line.split())
    told = sys.stderr.getvalue().splitlines()
    sys.stderr = say
    print(code, len(told), *told, sep="|", file=say)
"""


@makers.ON_SQLITE
@pytest.mark.parametrize("kind", ["closed", "full"])
def test_an_answer_that_cannot_be_written(
    cli: CommandLine, practice: Practice, busy: dict[str, str], kind: str
) -> None:
    """A reader that went away is no trouble; a full disk is told in one line; no stack trace."""
    before = makers.snapshot(practice)
    lines = []
    for path in READING:
        words = " ".join(busy.get(part, part) for part in TABLE[path].argv.split())
        lines.append(f"{path} {words} --json")
    done = subprocess.run(
        [sys.executable, "-c", AT_A_BAD_PLACE, kind, *lines],
        env={**os.environ, **cli.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    told = [line.split("|") for line in done.stderr.splitlines()]
    assert len(told) == len(lines), done.stderr
    for line, (code, count, *words) in zip(lines, told, strict=True):
        assert code == "1", (line, words)
        if kind == "full":
            assert count == "1", (line, words)
            assert "could not be written" in words[0]
            assert STEP.search(words[0])
        else:
            assert words == [], line
    assert makers.snapshot(practice) == before


@makers.ON_SQLITE
@pytest.mark.parametrize("answer", ["", "\n", "n\n", "yes please\n", "\x1b\n", "y" * 5000])
def test_nobody_or_nonsense_answers(
    cli: CommandLine, practice: Practice, busy: dict[str, str], answer: str
) -> None:
    before = makers.snapshot(practice)
    for path in ("appointments book", "appointments cancel", "clients erase"):
        argv = [*path.split(), *(busy.get(part, part) for part in TABLE[path].argv.split())]
        argv.remove("--yes")
        for more in ([], ["--json"]):
            done = cli(*argv, *more, answer=answer)
            assert (done.code, done.out) == (1, "")
            last = done.err.splitlines()[-1]
            assert "helpspace: " in last
            assert "--yes" in last or "Nothing was changed" in last
            assert "Traceback" not in done.err
    assert makers.snapshot(practice) == before
