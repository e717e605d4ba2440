"""What the terminal's widgets and forms work at: one practice, one therapist, one present."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from helpspace.core import calendar, moments, profiles
from helpspace.core.actors import Actor
from helpspace.core.calendar import Entry
from helpspace.core.errors import HelpspaceError
from helpspace.core.practice import Practice
from helpspace.core.profiles import TherapistView
from helpspace.tui.layout import Block, Status
from helpspace.tui.widgets.coming_up import Coming
from helpspace.tui.words import name_of

if TYPE_CHECKING:
    from helpspace.core.offload import Offload

R = TypeVar("R")


class Desk:
    """Shared by a calendar and the forms it opens; reads run in place, acts on one thread."""

    def __init__(self, practice: Practice, actor: Actor, now: Callable[[], int]) -> None:
        self.practice = practice
        self.actor = actor
        self._now = now
        self._last = now()
        self.blur = False
        """Whether clients' names are dots, for sharing the screen."""
        self.therapist: TherapistView = profiles.therapist(practice, actor, actor.id)
        """As the store had them at the last reading."""
        self._offload: Offload | None = None

    def now(self) -> int:
        """Return the present, or the last one known while the store does not answer."""
        with suppress(HelpspaceError):
            self._last = self._now()
        return self._last

    @property
    def zone(self) -> str:
        """The zone in which the therapist sees times."""
        return self.therapist.zone

    @property
    def today(self) -> date:
        """The therapist's own date."""
        return moments.local_date(self.now(), self.zone)

    @property
    def monday(self) -> date:
        """The first day of the present week."""
        return self.today - timedelta(days=self.today.weekday())

    def strain(self, spans: Sequence[tuple[int, int]], besides: str = "") -> list[tuple[str, str]]:
        """Return the gentle word about the therapist's own limits, as a line with its style."""
        from helpspace.core.boundaries import strains  # noqa: PLC0415 - after first paint
        from helpspace.tui.words import strain_words  # noqa: PLC0415 - with what it is for

        found = strains(self.practice, self.actor, spans, besides=besides)
        return [(strain_words(found, self.zone), "$warning")] if found else []

    def read_again(self) -> None:
        """Read the therapist's own settings and visibility afresh."""
        self.therapist = profiles.therapist(self.practice, self.actor, self.actor.id)

    def entries(self, first: date, days: int = 7) -> list[Entry]:
        """Return what lies in some days, by the therapist's wall clock."""
        start = moments.start_of_day(first, self.zone)
        end = moments.start_of_day(first + timedelta(days=days), self.zone)
        return calendar.between(self.practice, self.actor, self.actor.id, start, end)

    def off(self, first: date, days: int) -> list[Block]:
        """Return the time off that touches some days, as blocks (C7)."""
        start = moments.start_of_day(first, self.zone)
        end = moments.start_of_day(first + timedelta(days=days), self.zone)
        found = calendar.off_between(self.practice, self.actor, self.actor.id, start, end)
        return [Block(id_, at, until, Status.TIME_OFF, "") for id_, at, until in found]

    def coming(self, now: int, most: int) -> list[Coming]:
        """Return the first few sessions of the next two weeks.

        Two days are read first, since most calendars have enough of them there.
        """
        found: list[Entry] = []
        for days in (2, 14):
            read = calendar.between(
                self.practice, self.actor, self.actor.id, now + 1, now + days * moments.DAY
            )
            found = [entry for entry in read if entry.kind != "slot" and entry.start > now]
            if len(found) >= most:
                break
        return [
            Coming(entry.start, moments.show(entry.start, self.zone), self.name(entry.client_name))
            for entry in found[:most]
        ]

    def days_with_entries(self, first: date, last: date) -> set[date]:
        """Return the days, of some, on which something begins."""
        entries = self.entries(first, (last - first).days + 1)
        return {moments.local_date(entry.start, self.zone) for entry in entries}

    def name(self, name: str) -> str:
        """Return a client's name as it may be shown now."""
        return name_of(name, blur=self.blur)

    async def act(self, call: Callable[[], R]) -> R:
        """Run an act off the event loop, so that a busy store does not stop the screen."""
        if self._offload is None:
            from helpspace.core.offload import Offload  # noqa: PLC0415 - at the first act

            self._offload = Offload(self.practice, 1)
        return await self._offload(call)

    def close(self) -> None:
        """End the thread that acts, with its connection."""
        if self._offload is not None:
            self._offload.close()
            self._offload = None
