"""`doctor`: a line each, exit 1 if anything fails, never longer than the other side may take."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from helpspace.cli import checks
from helpspace.core import booking, heartbeat, inbox, lease, notices, outages, platform
from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Client, Debt, Dispute, Intent, Payment, Refund
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.mail import Mailbox, MailServer
from helpspace.sandbox.stripe import StripeSandbox
from helpspace.sandbox.stripe.http import loopback
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
def test_how_stripe_s_events_come_is_told_without_a_secret(cli: CommandLine) -> None:
    """A5: how many secrets there are, and none of them."""

    def told(**settings: str) -> tuple[str, str]:
        (line,) = [one for one in cli("doctor", "--json", **settings).json
                   if one["check"] == "events"]  # fmt: skip
        return line["state"], line["message"]

    public = "https://practice.example.org"
    assert told() == ("note", "Stripe's are polled: no HELPSPACE_STRIPE_WEBHOOK_SECRET is set")
    state, words = told(STRIPE_WEBHOOK_SECRET="whsec_geheim", PUBLIC_URL=public)
    assert (state, "geheim" in words) == ("note", False)
    assert words.startswith(f"Stripe's come to {public}/stripe/webhook, 1 secret;")
    assert "connected accounts" in words
    two = "whsec_geheim,whsec_geheim2"
    state, words = told(STRIPE_WEBHOOK_SECRET=two, PUBLIC_URL=public)
    assert (state, words) == ("ok", f"Stripe's come to {public}/stripe/webhook, 2 secrets")
    assert told(STRIPE_WEBHOOK_SECRET=two)[0] == "note"


@makers.ON_SQLITE
def test_secrets_are_never_shown(cli: CommandLine) -> None:
    secrets = {
        "TELEGRAM_TOKEN": "7000000001:geheim-token",
        "STRIPE_KEY": "sk_test_geheim",
        "STRIPE_WEBHOOK_SECRET": "whsec_geheim,whsec_geheim2",
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


@makers.ON_SQLITE
def test_whose_stripe_account_the_key_belongs_to(
    cli: CommandLine, practice: Practice, clock: MovableClock
) -> None:
    """A5: looking records nothing; a key of another platform fails, and both are named."""
    banks = [StripeSandbox(clock, ids_seed=seed) for seed in ("ours", "theirs")]
    ours, theirs = (bank.platform for bank in banks)
    with loopback(banks[0]) as mine, loopback(banks[1]) as other:

        def told(at: str) -> tuple[str, str]:
            found = cli("doctor", "--json", STRIPE_KEY="sk_test_geheim", STRIPE_API=at).json
            (line,) = [one for one in found if one["check"] == "Stripe account"]
            return line["state"], line["message"]

        before = makers.snapshot(practice)
        assert told(mine) == ("note", f"{ours}: the store belongs to it from the first sweep on")
        assert makers.snapshot(practice) == before
        assert platform.is_ours(practice, ours)
        assert told(mine) == ("ok", f"{ours}, to which this store belongs")
        state, words = told(other)
        assert state == "failed"
        assert words.startswith(f"the key is of {theirs}, this store of {ours}: set the key")
        done = cli("jobs", "run", "accounts", STRIPE_KEY="sk_test_geheim", STRIPE_API=other)
        assert "belongs to another Stripe account than this store" in done.out + done.err
        assert done.code == 1


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


@makers.ON_SQLITE
def test_m7_the_commission_and_who_pays_stripe_are_said(cli: CommandLine) -> None:
    def said(**settings: str) -> dict[str, str]:
        done = cli("doctor", "--json", **settings)
        return {one["check"]: one["message"] for one in done.json}

    assert said()["commission"] == "none: the whole fee goes to the therapist"
    told = said(COMMISSION_PERCENT="7.5", COMMISSION_PENCE="20")
    assert told["commission"] == "7.5 % and £0.20 of each fee stays with the platform"
    assert "falls on the platform" in told["Stripe's fee"]


@makers.ON_SQLITE
def test_who_settles_and_what_the_money_waits_for(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    """The role of settling, a silent Stripe, an open dispute with its deadline, and debts."""
    booked = makers.session(practice, therapist, client)
    heartbeat.record(practice, "charges", practice.now(), 1, None)
    assert _states(cli("doctor", "--json").json)["settling"] == "ok"
    lease.Grip(holder="host:1:abc").take(practice)
    outages.unheard(practice)
    money = {"amount": 6000, "created_at": 1}
    with practice.change() as tx:
        tx.insert(
            Intent, id="i", appointment_id=booked.id, number=1, stripe_id="pi_1", commission=0,
            account="acct_1", customer="cus_1", state="succeeded", **money,
        )  # fmt: skip
        tx.insert(Refund, id="r", intent_id="i", number=1, commission=0, state="pending", **money)
        tx.insert(
            Debt, refund_id="r", therapist_id=therapist.id, account="acct_1", state="open",
            tries=0, **money,
        )  # fmt: skip
        tx.insert(
            Dispute, id="dp_1", appointment_id=booked.id, status="needs_response",
            changed_at=1, due_by=practice.now() + 8 * 86_400, **money,
        )  # fmt: skip
    clock.advance(30)
    told = {one["check"]: one["message"] for one in cli("doctor", "--json").json}
    assert "host:1:abc" in told["settling"]
    assert "Stripe to the jobs" not in told
    assert told["refunds pending"].startswith("1 on the way")
    assert told["debts"].startswith("£60 owed")
    assert "1 open: answer at Stripe by Tue 10 Mar" in told["disputes"]
    clock.advance(outages.PATIENCE)
    told = {one["check"]: one["message"] for one in cli("doctor", "--json").json}
    assert "has not answered since" in told["Stripe to the jobs"]
    (row,) = cli.json("refunds", "list")
    assert (row["account_owes_pence"], row["state"]) == (6000, "pending")
    assert "£60" in cli("refunds", "list").out


@makers.ON_SQLITE
def test_m9_what_only_a_person_can_decide_is_among_the_lines(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    """Undecided absences, clients whose charges rest, fees that a restore left open (D5)."""
    booked = makers.session(practice, therapist, client)
    clock.move_to(booked.start + 60)
    waits = {"absences", "charges stopped", "after the restore"}
    assert not waits & set(_states(cli("doctor", "--json").json))
    booking.report_absence(practice, client, booked.id)
    with practice.change() as tx:
        tx.set(Client, "id = ?", client.id, charges_stopped_at=tx.now)
        values = {"status": "failed", "reason": "canceled_at_stripe"}
        tx.set(Payment, "appointment_id = ?", booked.id, **values)
    found = cli("doctor", "--json").json
    told = {one["check"]: one["message"] for one in found}
    assert told["absences"].startswith("1 undecided, the oldest of Fri 6 Mar 09:01")
    assert "helpspace appointments absences --undecided" in told["absences"]
    assert "resume-charges" in told["charges stopped"]
    assert _states(found)["after the restore"] == "failed"
    booking.answer_absence(practice, therapist, booked.id, agreed=True)
    assert "absences" not in _states(cli("doctor", "--json").json)


@makers.ON_SQLITE
def test_the_jobs_say_who_settles(cli: CommandLine, practice: Practice) -> None:
    jobs = {one["name"]: one for one in cli.json("jobs", "list")}
    assert (jobs["charges"]["holder"], jobs["charges"]["holder_since"]) == (None, None)
    lease.Grip(holder="host:1:abc").take(practice)
    jobs = {one["name"]: one for one in cli.json("jobs", "list")}
    assert {name for name, one in jobs.items() if one["holder"]} == {"charges", "refunds", "debts"}
    assert jobs["charges"]["holder"] == "host:1:abc"
    assert jobs["charges"]["holder_since"].endswith("Z")
    assert "host:1:abc" in cli("jobs", "list").err
