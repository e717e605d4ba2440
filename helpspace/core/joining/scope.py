"""What of an application can be changed now: of a returned one only what came back (J4).

Pure; so the wizard offers exactly what the core lets through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpspace.core.errors import NotAllowed
from helpspace.core.joining.topics import DOCUMENTS, TOPICS, document_kind

if TYPE_CHECKING:
    from helpspace.core.joining.application import DocumentView, VerdictView


@dataclass(frozen=True, slots=True)
class Scope:
    """What can be changed: answers of pages, kinds of files to hand in, files that may go."""

    answers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    returned: bool = False

    @property
    def topics(self) -> tuple[str, ...]:
        """The pages on which something can be changed."""
        return tuple(
            topic.name
            for topic in TOPICS
            if topic.name in self.answers or set(topic.documents) & set(self.kinds)
        )

    def check_answers(self, topic: str) -> None:
        """Refuse a page whose answers cannot be changed now."""
        if topic not in self.answers:
            raise self._closed("That page was accepted")

    def check_kind(self, kind: str) -> None:
        """Refuse a kind of file of which none can be handed in now."""
        if kind not in self.kinds:
            raise self._closed("No file of that kind came back")

    def check_document(self, document_id: str) -> None:
        """Refuse a file that has to stay as it was handed in."""
        if document_id not in self.documents:
            raise self._closed("That file did not come back")

    def _closed(self, title: str) -> NotAllowed:
        if self.returned:
            return NotAllowed(title, "Only what came back can be changed.")
        return NotAllowed("The application is with the team", "You can change it if it comes back.")


CLOSED = Scope()


def of_draft(documents: tuple[DocumentView, ...]) -> Scope:
    """Return what can be changed of a draft: everything."""
    pages = tuple(topic.name for topic in TOPICS)
    return Scope(pages, tuple(kind.name for kind in DOCUMENTS), tuple(one.id for one in documents))


def of_returned(
    verdicts: Mapping[str, VerdictView],
    documents: tuple[DocumentView, ...],
    *,
    gone: frozenset[str],
    lacking: frozenset[str],
    returned_at: int,
) -> Scope:
    """Return what can be changed of an application that the team returned at that instant (J4).

    That is a file that was rejected and what came in its place, and a page that the team named
    with its files, the accepted ones excepted. What nobody judged stays as it was handed in. A
    rejected file opens its page's answers, which speak of it, unless they were accepted. `gone`
    are the kinds of rejected files that were taken away already; a page in `lacking` will not do
    any more, for instance since a date has passed, and is open like a draft's.
    """
    said = {part: verdict.accepted for part, verdict in verdicts.items()}
    named = {topic.name for topic in TOPICS if said.get(f"topic:{topic.name}") is False}
    page_of = {kind: topic.name for topic in TOPICS for kind in topic.documents}

    def rejected(one: DocumentView) -> bool:
        return said.get(f"document:{one.id}") is False

    def may_go(one: DocumentView) -> bool:
        if page_of[one.kind] in lacking or rejected(one) or one.created_at > returned_at:
            return True
        if said.get(f"document:{one.id}"):
            return False
        # Of a kind that is held once, what stands there now came in the rejected one's place.
        instead = one.kind in gone and document_kind(one.kind).most == 1
        return instead or page_of[one.kind] in named

    free = tuple(one for one in documents if may_go(one))
    there = {one.kind for one in documents}
    kinds = tuple(
        kind.name
        for kind in DOCUMENTS
        if kind.name in gone | {one.kind for one in free}
        or kind.name not in there
        or (page_of[kind.name] in named | lacking and kind.most > 1)
    )
    answers = tuple(
        topic.name
        for topic in TOPICS
        if topic.fields
        and (
            topic.name in named | lacking
            or (set(kinds) & set(topic.documents) and not said.get(f"topic:{topic.name}"))
        )
    )
    return Scope(answers, kinds, tuple(one.id for one in free), returned=True)
