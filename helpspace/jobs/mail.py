"""Mail: the envelope of a letter, and the servers that take it."""

from __future__ import annotations

import contextlib
import mailbox
import re
import smtplib
import ssl
import threading
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from helpspace.core.errors import SettingsFault
from helpspace.core.gateways import Mailer, NotNow, Outcome, Refused, Taken
from helpspace.core.letters import Told
from helpspace.jobs import calendar_file
from helpspace.jobs.letters import Letter

TIMEOUT = 20
"""Seconds until a mail server counts as silent."""


_FOR_GOOD = re.compile(r"5\.(?:1\.(?![78]\b)|2\.)\d+\b")
"""The enhanced codes (RFC 3463) that are about the person's mailbox; 5.1.7 and 5.1.8 are about
the sender's."""

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_NO_MAILBOX = (550, 551, 553)
_NOT_LET_IN = re.compile(
    r"relay|authenticat|starttls|client host|\bhelo\b|block(?:ed|list)", re.IGNORECASE
)
_LOG_IN = (530, 534, 535, 538)


class BadAddress(ValueError):
    """An address that no mail can go to."""


class BadSender(ValueError):
    """An address of ours that no mail can come from, which says nothing about the recipient."""


def envelope(letter: Letter, told: Told, sender: str) -> EmailMessage:
    """Return a letter as a message, the same each time it is sent for the same notice.

    The Message-ID is the notice's own, so that a doubled mail is recognised as one. No header
    holds a name; answers go to support, never to the other person (P1). Raises BadAddress for the
    recipient, BadSender for what is ours.
    """
    message = EmailMessage()
    message["Subject"] = letter.subject
    try:
        message["From"] = address_of(sender)
        if told.support:
            message["Reply-To"] = address_of(told.support)
    except BadAddress as error:
        raise BadSender from error
    message["To"] = address_of(letter.to)
    message["Date"] = format_datetime(datetime.fromtimestamp(told.now, UTC))
    message["Message-ID"] = f"<notice-{told.seq}@{told.store}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.ics is not None:
        message.add_attachment(
            letter.ics,
            maintype="text",
            subtype="calendar",
            filename=calendar_file.NAME,
            params={"method": letter.method, "charset": "utf-8"},
        )
    return message


def address_of(text: str) -> Address:
    """Return one address, never a list of several, with its domain as mail servers write it.

    Raises BadAddress.
    """
    name, spec = parseaddr(text)
    local, _, domain = spec.rpartition("@")
    if not local or not domain:
        raise BadAddress
    try:
        return Address(name, local, domain.encode("idna").decode())
    except (ValueError, IndexError, HeaderParseError):
        raise BadAddress from None


def open_mailer(url: str) -> Mailer:
    """Return the mailer of HELPSPACE_MAIL: `smtp://`, `smtps://` or `maildir:///folder`."""
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        return MaildirMailer(Path(unquote(parts.path)))
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingsFault("HELPSPACE_MAIL names no mail server", "Write smtp://host:port.")
    return SmtpMailer(
        parts.hostname,
        parts.port,
        implicit_tls=parts.scheme == "smtps",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password or ""),
    )


class MaildirMailer:
    """Writes mails into a folder, for trying things out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return "MaildirMailer()"

    def send(self, message: EmailMessage) -> Outcome:
        """Write one message into the folder."""
        try:
            mailbox.Maildir(self._folder, create=True).add(message.as_bytes())
        except OSError:
            return NotNow("maildir", down=True)
        return Taken()

    def rest(self) -> None:
        """Nothing is held open."""


class SmtpMailer:
    """Hands mails to an SMTP server, each thread over a connection of its own.

    TLS is begun when the server offers it; credentials never go over an open line.
    """

    def __init__(
        self,
        host: str,
        port: int | None,
        *,
        implicit_tls: bool = False,
        user: str | None = None,
        password: str = "",
        timeout: float = TIMEOUT,
    ) -> None:
        usual = 465 if implicit_tls else (587 if user else 25)
        self._host = host
        self._port = port or usual
        self._implicit_tls = implicit_tls
        self._user = user
        self._password = password
        self._timeout = timeout
        self._local = threading.local()

    def __repr__(self) -> str:
        return "SmtpMailer()"

    def send(self, message: EmailMessage) -> Outcome:
        """Hand over one message; after a failure the next one has a new connection."""
        server = self._reach()
        if isinstance(server, NotNow):
            return server
        try:
            server.send_message(message)
        except smtplib.SMTPException as error:
            self.rest()
            return _outcome(error)
        except OSError as error:
            self.rest()
            return NotNow(_name_of(error))
        return Taken()

    def greet(self) -> Outcome:
        """Connect, secure the line and log in, but send nothing: whether it would work."""
        server = self._reach()
        self.rest()
        return server if isinstance(server, NotNow) else Taken()

    def rest(self) -> None:
        """Close this thread's connection."""
        server = getattr(self._local, "server", None)
        if server is not None:
            self._local.server = None
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _reach(self) -> smtplib.SMTP | NotNow:
        """Return this thread's connection, or why there is none."""
        try:
            return self._connection()
        except smtplib.SMTPResponseException as error:
            return NotNow(f"smtp_{error.smtp_code}", down=True)
        except (smtplib.SMTPException, OSError) as error:
            return NotNow(_name_of(error), down=True)

    def _connection(self) -> smtplib.SMTP:
        server: smtplib.SMTP | None = getattr(self._local, "server", None)
        if server is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if server.noop()[0] == 250:
                    return server
            self.rest()
        self._local.server = server = self._connect()
        return server

    def _connect(self) -> smtplib.SMTP:
        if self._implicit_tls:
            tls = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=tls
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            self._introduce(server)
        except BaseException:
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP) -> None:
        """Say hello, secure the line and log in."""
        server.ehlo_or_helo_if_needed()
        near = _is_loopback(self._host)
        safe = self._implicit_tls or near
        if not safe and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            safe = True
        if self._user is not None:
            if not safe:
                raise smtplib.SMTPNotSupportedError("no TLS for the credentials")
            server.login(self._user, self._password)


def _is_loopback(host: str) -> bool:
    """Whether the line never leaves this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _name_of(error: Exception) -> str:
    return "timeout" if isinstance(error, TimeoutError) else type(error).__name__


def _outcome(error: smtplib.SMTPException) -> Outcome:
    """Say what a refusal means: only what is about the person's own mailbox is for good.

    Everything else, such as a relay that wants us to log in, may be mended and is tried again.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()), (0, b""))
        return _refusal(code, said, plain=code in _NO_MAILBOX)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused("smtputf8")
    if isinstance(error, smtplib.SMTPDataError):
        return _refusal(error.smtp_code, error.smtp_error, plain=False)
    if isinstance(error, smtplib.SMTPResponseException):
        away = isinstance(error, smtplib.SMTPSenderRefused) or error.smtp_code == 421
        return NotNow(f"smtp_{error.smtp_code}", down=away)
    return NotNow(type(error).__name__)


def _refusal(code: int, said: bytes | str, *, plain: bool) -> Outcome:
    """Say what an answer to a recipient or a content means.

    `plain` says that the code by itself, without an enhanced one, is about the mailbox.
    """
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if code in (*_LOG_IN, 421) or _NOT_LET_IN.search(text):
        return NotNow(f"smtp_{code}", down=True)
    enhanced = _ENHANCED.match(text)
    final = bool(_FOR_GOOD.match(text)) if enhanced else plain
    return Refused(f"smtp_{code}") if code >= 500 and final else NotNow(f"smtp_{code}")
