"""Joining over the wire: real processes, a real terminal, HTTP and SMTP, nothing patched.

From an empty folder to a profile that clients find, and hidden again ("done when" 1).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from helpspace.settings import settings_from
from helpspace.wiring import open_practice
from tests.wire.joiner import MAIL, NAME, Joiner
from tests.wire.processes import Process, ask, eventually, free_port, terminal
from tests.wire.sandbox import Person, Sandbox, bare_environment, sandbox

LONDON = ZoneInfo("Europe/London")
HANDLE = "ada-canary"
REASON = "It ended last month"
FIRST, SECOND = "quirin.first@example.org", "quirin.second@example.org"
WIRE = Actor.team("wire")


@dataclass
class House:
    """One new house: its settings, its stand-ins, its team."""

    folder: Path
    sandbox: Sandbox

    @cached_property
    def environment(self) -> dict[str, str]:
        port = free_port()
        return {
            **bare_environment(self.folder),
            **self.sandbox.settings,
            "HELPSPACE_DATABASE": f"sqlite:///{self.folder}/data/store.db",
            "HELPSPACE_KEY_FILE": str(self.folder / "store.key"),
            "HELPSPACE_BIND": f"127.0.0.1:{port}",
            "HELPSPACE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }

    def ask(self, *argv: str) -> Any:
        return ask(self.folder, self.environment, *argv)

    @property
    def card(self) -> int:
        """What a browser gets for the public page."""
        address = f"{self.environment['HELPSPACE_PUBLIC_URL']}/t/{HANDLE}"
        answer = self.sandbox.client.get(address)
        assert (NAME in answer.text) == (answer.status_code == 200)
        return answer.status_code

    def stripe(self, act: str, **how: Any) -> None:
        self.sandbox.post(f"{self.sandbox.stripe}/_sandbox/act", act=act, **how)

    def therapist(self, own: str) -> dict[str, Any]:
        return dict(self.ask("therapists", "show", own))

    @cached_property
    def store(self) -> core.Practice:
        """The same store, as one more process has it; its clock is ours to move."""
        settings = settings_from(self.environment, self.folder / "none.env")
        return open_practice(settings, clock=MovableClock(int(time.time())))

    def a_minute_passes(self) -> None:
        """Let time go on for every process of this store (D4)."""
        self.store.clock.move_to(self.store.now() + 61)  # type: ignore[attr-defined]
        with self.store.change() as tx:
            tx.audit(WIRE, "clock", "store", "")

    def booked(self, start: datetime) -> AppointmentView:
        """The session that begins then, as the store has it; LookupError while there is none."""
        for one in appointments.appointments(self.store, WIRE):
            if one.start == int(start.timestamp()):
                return one
        raise LookupError(start)

    def looks_at_accounts(self) -> None:
        """Let a minute pass and read the accounts at Stripe, as the sweep's own rhythm does."""
        self.a_minute_passes()
        self.ask("jobs", "run", "accounts")

    def told(self, subject: str) -> dict[str, Any]:
        """Wait for a mail to the counsellor."""
        return self.sandbox.mail(MAIL, subject)


@pytest.mark.waits
@pytest.mark.timeout(300)
def test_a_counsellor_joins_and_is_found_and_is_full(tmp_path: Path) -> None:
    """J1-J6, P1-P3: every gate in its order, and back."""
    with sandbox(tmp_path) as stand_ins:
        house = House(tmp_path, stand_ins)
        made = house.ask("init")
        assert made["key_made"]
        assert made["config_made"]
        with Process(tmp_path, "serve", ("serve", "--debug"), house.environment) as serve:
            serve.says("the web listens")
            ada = Joiner(tmp_path, datetime.now(LONDON).date())
            own = _applies(house, ada)
            slots = _publishes(house, ada)
            _fills_up(house, own, slots)
            assert serve.stop() == 0
            assert "Traceback" not in serve.err
            for secret in (NAME, MAIL, HANDLE, REASON, FIRST, SECOND, "Quirin", "ended last month"):
                assert secret not in serve.err


def _applies(house: House, ada: Joiner) -> str:
    """Apply, have one document returned with a reason, mend only that, and be approved (J1-J4)."""
    with terminal(house.folder, house.environment, "join", size=(80, 24)) as ada.screen:
        ada.begins()
        ada.fills_in()
        ada.hands_in()
        house.told("Your application has arrived")

        [waiting] = house.ask("applications", "list", "--state", "submitted")
        own, papers = waiting["id"], {one["kind"]: one["id"] for one in waiting["documents"]}
        for kind in ("qualification", "picture"):
            house.ask("applications", "review", own, papers[kind], "--accept")
        bad = ("review", own, papers["insurance"], "--reject", "--reason", REASON)
        house.ask("applications", *bad)
        house.ask("applications", "registered", own)
        assert house.ask("applications", "return", own)["state"] == "returned"
        assert REASON in house.told("Your application needs a change")["text"]

        ada.mends(REASON)
        ada.hands_in()
        seen = house.ask("applications", "show", own)
        assert seen["to_do"] == ["Insurance certificate is not looked at yet"]
        mended = {one["kind"]: one["id"] for one in seen["documents"]}
        assert {kind for kind in papers if mended[kind] != papers[kind]} == {"insurance"}
        house.ask("applications", "review", own, mended["insurance"], "--accept")
        assert house.ask("applications", "approve", own)["state"] == "approved"
        house.told("Your application is approved")
        ada.sees("1 Application approved", "begin with Stripe")
    return str(own)


def _publishes(house: House, ada: Joiner) -> list[datetime]:
    """Enable payments, take the course, fill in the profile, open a slot (J5, J6, P3)."""
    with terminal(house.folder, house.environment, "join") as ada.screen:
        link = ada.gets_the_link()
        assert "Tell Stripe about yourself" in house.sandbox.client.get(link).text
        done = house.sandbox.client.post(link, data={"do": "complete"})
        assert done.is_redirect  # where it leads back to is never visited
    with terminal(house.folder, house.environment, "join", size=(80, 24)) as ada.screen:
        ada.sees("Joining Helpspace")
        ada.takes_the_course()
        house.looks_at_accounts()
        house.told("Payments are enabled")
        ada.sees("2 Payments enabled at Stripe")
        ada.fills_the_profile(HANDLE)
        assert house.card == 404
        ada.presses("c")
        ada.sees("hidden: no open")  # the rest gives way where a week has two years
        day = ada.today + timedelta(days=4)
        starts = [datetime(day.year, day.month, day.day, hour, tzinfo=LONDON) for hour in (18, 19)]
        _opens(ada, starts[0], "Your profile is published: clients find you.")
        assert house.card == 200
        house.told("Your profile is published")
        ada.presses(*["\x1b[B"] * 4)  # away from the slot, which `s` would close
        ada.sees("s open slot")
        _opens(ada, starts[1])
    return starts


def _opens(ada: Joiner, start: datetime, *then: str) -> None:
    ada.presses("s")
    ada.sees("Open a slot for an initial session", "Enter open it")
    ada.presses(f"{start:%Y-%m-%d}")
    ada.sees(f"{start:%A} {start.day} {start:%B}")
    ada.presses("\t")
    ada.presses(f"{start:%H:%M}")
    ada.sees(f"○ {_when(start)}", "clients pay £45")
    ada.presses("\r")
    ada.sees(f"Opened {_when(start)}", *then)


def _fills_up(house: House, own: str, slots: list[datetime]) -> None:
    """The last slot is booked: hidden everywhere; who has a session keeps it, whatever comes."""
    quirin = _Client(house, 501_111_777, "Quirin First", FIRST)
    other = _Client(house, 501_222_777, "Quirin Second", SECOND)
    watcher = _Client(house, 501_333_777, "", "")
    for one in (quirin, other):
        one.arrives()
        one.puts_a_card_on_record()
    watcher.arrives()
    for one in (quirin, other):
        one.phone.sees("Your card is on record")
    quirin.books(slots[0])
    held = house.booked(slots[0])
    assert (house.card, watcher.finds()) == (200, True)
    watcher.goes_home()

    act = other.comes_to_the_act(slots[1])
    other.phone.tap(act, "Book")
    eventually(lambda: house.booked(slots[1]), "the last slot is booked", every=0.005)
    committed = time.monotonic()
    eventually(lambda: house.card == 404, "the page is hidden", within=1, every=0.02)
    asked = watcher.asks()
    assert time.monotonic() - committed < 1, "the list was asked for too late to prove anything"
    assert not watcher.was_shown(asked)
    other.phone.sees("Your session is booked")

    assert house.therapist(own)["why_hidden"] == ["no_bookable_slot"]
    told = house.told(f"First appointment on {_when(slots[1])} is booked")
    assert "hidden" in told["text"]
    quirin.still_has(slots[0])
    assert house.booked(slots[0]) == held

    house.ask("therapists", "suspend", own, "--reason", "looked into")
    [account] = {
        one["account"]
        for one in house.sandbox.get(f"{house.sandbox.stripe}/_sandbox/events")
        if one.get("account")
    }
    house.stripe("restrict", account_id=account)
    house.looks_at_accounts()
    house.told("Payments to you have stopped")
    why = house.therapist(own)["why_hidden"]
    assert why == ["suspended", "payments_not_enabled", "no_bookable_slot"]
    quirin.still_has(slots[0])
    assert house.booked(slots[0]) == held
    quirin.cancels(slots[0])
    assert house.booked(slots[0]).state == "cancelled_by_client"


@dataclass
class _Client:
    """Somebody who looks for a counsellor in the chat, and goes by the words on the buttons."""

    house: House
    chat: int
    name: str
    mail: str

    @cached_property
    def phone(self) -> Person:
        return Person(self.house.sandbox, self.chat)

    def arrives(self) -> None:
        """Agree to what is kept."""
        self.phone.does("start")
        self.phone.taps(self.phone.sees("Welcome"), "I agree", "What would you like")

    def goes_home(self) -> None:
        self.phone.does("start")
        self.phone.sees("What would you like", button="Find")

    def puts_a_card_on_record(self) -> None:
        home = self.phone.sees("What would you like", button="My card")
        card = self.phone.taps(home, "My card", "You need one")
        self._types_the_card(
            self.phone.taps(card, "Put a card on record", "The page is open until")
        )

    def _types_the_card(self, way: dict[str, Any]) -> None:
        page = self.phone.tap(way, "Open the card page")["opened"][-1]
        self.phone.does("open", url=self.house.sandbox.type_card(page))

    def asks(self) -> int:
        """Ask for the list of counsellors, and wait for no answer; return what comes before it."""
        home = self.phone.sees("What would you like", button="Find")
        self.phone.tap(home, "Find a counsellor")
        return int(home["message_id"]) - 1

    def was_shown(self, after: int) -> bool:
        """Whether the counsellor is in the list that was asked for."""
        return NAME in self.phone.sees("free time", after=after)["text"]

    def finds(self) -> bool:
        """Whether the counsellor is in the list."""
        return self.was_shown(self.asks())

    def books(self, start: datetime) -> None:
        """Book a first session with the card on record."""
        self.phone.tap(self.comes_to_the_act(start), "Book")
        self.phone.sees("Your session is booked")

    def comes_to_the_act(self, start: datetime) -> dict[str, Any]:
        """Go from the profile to the button that books, in whatever order the chat asks."""
        self.phone.does("start", payload=f"t_{HANDLE}")
        before = self.phone.sees("Steady help", button=_when(start))
        self.phone.tap(before, _when(start))
        for _ in range(12):
            now = self._goes_on(before)
            if any(label.startswith("Book · £45") for label in self.phone.labels(now)):
                return now
            self._answers(now)
            before = now
        raise AssertionError(self.phone.chat_text())

    def _goes_on(self, before: dict[str, Any]) -> dict[str, Any]:
        """Wait for the newest question of the bot, which is not the one before."""

        def asked() -> list[dict[str, Any]]:
            said = self.house.sandbox.get(self.phone.at)["messages"]
            now = [one for one in said if one["from_bot"] and one["buttons"]]
            fresh = (now[-1]["message_id"], now[-1]["text"])
            return now[-1:] if fresh != (before["message_id"], before["text"]) else []

        [now] = eventually(asked, f"the chat goes on:\n{self.phone.chat_text()}")
        return now

    def _answers(self, asked: dict[str, Any]) -> None:
        for words, text in (("Please write the name", self.name), ("e-mail address.", self.mail)):
            if words in asked["text"]:
                self.phone.does("write", text=text)
                return
        labels = self.phone.labels(asked)
        on = next(one for one in labels if one.startswith(("Go on", "Skip", "Next", "Continue")))
        self.phone.tap(asked, on)

    def still_has(self, start: datetime) -> None:
        """See the session in one's own list, as it was."""
        self.phone.does("start")
        home = self.phone.sees("Your next session", button="My sessions")
        assert NAME in home["text"]
        assert f"{start:%H:%M}" in home["text"]

    def cancels(self, start: datetime) -> None:
        """Cancel free, in the chat."""
        news = self.phone.sees(_when(start), button="Details")
        details = self.phone.taps(news, "Details", f"{start:%H:%M}", "Cancel this session")
        question = self.phone.taps(details, "Cancel this session", "Cancel this session?")
        self.phone.taps(question, "Yes, cancel · free", "Your session is cancelled")


def _when(moment: datetime) -> str:
    """A moment as every screen, chat and mail says it."""
    return f"{moment:%a} {moment.day} {moment:%b} {moment:%H:%M}"
