"""An application as it is typed, beside what is kept of it; and how the two meet again.

Whoever writes in a second terminal, or hands in a file through another door, changes what is kept.
What is typed here is never lost by that, and nothing of theirs is overwritten unseen.
"""

from __future__ import annotations

from helpspace.core.joining import topics
from helpspace.core.joining.application import ApplicationView
from helpspace.core.joining.topics import TOPICS, Field

Place = tuple[str, str]
"""A topic and a field, by name."""

FIELDS: dict[Place, Field] = {
    (topic.name, field.name): field for topic in TOPICS for field in topic.fields
}


class Draft:
    """`seen` is what was last read from the store; `typed` what differs from it here."""

    def __init__(self, seen: ApplicationView) -> None:
        self.seen = seen
        self._kept = _answers(seen)
        self._typed: dict[Place, str] = {}
        self.clashes: dict[Place, str] = {}
        """What somebody else wrote where something is typed here, until that is settled."""

    def text(self, topic: str, field: str) -> str:
        """Return what a field shows."""
        place = (topic, field)
        return self._typed.get(place, self._kept.get(place, ""))

    def type(self, topic: str, field: str, text: str) -> None:
        """Take what is typed now."""
        place = (topic, field)
        if _same(place, text, self._kept.get(place, "")):
            self._typed.pop(place, None)
            self.clashes.pop(place, None)
        else:
            self._typed[place] = text

    @property
    def is_kept(self) -> bool:
        """Whether everything that is typed is in the store."""
        return not self._typed

    def to_save(self) -> tuple[str, dict[str, str]] | None:
        """Return a topic and its answers to be saved; none while a clash is not settled."""
        if self.clashes or not self._typed:
            return None
        topic = next(iter(self._typed))[0]
        return topic, {field: text for (of, field), text in self._typed.items() if of == topic}

    def saved(self, topic: str, answers: dict[str, str]) -> None:
        """Take note that these answers of ours are kept now."""
        for field, text in answers.items():
            place = (topic, field)
            self._kept[place] = topics.clean(FIELDS[place], text)

    def meet(self, seen: ApplicationView) -> set[Place]:
        """Take what the store holds now; return the fields that others have changed here."""
        now = _answers(seen)
        changed = {
            place
            for place in FIELDS
            if place not in self._typed and now.get(place, "") != self._kept.get(place, "")
        }
        for place, text in list(self._typed.items()):
            theirs = now.get(place, "")
            if _same(place, text, theirs):
                del self._typed[place]
                self.clashes.pop(place, None)
            elif theirs != self._kept.get(place, ""):
                self.clashes[place] = theirs
        self.seen, self._kept = seen, now
        return changed

    def settle(self) -> None:
        """Go on with what is typed here, now that what others wrote has been shown."""
        self.clashes.clear()


def _answers(seen: ApplicationView) -> dict[Place, str]:
    return {
        (topic, field): text
        for topic, texts in seen.answers.items()
        for field, text in texts.items()
    }


def _same(place: Place, text: str, kept: str) -> bool:
    return topics.clean(FIELDS[place], text) == kept
