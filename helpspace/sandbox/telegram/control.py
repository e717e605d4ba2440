"""The control API under `/_sandbox/`: another process can be the person, and break things."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpspace.sandbox.telegram.phone import Phone, Tap
from helpspace.sandbox.telegram.sandbox import TelegramSandbox
from helpspace.sandbox.telegram.screen import NotOnScreenError

Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]

_USER_FIELDS = frozenset({"first_name", "last_name", "username", "language_code"})


class ControlError(ValueError):
    """A request to the control API that cannot be carried out."""


def routes(sandbox: TelegramSandbox) -> list[Route]:
    """The routes of the control API."""
    control = _Control(sandbox)
    return [
        Route("/_sandbox/", _guarded(control.state)),
        Route("/_sandbox/users", _guarded(control.users), methods=["GET", "POST"]),
        Route("/_sandbox/users/{user_id:int}", _guarded(control.user)),
        Route("/_sandbox/users/{user_id:int}/{act}", _guarded(control.act), methods=["POST"]),
        Route("/_sandbox/calls", _guarded(control.calls)),
        Route("/_sandbox/faults", _guarded(control.faults), methods=["POST", "DELETE"]),
        Route("/_sandbox/updates/repeat", _guarded(control.repeat), methods=["POST"]),
        Route("/_sandbox/clock", _guarded(control.clock), methods=["GET", "POST"]),
    ]


def _guarded(endpoint: Callable[[Request], Awaitable[Any]]) -> Endpoint:
    """Turn what an endpoint returns into JSON, and what it raises into one line with a status."""

    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await endpoint(request))
        except NotOnScreenError as missing:
            return JSONResponse({"error": str(missing)}, status_code=409)
        except (ValueError, TypeError) as wrong:
            return JSONResponse({"error": str(wrong)}, status_code=400)

    return answer


class _Control:
    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    async def state(self, _request: Request) -> Json:
        """How things are, in one look."""
        sandbox = self._sandbox
        return {
            "now": sandbox.clock.now(),
            "bot": {"id": sandbox.bot.id, "username": sandbox.bot.username},
            "users": [_person(phone) for phone in sandbox.phones],
            "pending_updates": sandbox.pending_updates(),
            "unanswered": [query.id for query in sandbox.unanswered()],
            "webhook": sandbox.webhook.url,
        }

    async def users(self, request: Request) -> Any:
        """All people; POST makes one of `id` and names."""
        if request.method == "POST":
            wanted = await _body(request)
            user_id = wanted.pop("id", None)
            unknown = wanted.keys() - _USER_FIELDS
            if not isinstance(user_id, int) or unknown:
                raise ControlError(f"a user has an integer id and {sorted(_USER_FIELDS)}")
            return _person(self._sandbox.phone(user_id, **wanted))
        return [_person(phone) for phone in self._sandbox.phones]

    async def user(self, request: Request) -> Json:
        """What one person sees."""
        return screen(self._phone(request))

    async def act(self, request: Request) -> Json:
        """Let a person do something; answers with what came of it and what they see then."""
        phone = self._phone(request)
        act = ACTS.get(request.path_params["act"])
        if act is None:
            raise ControlError(f"a person can {', '.join(ACTS)}")
        did = act(phone, await _body(request))
        return {"did": _plain(did, phone) if isinstance(did, Tap) else did, **screen(phone)}

    async def calls(self, request: Request) -> list[Json]:
        """The recorded calls of the bot, all or those of one `method`."""
        wanted = request.query_params.get("method")
        found = self._sandbox.calls_of(wanted) if wanted else list(self._sandbox.calls)
        listed = json.dumps([dataclasses.asdict(call) for call in found], default=_weighed)
        return json.loads(listed)  # type: ignore[no-any-return]

    async def faults(self, request: Request) -> Json:
        """Plan a failure, or forget all that are planned."""
        if request.method == "DELETE":
            self._sandbox.faults.clear()
            return {"planned": None}
        fault = self._sandbox.faults.add(**await _body(request))
        return {"planned": dataclasses.asdict(fault)}

    async def repeat(self, request: Request) -> Json:
        """Deliver the last confirmed updates once more."""
        count = (await _body(request)).get("count", 1)
        return {"update_ids": self._sandbox.repeat_updates(int(count))}

    async def clock(self, request: Request) -> Json:
        """The time; POST moves a movable clock on by `advance` seconds."""
        clock = self._sandbox.clock
        if request.method == "POST":
            advance = getattr(clock, "advance", None)
            if advance is None:
                raise ControlError("this sandbox runs on the machine's own clock")
            advance(int((await _body(request)).get("advance", 0)))
        return {"now": clock.now()}

    def _phone(self, request: Request) -> Phone:
        user_id = request.path_params["user_id"]
        for phone in self._sandbox.phones:
            if phone.user.id == user_id:
                return phone
        raise ControlError(f"there is no user {user_id}; POST /_sandbox/users makes one")


def _tap(phone: Phone, body: Json) -> Tap:
    if "label" in body:
        return phone.tap(str(body["label"]), message_id=body.get("message_id"))
    if "index" not in body or "message_id" not in body:
        raise ControlError("tap takes a label, or a message_id and an index")
    return phone.tap(int(body["index"]), message_id=int(body["message_id"]))


def _bytes(body: Json) -> bytes:
    try:
        return base64.b64decode(str(body.pop("base64")), validate=True)
    except (KeyError, binascii.Error):
        raise ControlError("the file's bytes belong into `base64`") from None


ACTS: dict[str, Callable[[Phone, Json], Any]] = {
    "start": lambda phone, body: phone.start(**body),
    "write": lambda phone, body: phone.write(**body),
    "tap": _tap,
    "press": lambda phone, body: phone.press(**body),
    "open": lambda phone, body: phone.open(**body),
    "edit_message": lambda phone, body: phone.edit_message(**body),
    "delete_message": lambda phone, body: phone.delete_message(**body),
    "delete_chat": lambda phone, body: phone.delete_chat(**body),
    "block": lambda phone, body: phone.block(**body),
    "unblock": lambda phone, body: phone.unblock(**body),
    "deactivate": lambda phone, body: phone.deactivate(**body),
    "send_file": lambda phone, body: phone.send_file(_bytes(body), **body),
    "send_photo": lambda phone, body: phone.send_photo(
        _bytes(body) if "base64" in body else None, **body
    ),
    "send_voice": lambda phone, body: phone.send_voice(**body),
    "send_sticker": lambda phone, body: phone.send_sticker(**body),
    "send_contact": lambda phone, body: phone.send_contact(**body),
}


def screen(phone: Phone) -> Json:
    """What a person sees, as JSON; files stand as their size and address."""
    return {
        "user": _person(phone),
        "messages": [_plain(found, phone) for found in phone.messages],
        "keys": phone.keys,
        "toast": dataclasses.asdict(phone.toast) if phone.toast else None,
        "spinning": phone.spinning,
        "opened": phone.opened,
        "clipboard": phone.clipboard,
        "commands": phone.commands,
        "lock_screen": [dataclasses.asdict(found) for found in phone.lock_screen],
    }


def _person(phone: Phone) -> Json:
    return {**dataclasses.asdict(phone.user), "blocked": phone.chat.blocked}


def _plain(value: Any, phone: Phone) -> Any:
    """A frozen value as JSON."""
    found = dataclasses.asdict(value)
    for name in ("photo", "document"):
        attachment = found.get(name)
        if attachment:
            attachment["size"] = len(attachment.pop("data"))
            attachment["url"] = f"/phone/{phone.user.id}/file/{attachment['file_id']}"
    return found


def _weighed(value: object) -> str:
    """Bytes as their number, anything else as Python shows it."""
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else repr(value)


async def _body(request: Request) -> Json:
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise ControlError("the body must be JSON") from None
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body
