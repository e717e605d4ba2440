"""A counsellor's application: begun, saved page by page, handed in, mended (J2, J4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from helpspace.core import moments, notices
from helpspace.core.accounts import NewTherapist, add_therapist, read_email, the_therapist
from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, Invalid, NotAllowed, NotFound
from helpspace.core.joining import scope, topics
from helpspace.core.joining.scope import Scope
from helpspace.core.joining.topics import DOCUMENTS, TOPICS, Topic, topic_of
from helpspace.core.moments import LONDON
from helpspace.core.notices import Event
from helpspace.core.plain import plain, plain_lines
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Application, Document, Therapist, Verdict
from helpspace.core.wishes import APPROACHES, CONCERNS, LANGUAGES, MODALITIES, mask_of

State = Literal["draft", "submitted", "returned", "approved"]
KINDS = frozenset(kind.name for kind in DOCUMENTS)
Texts = dict[str, dict[str, str]]
"""Answers by topic and field, as they were typed."""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A file of an application; `name` is the label its owner gave it."""

    id: str
    kind: str
    name: str
    type: str
    size: int
    digest: str
    created_at: int


@dataclass(frozen=True, slots=True)
class VerdictView:
    """What the team said of a part: of "topic:<name>" or "document:<id>"."""

    part: str
    accepted: bool
    reason: str
    by_whom: str
    at: int


@dataclass(frozen=True, slots=True)
class Lack:
    """What a page still needs before the application can be handed in."""

    topic: str
    field: str
    """The field, or the kind of document."""
    line: str


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application for its counsellor and the team.

    `version` goes with every change, so that nobody overwrites what they have not seen. `scope`
    is what can be changed now; `reason` is what the team said when it came back.
    """

    therapist_id: str
    name: str
    state: State
    version: int
    answers: Texts
    documents: tuple[DocumentView, ...]
    verdicts: dict[str, VerdictView]
    lacks: tuple[Lack, ...]
    scope: Scope
    reason: str
    submitted_at: int | None
    decided_at: int | None
    checked_at: int | None
    checked_by: str | None
    recheck_at: int | None
    created_at: int

    @property
    def open(self) -> tuple[str, ...]:
        """The topics on which something can be changed now."""
        return self.scope.topics

    def of_kind(self, kind: str) -> tuple[DocumentView, ...]:
        """Return the documents of a kind."""
        return tuple(one for one in self.documents if one.kind == kind)

    def verdict_on(self, topic: Topic) -> tuple[VerdictView, ...]:
        """Return what was said of a topic and of the documents on its page."""
        parts = [f"topic:{topic.name}"]
        parts += [f"document:{d.id}" for d in self.documents if d.kind in topic.documents]
        return tuple(self.verdicts[part] for part in parts if part in self.verdicts)


def begin(practice: Practice, name: str, email: str, *, by: Actor | None = None) -> str:
    """Begin an application and return the new therapist's id; by themselves, or by the team.

    Raises Invalid where name or address will not do, or the address has an application already.
    """
    called = plain(name, 60)
    if not any(character.isalnum() for character in called):
        raise Invalid("That name has no letters", "Write it as your clients know it.")
    address = read_email(email)
    with practice.change() as tx:
        check_email(tx, address, "")
        new = NewTherapist(called, address, tx.practice.ids.new(), contact=address, notice_s=None)
        therapist_id = add_therapist(tx, by or Actor.therapist("new", "join"), new)
        answers = {"about": {"name": called, "email": address, "zone": LONDON}}
        tx.insert(
            Application,
            therapist_id=therapist_id,
            state="draft",
            answers_sealed=_sealed(tx, answers),
            version=1,
            created_at=tx.now,
        )
        tx.audit(by or Actor.therapist(therapist_id, "join"), "begin", "application", therapist_id)
        return therapist_id


def application(practice: Practice, actor: Actor, therapist_id: str) -> ApplicationView:
    """Return an application, for its counsellor or the team."""
    _check_reader(actor, therapist_id)
    with practice.reading() as view:
        return view_of(view, the_application(view, therapist_id))


def save(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    topic: str,
    answers: Mapping[str, str],
    *,
    version: int,
) -> int:
    """Keep a page as it was typed, right or not, and return the new version.

    Raises Changed when it is not the version that was seen, NotAllowed when the page is not open:
    once it is handed in, or was returned for something else.
    """
    page = topic_of(topic)
    with practice.change() as tx:
        row = changing(tx, actor, therapist_id, version)
        scope_of(tx, row).check_answers(topic)
        known = {field.name: field for field in page.fields}
        texts = opened(tx, row)
        old = texts.get(topic, {})
        new = {name: topics.clean(known[name], text) for name, text in answers.items()
               if name in known}  # fmt: skip
        if {**old, **new} == old:
            return row.version
        texts[topic] = {**old, **new}
        tx.set(Application, "therapist_id = ?", therapist_id, answers_sealed=_sealed(tx, texts))
        tx.audit(actor, "save", "application", therapist_id, topic=topic)
        return bump(tx, row)


def submit(practice: Practice, actor: Actor, therapist_id: str, *, version: int) -> None:
    """Hand an application in; Invalid names the first thing that is still missing (J2)."""
    with practice.change() as tx:
        row = changing(tx, actor, therapist_id, version)
        if row.state not in ("draft", "returned"):
            raise NotAllowed("The application is with the team already", "They write to you.")
        seen = view_of(tx, row)
        if seen.lacks:
            first = seen.lacks[0]
            raise Invalid(f"{topic_of(first.topic).title} is not complete", first.line)
        rejected = [part for part, verdict in seen.verdicts.items() if not verdict.accepted]
        if any(part.startswith("document:") for part in rejected):
            raise Invalid("A file that was not accepted is still there", "Hand in another one.")
        texts = seen.answers
        check_email(tx, read_email(texts["about"]["email"]), therapist_id)
        _take_over(tx, therapist_id, texts)
        # Those of files that were taken away too; they kept their places open.
        tx.run(Verdict.delete().where(Verdict.therapist_id == therapist_id, Verdict.accepted == 0))
        tx.set(
            Application,
            "therapist_id = ?",
            therapist_id,
            state="submitted",
            submitted_at=tx.now,
            reason_sealed=None,
        )
        number = bump(tx, row)
        tell(tx, Event.APPLICATION_RECEIVED, therapist_id, number)
        tx.audit(actor, "submit", "application", therapist_id)


def changing(tx: Tx, actor: Actor, therapist_id: str, version: int) -> Application:
    """Return an application to change, if it is the one that was seen, by somebody who may."""
    _check_reader(actor, therapist_id)
    if tx.lock(Therapist, therapist_id) is None:
        raise NotFound
    row = the_application(tx, therapist_id)
    if row.version != version:
        raise Changed
    return row


def scope_of(view: View, row: Application) -> Scope:
    """Return what of an application can be changed now."""
    documents = _documents(view, row)
    if row.state == "draft":
        return scope.of_draft(documents)
    if row.state != "returned":
        return scope.CLOSED
    verdicts = _verdicts(view, row.therapist_id)
    there = {f"document:{one.id}" for one in documents}
    gone = [
        view.get(Document, part.removeprefix("document:"))
        for part, verdict in verdicts.items()
        if part.startswith("document:") and part not in there and not verdict.accepted
    ]
    return scope.of_returned(
        verdicts,
        documents,
        gone=frozenset(one.kind for one in gone if one is not None),
        lacking=frozenset(one.topic for one in lacks_of(opened(view, row), documents, view.now)
                          if one.field not in KINDS),
        returned_at=row.decided_at or 0,
    )  # fmt: skip


def bump(tx: Tx, row: Application) -> int:
    """Give an application its next version and return it."""
    number = int(row.version) + 1
    tx.set(Application, "therapist_id = ?", row.therapist_id, version=number)
    return number


def tell(tx: Tx, event: Event, therapist_id: str, number: int) -> None:
    """Write the mail that a step of an application owes its counsellor."""
    notices.write(
        tx,
        event,
        once=f"{event}:{therapist_id}:{number}",
        party=Party.THERAPIST,
        person_id=therapist_id,
    )


def the_application(view: View, therapist_id: str) -> Application:
    """Return an application's row, or refuse as if nothing were there."""
    row = view.get(Application, therapist_id)
    if row is None:
        raise NotFound
    return row


def view_of(view: View, row: Application) -> ApplicationView:
    """Return an application as its counsellor and the team see it."""
    documents = _documents(view, row)
    there = {f"document:{one.id}" for one in documents}
    verdicts = {
        part: verdict
        for part, verdict in _verdicts(view, row.therapist_id).items()
        if part in there or part.startswith("topic:")
    }
    answers = opened(view, row)
    therapist = the_therapist(view, row.therapist_id)
    return ApplicationView(
        therapist_id=row.therapist_id,
        name=plain(view.open(therapist.name_sealed, "therapist.name")),
        state=cast("State", row.state),
        version=row.version,
        answers=answers,
        documents=documents,
        verdicts=verdicts,
        lacks=lacks_of(answers, documents, view.now),
        scope=scope_of(view, row),
        reason=plain_lines(view.open(row.reason_sealed, "application.reason"), 500),
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        checked_at=row.checked_at,
        checked_by=row.checked_by,
        recheck_at=row.recheck_at,
        created_at=row.created_at,
    )


def lacks_of(answers: Texts, documents: tuple[DocumentView, ...], now: int) -> tuple[Lack, ...]:
    """Return everything that is missing or wrong, in the order of the pages."""
    today = moments.local_date(now, LONDON)
    there = {document.kind for document in documents}
    found: list[Lack] = []
    for topic in TOPICS:
        wrong = topics.problems(topic, answers.get(topic.name, {}), today)
        found += [Lack(topic.name, name, line) for name, line in wrong.items()]
        for kind in topic.documents:
            if kind not in there:
                label = topics.document_kind(kind).label
                found.append(Lack(topic.name, kind, f"{label}: hand in a file."))
    return tuple(found)


def check_email(tx: View, address: str, therapist_id: str) -> None:
    """Refuse an address under which somebody else is known already."""
    hashed = tx.practice.vault.digest(address.lower(), "therapist.email")
    there = tx.find(Therapist, "email_hash = ?", hashed)
    if there is not None and there.id != therapist_id:
        raise Invalid(
            "Somebody has joined with this e-mail address",
            "Sign in as yourself, or write to support.",
        )


def opened(view: View, row: Application) -> Texts:
    """Return the answers of an application."""
    return cast("Texts", json.loads(view.open(row.answers_sealed, "application.answers")))


def _sealed(tx: Tx, answers: Texts) -> bytes:
    return tx.seal(json.dumps(answers, sort_keys=True), "application.answers")


def _check_reader(actor: Actor, therapist_id: str) -> None:
    if actor.role not in ("therapist", "team"):
        raise NotFound
    actor.must_see(therapist_id=therapist_id)


def _documents(view: View, row: Application) -> tuple[DocumentView, ...]:
    where = "therapist_id = ? AND removed_at IS NULL ORDER BY created_at, id"
    return tuple(
        DocumentView(
            id=one.id,
            kind=one.kind,
            name=plain(view.open(one.name_sealed, "document.name")),
            type=one.type,
            size=one.size,
            digest=one.digest,
            created_at=one.created_at,
        )
        for one in view.find_all(Document, where, row.therapist_id)
    )


def _verdicts(view: View, therapist_id: str) -> dict[str, VerdictView]:
    rows = view.find_all(Verdict, "therapist_id = ? ORDER BY part", therapist_id)
    return {
        row.part: VerdictView(
            part=row.part,
            accepted=bool(row.accepted),
            reason=plain(view.open(row.reason_sealed, "verdict.reason"), 300),
            by_whom=plain(row.by_whom),
            at=row.at,
        )
        for row in rows
    }


def _take_over(tx: Tx, therapist_id: str, texts: Texts) -> None:
    """Write into the profile what the application says of it."""
    about, style = texts["about"], texts["style"]
    address = read_email(about["email"])

    def mask(name: str, vocabulary: tuple[str, ...]) -> int:
        return mask_of(topics.chosen(style[name]), vocabulary)

    tx.set(
        Therapist,
        "id = ?",
        therapist_id,
        name_sealed=tx.seal(about["name"], "therapist.name"),
        email_sealed=tx.seal(address, "therapist.email"),
        email_hash=tx.digest(address.lower(), "therapist.email"),
        contact_sealed=tx.seal(about["contact"], "therapist.contact"),
        gender=about["gender"],
        zone=about["zone"],
        headline_sealed=tx.seal(style["headline"], "therapist.headline"),
        about_sealed=tx.seal(style["about_me"], "therapist.about"),
        concerns=mask("concerns", CONCERNS),
        approaches=mask("approaches", APPROACHES),
        languages=mask("languages", LANGUAGES),
        modalities=mask("modalities", MODALITIES),
        notice_s=topics.notice_seconds(texts["notice"]["notice"]),
    )
