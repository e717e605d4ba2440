"""The files of an application: handed in, looked at, taken away (J3)."""

from __future__ import annotations

import hashlib

from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, Invalid, NotFound
from helpspace.core.files import content
from helpspace.core.files.box import Box
from helpspace.core.joining import topics
from helpspace.core.joining.application import (
    ApplicationView,
    application,
    bump,
    changing,
    scope_of,
    the_application,
)
from helpspace.core.joining.topics import DocumentKind
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Document, Verdict


def box_of(practice: Practice) -> Box:
    """Return the folder of uploaded files of a practice."""
    return Box(practice.settings.files, practice.vault)


def hand_in(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    kind: str,
    name: str,
    raw: bytes,
    *,
    version: int,
) -> int:
    """Check and keep a file, and return the application's new version.

    One of a kind that an application holds once takes the place of the one before. Raises Invalid
    with one line for a bad file; the draft is as it was (J3).
    """
    wanted = topics.document_kind(kind)
    checked = content.check(raw, portrait=wanted.picture)
    file_id = practice.ids.token()
    box = box_of(practice)
    actor.must_see(therapist_id=therapist_id)
    box.put(file_id, checked.content)
    try:
        with practice.change() as tx:
            row = changing(tx, actor, therapist_id, version)
            scope_of(tx, row).check_kind(kind)
            gone = _make_room(tx, therapist_id, wanted)
            tx.insert(
                Document,
                id=file_id,
                therapist_id=therapist_id,
                kind=kind,
                name_sealed=tx.seal(plain(name) or wanted.label, "document.name"),
                type=checked.type,
                size=len(checked.content),
                digest=hashlib.sha256(checked.content).hexdigest(),
                created_at=tx.now,
            )
            tx.audit(actor, "hand_in", "document", file_id, kind=kind, therapist=therapist_id)
            number = bump(tx, row)
    except BaseException:
        box.remove(file_id)
        raise
    for old in gone:
        box.remove(old)
    return number


def hand_in_now(
    practice: Practice, actor: Actor, therapist_id: str, kind: str, name: str, raw: bytes
) -> ApplicationView:
    """Check and keep a file whatever the version is, and return the application after that.

    For whoever sees no application while handing in: other pages may be typed in meanwhile.
    """
    for tries_left in (4, 3, 2, 1, 0):
        seen = application(practice, actor, therapist_id)
        try:
            hand_in(practice, actor, therapist_id, kind, name, raw, version=seen.version)
        except Changed:
            if not tries_left:
                raise
            continue
        break
    return application(practice, actor, therapist_id)


def check_hand_in(
    practice: Practice, actor: Actor, therapist_id: str, kind: str, raw: bytes
) -> content.Checked:
    """Return a file as it would be kept, or refuse it as `hand_in` would; nothing is kept."""
    seen = application(practice, actor, therapist_id)
    wanted = topics.document_kind(kind)
    with practice.reading() as view:
        scope_of(view, the_application(view, therapist_id)).check_kind(kind)
    if wanted.most > 1 and len(seen.of_kind(kind)) >= wanted.most:
        raise _too_many(wanted)
    return content.check(raw, portrait=wanted.picture)


def take_away(
    practice: Practice, actor: Actor, therapist_id: str, document_id: str, *, version: int
) -> int:
    """Take a file out of an application and return its new version."""
    with practice.change() as tx:
        row = changing(tx, actor, therapist_id, version)
        found = tx.find(
            Document,
            "id = ? AND therapist_id = ? AND removed_at IS NULL",
            document_id,
            therapist_id,
        )
        if found is None:
            raise NotFound
        scope_of(tx, row).check_document(document_id)
        _remove(tx, therapist_id, document_id)
        tx.audit(actor, "take_away", "document", document_id, therapist=therapist_id)
        number = bump(tx, row)
    box_of(practice).remove(document_id)
    return number


def look_at(practice: Practice, actor: Actor, document_id: str) -> tuple[str, bytes]:
    """Return a file's type and content, for its owner and the team; the look is on the trail."""
    with practice.change() as tx:
        row = tx.find(Document, "id = ? AND removed_at IS NULL", document_id)
        if row is None or actor.role not in ("therapist", "team"):
            raise NotFound
        actor.must_see(therapist_id=row.therapist_id)
        if actor.role == "team":
            tx.audit(actor, "look_at", "document", document_id, therapist=row.therapist_id)
    raw = box_of(practice).get(document_id)
    if hashlib.sha256(raw).hexdigest() != row.digest:
        raise NotFound("The file is not as it was handed in", "Ask for it again.")
    return row.type, raw


def sweep(practice: Practice) -> int:
    """Remove files that no application has any more, such as of an upload that was cut off."""
    with practice.reading() as view:
        known = named_files(view)
        now = practice.clock.now()
    return box_of(practice).sweep(known, now)


def named_files(view: View) -> list[str]:
    """Return the ids of the files that belong to an application or a waiting renewal."""
    known = [str(row[0]) for row in view.sql("SELECT id FROM document WHERE removed_at IS NULL")]
    waiting = "SELECT file FROM renewal WHERE state = 'waiting' AND file IS NOT NULL"
    return known + [str(row[0]) for row in view.sql(waiting)]


def _make_room(tx: Tx, therapist_id: str, wanted: DocumentKind) -> list[str]:
    there = tx.find_all(
        Document, "therapist_id = ? AND kind = ? AND removed_at IS NULL", therapist_id, wanted.name
    )
    if wanted.most == 1:
        for row in there:
            _remove(tx, therapist_id, row.id)
        return [row.id for row in there]
    if len(there) >= wanted.most:
        raise _too_many(wanted)
    return []


def _too_many(wanted: DocumentKind) -> Invalid:
    return Invalid(f"There are {wanted.most} of them already", "Take one away first.")


def _remove(tx: Tx, therapist_id: str, document_id: str) -> None:
    """Take a file out; a rejection stays until the next handing in, to keep its place open (J4)."""
    tx.set(Document, "id = ?", document_id, removed_at=tx.now)
    part, accepted = f"document:{document_id}", Verdict.accepted == 1
    mine = Verdict.therapist_id == therapist_id
    tx.run(Verdict.delete().where(mine, Verdict.part == part, accepted))
