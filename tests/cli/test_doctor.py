"""`doctor`: a line each, exit 1 if anything fails, never longer than the other side may take."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from helpspace.cli import checks
from helpspace.core import heartbeat, inbox, notices
from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Intent, Refund
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.mail import Mailbox, MailServer
from tests import makers
from tests.cli.conftest import CommandLine


def _states(document: list[dict[str, str]]) -> dict[str, str]:
    return {one["check"]: one["state"] for one in document}


@makers.ON_SQLITE
def test_what_is_not_set_fails_with_the_name_of_its_setting(cli: CommandLine) -> None:
    done = cli("doctor", "--json", VIDEO="")
    assert done.code == 1
    found = {one["check"]: one["message"] for one in done.json if not one["ok"]}
    assert set(found) == {"video", "Telegram", "mail", "Stripe"}
    for name, setting in (
        ("video", "HELPSPACE_VIDEO"),
        ("Telegram", "HELPSPACE_TELEGRAM_TOKEN"),
        ("mail", "HELPSPACE_MAIL"),
        ("Stripe", "HELPSPACE_STRIPE_KEY"),
    ):
        assert setting in found[name]


@makers.ON_SQLITE
def test_a_person_reads_a_line_for_each(cli: CommandLine) -> None:
    done = cli("doctor")
    assert done.code == 1
    assert next(line.split()[0] for line in done.out.splitlines()) == "CHECK"
    assert "FAILED" in done.out


@makers.ON_SQLITE
def test_nothing_is_changed(cli: CommandLine, practice: Practice) -> None:
    before = makers.snapshot(practice)
    cli("doctor")
    assert makers.snapshot(practice) == before


def test_a_store_that_is_not_there_is_one_of_the_lines(bare: CommandLine) -> None:
    done = bare("doctor", "--json")
    assert done.code == 1
    assert _states(done.json)["store"] == "failed"
    assert done.err == ""


@makers.ON_SQLITE
def test_a_bad_setting_is_one_of_the_lines(cli: CommandLine) -> None:
    done = cli("doctor", "--json", STRIPE_RATE="fast")
    assert done.code == 1
    assert _states(done.json) == {"settings": "failed"}


@makers.ON_SQLITE
def test_the_heartbeat_of_the_jobs(
    cli: CommandLine, practice: Practice, clock: MovableClock
) -> None:
    assert _states(cli("doctor", "--json").json)["jobs"] == "note"
    heartbeat.record(practice, "charges", practice.now(), 1, None)
    assert _states(cli("doctor", "--json").json)["jobs"] == "ok"
    heartbeat.record(practice, "delivery", practice.now(), 0, "smtp_535")
    found = cli("doctor", "--json").json
    assert _states(found)["job delivery"] == "failed"
    assert "smtp_535" in str(found)
    clock.advance(checks.SILENT + 1)
    assert _states(cli("doctor", "--json").json)["jobs"] == "failed"


@makers.ON_SQLITE
def test_what_waits_for_the_team_is_counted_with_what_to_do(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    def found() -> dict[str, tuple[str, str]]:
        lines = cli("doctor", "--json").json
        names = ("notices", "refunds", "messages")
        return {one["check"]: (one["state"], one["message"]) for one in lines
                if one["check"] in names}  # fmt: skip

    booked = makers.session(practice, therapist, client)
    assert {state for state, _ in found().values()} == {"ok"}
    for errand in notices.claim(practice, "test"):
        notices.failed(practice, errand, "smtp_550", for_good=True)
    inbox.take_in(practice, [(1, 7001, "tap", {"p": 7001})])
    intent = {
        "id": "i1", "appointment_id": booked.id, "number": 1, "amount": 6000, "commission": 0,
        "account": "acct_1", "customer": "cus_1", "state": "succeeded", "created_at": 1,
    }  # fmt: skip
    refund = {"intent_id": "i1", "amount": 6000, "commission": 0, "created_at": 1}
    with practice.change() as tx:
        tx.insert(Intent, **intent)
        tx.insert(Refund, id="r1", number=1, state="failed", **refund)
    clock.advance(checks.SILENT + 1)
    told = found()
    assert {state for state, _ in told.values()} == {"failed"}
    assert "notices resend --all-failed" in told["notices"][1]
    assert told["refunds"][1].startswith("1 ")
    assert "refunds list --state failed" in told["refunds"][1]
    assert "10 min" in told["messages"][1]
    with practice.change() as tx:
        tx.insert(Refund, id="r2", number=2, state="succeeded", **refund)
    assert found()["refunds"][0] == "ok"


@makers.ON_SQLITE
def test_a_mail_server_is_greeted_and_its_refusal_told(cli: CommandLine) -> None:
    with MailServer(Mailbox(), credentials=("sam", "secret")) as server:
        settings = {"MAIL_FROM": "team@example.org", "TELEGRAM_API": "http://127.0.0.1:1"}
        for user, state in (("sam:secret@", "ok"), ("sam:other@", "failed")):
            at = f"smtp://{user}{server.host}:{server.port}"
            (line,) = [
                one for one in cli("doctor", "--json", MAIL=at, **settings).json
                if one["check"] == "mail"
            ]  # fmt: skip
            assert line["state"] == state
    assert "smtp_535" in line["message"]


@makers.ON_SQLITE
def test_secrets_are_never_shown(cli: CommandLine) -> None:
    secrets = {
        "TELEGRAM_TOKEN": "7000000001:geheim-token",
        "STRIPE_KEY": "sk_test_geheim",
        "MAIL": "smtp://me:geheim@127.0.0.1:1",
        "MAIL_FROM": "team@example.org",
        "TELEGRAM_API": "http://127.0.0.1:1",
        "STRIPE_API": "http://127.0.0.1:1",
    }
    done = cli("doctor", **secrets)
    assert done.code == 1
    assert "geheim" not in done.out + done.err
    for name in ("Telegram", "mail", "Stripe"):
        (line,) = [line for line in done.out.splitlines() if line.startswith(f"{name} ")]
        assert "FAILED" in line


def test_a_check_that_does_not_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PATIENCE", -0.9)
    ended = threading.Event()

    def silent() -> Iterator[checks.Finding]:
        ended.wait(60)
        yield checks.fine("slow", "at last")

    def broken() -> Iterator[checks.Finding]:
        raise ValueError("a name that must not be shown")

    found = checks.at_once({"slow": silent, "broken": broken})
    ended.set()
    assert [(one.name, one.state) for one in found] == [("slow", "failed"), ("broken", "failed")]
    assert "must not be shown" not in found[1].words
