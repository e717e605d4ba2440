"""The stand-in under python-telegram-bot's own request interface: no socket, real library."""

from __future__ import annotations

import asyncio
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from helpspace.sandbox.telegram.api import Answer, refusal
from helpspace.sandbox.telegram.decode import Upload
from helpspace.sandbox.telegram.errors import ApiError, ConnectionLostError
from helpspace.sandbox.telegram.sandbox import TelegramSandbox


class SandboxRequest(BaseRequest):
    """Answers a bot's requests from a sandbox and fails as HTTPXRequest does.

    Give a bot one for getUpdates and one for everything else, as with the real thing.
    """

    def __init__(self, sandbox: TelegramSandbox, *, read_timeout: float | None = 5.0) -> None:
        self._sandbox = sandbox
        self._read_timeout = read_timeout
        self._closed = False

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        self._closed = False

    async def shutdown(self) -> None:
        self._closed = True

    async def do_request(
        self,
        url: str,
        method: str,  # noqa: ARG002 - Telegram answers to GET and POST alike
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - the library's own shape
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - the library's own shape
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - the library's own shape
    ) -> tuple[int, bytes]:
        """Make one call; a slow answer ends in TimedOut although the call took effect."""
        if self._closed:
            raise RuntimeError("This SandboxRequest is not initialized!")
        unsaid = read_timeout is BaseRequest.DEFAULT_NONE
        limit = self._read_timeout if unsaid else read_timeout
        await asyncio.sleep(0)  # a network lets others run; a loop that polls relies on it
        try:
            async with asyncio.timeout(limit):
                answer = await self._answer(url, request_data)
        except TimeoutError as late:
            raise TimedOut from late
        except ConnectionLostError as lost:
            if lost.kind == "timeout":
                raise TimedOut from lost
            name = "ReadError" if lost.after else "ConnectError"
            raise NetworkError(f"httpx.{name}: {lost}") from lost
        return answer.status, answer.body

    async def _answer(self, url: str, data: RequestData | None) -> Answer:
        parts = [unquote(part) for part in urlsplit(url).path.strip("/").split("/")]
        if parts[0] == "file":
            return self._file(parts[1].removeprefix("bot"), "/".join(parts[2:]))
        wrong = self._sandbox.check_token(parts[0].removeprefix("bot"))
        if wrong is not None:
            return wrong
        params = data.json_parameters if data else {}
        uploads = data.multipart_data if data else {}
        return await self._sandbox.call(
            parts[1], params, {name: _upload(part) for name, part in uploads.items()}
        )

    def _file(self, token: str, path: str) -> Answer:
        wrong = self._sandbox.check_token(token)
        if wrong is not None:
            return wrong
        stored = self._sandbox.file_at(path)
        return Answer(200, stored.data) if stored else refusal(ApiError(404, "Not Found"))


def _upload(part: tuple[str, bytes | IO[bytes], str] | Any) -> Upload:
    name, content, mime = part
    data = content if isinstance(content, bytes) else content.read()
    return Upload(name=name, data=data, mime=mime)
