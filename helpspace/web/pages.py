"""The public card page of a therapist, and its picture (P1, P3). Nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpspace.core import links, moments, policy
from helpspace.core.errors import CannotBeBooked, NotFound
from helpspace.core.joining import pictures
from helpspace.core.joining.pictures import Picture
from helpspace.core.offload import Offload
from helpspace.core.plain import initials
from helpspace.core.practice import Practice
from helpspace.core.profiles import BookableSlot, Profile, profile_by_handle
from helpspace.web.rendering import HEADERS, TEMPLATES, has_already, page, revalidated, tag_of

TIMES = 4
"""Free times that the page shows; the chat has them all."""

_TITLES = frozenset(
    {"Dr", "Prof", "Professor", "Mr", "Mrs", "Ms", "Miss", "Mx", "Revd", "Sir", "Dame"}
)
"""Words before a name that are no part of it."""

CRISIS = (
    ("In immediate danger, call", "999", "tel:999"),
    ("Urgent help, at any hour: NHS", "111", "tel:111"),
    ("To talk, free, day and night: Samaritans", "116 123", "tel:116123"),
    ("To text instead: SHOUT to", "85258", "sms:85258?body=SHOUT"),
)
"""UK help in a crisis: what for, number, and what a phone does with it (K3)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the card page of a visible profile shows."""

    profile: Profile
    slots: list[BookableSlot]
    picture: Picture | None
    chat: str | None
    now: int


class Pages:
    """The handlers of the card page and the picture in it."""

    def __init__(self, practice: Practice, offload: Offload) -> None:
        self._practice = practice
        self._offload = offload

    def routes(self) -> list[Route]:
        """Return the routes by their public names (`interface.md`)."""
        return [
            Route("/t/{handle}", self.card),
            Route("/t/{handle}/picture", self.picture),
            Route("/icon.svg", icon),
        ]

    async def card(self, request: Request) -> Response:
        """Show a visible profile; everything else is the same kind 404 (P3, A1)."""
        return await self._offload(self._card, request)

    async def picture(self, request: Request) -> Response:
        """Show the picture of a visible profile."""
        return await self._offload(self._picture, request)

    def _card(self, request: Request) -> Response:
        try:
            seen = look(self._practice, request.path_params["handle"])
        except CannotBeBooked:
            return self._no_space()
        test = self._practice.settings.stripe_is_test
        answer = page("card", "page", 200, test=test, **words(seen))
        return revalidated(request, answer, tag_of(bytes(answer.body)))

    def _picture(self, request: Request) -> Response:
        try:
            found = pictures.picture_by_handle(self._practice, request.path_params["handle"])
            if has_already(request, found.digest):
                return revalidated(request, Response(headers=HEADERS), found.digest)
            made = pictures.small(self._practice, found)
        except (CannotBeBooked, NotFound):
            return self._no_space()
        answer = Response(made, headers=HEADERS, media_type="image/jpeg")
        return revalidated(request, answer, found.digest)

    def _no_space(self) -> Response:
        with self._practice.reading() as view:
            chat = links.chat_link(view)
        return page("no_space", "page", 404, chat=chat, crisis=CRISIS)


async def icon(_request: Request) -> Response:
    """Give the small sign in a browser's tab, the same for every page."""
    headers = {**HEADERS, "Cache-Control": "public, max-age=86400"}
    return Response(_icon(), headers=headers, media_type="image/svg+xml")


@lru_cache(maxsize=1)
def _icon() -> bytes:
    return (TEMPLATES / "icon.svg").read_bytes()


def look(practice: Practice, handle: str) -> Seen:
    """Read what the page of a handle shows; CannotBeBooked unless it is visible (P1)."""
    profile, slots = profile_by_handle(practice, handle)
    with practice.reading() as view:
        chat = links.chat_link(view, f"t_{quote(profile.handle, safe='')}")
        now = view.now
    return Seen(profile, slots, pictures.picture_of(practice, profile.therapist_id), chat, now)


def _letters(name: str) -> str:
    """Return the two letters that stand in for a picture: of the name, not of a title before it."""
    first, _, rest = name.partition(" ")
    said = rest if rest and first.rstrip(".") in _TITLES else name
    return initials(said).replace(".", "").replace(" ", "")[:2]


def words(seen: Seen) -> dict[str, object]:
    """Return what the page says, in words."""
    who = seen.profile
    return {
        "who": who,
        "initials": _letters(who.name),
        "picture": _picture_address(seen),
        "facts": [
            (label, said)
            for label, said in (
                ("Helps with", who.concerns),
                ("Works in this way", who.approaches),
                ("Speaks", who.languages),
                ("Meets by", who.modalities),
            )
            if said
        ],
        "times": [_time(slot, who.zone, seen.now) for slot in seen.slots[:TIMES]],
        "more": len(seen.slots) > TIMES,
        "zone": moments.zone_word(who.zone),
        "ahead": moments.show_minutes(who.notice_s) if who.notice_s else "",
        "sessions": [
            ("First session", who.minutes, _price(who.fee_pence)),
            ("Later sessions", who.follow_up_minutes, _price(who.follow_up_fee_pence)),
        ],
        "costs": bool(who.fee_pence or who.follow_up_fee_pence),
        "window": policy.DECISION_WINDOW // moments.HOUR,
        "chat": seen.chat,
        "crisis": CRISIS,
    }


def _picture_address(seen: Seen) -> str | None:
    if seen.picture is None:
        return None
    handle = quote(seen.profile.handle, safe="")
    return f"/t/{handle}/picture?{seen.picture.digest[:12]}"


def _time(slot: BookableSlot, zone: str, now: int) -> tuple[str, str]:
    """Return a free time for machines and for people."""
    return moments.iso(slot.start), moments.show(slot.start, zone, reference=now)


def _price(pence: int) -> str:
    return moments.pounds(pence) if pence else "free of charge"
