"""What a message shows: a title, a text and rows of buttons, as values that know no Telegram."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from helpspace.bot.codec import data
from helpspace.core.platform import TEST_MODE

Row = tuple["Button", ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A button: `data` is what its tap sends, `url` an address that it opens instead."""

    label: str
    data: str = ""
    url: str = ""
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """A whole message. `note` stands above it: what has just happened."""

    title: str
    body: str = ""
    rows: tuple[Row, ...] = ()
    note: str = ""

    def noting(self, note: str) -> Screen:
        """Return the same screen with a note above it."""
        return replace(self, note=note)


def marked(screen: Screen, *, test: bool) -> Screen:
    """Return a screen about money, with a last line that says so where none of it is real (A5)."""
    return replace(screen, body=paragraphs(screen.body, TEST_MODE)) if test else screen


def button(label: str, verb: str, *args: object, danger: bool = False) -> Button:
    """Return a button of a living screen."""
    return Button(label, data(verb, *args), danger=danger)


HOME = button("Home", "home")


def back(verb: str, *args: object) -> Row:
    """Return the last row of a screen: home, and back to where it came from."""
    return (HOME, button("‹ Back", verb, *args))


def lines(*parts: str) -> str:
    """Join the lines that say something."""
    return "\n".join(part for part in parts if part)


def paragraphs(*parts: str) -> str:
    """Join the paragraphs that say something, a blank line between them."""
    return "\n\n".join(part for part in parts if part)


def prose(text: str) -> str:
    """Return paragraphs without their line breaks here, since phones wrap by themselves."""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def link(label: str, url: str) -> Button | None:
    """Return a button that opens an address, or None for one that Telegram would refuse.

    It takes web addresses of a dotted host or an IP address only, never "localhost".
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if "." not in host.strip("."):
            return None
    return Button(label, url=url) if parts.scheme in ("http", "https") else None


def pages(verb: str, page: int, *args: object, more: bool) -> Row:
    """Return the row that turns pages, with as many buttons as there are ways to go."""
    row: list[Button] = []
    if page > 0:
        row.append(button("‹ Previous", verb, *args, page - 1))
    if more:
        row.append(button("Next ›", verb, *args, page + 1))
    return tuple(row)
