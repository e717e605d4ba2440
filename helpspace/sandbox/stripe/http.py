"""The sandbox over HTTP: the API, the hosted pages, and a small desk to control it from.

Serve it with `date_header=False`: the Date of every answer is the sandbox's own time.
`loopback` does that. Nothing here guards anything: bind it to 127.0.0.1 only.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from helpspace.sandbox.stripe.desk import Desk
from helpspace.sandbox.stripe.errors import NoAnswer
from helpspace.sandbox.stripe.pages import visit
from helpspace.sandbox.stripe.sandbox import StripeSandbox

LARGEST_BODY = 1_000_000
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _HangUp(Response):
    """No answer: the connection ends, as a dropped one does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - what ASGI calls it with
        transport = scope["sandbox.transport"]
        if transport is None:
            raise RuntimeError("this server gives no way to drop a connection")
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            continue


class SandboxApp(Starlette):
    """A Starlette app that can drop its connections, under uvicorn."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["sandbox.transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


def create_app(sandbox: StripeSandbox) -> Starlette:
    """The app for one sandbox; hosted pages are linked under `sandbox.base_url`."""

    async def api(request: Request) -> Response:
        body = await request.body()
        if len(body) > LARGEST_BODY:
            return JSONResponse({"error": {"message": "The request is too large."}}, 413)
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        headers = dict(request.headers)
        try:
            answer = await run_in_threadpool(sandbox.handle, request.method, target, headers, body)
        except NoAnswer:
            return _HangUp()
        return Response(answer.body, answer.status, dict(answer.headers))

    async def hosted(request: Request) -> Response:
        sent = dict(parse_qsl((await request.body()).decode(errors="replace")))
        page = await run_in_threadpool(visit, sandbox, request.method, request.url.path, sent)
        headers = dict(PAGE_HEADERS)
        if page.location is not None:
            headers["Location"] = page.location
        return Response(page.html, page.status, headers, "text/html")

    return SandboxApp(
        routes=[
            Route("/v1/{rest:path}", api, methods=["GET", "POST", "DELETE"]),
            *Desk(sandbox).routes(),
            Route("/{rest:path}", hosted, methods=["GET", "POST"]),
        ]
    )


@contextmanager
def loopback(sandbox: StripeSandbox, port: int = 0) -> Iterator[str]:
    """Serve the sandbox on 127.0.0.1 until the block ends; yields the base URL.

    Port 0 takes any free one. The sandbox's own links lead to it from then on.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sandbox.base_url = base
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(sandbox),
                access_log=False,
                date_header=False,
                lifespan="off",
                log_config=None,
                log_level="error",
                server_header=False,
                timeout_graceful_shutdown=1,
                ws="none",
            )
        )
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="stripe-sandbox"
        )
        listener.listen()
        thread.start()
        try:
            yield base
        finally:
            server.should_exit = True
            thread.join()
