"""What the screens of the course work at: one therapist's progress, and grounds to practise on."""

from __future__ import annotations

from helpspace.core.actors import Actor
from helpspace.core.joining import course
from helpspace.core.joining.course import CHAPTERS
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice
from helpspace.tui.learn.ground import Bench, MakeGround


class Learning:
    """Shared by the screens of the course; reads run in place, what is kept on one thread."""

    def __init__(self, practice: Practice, actor: Actor, make_ground: MakeGround) -> None:
        self._practice = practice
        self._actor = actor
        self._make_ground = make_ground
        self._offload: Offload | None = None
        self.progress = course.progress(practice, actor, actor.id)

    def read_again(self) -> None:
        """Read the progress afresh."""
        self.progress = course.progress(self._practice, self._actor, self._actor.id)

    def is_done(self, name: str) -> bool:
        """Say whether a chapter is completed."""
        return name in self.progress.done

    @property
    def so_far(self) -> str:
        """How far the therapist is: "3 of 8 done"."""
        return f"{len(self.progress.done)} of {len(CHAPTERS)} done"

    @property
    def is_whole(self) -> bool:
        """Whether every chapter is completed."""
        return self.progress.next is None

    def bench(self) -> Bench:
        """Return a bench for one exercise."""
        return Bench(self._make_ground)

    async def complete(self, name: str) -> None:
        """Keep that a chapter is completed."""
        if self._offload is None:
            self._offload = Offload(self._practice, 1)
        practice, actor = self._practice, self._actor
        self.progress = await self._offload(course.complete, practice, actor, actor.id, name)

    def close(self) -> None:
        """End the thread that keeps, with its connection."""
        if self._offload is not None:
            self._offload.close()
            self._offload = None
