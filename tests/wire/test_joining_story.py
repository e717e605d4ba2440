"""Joining over the wire: real processes, a real terminal, HTTP and SMTP, nothing patched.

From an empty folder to a published profile ("done when" 1).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from helpspace.core.actors import Actor
from helpspace.sandbox.clock import MovableClock
from helpspace.settings import settings_from
from helpspace.wiring import open_practice
from tests.wire.joiner import MAIL, NAME, Joiner
from tests.wire.processes import Process, ask, free_port, terminal
from tests.wire.sandbox import Sandbox, bare_environment, sandbox

LONDON = ZoneInfo("Europe/London")
HANDLE = "ada-canary"
REASON = "It ended last month"


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

    def a_minute_passes(self) -> None:
        """Let time go on for every process of this store (D4)."""
        settings = settings_from(self.environment, self.folder / "none.env")
        practice = open_practice(settings, clock=MovableClock(int(time.time()) + 61))
        with practice.change() as tx:
            tx.audit(Actor.team("wire"), "clock", "store", "")
        practice.store.close()

    def told(self, subject: str) -> dict[str, Any]:
        """Wait for a mail to the counsellor."""
        return self.sandbox.mail(MAIL, subject)


def test_a_counsellor_joins_and_is_found(tmp_path: Path) -> None:
    """J1-J6, P1-P3: every gate in its order."""
    with sandbox(tmp_path) as stand_ins:
        house = House(tmp_path, stand_ins)
        made = house.ask("init")
        assert made["key_made"]
        assert made["config_made"]
        with Process(tmp_path, "serve", ("serve", "--debug"), house.environment) as serve:
            serve.says("the web listens")
            ada = Joiner(tmp_path, datetime.now(LONDON).date())
            _applies(house, ada)
            _publishes(house, ada)
            assert serve.stop() == 0
            assert "Traceback" not in serve.err
            for secret in (NAME, MAIL, HANDLE, REASON, "ended last month"):
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
        house.a_minute_passes()
        house.ask("jobs", "run", "accounts")
        house.told("Payments are enabled")
        ada.sees("2 Payments enabled at Stripe")
        ada.fills_the_profile(HANDLE)
        assert house.card == 404
        ada.presses("c")
        ada.sees("hidden: no open slot")
        day = ada.today + timedelta(days=4)
        starts = [datetime(day.year, day.month, day.day, hour, tzinfo=LONDON) for hour in (18, 19)]
        _opens(ada, starts[0], "Your profile is published: clients find you.")
        assert house.card == 200
        house.told("Your profile is published")
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


def _when(moment: datetime) -> str:
    """A moment as every screen, chat and mail says it."""
    return f"{moment:%a} {moment.day} {moment:%b} {moment:%H:%M}"
