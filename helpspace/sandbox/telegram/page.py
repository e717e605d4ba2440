"""A phone in the browser: plain pages with forms, so that anybody can be the client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from jinja2 import DictLoader, Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from helpspace.sandbox.telegram.bubbles import Attachment, runs
from helpspace.sandbox.telegram.phone import Phone
from helpspace.sandbox.telegram.sandbox import TelegramSandbox
from helpspace.sandbox.telegram.screen import NotOnScreenError

_FIRST_USER = 7001
_PICTURES = frozenset({"image/png", "image/jpeg"})
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-src 'self'; "
        "form-action 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}

_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{% if refresh %}<meta http-equiv="refresh" content="2">{% endif %}
<title>Sandbox phone</title><style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 0 auto; max-width: 30rem; padding: 0 .8rem }
.loud { background: #b00020; color: #fff; font-weight: bold; margin: .5rem 0; padding: .5rem }
iframe { border: 1px solid #999; height: 65vh; width: 100% }
.chat { display: flex; flex-direction: column-reverse; gap: .5rem; padding: .5rem 0 }
.bubble { background: #eef; border-radius: .7rem; padding: .5rem .7rem; max-width: 85% }
.mine { align-self: flex-end; background: #dfd }
.text { white-space: pre-wrap; overflow-wrap: anywhere }
.row { display: flex; gap: .3rem; margin-top: .3rem } .row form { flex: 1 }
button { font: inherit; padding: .35rem .5rem } .row button { width: 100% }
.danger { background: #fbd } .success { background: #cfc } .primary { background: #ccf }
.toast { background: #333; color: #fff; padding: .5rem } small { color: #555 }
img { max-width: 100% } input { font: inherit; padding: .35rem; width: 60% }
</style></head><body>{% block body %}{% endblock %}</body></html>"""

_LOUD = """<p class="loud">SANDBOX. This is not Telegram: nothing here leaves this machine,
and everything is forgotten when the sandbox ends.</p>"""

_LIST = (
    '{% extends "frame" %}{% block body %}'
    + _LOUD
    + """<h1>Phones</h1>
<ul>{% for phone in phones %}<li><a href="/phone/{{ phone.user.id }}">
{{ phone.user.first_name }} {{ phone.user.last_name or "" }}</a>
<small>{{ phone.user.id }}{% if phone.chat.blocked %}, has blocked the bot{% endif %}</small></li>
{% else %}<li>nobody yet</li>{% endfor %}</ul>
<form method="post" action="/"><input name="first_name" placeholder="First name" required>
<button>New phone</button></form>{% endblock %}"""
)

_PHONE = (
    '{% extends "frame" %}{% block body %}'
    + _LOUD
    + """<p><a href="/">All phones</a> · <b>{{ phone.user.first_name }}</b> with
@{{ bot.username }}</p>
{% if problem %}<p class="toast">{{ problem }}</p>{% endif %}
<iframe src="/phone/{{ phone.user.id }}/chat" title="The chat"></iframe>
<form method="post" action="/phone/{{ phone.user.id }}/write">
<input name="text" placeholder="Message" autofocus required autocomplete="off">
<button>Send</button></form>
{% for row in phone.keys %}<div class="row">{% for key in row %}
<form method="post" action="/phone/{{ phone.user.id }}/write">
<button name="text" value="{{ key }}">{{ key }}</button></form>{% endfor %}</div>{% endfor %}
<form method="post" action="/phone/{{ phone.user.id }}/start">
<input name="payload" placeholder="Deep link parameter (may be empty)"><button>Start</button></form>
<form method="post" action="/phone/{{ phone.user.id }}/{{ "unblock" if phone.chat.blocked
else "block" }}"><button>{{ "Unblock" if phone.chat.blocked else "Block" }} the bot</button></form>
{% endblock %}"""
)

_CHAT = """{% extends "frame" %}{% block body %}<div class="chat">
{% if problem %}<p class="toast">{{ problem }}</p>{% endif %}
{% if toast %}<p class="toast">{{ toast.text }}</p>{% endif %}
{% for bubble in bubbles %}<div class="bubble{% if not bubble.from_bot %} mine{% endif %}">
{% if bubble.photo %}<img alt="Picture" src="/phone/{{ id }}/file/{{ bubble.photo.file_id }}">
{% elif bubble.document %}<a href="/phone/{{ id }}/file/{{ bubble.document.file_id }}" download>
📎 {{ bubble.document.name }}</a>{% elif bubble.other %}[{{ bubble.other }}]{% endif %}
<div class="text">{% for run in runs(bubble.text, bubble.entities) -%}
{% if run.url %}<a href="{{ run.url }}" target="_blank" rel="noopener">{{ run.text }}</a>
{%- elif "bold" in run.styles %}<b>{{ run.text }}</b>
{%- elif "italic" in run.styles %}<i>{{ run.text }}</i>
{%- elif "code" in run.styles or "pre" in run.styles %}<code>{{ run.text }}</code>
{%- else %}{{ run.text }}{% endif %}{%- endfor %}</div>
<small>{{ moment(bubble.at) }}{% if bubble.edited %} · edited{% endif %}
{% if bubble.silent %} · silent{% endif %}</small>
{% set place = namespace(n=0) %}{% for row in bubble.buttons %}<div class="row">
{% for button in row %}{% if button.kind == "url" and not leads_home(button.value) %}
<a href="{{ button.value }}" target="_blank" rel="noopener">{{ button.label }} ↗</a>
{% else %}<form method="post" action="/phone/{{ id }}/tap">
<input type="hidden" name="message_id" value="{{ bubble.message_id }}">
<button class="{{ button.style or "" }}" name="index" value="{{ place.n }}">{{ button.label }}
</button></form>{% endif %}{% set place.n = place.n + 1 %}{% endfor %}</div>{% endfor %}</div>
{% else %}<p>Press Start below.</p>{% endfor %}</div>{% endblock %}"""

_PAGES = Environment(
    loader=DictLoader({"frame": _FRAME, "list": _LIST, "phone": _PHONE, "chat": _CHAT}),
    autoescape=True,
)


def routes(sandbox: TelegramSandbox) -> list[Route]:
    """The routes of the browser's phone."""
    pages = _Pages(sandbox)
    return [
        Route("/", pages.phones, methods=["GET", "POST"]),
        Route("/phone/{user_id:int}", pages.phone),
        Route("/phone/{user_id:int}/chat", pages.chat),
        Route("/phone/{user_id:int}/file/{file_id}", pages.file),
        Route("/phone/{user_id:int}/{act}", pages.act, methods=["POST"]),
    ]


def _html(name: str, **values: object) -> HTMLResponse:
    return HTMLResponse(_PAGES.get_template(name).render(**values), headers=_HEADERS)


def _moment(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%a %d %b %H:%M UTC")


class _Pages:
    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    async def phones(self, request: Request) -> Response:
        """Everybody's phones; POST adds one."""
        if request.method == "POST":
            form = await request.form()
            taken = {phone.user.id for phone in self._sandbox.phones}
            number = max(taken | {_FIRST_USER - 1}) + 1
            phone = self._sandbox.phone(number, first_name=str(form.get("first_name") or "Sam"))
            return RedirectResponse(f"/phone/{phone.user.id}", status_code=303)
        return _html("list", phones=self._sandbox.phones)

    async def phone(self, request: Request) -> Response:
        """One phone: the chat in a frame that keeps itself fresh, forms below it."""
        phone = self._phone(request)
        if phone is None:
            return _missing()
        problem = request.query_params.get("problem")
        return _html("phone", phone=phone, bot=self._sandbox.bot, problem=problem)

    async def chat(self, request: Request) -> Response:
        """The bubbles, newest at the bottom."""
        phone = self._phone(request)
        if phone is None:
            return _missing()
        return _html(
            "chat",
            id=phone.user.id,
            bubbles=phone.messages[::-1],
            toast=phone.toast,
            problem=request.query_params.get("problem"),
            runs=runs,
            moment=_moment,
            leads_home=phone.leads_home,
            refresh=True,
        )

    async def file(self, request: Request) -> Response:
        """A picture or file that stands in this person's chat."""
        phone = self._phone(request)
        for bubble in phone.messages if phone else []:
            for found in (bubble.photo, bubble.document):
                if found and found.file_id == request.path_params["file_id"]:
                    return _download(found)
        return _missing()

    async def act(self, request: Request) -> Response:
        """Write, start, tap, block or unblock, then show the phone again."""
        phone = self._phone(request)
        act = _ACTS.get(request.path_params["act"])
        if phone is None or act is None:
            return _missing()
        form = {name: str(value) for name, value in (await request.form()).items()}
        home = f"/phone/{phone.user.id}"
        back = f"{home}/chat" if request.path_params["act"] == "tap" else home
        try:
            act(phone, form)
        except (NotOnScreenError, ValueError, KeyError) as wrong:
            back = f"{back}?problem={quote(str(wrong))}"
        return RedirectResponse(back, status_code=303)

    def _phone(self, request: Request) -> Phone | None:
        wanted = request.path_params["user_id"]
        return next((p for p in self._sandbox.phones if p.user.id == wanted), None)


def _missing() -> Response:
    return HTMLResponse("<h1>No such phone or page</h1>", status_code=404, headers=_HEADERS)


def _download(found: Attachment) -> Response:
    """Pictures are shown; everything else is only ever downloaded."""
    if found.mime in _PICTURES:
        return Response(found.data, media_type=found.mime, headers=_HEADERS)
    name = quote(found.name)
    headers = {**_HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(found.data, media_type="application/octet-stream", headers=headers)


_ACTS: dict[str, Callable[[Phone, dict[str, str]], object]] = {
    "write": lambda phone, form: phone.write(form["text"]),
    "start": lambda phone, form: phone.start(form.get("payload", "")),
    "tap": lambda phone, form: phone.tap(int(form["index"]), message_id=int(form["message_id"])),
    "block": lambda phone, _form: phone.block(),
    "unblock": lambda phone, _form: phone.unblock(),
}
