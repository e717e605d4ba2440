"""Proofs and picture renewed: what an approved counsellor hands in anew (J4, J7).

The application stays approved and what was accepted stays what it is until the team has accepted
the new one: an insurance certificate with its insurer and end, a longer registration, for which
the team looks at the body's public register, or a profile picture, which clients see from then on.
One of each can wait at a time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from helpspace.core import moments, notices
from helpspace.core.accounts import the_therapist
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotAllowed, NotFound
from helpspace.core.files import content
from helpspace.core.joining import accepting, topics
from helpspace.core.joining.application import opened, the_application
from helpspace.core.joining.documents import box_of
from helpspace.core.joining.publishing import watched
from helpspace.core.moments import LONDON
from helpspace.core.notices import Event
from helpspace.core.plain import plain
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Application, Renewal, Therapist

Proof = Literal["insurance", "registration"]
PROOFS: tuple[Proof, ...] = ("insurance", "registration")

What = Literal["insurance", "registration", "picture"]
"""What can be renewed: a proof, which has an end, or the picture."""

TOPIC_OF: dict[Proof, str] = {"insurance": "insurance", "registration": "body"}
UNTIL_OF: dict[Proof, str] = {"insurance": "insured_until", "registration": "registered_until"}
"""The page of the application that a proof belongs to, and the field of its end there."""


@dataclass(frozen=True, slots=True)
class RenewalView:
    """A renewal for its counsellor and the team; instants are UTC epoch seconds.

    `answers` are those of the page that it replaces, `file` the file's own name, `until` the end
    of its last day. A picture has neither answers nor end.
    """

    id: str
    therapist_id: str
    name: str
    proof: What
    answers: dict[str, str]
    until: int | None
    file: str
    state: str
    reason: str
    by_whom: str | None
    created_at: int
    decided_at: int | None

    @property
    def last_day(self) -> str:
        """The last day on which a proof is valid, as it was handed in; of a picture none."""
        return "" if self.proof == "picture" else self.answers.get(UNTIL_OF[self.proof], "")


def renew(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    proof: Proof,
    until: str,
    *,
    insurer: str = "",
    number: str = "",
    name: str = "",
    raw: bytes | None = None,
    rehearsed: bool = False,
) -> str:
    """Hand in a new proof, such as until="2027-03-31", and return the renewal's id (J7).

    Insurance needs its certificate; `insurer` or `number` only where it is another one. What waits
    already is replaced. Raises Invalid in one line where date or file will not do; nothing is
    changed then. Where the caller undoes all this, `rehearsed` leaves the folder of files alone.
    """
    _check_reader(actor, therapist_id)
    if proof not in PROOFS:
        raise Invalid("There is no such proof", f"There are: {', '.join(PROOFS)}.")
    if proof == "insurance" and raw is None:
        raise Invalid("The new certificate is missing", "Hand in the file with the new date.")
    checked = content.check(raw) if raw is not None and proof == "insurance" else None

    def answers(tx: Tx, row: Application) -> tuple[dict[str, str], int]:
        return _answers(tx, row, proof, until, insurer or number)

    named = plain(name) or "certificate"
    return _hand_in(
        practice, actor, therapist_id, proof, checked, named, answers, rehearsed=rehearsed
    )


def renew_picture(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    name: str,
    raw: bytes,
    *,
    rehearsed: bool = False,
) -> str:
    """Hand in a new profile picture and return the renewal's id (J3, J4).

    Clients go on seeing the one before until the team accepts it. What waits already is replaced.
    Raises Invalid in one line for a picture that will not do; nothing is changed then.
    """
    _check_reader(actor, therapist_id)
    checked = content.check(raw, portrait=True)
    named = plain(name) or "picture"
    return _hand_in(
        practice, actor, therapist_id, "picture", checked, named, None, rehearsed=rehearsed
    )


def _hand_in(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    what: What,
    checked: content.Checked | None,
    name: str,
    answers: Callable[[Tx, Application], tuple[dict[str, str], int]] | None,
    *,
    rehearsed: bool,
) -> str:
    """Keep a file, if there is one, and the renewal with it; `answers` gives texts and end."""
    renewal_id, box = practice.ids.new(), box_of(practice)
    file_id = None if checked is None else practice.ids.token()
    if checked is not None and file_id is not None and not rehearsed:
        box.put(file_id, checked.content)
    try:
        with practice.change() as tx:
            row = _approved(tx, therapist_id)
            texts, ends = ({}, None) if answers is None else answers(tx, row)
            gone = _replace_waiting(tx, therapist_id, what)
            tx.insert(
                Renewal,
                id=renewal_id,
                therapist_id=therapist_id,
                proof=what,
                answers_sealed=tx.seal(json.dumps(texts, sort_keys=True), "renewal.answers"),
                until_at=ends,
                file=file_id,
                name_sealed=tx.seal(name, "renewal.name") if file_id else None,
                type=checked.type if checked else None,
                size=len(checked.content) if checked else None,
                digest=hashlib.sha256(checked.content).hexdigest() if checked else None,
                state="waiting",
                created_at=tx.now,
            )
            tx.audit(actor, "renew", "renewal", renewal_id, proof=what, therapist=therapist_id)
    except BaseException:
        if file_id is not None:
            box.remove(file_id)
        raise
    for old in gone:
        if not rehearsed:
            box.remove(old)
    return renewal_id


def renewals(
    practice: Practice, actor: Actor, *, therapist_id: str | None = None, waiting: bool = True
) -> list[RenewalView]:
    """Return renewals, oldest first: for the team all, for a counsellor their own.

    With `waiting` only those that nobody has decided yet.
    """
    if therapist_id is None:
        actor.must_be("team")
    else:
        _check_reader(actor, therapist_id)
    where = "state = 'waiting'" if waiting else "1 = 1"
    given = () if therapist_id is None else (therapist_id,)
    who = "" if therapist_id is None else " AND therapist_id = ?"
    with practice.reading() as view:
        rows = view.find_all(Renewal, f"{where}{who} ORDER BY created_at, id", *given)
        return [_view_of(view, row) for row in rows]


def renewal(practice: Practice, actor: Actor, renewal_id: str) -> RenewalView:
    """Return one renewal, whatever its state, for its counsellor and the team."""
    with practice.reading() as view:
        row = view.get(Renewal, renewal_id)
        if row is None:
            raise NotFound
        _check_reader(actor, row.therapist_id)
        return _view_of(view, row)


def look_at(practice: Practice, actor: Actor, renewal_id: str) -> tuple[str, bytes]:
    """Return a waiting renewal's file, type and content; the team's look is on the trail."""
    with practice.change() as tx:
        row = tx.get(Renewal, renewal_id)
        if row is None or row.file is None or row.state != "waiting":
            raise NotFound
        _check_reader(actor, row.therapist_id)
        if actor.role == "team":
            tx.audit(actor, "look_at", "renewal", renewal_id, therapist=row.therapist_id)
    raw = box_of(practice).get(row.file)
    if hashlib.sha256(raw).hexdigest() != row.digest:
        raise NotFound("The file is not as it was handed in", "Ask for it again.")
    return str(row.type), raw


def judge(
    practice: Practice,
    actor: Actor,
    renewal_id: str,
    *,
    accepted: bool,
    reason: str = "",
    rehearsed: bool = False,
) -> None:
    """Accept a renewal, which from then on is what counts, or reject it with a reason (J4, J7).

    Accepting a registration says that the member was seen in the body's register today. Raises
    NotAllowed when somebody of the team was quicker, or the proof has ended already. Where the
    caller undoes all this, `rehearsed` leaves the folder of files alone.
    """
    actor.must_be("team")
    why = plain(reason, 300)
    if not accepted and not why:
        raise Invalid(
            "A rejection needs a reason", "Say what is wrong, for the counsellor to mend."
        )
    gone: list[str] = []
    with practice.change() as tx:
        found = tx.get(Renewal, renewal_id)
        if found is None or tx.lock(Therapist, found.therapist_id) is None:
            raise NotFound
        row = tx.get(Renewal, renewal_id)
        if row is None or row.state != "waiting":
            raise NotAllowed("It has been decided already", "Look at the list of renewals.")
        if accepted and row.until_at is not None and row.until_at <= tx.now:
            raise NotAllowed("It has ended already", "Reject it, saying so.")
        state = "accepted" if accepted else "rejected"
        tx.set(
            Renewal,
            "id = ?",
            renewal_id,
            state=state,
            reason_sealed=None if accepted else tx.seal(why, "renewal.reason"),
            by_whom=actor.id,
            decided_at=tx.now,
        )
        if accepted:
            with watched(tx, row.therapist_id, f"renewal:{renewal_id}"):
                gone = _take_over(tx, actor, row)
        elif row.file is not None:
            gone = [row.file]
        event = Event.PROOF_ACCEPTED if accepted else Event.PROOF_RETURNED
        notices.write(
            tx,
            event,
            once=f"{event}:{renewal_id}",
            party=Party.THERAPIST,
            person_id=row.therapist_id,
            facts={"renewal": renewal_id},
        )
        tx.audit(actor, "judge", "renewal", renewal_id, proof=row.proof, accepted=accepted)
    for old in gone:
        if not rehearsed:
            box_of(practice).remove(old)


def _take_over(tx: Tx, actor: Actor, row: Renewal) -> list[str]:
    """Put a renewal in the place of the one before; return files that are not needed now."""
    until = row.until_at
    if until is None:
        return accepting.take_file(tx, actor, row)
    page = TOPIC_OF[cast("Proof", row.proof)]
    return accepting.take_proof(tx, actor, row, page, _opened(tx, row), until)


def _approved(tx: Tx, therapist_id: str) -> Application:
    if tx.lock(Therapist, therapist_id) is None:
        raise NotFound
    row = the_application(tx, therapist_id)
    if row.state != "approved":
        raise NotAllowed(
            "Your application is not approved yet", "Put the new one into the application."
        )
    return row


def _answers(
    tx: Tx, row: Application, proof: Proof, until: str, named: str
) -> tuple[dict[str, str], int]:
    """Return the answers of the proof's page with the new date, and the instant of its end."""
    field = next(
        one for one in topics.topic_of(TOPIC_OF[proof]).fields if one.name == UNTIL_OF[proof]
    )
    said = topics.clean(field, until)
    wrong = topics.problem(field, said, moments.local_date(tx.now, LONDON))
    if wrong is not None:
        raise Invalid("That date will not do", wrong)
    # Equal dates have several spellings; one is kept.
    said = date.fromisoformat(said).isoformat()
    answers = dict(opened(tx, row).get(TOPIC_OF[proof], {})) | {field.name: said}
    if new := plain(named, 80 if proof == "insurance" else 30):
        answers["insurer" if proof == "insurance" else "number"] = new
    ends = topics.valid_until(said)
    before = row.insured_until if proof == "insurance" else row.registered_until
    if before is not None and ends <= before:
        raise Invalid("It ends no later than the one we have", "Look at the date.")
    return answers, ends


def _replace_waiting(tx: Tx, therapist_id: str, what: What) -> list[str]:
    where = "therapist_id = ? AND proof = ? AND state = 'waiting'"
    there = tx.find_all(Renewal, where, therapist_id, what)
    for one in there:
        tx.set(Renewal, "id = ?", one.id, state="replaced", decided_at=tx.now)
    return [one.file for one in there if one.file is not None]


def _opened(view: View, row: Renewal) -> dict[str, str]:
    return cast("dict[str, str]", json.loads(view.open(row.answers_sealed, "renewal.answers")))


def _view_of(view: View, row: Renewal) -> RenewalView:
    owner = the_therapist(view, row.therapist_id)
    return RenewalView(
        id=row.id,
        therapist_id=row.therapist_id,
        name=plain(view.open(owner.name_sealed, "therapist.name")),
        proof=cast("What", row.proof),
        answers=_opened(view, row),
        until=row.until_at,
        file=plain(view.open(row.name_sealed, "renewal.name")),
        state=row.state,
        reason=plain(view.open(row.reason_sealed, "renewal.reason"), 300),
        by_whom=row.by_whom,
        created_at=row.created_at,
        decided_at=row.decided_at,
    )


def _check_reader(actor: Actor, therapist_id: str) -> None:
    if actor.role not in ("therapist", "team"):
        raise NotFound
    actor.must_see(therapist_id=therapist_id)
