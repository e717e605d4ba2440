"""A walk through an application in a terminal: each part is shown, and a person says what of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from helpspace.cli.applications import answers_of, read, register_lines
from helpspace.cli.desk import Desk
from helpspace.core.errors import Changed, HelpspaceError
from helpspace.core.joining import review

if TYPE_CHECKING:
    from helpspace.core.joining.application import ApplicationView

LOOK = "Look at it again."
NO_FILE = "accept, reject, skip or quit?"


def walk(desk: Desk, therapist_id: str) -> None:
    """Go through the parts that nobody has accepted, then the register, then the decision."""
    view = read(desk, therapist_id)
    if view.state != "submitted":
        raise HelpspaceError(
            f"The application is {view.state}; there is nothing to review",
            "Look at it with `helpspace applications show`.",
        )
    desk.say(f"Application of {view.name}, version {view.version}.")
    for part in review.parts_of(view):
        said = view.verdicts.get(part)
        if said is None or not said.accepted:
            view = _part(desk, view, part)
    view = _register(desk, view)
    _decide(desk, view)


def _part(desk: Desk, view: ApplicationView, part: str) -> ApplicationView:
    """Ask about one part until something is said of it, or it is left out."""
    while part in review.parts_of(view):
        _show(desk, view, part)
        is_file = part.startswith("document:")
        question = "accept, reject, open, skip or quit?" if is_file else NO_FILE
        word = _ask(question, "arosq" if is_file else "arsq")
        if word == "s":
            return view
        if word == "o":
            _look(desk, view, part)
            continue
        reason = _line("What is to be mended?") if word == "r" else ""
        try:
            review.judge(
                desk.practice,
                desk.team,
                view.therapist_id,
                part,
                accepted=word == "a",
                reason=reason,
                version=view.version,
            )
        except Changed as changed:
            desk.say(f"{changed.title}. {LOOK}")
            view = read(desk, view.therapist_id)
            continue
        except HelpspaceError as refused:
            desk.say(str(refused))
            continue
        return read(desk, view.therapist_id)
    return view


def _show(desk: Desk, view: ApplicationView, part: str) -> None:
    desk.say("")
    desk.say(review.part_words(view, part))
    for label, text in answers_of(view, part):
        desk.say(f"– {label}: {text}")
    said = view.verdicts.get(part)
    if said is not None:
        word = "accepted" if said.accepted else f"rejected ({said.reason})"
        desk.say(f"– {said.by_whom} {word} it.")


def _look(desk: Desk, view: ApplicationView, part: str) -> None:
    from helpspace.cli.viewing import look

    document = part.partition(":")[2]
    try:
        look(desk, view, document)
    except HelpspaceError as refused:
        desk.say(f"{refused.title}. In another terminal, this keeps it in a file:")
        desk.say(f"helpspace applications open {view.therapist_id} {document} --to FILE")


def _register(desk: Desk, view: ApplicationView) -> ApplicationView:
    """Ask whether the member was found in the public register."""
    while view.checked_at is None:
        desk.say("")
        for label, text in register_lines(desk, view):
            desk.say(f"– {label}: {text}")
        if _ask("Did you find them in the register? yes, no or quit", "ynq") != "y":
            return view
        try:
            review.register_checked(
                desk.practice, desk.team, view.therapist_id, version=view.version
            )
        except Changed as changed:
            desk.say(f"{changed.title}. {LOOK}")
        view = read(desk, view.therapist_id)
    return view


def _decide(desk: Desk, view: ApplicationView) -> None:
    """Offer what can be decided now: approval, or the way back."""
    rejected = any(not said.accepted for said in view.verdicts.values())
    open_points = review.still_to_do(view)
    for line in open_points:
        desk.say(f"– {line}")
    if open_points and not rejected:
        desk.say("It stays with the team; go on another time.")
        return
    word = "Return" if rejected else "Approve"
    if _ask(f"{word} it now? yes or no", "ynq") != "y":
        desk.say("It stays with the team; nothing was sent.")
        return
    own, number = view.therapist_id, view.version
    if rejected:
        remark = _line("Anything to say besides? Enter for nothing.")
        review.return_(desk.practice, desk.team, own, remark, version=number)
    else:
        review.approve(desk.practice, desk.team, own, version=number)
    desk.write(f"{word}ed {own}." if rejected else f"{word}d {own}.")


def _ask(question: str, letters: str) -> str:
    """Return the first letter of an answer; whoever quits ends the walk."""
    while True:
        word = _line(question).lower()[:1]
        if word == "q":
            raise HelpspaceError("Stopped", "What was said is kept; run it again to go on.")
        if word and word in letters:
            return word
        sys.stderr.write(f"Type one of {' '.join(letters)}, then Enter.\n")


def _line(question: str) -> str:
    sys.stderr.write(f"{question} ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise HelpspaceError("Nobody answered", "What was said is kept; run it again to go on.")
    return answer.strip()
