"""One update being answered: who comes, from where, and what the handler says back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from helpspace.bot.screens.base import Row, Screen, back
from helpspace.core import accounts, inbox, kept_wishes, wishes
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound, OutsideFault
from helpspace.core.gateways import StripeGateway
from helpspace.core.inbox import Place, Update
from helpspace.core.joining.pictures import Picture
from helpspace.core.plain import plain
from helpspace.core.practice import Practice
from helpspace.core.wishes import Wishes

Hold = tuple[str, str, str]
"""The card request, the slot and the therapist of a time that is held."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a handler works with; acts happen `at` the moment the update became durable (M2a)."""

    practice: Practice
    stripe: StripeGateway | None
    chat_id: int
    actor: Actor | None
    at: int
    first_name: str
    place: Place

    @property
    def me(self) -> Actor:
        """The client; strangers are only ever led to the screens that need none."""
        if self.actor is None:
            raise NotFound
        return self.actor

    @property
    def gateway(self) -> StripeGateway:
        """Stripe, for a person who waits; without a key it answers like a Stripe that is away."""
        if self.stripe is None:
            raise OutsideFault
        return self.stripe

    @property
    def held(self) -> Hold | None:
        """The time this client holds, as far as the chat remembers."""
        found = self.place.draft.get("hold")
        return (found[0], found[1], found[2]) if found else None

    @property
    def is_test(self) -> bool:
        """Whether no real money moves here."""
        return self.practice.settings.stripe_is_test

    def of(self, actor: Actor) -> Visit:
        """Return the same visit as that of a client who has just agreed."""
        return replace(self, actor=actor)

    def drafted(self, **changes: object) -> dict[str, Any]:
        """Return what the chat remembers with some of it changed; None takes a thing out."""
        kept = {**self.place.draft, **changes}
        return {name: value for name, value in kept.items() if value is not None}

    def wishes(self) -> Wishes:
        """Return what the client looks for, as far as they have said it in this chat (K3a)."""
        return wishes.read(self.place.draft.get(kept_wishes.DRAFT, {}), self.zone())

    def salt(self) -> str:
        """Return what draws the lots of this search; pages and looks back keep it (P4)."""
        return str(self.place.draft.get("salt") or self.practice.ids.new())

    def way_back(self) -> Row:
        """Return the last row of a profile: back to the list that led to it."""
        verb, *args = self.place.draft.get("list") or ("find", 0)
        return back(verb, *args)

    def zone(self) -> str:
        """Return the zone in which the client sees times."""
        return accounts.me(self.practice, self.me).zone

    def now(self) -> int:
        """Return the present."""
        return self.practice.now()

    def zone_of(self, therapist_id: str) -> str:
        """Return the zone of a therapist, for the second line of a time."""
        with self.practice.reading() as view:
            return accounts.the_therapist(view, therapist_id).zone


@dataclass(frozen=True, slots=True)
class Document:
    """A file to send along, which the person may keep."""

    name: str
    content: bytes
    caption: str


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture to show above a screen, as a message of its own; the caption is for those who
    cannot see it."""

    picture: Picture
    caption: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler says: a screen, and the words that lead to it again.

    `here` is a button's data; empty means that the person stays where they were. `draft` replaces
    what the chat remembers; `nudge` names a sweep that should look at once.
    """

    screen: Screen
    here: str = ""
    draft: dict[str, Any] | None = None
    document: Document | None = None
    nudge: str = ""
    portrait: Portrait | None = None
    also: tuple[Document, ...] = ()
    """More files to send along."""
    leaves: bool = False
    """Whether the person is forgotten by this: nothing about the chat is kept after it (K4)."""

    def noting(self, note: str) -> Reply:
        """Return the same reply with a note above its screen."""
        return replace(self, screen=self.screen.noting(note))


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply with what it takes to show it: the place before it, and whether one may be kept."""

    reply: Reply
    place: Place
    known: bool
    """Whether the person has agreed: before that nothing about them is stored (K3a)."""


def enter(practice: Practice, stripe: StripeGateway | None, update: Update) -> Visit:
    """Return the visit of an update: the client of its chat, if there is one, and their place."""
    chat_id = int(update.payload["p"])
    client_id = accounts.client_of_chat(practice, chat_id)
    return Visit(
        practice=practice,
        stripe=stripe,
        chat_id=chat_id,
        actor=None if client_id is None else Actor.client(client_id),
        at=update.received_at,
        first_name=plain(str(update.payload.get("n", "")), 60),
        place=inbox.HOME if client_id is None else inbox.place(practice, chat_id),
    )
