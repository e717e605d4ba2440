"""The calendar feed of a therapist, for a calendar app that asks every now and then (N6)."""

from __future__ import annotations

from dataclasses import astuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from helpspace import ics
from helpspace.core import feeds
from helpspace.core.errors import NotFound
from helpspace.core.feeds import Feed
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice
from helpspace.web.rendering import HEADERS, has_already, revalidated, tag_of

OFTEN = "PT15M"
"""How often a calendar app is asked to look."""


class Feeds:
    """The handler of the feed's address."""

    def __init__(self, practice: Practice, offload: Offload) -> None:
        self._practice = practice
        self._offload = offload

    def routes(self) -> list[Route]:
        """Return the route by its public name (`interface.md`)."""
        return [Route("/calendar/{token}.ics", self.feed)]

    async def feed(self, request: Request) -> Response:
        """Give the appointments behind an address; any other address is a plain 404 (A1)."""
        return await self._offload(self._feed, request)

    def _feed(self, request: Request) -> Response:
        try:
            found = feeds.feed(self._practice, request.path_params["token"])
        except NotFound:
            return PlainTextResponse("Not Found", 404, HEADERS)
        tag = tag_of(repr(astuple(found)).encode())
        made = b"" if has_already(request, tag) else file(found)
        answer = Response(made, headers=HEADERS, media_type="text/calendar")
        answer.headers["Content-Disposition"] = 'inline; filename="appointments.ics"'
        return revalidated(request, answer, tag)


def file(found: Feed) -> bytes:
    """Return a feed as a calendar file; the same appointments give the same bytes."""
    return ics.of_feed(found, x_published_ttl=OFTEN)
