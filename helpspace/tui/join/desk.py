"""What the joining app works at: one practice, one counsellor, their draft, and its keeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from helpspace.core import moments, profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, HelpspaceError, NotFound
from helpspace.core.gateways import StripeGateway
from helpspace.core.joining import application, documents
from helpspace.core.joining.application import ApplicationView
from helpspace.core.joining.checklist import Checklist, checklist
from helpspace.core.joining.payments import PaymentsState, payments
from helpspace.core.joining.progress import Joining, joining
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice
from helpspace.core.profiles import TherapistView
from helpspace.tui.join.draft import Draft, Place

R = TypeVar("R")
_TRIES = 3

OpenStripe = Callable[[], StripeGateway | None]
"""How the app gets at Stripe when a person asks for it; None where it is not set up."""


def no_stripe() -> StripeGateway | None:
    """Say that Stripe is not set up."""
    return None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a counsellor has come, as the home shows it."""

    therapist: TherapistView
    joining: Joining
    seen: ApplicationView | None
    """None for therapists whom the team entered without an application."""
    payments: PaymentsState
    gates: Checklist
    now: int


class JoinDesk:
    """Shared by the screens of the joining app; acts run on one thread, one after another."""

    def __init__(
        self,
        practice: Practice,
        therapist_id: str = "",
        *,
        hosted: bool = False,
        stripe: OpenStripe = no_stripe,
    ) -> None:
        self.practice = practice
        self.hosted = hosted
        self.open_stripe = stripe
        self.therapist_id = therapist_id
        self.draft: Draft | None = None
        self.folder: Path | None = None
        """Where a file was last chosen."""
        self._offload: Offload | None = None
        self._turn = asyncio.Lock()
        if therapist_id:
            self.take_up(therapist_id)

    @property
    def actor(self) -> Actor:
        """The counsellor, who acts for themselves."""
        return Actor.therapist(self.therapist_id, "join")

    def take_up(self, therapist_id: str) -> None:
        """Go on with a counsellor's application; refuses an id that there is not."""
        self.therapist_id = therapist_id
        profiles.therapist(self.practice, self.actor, therapist_id)
        try:
            self.draft = Draft(self._read())
        except NotFound:
            self.draft = None

    def standing(self) -> Standing:
        """Return how far they have come."""
        practice, actor, own = self.practice, self.actor, self.therapist_id
        return Standing(
            therapist=profiles.therapist(practice, actor, own),
            joining=joining(practice, actor, own),
            seen=self.draft.seen if self.draft else None,
            payments=payments(practice, actor, own),
            gates=checklist(practice, actor, own),
            now=practice.now(),
        )

    def today(self) -> str:
        """Return the date in London as documents are dated."""
        return moments.local_date(self.practice.now(), moments.LONDON).isoformat()

    def look(self) -> set[Place]:
        """Read the application again; return the fields that others changed."""
        return self.draft.meet(self._read()) if self.draft else set()

    async def act(self, call: Callable[[], R]) -> R:
        """Run something slow off the event loop."""
        if self._offload is None:
            self._offload = Offload(self.practice, 1)
        return await self._offload(call)

    # -- keeping ---------------------------------------------------------------------------------

    async def keep(self) -> set[Place]:
        """Save what is typed; return the fields that others changed meanwhile.

        Raises Changed where somebody else wrote in a field that is typed in here.
        """
        async with self._turn:
            found: set[Place] = set()
            draft = self.draft
            while draft is not None and (wanted := draft.to_save()) is not None:
                topic, answers = wanted
                found |= await self._save(draft, topic, answers)
            if draft is not None and draft.clashes:
                raise Changed
            return found

    async def _save(self, draft: Draft, topic: str, answers: dict[str, str]) -> set[Place]:
        version = draft.seen.version
        try:
            seen = await self.act(lambda: self._save_now(topic, answers, version))
        except Changed:
            return draft.meet(await self.act(self._read))
        draft.saved(topic, answers)
        return draft.meet(seen)

    def keep_now(self) -> None:
        """Save what is typed before the app ends, waiting for it."""
        draft = self.draft
        for _ in range(_TRIES):
            wanted = draft.to_save() if draft else None
            if draft is None or wanted is None:
                return
            try:
                seen = self._save_now(*wanted, draft.seen.version)
            except Changed:
                seen = self._read()
            else:
                draft.saved(*wanted)
            draft.meet(seen)

    def _save_now(self, topic: str, answers: dict[str, str], version: int) -> ApplicationView:
        own = self.therapist_id
        application.save(self.practice, self.actor, own, topic, answers, version=version)
        return self._read()

    def _read(self) -> ApplicationView:
        return application.application(self.practice, self.actor, self.therapist_id)

    # -- acts ------------------------------------------------------------------------------------

    async def begin(self, name: str, email: str) -> None:
        """Begin an application and take it up."""
        self.take_up(await self.act(lambda: application.begin(self.practice, name, email)))

    async def submit(self) -> None:
        """Hand the application in."""
        await self.keep()
        await self._change(
            lambda version: application.submit(
                self.practice, self.actor, self.therapist_id, version=version
            )
        )

    async def hand_in(self, kind: str, name: str, read: Callable[[], bytes]) -> None:
        """Hand in a file, which is read on the acting thread."""
        raw = await self.act(read)
        await self._change(
            lambda version: documents.hand_in(
                self.practice, self.actor, self.therapist_id, kind, name, raw, version=version
            )
        )

    async def take_away(self, document_id: str) -> None:
        """Take a file out of the application."""
        await self._change(
            lambda version: documents.take_away(
                self.practice, self.actor, self.therapist_id, document_id, version=version
            )
        )

    async def content_of(self, document_id: str) -> bytes:
        """Return a file of the application."""
        return (await self.act(lambda: documents.look_at(self.practice, self.actor, document_id)))[
            1
        ]

    async def _change(self, call: Callable[[int], object]) -> None:
        """Act on the version that is shown; where only other parts have changed, on the newer."""
        async with self._turn:
            draft = self.draft
            if draft is None:
                raise NotFound
            before = draft.seen
            try:
                await self.act(lambda: call(before.version))
            except Changed:
                draft.meet(await self.act(self._read))
                if (draft.seen.documents, draft.seen.state) != (before.documents, before.state):
                    raise
                await self.act(lambda: call(draft.seen.version))
            draft.meet(await self.act(self._read))

    def close(self) -> None:
        """Keep what is typed, and end the thread that acts."""
        # What stands against it was told before: nothing more can be done at the end.
        with suppress(HelpspaceError):
            self.keep_now()
        if self._offload is not None:
            self._offload.close()
            self._offload = None
