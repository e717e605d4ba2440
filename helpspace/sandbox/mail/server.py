"""SMTP on loopback: takes every mail, delivers none, and misbehaves as planned."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from helpspace.sandbox.mail.inbox import Mailbox

_START_PATIENCE = 10.0
_SIZE_LIMIT = 25 * 1024 * 1024
_OK = "250 2.0.0 OK"


class MailServer:
    """SMTP in a thread of its own, from `with` to the end of its block.

    With `credentials` it demands AUTH; otherwise it takes any, or none.
    """

    def __init__(
        self,
        inbox: Mailbox,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._handler = _Handler(inbox, credentials)
        self._ready = threading.Event()
        self._problem: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address as the setting HELPSPACE_MAIL takes it."""
        return f"smtp://{self.host}:{self.port}"

    def __enter__(self) -> MailServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; OSError if the port is taken."""
        self._thread = threading.Thread(target=self._run, name="sandbox-mail", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_PATIENCE):
            raise TimeoutError("the mail server did not start")
        if self._problem is not None:
            self._thread.join()
            raise self._problem

    def stop(self) -> None:
        """Cut all connections and end the thread; harmless when it has ended already."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as problem:
            self._problem = problem
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        open_lines: set[asyncio.BaseTransport] = set()
        server = await self._loop.create_server(
            lambda: _Line(self._handler, open_lines), self.host, self.port
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for line in tuple(open_lines):
            _abort(line)


class _Line(SMTP):
    """One connection, remembered while it is open so that the server can cut it."""

    def __init__(self, handler: _Handler, open_lines: set[asyncio.BaseTransport]) -> None:
        super().__init__(
            handler,
            hostname="sandbox.invalid",
            ident="Helpspace sandbox",
            data_size_limit=_SIZE_LIMIT,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=handler.authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._open_lines = open_lines
        self._line: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line = transport
        self._open_lines.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if self._line is not None:
            self._open_lines.discard(self._line)

    def cut(self) -> None:
        """Hang up without another word."""
        if self._line is not None:
            _abort(self._line)


def _abort(line: asyncio.BaseTransport) -> None:
    if isinstance(line, asyncio.WriteTransport):
        line.abort()


class _Handler:
    """What happens to each mail, in the names that aiosmtpd calls."""

    def __init__(self, inbox: Mailbox, credentials: tuple[str, str] | None) -> None:
        self._inbox = inbox
        self._credentials = credentials

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        """Take the right credentials, or any when none are set."""
        if self._credentials is None:
            return AuthResult(success=True)
        name, word = self._credentials
        right = LoginPassword(name.encode(), word.encode())
        return AuthResult(success=given == right, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._credentials is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return _OK

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        fault = self._inbox.fault_for([address], at_recipient=True)
        if fault is not None:
            refused = fault.kind == "refuse"
            return "550 5.1.1 No such mailbox" if refused else "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return _OK

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: _Line, _session: Session, envelope: Envelope
    ) -> str:
        recipients = [str(address) for address in envelope.rcpt_tos]
        content = envelope.original_content or b""
        fault = self._inbox.fault_for(recipients, at_recipient=False)
        kind = fault.kind if fault else None
        if kind != "drop_before":
            for _ in range(2 if kind == "double" else 1):
                self._inbox.receive(envelope.mail_from or "", recipients, content)
        if kind in {"drop", "drop_before"}:
            server.cut()
        if fault is not None and kind == "slow":
            await asyncio.sleep(fault.seconds)
        return _OK
