"""`helpspace sandbox serve` as a process, and the people and banks behind it, over HTTP."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.wire.processes import Process, eventually


@dataclass
class Sandbox:
    """The stand-ins of one test: `settings` lead to them."""

    process: Process
    settings: dict[str, str]
    client: httpx.Client

    @property
    def telegram(self) -> str:
        return self.settings["HELPSPACE_TELEGRAM_API"]

    @property
    def stripe(self) -> str:
        return self.settings["HELPSPACE_STRIPE_API"]

    def get(self, address: str, **query: str) -> Any:
        """Ask one of the control APIs."""
        answer = self.client.get(address, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, address: str, **body: Any) -> Any:
        """Tell one of the control APIs something."""
        answer = self.client.post(address, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def mails(self, to: str) -> list[dict[str, Any]]:
        """The mails to an address, oldest first."""
        return list(self.get(f"{self.telegram}/_sandbox/mails", to=to))

    def mail(self, to: str, subject: str) -> dict[str, Any]:
        """Wait for a mail whose subject begins so."""

        def there() -> dict[str, Any] | None:
            return next((m for m in self.mails(to)[::-1] if m["subject"].startswith(subject)), None)

        try:
            mail = eventually(there, f"a mail to {to}: {subject}")
        except AssertionError as error:
            subjects = [m["subject"] for m in self.mails(to)]
            raise AssertionError(f"{error}\nThe mails there: {subjects}") from None
        assert mail is not None
        return mail

    def advance(self, seconds: int) -> None:
        """Move the clock of all stand-ins on."""
        self.post(f"{self.telegram}/_sandbox/clock", advance=seconds)

    @contextlib.contextmanager
    def telegram_is_ill(self, chat: int) -> Iterator[None]:
        """Let nothing that the bot says reach a chat, as if the line were bad all the time."""
        faults = f"{self.telegram}/_sandbox/faults"
        for method in ("sendMessage", "editMessageText"):
            self.post(faults, kind="bad_gateway", method=method, times=10_000, chat_id=chat)
        try:
            yield
        finally:
            self.client.delete(faults)

    def has_acknowledged(self) -> bool:
        """Say whether the bot has every update, so that Telegram keeps none for it."""
        return self.get(f"{self.telegram}/_sandbox/")["pending_updates"] == 0

    def failures(self) -> int:
        """How many calls of the bot have met a planned failure."""
        return sum(1 for call in self.get(f"{self.telegram}/_sandbox/calls") if call["fault"])

    def ledger(self) -> list[dict[str, Any]]:
        """What each payment came to at Stripe."""
        return list(self.get(f"{self.stripe}/_sandbox/ledger"))

    def type_card(self, page: str, number: str = "4242 4242 4242 4242") -> str:
        """Type a card into Stripe's page as a browser does; return where it leads back to."""
        shown = self.client.get(page)
        assert "Put a card on record" in shown.text
        form = {"number": number, "expiry": "12/34", "cvc": "123", "do": "save"}
        typed = self.client.post(page, data=form)
        assert typed.is_redirect, typed.text
        return typed.headers["location"]


@dataclass
class Person:
    """Somebody with a phone."""

    sandbox: Sandbox
    chat: int

    def __post_init__(self) -> None:
        users = f"{self.sandbox.telegram}/_sandbox/users"
        self.sandbox.post(users, id=self.chat, first_name="Sam")

    @property
    def at(self) -> str:
        """Where the control API has this phone."""
        return f"{self.sandbox.telegram}/_sandbox/users/{self.chat}"

    def does(self, act: str, **how: Any) -> dict[str, Any]:
        """Do something on the phone; returns what is seen then."""
        return dict(self.sandbox.post(f"{self.at}/{act}", **how))

    def sees(self, words: str, *, button: str = "", after: int = 0) -> dict[str, Any]:
        """Wait for a message of the bot with these words, and such a button; return the newest.

        `after` is the number of a message that must come before it.
        """

        def seen() -> dict[str, Any] | None:
            messages = self.sandbox.get(self.at)["messages"]
            fitting = [
                one
                for one in messages
                if one["from_bot"]
                and one["message_id"] > after
                and words in one["text"]
                and any(label.startswith(button) for label in self.labels(one) or [""])
            ]
            return fitting[-1] if fitting else None

        try:
            found = eventually(seen, f"the chat says {words!r}, with a button {button!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}\nThe chat shows:\n{self.chat_text()}") from None
        assert found is not None
        return found

    def chat_text(self, last: int = 8) -> str:
        """The last messages as somebody reads them, for the words of a failure."""
        messages = self.sandbox.get(self.at)["messages"][-last:]
        return "\n".join(
            f"{one['message_id']} {'bot' if one['from_bot'] else 'person'}: {one['text']!r}"
            f" {self.labels(one)}"
            for one in messages
        )

    def labels(self, message: dict[str, Any]) -> list[str]:
        return [button["label"] for row in message["buttons"] for button in row]

    def tap(self, message: dict[str, Any], beginning: str) -> dict[str, Any]:
        """Touch the button of a message whose label begins so; return what is seen then."""
        labels = self.labels(message)
        index = next(at for at, label in enumerate(labels) if label.startswith(beginning))
        return self.does("tap", message_id=message["message_id"], index=index)

    def taps(
        self, message: dict[str, Any], beginning: str, then: str, button: str = ""
    ) -> dict[str, Any]:
        """Touch a button, and wait for what the bot says then."""
        self.tap(message, beginning)
        return self.sees(then, button=button)

    def writes(self, text: str, then: str) -> dict[str, Any]:
        """Write something, and wait for what the bot says below it."""
        return self.sees(then, after=self.does("write", text=text)["did"])


def bare_environment(folder: Path) -> dict[str, str]:
    """What any process needs to run at all: no settings yet, and a home of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    root = str(Path(__file__).parents[2])
    return {**kept, "HOME": str(folder), "PYTHONPATH": root, "PYTHONWARNINGS": "default"}


@contextlib.contextmanager
def sandbox(folder: Path, ports: tuple[int, int, int] = (0, 0, 0)) -> Iterator[Sandbox]:
    """Start the stand-ins, on free ports where none are named."""
    names = ("--telegram-port", "--stripe-port", "--smtp-port")
    options = [part for name, port in zip(names, ports, strict=True) for part in (name, f"{port}")]
    argv = ("sandbox", "serve", *options)
    with (
        Process(folder, "sandbox", argv, bare_environment(folder)) as process,
        httpx.Client(trust_env=False, timeout=20) as client,
    ):
        process.says("The sandbox is up")
        lines = process.out.splitlines()
        settings = dict(line.split("=", 1) for line in lines if line.startswith("HELPSPACE_"))
        yield Sandbox(process, settings, client)
        assert process.stop() == 0
        assert "Traceback" not in process.err
