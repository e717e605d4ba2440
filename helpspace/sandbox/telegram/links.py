"""Which addresses Telegram accepts in buttons and links."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qs, urlsplit

from helpspace.sandbox.telegram.errors import bad_request

_LABELS = re.compile(r"[^\s/?#@:.]+(\.[^\s/?#@:.]+)+")
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_link(url: str, where: str) -> None:
    """Refuse what is neither http(s) with a dotted host or an IP address, nor a tg: link."""
    problem = _problem(url)
    if problem:
        raise bad_request(f"{where} URL '{url}' is invalid: {problem}")


def _problem(url: str) -> str | None:
    if not url or re.search(r"[\s\x00-\x1f]", url):
        return "URL must be non-empty and without spaces"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "Wrong HTTP URL"
    if parts.scheme == "tg":
        return None if parts.netloc or parts.path else "Wrong tg URL"
    if parts.scheme not in {"http", "https"}:
        return "Unsupported URL protocol"
    return None if _is_public_host(host) else "Wrong HTTP URL"


def _is_public_host(host: str) -> bool:
    """A dotted name or an address; "localhost" is neither, and Telegram refuses it."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _LABELS.fullmatch(host) is not None
    return True


def is_payload(text: str) -> bool:
    """Whether a text may follow `?start=` in a deep link."""
    return _PAYLOAD.fullmatch(text) is not None


def start_payload(url: str, bot_username: str) -> str | None:
    """What a link to this bot passes to /start ("" if nothing), or None for any other link."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.scheme == "tg" and (parts.netloc or parts.path) == "resolve":
        name = query.get("domain", [""])[0]
    elif parts.hostname in {"t.me", "telegram.me"}:
        name = parts.path.strip("/")
    else:
        return None
    if name.lower() != bot_username.lower():
        return None
    return query.get("start", [""])[0]
