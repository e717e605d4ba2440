"""The stand-in behind an address: the Bot API over HTTP, the control API and the phone page."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import httpx
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from helpspace.sandbox.telegram import control, page
from helpspace.sandbox.telegram.api import Answer, refusal
from helpspace.sandbox.telegram.decode import Upload
from helpspace.sandbox.telegram.errors import ApiError, ConnectionLostError, bad_request
from helpspace.sandbox.telegram.sandbox import TelegramSandbox

_WEBHOOK_PATIENCE = 10.0
_LONGEST_PAUSE = 60.0


def create_app(sandbox: TelegramSandbox) -> Starlette:
    """An ASGI application that answers for a sandbox; it also posts webhooks while it runs.

    Give uvicorn a `timeout_graceful_shutdown`: a caller may be in the middle of a long poll.
    """

    async def bot_method(request: Request) -> Response:
        wrong = sandbox.check_token(request.path_params["token"])
        if wrong is not None:
            return _response(wrong)
        try:
            params, uploads = await _arguments(request)
        except ApiError as refused:
            return _response(refusal(refused))
        return await _call(sandbox, request, params, uploads)

    async def bot_file(request: Request) -> Response:
        wrong = sandbox.check_token(request.path_params["token"])
        if wrong is not None:
            return _response(wrong)
        stored = sandbox.file_at(request.path_params["path"])
        if stored is None:
            return _response(refusal(ApiError(404, "Not Found")))
        return Response(stored.data, media_type="application/octet-stream")

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        posting = asyncio.create_task(post_webhooks(sandbox))
        yield
        posting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await posting

    return Starlette(
        routes=[
            Route("/bot{token}/{method}", bot_method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", bot_file),
            *control.routes(sandbox),
            *page.routes(sandbox),
        ],
        lifespan=lifespan,
    )


async def post_webhooks(sandbox: TelegramSandbox) -> None:
    """Deliver updates to the bot's webhook for ever; after a failure the pauses grow."""
    pause = 0.0
    async with httpx.AsyncClient(timeout=_WEBHOOK_PATIENCE, trust_env=False) as client:

        async def post(url: str, headers: dict[str, str], body: bytes) -> int:
            try:
                return (await client.post(url, headers=headers, content=body)).status_code
            except httpx.HTTPError as lost:
                raise ConnectionError(type(lost).__name__) from lost

        while True:
            with sandbox.world.updates.bell.heard() as rung:
                await sandbox.deliver_webhooks(post)
                if not sandbox.webhook_requests():
                    pause = 0.0
                    await rung.wait()
                elif not rung.is_set():
                    pause = min(_LONGEST_PAUSE, pause * 2 or 1.0)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(rung.wait(), pause)


async def _call(
    sandbox: TelegramSandbox,
    request: Request,
    params: dict[str, object],
    uploads: dict[str, Upload],
) -> Response:
    """Make the call; a caller who hangs up during a long poll ends it."""
    calling = asyncio.create_task(
        sandbox.call(request.path_params["method"], params, uploads),
    )
    leaving = asyncio.create_task(_hung_up(request.receive))
    try:
        await asyncio.wait({calling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not calling.done():
            return Response(status_code=499)
        return _response(calling.result())
    except ConnectionLostError as lost:
        return _Silence() if lost.kind == "timeout" else _HangUp()
    finally:
        for task in (calling, leaving):
            task.cancel()
        await asyncio.gather(calling, leaving, return_exceptions=True)


async def _arguments(request: Request) -> tuple[dict[str, object], dict[str, Upload]]:
    """Parameters and file parts, from the query, a form, a multipart body or JSON."""
    params: dict[str, object] = dict(request.query_params)
    uploads: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("the JSON body must be an object")
        params.update({name: value for name, value in body.items() if value is not None})
    else:
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    data = await value.read()
                    mime = value.content_type or "application/octet-stream"
                    uploads[name] = Upload(value.filename or name, data, mime)
                else:
                    params[name] = value
    return params, uploads


def _response(answer: Answer) -> Response:
    return Response(
        answer.body,
        status_code=answer.status,
        headers={"Content-Type": "application/json", **answer.headers},
    )


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Silence(Response):
    """No answer at all: the connection stays open until the caller loses patience."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - what ASGI calls it with
        await _hung_up(receive)


class _HangUp(Response):
    """An answer that breaks off after its first byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - what ASGI calls it with
        head = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
