"""Visits to the public pages of a practice, in process, and what a page is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from helpspace.core import hearing
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice
from helpspace.web import app as web

PUBLIC = "https://practice.example.org"

# Elements that have no end of their own.
_ALONE = {"meta", "link", "img", "br", "input"}


@dataclass
class Visitor:
    """Somebody with a browser, without any right."""

    practice: Practice
    nudged: list[str] = field(default_factory=list)

    def get(self, path: str, **request: Any) -> httpx.Response:
        """Ask for one address."""
        return self.visit(lambda ask: [ask("GET", path, **request)])[0]

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Make one request."""
        return self.visit(lambda ask: [ask(method, path, **request)])[0]

    def all(self, *paths: str) -> list[httpx.Response]:
        """Ask for some addresses, one after the other."""
        return self.visit(lambda ask: [ask("GET", path) for path in paths])

    def visit(self, wanted: Callable[[Any], list[Any]]) -> list[httpx.Response]:
        """Make requests through the app as `serve` composes it."""

        async def live() -> list[httpx.Response]:
            offload = Offload(self.practice, 1)
            app = web.create_app(self._ears(), offload)
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            try:
                async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
                    return [await one for one in wanted(client.request)]
            finally:
                await asyncio.to_thread(offload.close)

        return asyncio.run(live())

    def _ears(self) -> web.Ears:
        async def nudge(name: str) -> None:
            self.nudged.append(name)

        async def no_update(_body: bytes) -> bool:
            return False

        return web.Ears(
            practice=self.practice,
            stripe_event=lambda _body, _signature: False,
            telegram_update=no_update,
            telegram_secret=None,
            card_returned=lambda _session: 0,
            account_returned=lambda: hearing.look_at_accounts(self.practice),
            nudge=nudge,
            beats=dict,
        )


@dataclass
class Element:
    """An element of a page with its attributes and the text inside it."""

    name: str
    attributes: dict[str, str]
    text: str = ""


class Parsed(HTMLParser):
    """A page as a browser reads it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.comments: list[str] = []
        self._open: list[Element] = []
        self._said: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], "an element is never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        assert len(element.attributes) == len(attrs), "an attribute stands there twice"
        self.elements.append(element)
        if tag not in _ALONE:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data
        if any(element.name == "body" for element in self._open):
            self._said.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def all(self, name: str, **attributes: str) -> list[Element]:
        """Return the elements of a name whose attributes have these values."""
        return [
            one
            for one in self.elements
            if one.name == name
            and all(one.attributes.get(key.strip("_")) == said for key, said in attributes.items())
        ]

    def one(self, name: str, **attributes: str) -> Element:
        """Return the only such element."""
        (found,) = self.all(name, **attributes)
        return found

    def words(self) -> str:
        """Return the text of the page as one line, its elements apart."""
        return " ".join(" ".join(self._said).split())

    def addresses(self) -> set[str]:
        """Return every address that an attribute names."""
        names = ("href", "src", "action", "data", "srcset", "poster", "formaction", "background")
        return {
            value for one in self.elements for key, value in one.attributes.items() if key in names
        }
