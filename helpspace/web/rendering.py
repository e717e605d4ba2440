"""How a page is made: its template, and the headers that let it load nothing from elsewhere.

No page has a script. Its one style sheet stands in it, and the policy names that by its digest, so
that nothing in a person's text could ever style or run anything (A3).
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from helpspace.core.platform import TEST_MODE

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "web"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, noarchive",
    "Cache-Control": "no-store",
}
"""What everything here is sent with; a page adds its own style sheet to the policy."""

ASK_EACH_TIME = "private, no-cache"
"""A copy may be kept, but is never shown without asking here first (P1: hidden within a second)."""


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=8)
def _style(name: str) -> tuple[Markup, str]:
    """Return a style sheet and how the policy names it."""
    text = (TEMPLATES / f"{name}.css").read_text().strip()
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"  # noqa: S704 - our own file, with nobody's text


def page(
    name: str, style: str, status: int = 200, *, test: bool = False, **words: object
) -> Response:
    """Return a page from its template and style sheet; `test` says that no real money moves."""
    css, source = _style(style)
    html = (
        _templates()
        .get_template(f"{name}.html")
        .render(style=css, mark=TEST_MODE if test else "", **words)
    )
    policy = f"{HEADERS['Content-Security-Policy']}; img-src 'self'; style-src {source}"
    headers = {**HEADERS, "Content-Security-Policy": policy}
    return Response(html, status, headers, "text/html")


def with_forms(answer: Response) -> Response:
    """Return a page whose forms may be sent back here, and nowhere else."""
    policy = answer.headers["Content-Security-Policy"]
    allowed = policy.replace("form-action 'none'", "form-action 'self'")
    answer.headers["Content-Security-Policy"] = allowed
    return answer


def revalidated(request: Request, answer: Response, tag: str) -> Response:
    """Return an answer that a browser may keep, but asks about each time; or "as you have it"."""
    answer.headers["Cache-Control"] = ASK_EACH_TIME
    answer.headers["ETag"] = f'"{tag}"'
    if not has_already(request, tag):
        return answer
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("content-length", "content-type")
    }
    return Response(status_code=304, headers=kept)


def has_already(request: Request, tag: str) -> bool:
    """Say whether who asks has a copy with this tag."""
    said = request.headers.get("if-none-match", "")
    return f'"{tag}"' in [one.strip().removeprefix("W/") for one in said[:2000].split(",")]


def tag_of(content: bytes) -> str:
    """Return the tag of a content."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()
