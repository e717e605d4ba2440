"""The mails that arrived, as their readers see them, and the failures planned for others."""

from __future__ import annotations

import mailbox
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal, get_args

from helpspace.core.clock import Clock, SystemClock

MailFaultKind = Literal["refuse", "defer", "drop", "drop_before", "double", "slow"]

_LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True)
class Part:
    """A file that came with a mail."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True)
class Mail:
    """One received mail: the envelope, what a reader sees of it, and the raw bytes."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    calendar: str | None
    attachments: tuple[Part, ...]
    at: int
    raw: bytes = field(repr=False)
    message: EmailMessage = field(repr=False, compare=False)

    @property
    def links(self) -> list[str]:
        """The addresses in the text part, in order."""
        return [found.rstrip(".,;:!?)") for found in _LINK.findall(self.text)]

    def header(self, name: str) -> str | None:
        """A header as decoded text."""
        value = self.message[name]
        return None if value is None else str(value)


@dataclass
class MailFault:
    """One planned failure; `passed` and `hit` count what happened to it so far."""

    kind: MailFaultKind
    recipient: str | None
    nth: int
    times: int
    seconds: float
    passed: int = 0
    hit: int = 0


class Mailbox:
    """Every mail that arrived, readable from any thread, and the failures planned for others.

    With a `folder`, each mail is written there too, as a maildir, for other processes to read.
    """

    def __init__(self, clock: Clock | None = None, *, folder: Path | None = None) -> None:
        self._clock = clock or SystemClock()
        self._mails: list[Mail] = []
        self._arrived = threading.Condition()
        self._listeners: list[Callable[[Mail], None]] = []
        self._planned: list[MailFault] = []
        self._maildir = mailbox.Maildir(folder, create=True) if folder else None

    def __len__(self) -> int:
        return len(self._mails)

    @property
    def mails(self) -> list[Mail]:
        """All mails, oldest first."""
        with self._arrived:
            return list(self._mails)

    def to(self, address: str) -> list[Mail]:
        """The mails to one address, oldest first; upper and lower case do not matter."""
        wanted = address.lower()
        return [m for m in self.mails if wanted in (r.lower() for r in m.recipients)]

    def latest(self, address: str) -> Mail:
        """The last mail to an address; LookupError if there is none."""
        found = self.to(address)
        if not found:
            raise LookupError(f"no mail for {address}; there is mail for {self.addresses()}")
        return found[-1]

    def addresses(self) -> list[str]:
        """Everybody who got mail, in alphabetical order."""
        return sorted({recipient for found in self.mails for recipient in found.recipients})

    def subjects(self, address: str | None = None) -> list[str]:
        """The subjects of all mails, or of those to one address."""
        return [found.subject for found in (self.to(address) if address else self.mails)]

    def clear(self) -> None:
        """Forget all mails (a maildir keeps its files)."""
        with self._arrived:
            self._mails.clear()

    def wait_for(self, count: int, timeout: float = 10.0) -> list[Mail]:
        """All mails, once there are that many; TimeoutError if that takes too long."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._mails) >= count, timeout):
                raise TimeoutError(f"{len(self._mails)} mails instead of {count}")
            return list(self._mails)

    def on_arrival(self, listener: Callable[[Mail], None]) -> Callable[[], None]:
        """Call `listener(mail)` in the receiving thread; returns the function that ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def receive(self, sender: str, recipients: list[str], raw: bytes) -> Mail:
        """Take in one mail; the server does this, and so may anything else."""
        mail = _read(sender, recipients, raw, self._clock.now())
        with self._arrived:
            self._mails.append(mail)
            if self._maildir is not None:
                self._maildir.add(raw)
            self._arrived.notify_all()
        for listener in tuple(self._listeners):
            listener(mail)
        return mail

    def fail(
        self,
        kind: MailFaultKind,
        *,
        recipient: str | None = None,
        nth: int = 1,
        times: int = 1,
        seconds: float = 1.0,
    ) -> MailFault:
        """Let the nth fitting mail from now on go wrong, and `times` in all.

        `refuse` is a 550 and `defer` a 451, both at the recipient; `drop` takes the mail in and
        cuts the line before the answer, `drop_before` cuts it without taking the mail in;
        `double` takes it in twice; `slow` answers after that many seconds.
        """
        if kind not in get_args(MailFaultKind):
            raise ValueError(f"a fault is one of {', '.join(get_args(MailFaultKind))}")
        fault = MailFault(kind, recipient.lower() if recipient else None, nth, times, seconds)
        with self._arrived:
            self._planned.append(fault)
        return fault

    def forgive(self) -> None:
        """Forget all planned failures."""
        with self._arrived:
            self._planned.clear()

    def fault_for(self, recipients: list[str], *, at_recipient: bool) -> MailFault | None:
        """The failure that a mail meets at this stage; every fitting plan counts the mail."""
        known = {recipient.lower() for recipient in recipients}
        met: MailFault | None = None
        with self._arrived:
            for fault in self._planned:
                early = fault.kind in {"refuse", "defer"}
                if early != at_recipient or not (
                    fault.recipient is None or fault.recipient in known
                ):
                    continue
                fault.passed += 1
                if met is None and fault.passed >= fault.nth:
                    met = fault
            if met is not None:
                met.hit += 1
                if met.hit >= met.times:
                    self._planned.remove(met)
        return met


def _read(sender: str, recipients: list[str], raw: bytes, at: int) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    return Mail(
        sender=sender,
        recipients=tuple(recipients),
        subject=str(message["subject"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        calendar=_calendar(message),
        attachments=tuple(_attachments(message)),
        at=at,
        raw=raw,
        message=message,
    )


def _body(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = message.get_body((kind,))
    return _text(part) if part is not None else ""


def _calendar(message: EmailMessage) -> str | None:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return _text(part)
    return None


def _text(part: Any) -> str:
    try:
        content = str(part.get_content())
    except LookupError:
        content = _decoded(part).decode("utf-8", "replace")
    return content.replace("\r\n", "\n")


def _attachments(message: EmailMessage) -> list[Part]:
    return [
        Part(part.get_filename() or "", part.get_content_type(), _decoded(part))
        for part in message.iter_attachments()
    ]


def _decoded(part: Any) -> bytes:
    """The bytes of a part; one that cannot be decoded counts as empty."""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""
