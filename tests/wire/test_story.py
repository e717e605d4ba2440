"""The same story over the wire: real processes, HTTP and SMTP, nothing patched (done when 3)."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from helpspace.core import appointments
from helpspace.core import practice as core
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe.events import sign
from helpspace.settings import settings_from
from helpspace.wiring import open_practice
from tests import postgres
from tests.wire.processes import Process, Terminal, ask, eventually, free_port, terminal
from tests.wire.sandbox import Person, Sandbox, bare_environment, sandbox

LONDON = ZoneInfo("Europe/London")
NAME = "Quirin Canary"
MAIL = "quirin.canary@example.org"
ZOE = "zoe-obrien@example.org"
CHAT = 501_888_777
HOME = "\x1b[H"
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
        """Move the clock of every process on."""
        self.sandbox.advance(max(0, instant - self._now()))
        self.keep_time()

    def keep_time(self) -> None:
        """Let time go on: no process of a store runs behind the last instant in it (D4)."""
        self.store.clock.move_to(self._now())  # type: ignore[attr-defined]
        with self.store.change() as tx:
            tx.audit(WIRE, "clock", "store", "")
        self.store.store.close()

    def _now(self) -> int:
        return int(self.sandbox.get(f"{self.sandbox.telegram}/_sandbox/clock")["now"])

    def book(self, first: AppointmentView, start: datetime) -> str:
        """Book a follow-up by a command and return its id."""
        made = self.ask(
            "appointments", "book", "--client", first.client_id,
            "--therapist", first.therapist_id, "--start", f"{start:%Y-%m-%dT%H:%M}", "--yes",
        )  # fmt: skip
        assert (made["kind"], made["fee_pence"]) == ("follow_up", 6000)
        return str(made["id"])

    def begins(self, start: datetime) -> AppointmentView:
        """The one session of all that begins then."""
        try:
            listed = appointments.appointments(self.store, WIRE)
        finally:
            self.store.store.close()
        [found] = [one for one in listed if one.start == int(start.timestamp())]
        return found

    def kill(self) -> None:
        """Kill `serve` as a power cut does."""
        assert self.serve is not None
        self.serve.kill()

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


def _book(practice: Practice, person: Person, start: datetime) -> AppointmentView:
    """Book a first session in the chat, with a card typed on Stripe's page."""
    person.does("start", payload="t_zoe-obrien")
    profile = person.taps(person.sees("Welcome"), "I agree", "Room to breathe")
    days = person.taps(profile, "All free times", "Which day suits you?")
    times = person.taps(days, _day(start), "", f"{start:%H:%M}")
    review = person.taps(times, f"{start:%H:%M}", "Your booking")
    person.taps(review, "Go on", "Please write the name")
    person.writes(NAME, "Please write your e-mail")
    terms = person.writes(MAIL, "By booking you accept")
    step = person.taps(terms, "Book · £45", "One step left")
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
    first = practice.begins(start)
    assert (first.kind, first.fee_pence, first.payment) == ("initial", 4500, "scheduled")
    return first


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall time in London."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def _day(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}"


def _when(moment: datetime) -> str:
    """A moment as every screen, chat and mail says it."""
    return f"{_day(moment)} {moment:%H:%M}"


@pytest.mark.waits
@pytest.mark.timeout(300)
def test_a_session_lives_over_the_wire(tmp_path: Path, databases: postgres.Databases) -> None:
    """By polling on SQLite and by webhooks on PostgreSQL, side by side.

    Most of the time goes by at the pace of a chat, one message a second (N7).
    """
    name = databases.make()
    lives = (
        (tmp_path / "polling", f"sqlite:///{tmp_path}/polling/data/store.db", False),
        (tmp_path / "webhook", databases.url(name), True),
    )
    with ThreadPoolExecutor(len(lives)) as pool:
        living = [pool.submit(_live, *life) for life in lives]
    databases.drop(name)
    for life in living:
        life.result()


def _live(folder: Path, database: str, by_webhook: bool) -> None:
    folder.mkdir()
    with _open(folder, database, by_webhook=by_webhook) as practice:
        _story(practice)


def _story(practice: Practice) -> None:
    """Live one session's life, and its follow-ups', from an open slot to money and back."""
    person = Person(practice.sandbox, CHAT)
    zoe = _therapist(practice)
    day = datetime.fromtimestamp(practice.store.now(), LONDON).date() + timedelta(days=4)
    with terminal(practice.folder, practice.environment, "tui", "--therapist", zoe) as calendar:
        calendar.shows("visible to clients", "Coming up", "Your week  1 of 6")
        calendar.press("q")
        _open_slot(calendar, _at(day, 19))
        first = _book(practice, person, _at(day, 19))
        calendar.shows(NAME)
        practice.sandbox.mail(ZOE, "First appointment")
        _confirm(practice, person, first)

        # The therapist books follow-ups: two in the terminal, two by a command.
        week_later = _at(day + timedelta(days=7), 19)
        _follow_up(calendar, week_later, typed=False)
        free = practice.book(first, _at(day + timedelta(days=1), 18))
        late = practice.book(first, _at(day + timedelta(days=1), 19, 30))
        paid = _at(day + timedelta(days=1), 20, 30)
        _follow_up(calendar, paid, typed=True)
        week_later_id, paid_id = (practice.begins(at).id for at in (week_later, paid))
        _is_healthy(practice)

        # The client cancels one in time, and the host dies before the answer is out.
        _cancel_while_dying(practice, person, free)
        practice.move_to(int(_at(day, 8).timestamp()))
        practice.start()
        person.sees("You have cancelled this session.")
        _settled(practice, {free: "none", first.id: "paid", late: "paid", paid_id: "paid"})
        assert practice.payment(week_later_id) == "scheduled"
        practice.sandbox.mail(MAIL, f"Receipt for £60: appointment on {_when(paid)}")
        for address in (MAIL, ZOE):
            practice.sandbox.mail(address, "Today at")

        # The client cancels one late; the therapist cancels a paid one; a week passes.
        _cancel(practice, person, late, "Yes, cancel · £60 is not given back")
        _cancel_in_the_calendar(calendar, paid)
        practice.move_to(practice.session(week_later_id).free_until + 61)
        _settled(practice, {week_later_id: "paid", late: "paid", paid_id: "refunded"})
        practice.sandbox.mail(MAIL, "Refund of £60")
        practice.sandbox.mail(MAIL, f"Receipt for £60: appointment on {_when(week_later)}")
        practice.ask("jobs", "run", "housekeeping")
        assert practice.session(first.id).state == "completed"

    _mails_are(practice, day)
    _books_agree(practice)
    assert practice.serve is not None
    assert practice.serve.stop() == 0
    assert practice.serve.err.splitlines()[-1].endswith("helpspace.serve: stopped")
    _check_logs(practice)


def _mails_are(practice: Practice, day: date) -> None:
    """Each event is told once to each who is to know it, in neutral words (N1-N6)."""
    start, week_later = _when(_at(day, 19)), _when(_at(day + timedelta(days=7), 19))
    free, late, paid = (
        _when(_at(day + timedelta(days=1), *at)) for at in ((18,), (19, 30), (20, 30))
    )
    booked = [f"on {at} is booked" for at in (start, week_later, free, late, paid)]
    cancelled = [f"on {at} is cancelled" for at in (free, late, paid)]
    paid_for = [(45, start), (60, late), (60, paid), (60, week_later)]
    receipts = [f"Receipt for £{fee}: appointment on {at}" for fee, at in paid_for]
    # The first one comes again in full once the client has confirmed the address.
    theirs = [f"Your appointment {what}" for what in (booked[0], *booked, *cancelled)]
    today = "Today at 19:00: your appointment"
    refund = f"Refund of £60: appointment on {paid}"
    client = practice.sandbox.mails(MAIL)
    assert Counter(m["subject"] for m in client) == Counter((*theirs, *receipts, today, refund))
    hers = [f"First appointment {booked[0]}", *(f"Appointment {what}" for what in booked[1:])]
    hers += [f"The appointment {what}" for what in cancelled]
    times = ("18:00", "19:00", "19:30", "20:30")
    therapist = [m for m in practice.sandbox.mails(ZOE) if any(at in m["subject"] for at in times)]
    assert Counter(m["subject"] for m in therapist) == Counter((*hers, today))
    for mail in (*client, *therapist):
        assert bool(mail["files"]) is not mail["subject"].startswith(("Receipt", "Refund"))
        assert not any(word in mail["subject"] for word in ("Quirin", "Zoë", "counsel", "session"))
    said = {mail["subject"]: mail["text"] for mail in client}
    for what, money in zip(
        cancelled,
        ("You pay nothing for it", "the fee of £60 is due", "The £60 that you have paid goes back"),
        strict=True,
    ):
        assert money in said[f"Your appointment {what}"]
    assert {one["state"] for one in practice.ask("notices", "list")} == {"sent"}


def _books_agree(practice: Practice) -> None:
    """The ledger is Stripe's, with every fee taken once and one given back (M5, M8)."""
    practice.stripe_tells()
    assert practice.ask("reconcile") == []
    rows = practice.sandbox.ledger()
    assert sum(row["gross"] for row in rows) == 4500 + 3 * 6000
    assert sum(row["refunded"] for row in rows) == 6000


def _open_slot(calendar: Terminal, start: datetime) -> None:
    # Away from the present, whose half hour is nearly over late on a Sunday, and to midnight, when
    # nobody has a slot: at other times one of the sample practice may be under the cursor.
    calendar.press("]")
    calendar.press(HOME)
    calendar.shows("Free time")
    calendar.press("s")
    calendar.shows("Open a slot for an initial session", "Enter open it")
    _fill(calendar, start)
    calendar.shows(f"○ {_when(start)}", "clients pay £45")
    calendar.press("\r")
    calendar.shows(f"Opened {_when(start)}")


def _follow_up(calendar: Terminal, start: datetime, *, typed: bool) -> None:
    """Book a follow-up from the session under the cursor; a week later is proposed (B2)."""
    calendar.press("f")
    calendar.shows("Book a follow-up", "Enter book it")
    if typed:
        _fill(calendar, start)
    calendar.shows(f"● {_when(start)}", NAME, "£60")
    calendar.press("\r")
    calendar.shows(f"Booked {_when(start)}")


def _fill(calendar: Terminal, start: datetime) -> None:
    """Type a day and a time into a form that begins with the day."""
    calendar.press(f"{start:%Y-%m-%d}")
    calendar.shows(f"{start:%A} {start.day} {start:%B} {start.year}")
    calendar.go_to_field("Time")
    calendar.press(f"{start:%H:%M}")


def _cancel_in_the_calendar(calendar: Terminal, start: datetime) -> None:
    """Cancel the session under the cursor, with the refund shown first (M3)."""
    calendar.press("x")
    calendar.shows("Cancel this session?", _when(start), "the client gets £60 back, in full")
    calendar.press("y")
    calendar.shows("£60 goes back to the client")


def _cancel_while_dying(practice: Practice, person: Person, appointment_id: str) -> None:
    """Cancel in the chat, and kill `serve` once the tap is acknowledged and not yet answered."""
    question = _ask_to_cancel(practice, person, appointment_id, "Yes, cancel · free")
    with practice.sandbox.telegram_is_ill(CHAT):
        person.tap(question, "Yes, cancel · free")
        eventually(practice.sandbox.has_acknowledged, "the tap is acknowledged")
        eventually(practice.sandbox.failures, "the answer does not get through")
        practice.kill()


def _settled(practice: Practice, payments: dict[str, str]) -> None:
    """Wait until the payments of sessions are as they should be."""

    def found() -> bool:
        practice.keep_time()
        practice.stripe_tells()
        there = {one: practice.payment(one) for one in payments}
        assert there == payments, there
        return True

    eventually(found, "everything is settled", every=0.3)


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


def _ask_to_cancel(
    practice: Practice, person: Person, appointment_id: str, button: str
) -> dict[str, Any]:
    """Go from the news of a session to the question whether to cancel it."""
    start = datetime.fromtimestamp(practice.session(appointment_id).start, LONDON)
    news = person.sees(_when(start), button="Details")
    details = person.taps(news, "Details", f"{start:%H:%M}", "Cancel this session")
    return person.taps(details, "Cancel this session", "Cancel this session?", button)


def _cancel(practice: Practice, person: Person, appointment_id: str, button: str) -> None:
    """Cancel a session in the chat, as its buttons say."""
    question = _ask_to_cancel(practice, person, appointment_id, button)
    person.taps(question, button, "Your session is cancelled")
    assert practice.session(appointment_id).state == "cancelled_by_client"


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
