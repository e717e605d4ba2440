"""The three steps of joining as lines: each gate green, or what is missing and how to mend it.

Pure; foreign text in it is cleaned by the core's views.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from helpspace.core import moments
from helpspace.core.joining.application import ApplicationView
from helpspace.core.joining.checklist import Gate
from helpspace.core.joining.topics import TOPICS, Topic
from helpspace.tui.join.desk import Standing


class Mark(StrEnum):
    """How a gate stands; the value is its sign."""

    DONE = "✓"
    MISSING = "!"
    WAITING = "…"
    LATER = "·"


@dataclass(frozen=True, slots=True)
class Line:
    """One gate. `act` is the action that mends it, `topic` the page it is about."""

    mark: Mark
    name: str
    words: str
    how: str = ""
    """What to do about it, as a whole sentence."""
    act: str = ""
    topic: str = ""
    step: bool = False
    """Whether it is the head of a step."""


def lines(standing: Standing, doors: frozenset[str]) -> list[Line]:
    """Return the checklist; `doors` are the actions that can be taken here."""
    return [
        *_application(standing),
        _payments(standing),
        *_publishing(standing, doors),
    ]


def is_complete(seen: ApplicationView | None) -> bool:
    """Whether an application can be handed in now."""
    return (
        seen is not None
        and seen.state in ("draft", "returned")
        and not seen.lacks
        and not rejected_files(seen)
    )


def rejected_files(seen: ApplicationView) -> list[str]:
    """Return the ids of documents that came back and are still there."""
    return [
        one.id
        for one in seen.documents
        if (verdict := seen.verdicts.get(f"document:{one.id}")) and not verdict.accepted
    ]


# -- 1 application -------------------------------------------------------------------------------


def _application(standing: Standing) -> list[Line]:
    seen = standing.seen
    if seen is None:
        approved = "not_approved" not in standing.therapist.why_hidden
        words = "approved" if approved else "there is none here: the team enters it"
        mark = Mark.DONE if approved else Mark.WAITING
        return [Line(mark, "1 Application", words, step=True)]
    head = _head(seen, standing)
    if seen.state in ("submitted", "approved"):
        return [head]
    return [head, *(page_line(seen, topic) for topic in TOPICS), _hand_in(seen)]


def _head(seen: ApplicationView, standing: Standing) -> Line:
    name, act = "1 Application", "steps.application"

    def at(instant: int | None) -> str:
        zone = standing.therapist.zone
        return moments.show(instant or 0, zone, reference=standing.now)

    if seen.state == "approved":
        return Line(Mark.DONE, name, f"approved {at(seen.decided_at)}", _READ, act, step=True)
    if seen.state == "submitted":
        words = f"with the team since {at(seen.submitted_at)}"
        how = f"The team looks at it and writes to {standing.therapist.email}. {_READ}"
        return Line(Mark.WAITING, name, words, how, act, step=True)
    done = sum(page_line(seen, topic).mark is Mark.DONE for topic in TOPICS)
    count = f"{done} of {len(TOPICS)} pages complete"
    if seen.state == "returned" and is_complete(seen):
        words = "mended: hand it in again"
        return Line(
            Mark.MISSING, name, words, "The team looks only at what is new.", act, step=True
        )
    if seen.state == "returned":
        reason = f"The team says: {' '.join(seen.reason.split())}" if seen.reason else _MEND
        return Line(Mark.MISSING, name, "came back: mend what is marked", reason, act, step=True)
    how = "Fill in the pages in any order. Everything is kept as you type."
    return Line(Mark.MISSING, name, count, how, act, step=True)


_READ = "Open it to read what you handed in."
_MEND = "Only what came back can be changed; then hand it in again."


def page_line(seen: ApplicationView, topic: Topic) -> Line:
    """Return how a page of the application stands."""
    act = "steps.open"
    for verdict in seen.verdict_on(topic):
        if not verdict.accepted:
            how = f"The team says: {verdict.reason} Open the page and mend it."
            words = f"came back: {verdict.reason}"
            return Line(Mark.MISSING, topic.title, words, how, act, topic.name)
    lacks = [lack for lack in seen.lacks if lack.topic == topic.name]
    if not lacks:
        locked = seen.state == "returned" and topic.name not in seen.open
        words = "complete"
        if locked:
            words = "accepted" if any(seen.verdict_on(topic)) else "stays as it is"
        return Line(Mark.DONE, topic.title, words, topic.why, act, topic.name)
    if not seen.answers.get(topic.name) and not any(
        one.kind in topic.documents for one in seen.documents
    ):
        return Line(Mark.LATER, topic.title, "not begun", topic.why, act, topic.name)
    more = f" (+{len(lacks) - 1})" if len(lacks) > 1 else ""
    first = lacks[0].line
    label = next((f.label for f in topic.fields if f.name == lacks[0].field), "")
    words = f"{label}: {first[:1].lower()}{first[1:]}" if label else first
    return Line(Mark.MISSING, topic.title, f"{words.rstrip('.')}{more}",
                "Open the page and fill it in.", act, topic.name)  # fmt: skip


def _hand_in(seen: ApplicationView) -> Line:
    if is_complete(seen):
        how = "Everything is there. The team gets it; you can then read it, not change it."
        return Line(Mark.MISSING, "Hand in", "ready: hand it in", how, "steps.hand_in")
    if not seen.lacks:
        how = "Open the marked page, take the file away and hand in another one."
        return Line(Mark.LATER, "Hand in", "a file that came back is to be replaced", how)
    how = "The pages that are marked still lack something."
    return Line(Mark.LATER, "Hand in", "when every page is complete", how)


# -- 2 payments ----------------------------------------------------------------------------------


def _payments(standing: Standing) -> Line:
    why, name, act = standing.therapist.why_hidden, "2 Payments", "steps.payments"
    state = standing.payments
    if "payments_not_enabled" not in why:
        return Line(Mark.DONE, name, "enabled at Stripe", state.words, act, step=True)
    if state.step == "wait":
        how = "You give your bank details to Stripe, once the team has approved the application."
        return Line(Mark.LATER, name, "after the approval", how, step=True)
    if state.step == "checking":
        return Line(Mark.WAITING, name, "Stripe is checking", state.words, act, step=True)
    asks = len(state.asks)
    asked = f"Stripe asks for {asks} {'thing' if asks == 1 else 'things'}"
    words = {"begin": "begin with Stripe", "begin_again": "begin again with Stripe",
             "refused": "turned down by Stripe"}.get(state.step)  # fmt: skip
    words = words or (asked if asks else "go on with Stripe")
    return Line(Mark.MISSING, name, words, state.words, act, step=True)


# -- 3 publishing --------------------------------------------------------------------------------

_ACTS = {
    "course_not_completed": "steps.learn",
    "proofs_expired": "steps.proofs",
    "no_minimum_notice": "steps.profile",
    "switched_off": "steps.profile",
    "no_bookable_slot": "steps.calendar",
}
"""What mends a gate of publishing here; the others are mended elsewhere, as they say."""

_EARLIER = ("not_approved", "payments_not_enabled")
"""Gates of the steps before."""

_UNLESS_SHUT = ("suspended", "switched_off")
"""Gates that are named only when they are shut."""

_FROM_APPROVAL = ("proofs_expired", "no_minimum_notice", "no_bookable_slot")
"""Gates about which nothing can be done before the approval."""


def _publishing(standing: Standing, doors: frozenset[str]) -> list[Line]:
    why = standing.therapist.why_hidden
    gates = [
        gate
        for gate in standing.gates.gates
        if gate.code not in _EARLIER
        and not (gate.open and gate.code in _UNLESS_SHUT)
        and not ("not_approved" in why and gate.code in _FROM_APPROVAL)
    ]
    words, mark = "published: clients see it", Mark.DONE
    if set(why) & set(_EARLIER):
        words, mark = "hidden until the steps above are done", Mark.LATER
    elif why:
        count = sum(not gate.open for gate in gates)
        words = (
            "hidden: one thing is missing" if count == 1 else f"hidden: {count} things are missing"
        )
        mark = Mark.MISSING
    how = "The first slot that can be booked publishes your profile; the last one gone hides it."
    head = Line(mark, "3 Profile", words, how, step=True)
    return [head, *(_gate(gate, doors) for gate in gates)]


def _gate(gate: Gate, doors: frozenset[str]) -> Line:
    act = _ACTS.get(gate.code, "")
    act = act if act in doors else ""
    mark = Mark.DONE if gate.open else Mark.MISSING
    return Line(mark, gate.title, gate.words.rstrip("."), gate.fix, act)
