"""Whole processes: exit codes, clean streams, a reader that goes away, an interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HELPSPACE = (sys.executable, "-m", "helpspace")


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The environment of a process with a store of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "HELPSPACE_CONFIG": str(tmp_path / "helpspace.env"),
        "HELPSPACE_DATABASE": f"sqlite:///{tmp_path / 'helpspace.db'}",
        "HELPSPACE_VIDEO": "https://video.example.org",
    }


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let processes that are started here hear SIGINT, also where the tests run in the background.

    A shell starts what it puts there with SIGINT ignored, and children inherit that; a signal that
    somebody handles is the default again in a child.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _run(
    surroundings: dict[str, str], *argv: str, answer: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HELPSPACE, *argv],
        capture_output=True,
        text=True,
        env=surroundings,
        cwd=Path(surroundings["HELPSPACE_CONFIG"]).parent,
        input=answer,
        check=False,
    )


def test_a_session_from_the_shell(surroundings: dict[str, str]) -> None:
    assert _run(surroundings, "slots", "list").returncode == 1
    assert _run(surroundings, "init").returncode == 0
    assert _run(surroundings, "populate").returncode == 0
    done = _run(surroundings, "appointments", "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    booked = next(one for one in json.loads(done.stdout) if one["kind"] == "follow_up")
    asked = ("appointments", "cancel", booked["id"], "--as", "client", "--reason", "by phone")
    assert _run(surroundings, *asked).returncode == 1
    assert _run(surroundings, *asked, answer="y\n").returncode == 0
    assert _run(surroundings, *asked, "--yes").returncode == 1
    shown = _run(surroundings, "appointments", "show", booked["id"], "--json")
    assert json.loads(shown.stdout)["state"] == "cancelled_by_client"
    trail = json.loads(_run(surroundings, "audit", "--act", "cancel", "--json").stdout)
    import pwd

    assert trail[0]["by_whom"] == f"team:{pwd.getpwuid(os.getuid()).pw_name}"
    assert _run(surroundings, "nonsense").returncode == 2


def test_a_reader_that_goes_away_is_no_trouble(surroundings: dict[str, str]) -> None:
    _run(surroundings, "init")
    _run(surroundings, "populate", "--therapists", "5", "--slots", "900")
    read, write = os.pipe()
    process = subprocess.Popen(
        [*HELPSPACE, "slots", "list"],
        stdout=write,
        stderr=subprocess.PIPE,
        env=surroundings,
        cwd=Path(surroundings["HELPSPACE_CONFIG"]).parent,
    )
    os.close(write)
    os.close(read)
    _, told = process.communicate(timeout=60)
    assert told == b""
    assert process.returncode in (0, 1)


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_is_clean(surroundings: dict[str, str]) -> None:
    _run(surroundings, "init")
    _run(surroundings, "populate")
    (booked, *_) = json.loads(_run(surroundings, "appointments", "list", "--json").stdout)
    process = subprocess.Popen(
        [*HELPSPACE, "appointments", "cancel", booked["id"], "--as", "client", "--reason", "x"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings,
        cwd=Path(surroundings["HELPSPACE_CONFIG"]).parent,
    )
    assert process.stderr is not None
    while (heard := process.stderr.read(1)) != b"?":
        assert heard
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert b"Traceback" not in told
    assert process.returncode == 130
    shown = _run(surroundings, "appointments", "show", booked["id"], "--json")
    assert json.loads(shown.stdout)["state"] == "booked"


def test_a_terminal_without_unicode_gets_readable_output(surroundings: dict[str, str]) -> None:
    _run(surroundings, "init")
    _run(surroundings, "populate")
    narrow = surroundings | {"PYTHONIOENCODING": "ascii"}
    shown = _run(narrow, "therapists", "list")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Callum MacLeod" in shown.stdout
    document = _run(narrow, "therapists", "list", "--json").stdout
    assert document.isascii()
    assert "Zoë O'Brien" in {one["name"] for one in json.loads(document)}


@pytest.fixture
def outside(surroundings: dict[str, str], interruptible: None) -> Iterator[dict[str, str]]:
    """The environment with the stand-ins for Stripe, Telegram and mail on loopback."""
    ports = ("--telegram-port", "0", "--stripe-port", "0", "--smtp-port", "0")
    process = subprocess.Popen(
        [*HELPSPACE, "sandbox", "serve", *ports],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=surroundings | {"PYTHONUNBUFFERED": "1"},
        text=True,
    )
    assert process.stdout is not None
    told: dict[str, str] = {}
    for line in process.stdout:
        name, _, value = line.strip().partition("=")
        if name.startswith("HELPSPACE_"):
            told[name] = value
        if name == "HELPSPACE_VIDEO":
            break
    yield surroundings | told
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def test_everything_answers_against_the_sandbox(outside: dict[str, str]) -> None:
    assert _run(outside, "init").returncode == 0
    assert "accounts" not in _run(outside, "populate").stderr
    doctor = _run(outside, "doctor", "--json")
    states = {one["check"]: one["state"] for one in json.loads(doctor.stdout)}
    assert doctor.returncode == 0, doctor.stdout
    assert {states[name] for name in ("Telegram", "mail", "clock")} == {"ok"}
    assert states["Stripe"] == "note"
    assert "test mode: no real money moves" in doctor.stdout
    assert states["Stripe's fee"] == "note"
    assert "platform" in doctor.stdout
    done = _run(outside, "jobs", "run", "--json")
    assert done.returncode == 0, done.stdout
    assert {one["error"] for one in json.loads(done.stdout)} == {None}
    compared = _run(outside, "reconcile", "--json")
    assert (compared.returncode, compared.stdout) == (0, "[]\n")


def test_accounts_are_made_at_the_configured_address(outside: dict[str, str]) -> None:
    import stripe

    _run(outside, "init")
    made = _run(outside, "populate", "--therapists", "3", "--json")
    assert made.returncode == 0, made.stderr
    from helpspace.jobs.stripe import API_VERSION

    client = stripe.StripeClient(
        outside["HELPSPACE_STRIPE_KEY"],
        base_addresses={"api": outside["HELPSPACE_STRIPE_API"]},
        stripe_version=API_VERSION,
    )
    found = client.v1.accounts.list().data
    assert len(found) == 3
    assert all(str(one.email).endswith("@example.org") for one in found)
    silent = outside | {"HELPSPACE_STRIPE_API": "http://127.0.0.1:1"}
    refused = _run(silent, "populate", "--therapists", "1")
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
