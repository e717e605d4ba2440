"""Mail: the envelope of a letter, and the servers that take it."""

from __future__ import annotations

import contextlib
import mailbox
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


class BadAddress(ValueError):
    """An address that no mail can go to."""


def envelope(letter: Letter, told: Told, sender: str) -> EmailMessage:
    """Return a letter as a message, the same each time it is sent for the same notice.

    The Message-ID is the notice's own, so that a doubled mail is recognised as one. No header
    holds a name; answers go to support, never to the other person (P1). Raises BadAddress.
    """
    message = EmailMessage()
    message["Subject"] = letter.subject
    message["From"] = _address(sender)
    message["To"] = _address(letter.to)
    if told.support:
        message["Reply-To"] = _address(told.support)
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


def _address(text: str) -> Address:
    """Return one address, never a list of several, with its domain as mail servers write it."""
    name, spec = parseaddr(text)
    local, _, domain = spec.rpartition("@")
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
    """Say what a refusal means: only the recipient's own, or the content's, is for good."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        code = codes[0] if codes else 0
        return Refused(f"smtp_{code}") if code >= 500 else NotNow(f"smtp_{code}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused("smtputf8")
    if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500:
        return Refused(f"smtp_{error.smtp_code}")
    if isinstance(error, smtplib.SMTPResponseException):
        away = isinstance(error, smtplib.SMTPSenderRefused) or error.smtp_code == 421
        return NotNow(f"smtp_{error.smtp_code}", down=away)
    return NotNow(type(error).__name__)
