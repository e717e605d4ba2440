"""The same story over the wire: real processes, HTTP and SMTP, nothing patched (done when 3)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from helpspace.core import appointments, booking
from helpspace.core import practice as core
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe.events import sign
from helpspace.settings import settings_from
from helpspace.wiring import open_practice
from tests import postgres
from tests.wire.processes import Process, ask, eventually, free_port, terminal
from tests.wire.sandbox import Person, Sandbox, bare_environment, sandbox

LONDON = ZoneInfo("Europe/London")
NAME = "Quirin Canary"
MAIL = "quirin.canary@example.org"
CHAT = 501_888_777
SECRET = "whsec_canaryofthewire"
WIRE = Actor.team("wire")


@dataclass
class Practice:
    """One practice over the wire: its settings, its stand-ins, and its running `serve`."""

    folder: Path
    sandbox: Sandbox
    environment: dict[str, str]
    by_webhook: bool
    serve: Process | None = None
    heard: int = 0

    def start(self) -> None:
        """Start `serve`, and wait until all of its parts are there."""
        self.serve = Process(self.folder, "serve", ("serve", "--debug"), self.environment)
        self.serve.says("the web listens")

    def ask(self, *argv: str) -> Any:
        """Run a command in a process of its own."""
        return ask(self.folder, self.environment, *argv)

    def stripe_tells(self) -> None:
        """Deliver Stripe's new events with real signatures, where they come by webhook."""
        if not self.by_webhook:
            return
        events = self.sandbox.get(f"{self.sandbox.stripe}/_sandbox/events")
        address = f"{self.environment['HELPSPACE_PUBLIC_URL']}/stripe/webhook"
        for event in events[self.heard :]:
            headers, body = sign(event, SECRET, int(time.time()))
            answer = self.sandbox.client.post(address, headers=headers, content=body)
            assert answer.status_code == 200, answer.text
        self.heard = len(events)

    @cached_property
    def store(self) -> core.Practice:
        """The same store, as one more process has it; its clock is ours to move."""
        settings = settings_from(self.environment, self.folder / "helpspace.env")
        return open_practice(settings, clock=MovableClock(int(time.time())))

    def move_to(self, instant: int) -> None:
        """Move the clock of every process: none runs behind the last instant stored (D4)."""
        ahead = instant - self.sandbox.get(f"{self.sandbox.telegram}/_sandbox/clock")["now"]
        self.sandbox.advance(max(0, ahead))
        self.store.clock.move_to(instant)  # type: ignore[attr-defined]
        with self.store.change() as tx:
            tx.audit(WIRE, "clock", "store", "")
        self.store.store.close()

    def book(self, first: AppointmentView, start: datetime) -> str:
        """Book a follow-up as the terminal does."""
        therapist = Actor.therapist(first.therapist_id)
        at = int(start.timestamp())
        try:
            return booking.book_follow_up(
                self.store, therapist, therapist.id, first.client_id, at
            ).id
        finally:
            self.store.store.close()

    def session(self, appointment_id: str) -> AppointmentView:
        """A session as the store has it now."""
        try:
            return appointments.appointment(self.store, WIRE, appointment_id)
        finally:
            self.store.store.close()

    def payment(self, appointment_id: str) -> str:
        return self.session(appointment_id).payment


@contextlib.contextmanager
def _open(folder: Path, database: str, *, by_webhook: bool) -> Iterator[Practice]:
    with sandbox(folder) as stand_ins:
        port = free_port()
        environment = {
            **bare_environment(folder),
            **stand_ins.settings,
            "HELPSPACE_DATABASE": database,
            "HELPSPACE_KEY_FILE": str(folder / "store.key"),
            "HELPSPACE_BIND": f"127.0.0.1:{port}",
        }
        if by_webhook:
            environment |= {
                "HELPSPACE_PUBLIC_URL": f"http://127.0.0.1:{port}",
                "HELPSPACE_TELEGRAM_WEBHOOK": "on",
                "HELPSPACE_STRIPE_WEBHOOK_SECRET": SECRET,
            }
        practice = Practice(folder, stand_ins, environment, by_webhook)
        practice.ask("init")
        practice.ask("populate")
        practice.start()
        try:
            yield practice
        finally:
            if practice.serve is not None:
                practice.serve.kill()


def _book(practice: Practice, person: Person) -> AppointmentView:
    """Book a first session in the chat, with a card typed on Stripe's page."""
    person.does("start", payload="t_zoe-obrien")
    profile = person.taps(person.sees("Welcome"), "I agree", "Room to breathe")
    review = person.taps(profile, person.labels(profile)[2], "Your booking")
    person.taps(review, "Go on", "Please write the name")
    person.writes(NAME, "Please write your e-mail")
    terms = person.writes(MAIL, "By booking you accept")
    step = person.taps(terms, "Book", "One step left")
    page = person.tap(step, "Open the card page")["opened"][-1]
    back = practice.sandbox.type_card(page)
    practice.stripe_tells()
    if practice.by_webhook:
        assert back.startswith(practice.environment["HELPSPACE_PUBLIC_URL"])
        assert "Thank you" in practice.sandbox.client.get(back).text
    else:
        assert back == "https://t.me/HelpspaceSandboxBot?start=card"
        person.does("open", url=back)
    person.sees("Your session is booked")
    theirs = next(one["id"] for one in practice.ask("clients", "list") if one["name"] == NAME)
    [first] = practice.ask("appointments", "list", "--client", theirs)
    return practice.session(first["id"])


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall time in London."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


@pytest.fixture(params=["polling", "webhook"])
def practice(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Practice]:
    """By polling on SQLite, by webhooks on PostgreSQL."""
    if request.param == "polling":
        with _open(tmp_path, f"sqlite:///{tmp_path}/data/store.db", by_webhook=False) as opened:
            yield opened
        return
    databases: postgres.Databases = request.getfixturevalue("databases")
    name = databases.make()
    with _open(tmp_path, databases.url(name), by_webhook=True) as opened:
        yield opened
    databases.drop(name)


def test_a_session_lives_over_the_wire(practice: Practice) -> None:
    stand_ins = practice.sandbox
    person = Person(stand_ins, CHAT)
    zoe = _therapist(practice)
    with terminal(practice.folder, practice.environment, "tui", "--therapist", zoe) as calendar:
        calendar.shows("visible to clients", "Coming up")

        # A client books with a card, and the calendar of another process shows it.
        first = _book(practice, person)
        calendar.shows(NAME)
        stand_ins.mail("zoe-obrien@example.org", "First appointment")
        _confirm(practice, person, first)

        # The therapist books follow-ups: one by a command, two more within the decision window.
        day = datetime.fromtimestamp(first.start, LONDON).date()
        made = practice.ask(
            "appointments", "book", "--client", first.client_id, "--therapist", zoe,
            "--start", f"{day + timedelta(days=7)}T19:30", "--yes",
        )  # fmt: skip
        assert (made["kind"], made["fee_pence"], made["payment"]) == (
            "follow_up",
            6000,
            "scheduled",
        )
        calendar.shows("19:30")
        late = practice.book(first, _at(day + timedelta(days=1), 19, 30))
        paid = practice.book(first, _at(day + timedelta(days=1), 20, 30))
        calendar.shows("20:30")
        _is_healthy(practice)

        # A kill in the middle of an answer; the host is back on the morning of the first session.
        person.does("write", text="/sessions")
        assert practice.serve is not None
        practice.serve.kill()
        practice.move_to(int(_at(day, 8).timestamp()))
        practice.start()
        person.sees("The next one comes first.")
        stand_ins.mail(MAIL, "Receipt for £45")
        eventually(
            lambda: practice.payment(late) == practice.payment(paid) == "paid",
            "all three are charged",
        )
        stand_ins.mail(MAIL, "Today at")
        stand_ins.mail("zoe-obrien@example.org", "Today at")
        assert practice.payment(made["id"]) == "scheduled"

        # The client cancels one in time and one late; the therapist cancels a paid one.
        _cancel(practice, person, made["id"], "Yes, cancel · free")
        _cancel(practice, person, late, "Yes, cancel")
        practice.ask(
            "appointments", "cancel", paid, "--as", "therapist", "--reason", "ill", "--yes"
        )
        stand_ins.mail(MAIL, "Refund of £60")
        ends = [practice.payment(one) for one in (first.id, made["id"], late, paid)]
        assert ends == ["paid", "none", "paid", "refunded"]

    # The books agree, and the process leaves in order.
    practice.stripe_tells()
    assert practice.ask("reconcile") == []
    rows = stand_ins.ledger()
    assert sum(row["gross"] for row in rows) == 4500 + 6000 + 6000
    assert sum(row["refunded"] for row in rows) == 6000
    assert practice.serve is not None
    assert practice.serve.stop() == 0
    _check_logs(practice)


def _therapist(practice: Practice) -> str:
    listed = practice.ask("therapists", "list")
    return str(next(one["id"] for one in listed if one["name"] == "Zoë O'Brien"))


def _confirm(practice: Practice, person: Person, first: AppointmentView) -> None:
    """Open the link in the first mail, which names nobody yet (N1); the rest comes then."""
    mail = practice.sandbox.mail(MAIL, "Your appointment")
    assert NAME not in mail["text"]
    assert "Zoë" not in mail["text"]
    person.does("open", url=mail["links"][-1])
    person.sees("Your e-mail address is confirmed.")
    room = first.video_url or "no room"
    full = eventually(
        lambda: [one for one in practice.sandbox.mails(MAIL) if room in one["text"]],
        "the whole mail",
    )
    assert full[0]["files"] == ["appointment.ics"]


def _is_healthy(practice: Practice) -> None:
    address = f"http://{practice.environment['HELPSPACE_BIND']}/health"
    found = practice.sandbox.get(address)
    assert found["ok"], found


def _cancel(practice: Practice, person: Person, appointment_id: str, button: str) -> None:
    """Cancel a session in the chat, as its buttons say."""
    local = datetime.fromtimestamp(practice.session(appointment_id).start, LONDON)
    news = person.sees(f"{local:%a} {local.day} {local:%b} {local:%H:%M}", button="Details")
    details = person.taps(news, "Details", f"{local:%H:%M}", "Cancel this session")
    question = person.taps(details, "Cancel this session", "Cancel this session?", button)
    person.taps(question, button, "Your session is cancelled")
    eventually(
        lambda: practice.session(appointment_id).state == "cancelled_by_client",
        "it is cancelled",
    )


def _check_logs(practice: Practice) -> None:
    """A5: no name, address, chat, token, key or text in any log, also at debug level."""
    secrets = [
        NAME, "Quirin", MAIL, "zoe-obrien", "O'Brien", str(CHAT), "/sessions",
        practice.environment["HELPSPACE_TELEGRAM_TOKEN"], "SANDBOX-only",
        practice.environment["HELPSPACE_STRIPE_KEY"], SECRET, "4242",
    ]  # fmt: skip
    logs = list(practice.folder.glob("serve-*.err"))
    assert len(logs) == 2
    for log in logs:
        text = log.read_text(encoding="utf-8")
        assert "the bot listens" in text
        assert "Traceback" not in text, text
        found = [secret for secret in secrets if secret in text]
        assert not found, (found, text)
