"""The team's review of counsellors' applications: part by part, then approved or returned (J4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from helpspace.cli import renewals
from helpspace.cli.desk import Desk, Json
from helpspace.cli.options import DryRun
from helpspace.cli.root import noun

if TYPE_CHECKING:
    from helpspace.core.joining.application import ApplicationView

app = noun()
app.command("renewals")(renewals.renewals)
app.command("renewal")(renewals.renewal)

TheApplication = Annotated[
    str, typer.Argument(metavar="ID", help="The application; its id is the therapist's.")
]
Version = Annotated[
    int | None,
    typer.Option("--version", metavar="N", help="The version you looked at; a newer one refuses."),
]
States = Literal["draft", "submitted", "returned", "approved"]


def read(desk: Desk, therapist_id: str) -> ApplicationView:
    """Return an application for the team."""
    from helpspace.core.joining import application

    return application.application(desk.practice, desk.team, therapist_id)


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[States | None, typer.Option("--state", help="Only in this state.")] = None,
    recheck: Annotated[
        bool, typer.Option("--recheck", help="Only whose register is due again within 30 days.")
    ] = False,
) -> None:
    """List the applications, those that have waited longest first.

    Example: helpspace applications list --state submitted
    """
    from helpspace.cli import shapes
    from helpspace.core.joining import review

    desk = Desk(ctx)
    desk.show_list(
        review.applications(desk.practice, desk.team, state=state, recheck=recheck),
        shapes.application,
        (
            ("ID", lambda one: one.therapist_id),
            ("NAME", lambda one: one.name),
            ("STATE", lambda one: one.state),
            ("HANDED IN", lambda one: desk.at(one.submitted_at)),
            ("TO DO", _to_do),
            ("REGISTER SEEN", lambda one: desk.at(one.checked_at)),
            ("DUE AGAIN", lambda one: desk.at(one.recheck_at)),
        ),
        nothing="There is no such application. Invite somebody: helpspace therapists invite.",
    )


def _to_do(view: ApplicationView) -> str:
    from helpspace.core.joining.review import still_to_do

    return str(len(still_to_do(view))) if view.state == "submitted" else ""


@app.command()
def show(ctx: typer.Context, therapist_id: TheApplication) -> None:
    """Show an application: what was answered, the register to look into, what is still to do.

    Example: helpspace applications show k3x7m2qa5bcd
    """
    from helpspace.cli import shapes

    desk = Desk(ctx)
    view = read(desk, therapist_id)
    pairs = [
        ("name", view.name),
        ("state", view.state),
        ("version", str(view.version)),
        ("handed in", desk.at(view.submitted_at)),
        ("decided", desk.at(view.decided_at)),
        *([("reason", " ".join(view.reason.split()))] if view.reason else []),
        *register_lines(desk, view),
    ]
    desk.show_one(shapes.application(view), pairs, heading=f"Application {view.therapist_id}")
    if desk.frame.as_json:
        return
    for part in _parts(view):
        desk.write("", *_said(view, part))
    desk.write(*(["", "Still to do:"] if _lines(view) else []), *_lines(view))


def _parts(view: ApplicationView) -> list[str]:
    from helpspace.core.joining.review import parts_of

    return parts_of(view)


def _said(view: ApplicationView, part: str) -> list[str]:
    """Return a part by lines: its title and name, the verdict, what was answered or handed in."""
    from helpspace.core.joining.review import part_words
    from helpspace.core.plain import plain

    verdict = view.verdicts.get(part)
    words = "not looked at"
    if verdict is not None:
        words = f"{'accepted' if verdict.accepted else 'rejected'} by {verdict.by_whom}"
        words += f": {verdict.reason}" if verdict.reason else ""
    name = part.partition(":")[2]
    lines = [f"{part_words(view, part)} ({name}): {words}"]
    lines += [f"  {label}: {text or '–'}" for label, text in answers_of(view, part)]
    if part.startswith("document:"):
        lines.append(f"  look at it: helpspace applications open {view.therapist_id} {name}")
    return [f"  {plain(one, 2000)}" if one.startswith("  ") else plain(one, 600) for one in lines]


def answers_of(view: ApplicationView, part: str) -> list[tuple[str, str]]:
    """Return what a part consists of, as labels and texts of one line."""
    from helpspace.core.joining.topics import topic_of

    kind, _, name = part.partition(":")
    if kind == "topic":
        said = view.answers.get(name, {})
        return [
            (field.label, _answer_words(field.kind, said.get(field.name, "")))
            for field in topic_of(name).fields
        ]
    one = next(one for one in view.documents if one.id == name)
    return [("file", f"{one.name}, {one.type}, {one.size:,} bytes")]


def _answer_words(kind: str, text: str) -> str:
    """Return an answer in one line."""
    if kind == "agree":
        return f"yes, to the words of {text}" if text else "not yet"
    return ", ".join(text.splitlines())


def _lines(view: ApplicationView) -> list[str]:
    from helpspace.core.joining.review import still_to_do
    from helpspace.core.plain import plain

    if view.state not in ("submitted", "draft", "returned"):
        return []
    return [f"- {plain(line, 400)}" for line in still_to_do(view)]


def register_lines(desk: Desk, view: ApplicationView) -> list[tuple[str, str]]:
    """Return where the member is to be looked up, and when and by whom that was done."""
    from helpspace.core.joining.bodies import body_of

    answers = view.answers.get("body", {})
    body = body_of(answers.get("body", ""))
    seen = f"{desk.at(view.checked_at)} by {view.checked_by}" if view.checked_at else "not yet"
    again = [("due again", desk.at(view.recheck_at))] if view.recheck_at else []
    return [
        ("register", "" if body is None else f"{body.name}: {body.register}"),
        ("membership number", answers.get("number", "")),
        ("looked up", seen),
        *again,
    ]


@app.command("review")
def review_(
    ctx: typer.Context,
    therapist_id: TheApplication,
    part: Annotated[
        str | None,
        typer.Argument(metavar="[PART]", help="A page such as body, or a document's id."),
    ] = None,
    verdict: Annotated[
        bool | None, typer.Option("--accept/--reject", help="What you say of it.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="What is to be mended.")] = "",
    version: Version = None,
    dry_run: DryRun = False,
) -> None:
    """Accept or reject a part of an application; without PART, walk through all in this terminal.

    Example: helpspace applications review k3x7m2qa5bcd insurance --reject --reason "out of date"
    """
    from helpspace.core.errors import HelpspaceError
    from helpspace.core.joining import review

    desk = Desk(ctx)
    view = read(desk, therapist_id)
    if part is None and verdict is None and desk.at_terminal and not dry_run:
        from helpspace.cli.reviewing import walk

        walk(desk, therapist_id)
        return
    if part is None or verdict is None:
        raise HelpspaceError(
            "Say which part, and --accept or --reject",
            "Without both it walks through all parts, in a terminal.",
        )
    named = _part_of(view, part)
    number = _version(view, named, version, desk.account)
    with desk.rehearsing(dry_run):
        review.judge(
            desk.practice,
            desk.team,
            therapist_id,
            named,
            accepted=verdict,
            reason=reason,
            version=number,
        )
        view = read(desk, therapist_id)
    word = "accepted" if verdict else "rejected"
    _answer(desk, view, f"{review.part_words(view, named)} is {word}.", dry_run=dry_run)


def _part_of(view: ApplicationView, named: str) -> str:
    """Return the part that somebody means by its name: "body", or a document's id."""
    from helpspace.core.errors import NotFound

    found = [part for part in _parts(view) if named in (part, part.partition(":")[2])]
    if len(found) != 1:
        raise NotFound("There is no such part", "Choose one that `applications show` lists.")
    return found[0]


def _version(view: ApplicationView, part: str, given: int | None, account: str) -> int:
    """Return the version to judge; what somebody else said is not replaced unseen."""
    from helpspace.core.errors import Changed

    if given is not None:
        return given
    said = view.verdicts.get(part)
    if said is not None and said.by_whom != account:
        word = "accepted" if said.accepted else "rejected"
        raise Changed(
            f"This has changed: {said.by_whom} {word} it",
            f"Look at it again; to say otherwise, add --version {view.version}.",
        )
    return view.version


def _answer(desk: Desk, view: ApplicationView, words: str, *, dry_run: bool) -> None:
    if desk.frame.as_json:
        from helpspace.cli import shapes

        document: Json = shapes.application(view)
        desk.give({**document, **({"dry_run": True} if dry_run else {})})
    else:
        desk.write(words)


@app.command()
def registered(
    ctx: typer.Context,
    therapist_id: TheApplication,
    version: Version = None,
    dry_run: DryRun = False,
) -> None:
    """Record that you found the member in the body's public register today; due again in a year.

    Example: helpspace applications registered k3x7m2qa5bcd
    """
    from helpspace.core.joining import review

    desk = Desk(ctx)
    view = read(desk, therapist_id)
    number = view.version if version is None else version
    with desk.rehearsing(dry_run):
        review.register_checked(desk.practice, desk.team, therapist_id, version=number)
        view = read(desk, therapist_id)
    _answer(desk, view, f"Looked up {desk.at(view.checked_at)}.", dry_run=dry_run)


@app.command()
def approve(
    ctx: typer.Context,
    therapist_id: TheApplication,
    version: Version = None,
    dry_run: DryRun = False,
) -> None:
    """Approve an application; a mail asks them to enable payments.

    Every document must be accepted, and the register looked into.

    Example: helpspace applications approve k3x7m2qa5bcd
    """
    from helpspace.core.joining import review

    desk = Desk(ctx)
    view = read(desk, therapist_id)
    number = view.version if version is None else version
    with desk.rehearsing(dry_run):
        review.approve(desk.practice, desk.team, therapist_id, version=number)
        view = read(desk, therapist_id)
    did = "Would approve" if dry_run else "Approved"
    _answer(desk, view, f"{did} {view.therapist_id}.", dry_run=dry_run)


@app.command("return")
def return_(
    ctx: typer.Context,
    therapist_id: TheApplication,
    reason: Annotated[str, typer.Option("--reason", help="In general, beside the parts'.")] = "",
    version: Version = None,
    dry_run: DryRun = False,
) -> None:
    """Return an application; a mail says what was rejected, and only that can be mended.

    Example: helpspace applications return k3x7m2qa5bcd --reason "one certificate is missing"
    """
    from helpspace.core.joining import review

    desk = Desk(ctx)
    view = read(desk, therapist_id)
    number = view.version if version is None else version
    with desk.rehearsing(dry_run):
        review.return_(desk.practice, desk.team, therapist_id, reason, version=number)
        view = read(desk, therapist_id)
    did = "Would return" if dry_run else "Returned"
    _answer(desk, view, f"{did} {view.therapist_id}.", dry_run=dry_run)


@app.command("open")
def open_(
    ctx: typer.Context,
    therapist_id: TheApplication,
    document_id: Annotated[str, typer.Argument(metavar="DOC", help="The document, or a renewal.")],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="FILE", help="Keep it in a new file instead."),
    ] = None,
) -> None:
    """Open a document in your own viewer; the copy is removed when you have looked.

    Example: helpspace applications open k3x7m2qa5bcd a2b3c4d5e6f7g2h3i4j5k6l7m2
    """
    from helpspace.cli import viewing

    desk = Desk(ctx)
    view = read(desk, therapist_id)
    if to is not None:
        path = viewing.keep(desk, view, document_id, to)
        document = {"id": therapist_id, "document_id": document_id, "file": str(path)}
        desk.show_one(document, (("kept in", str(path)),))
        return
    viewing.look(desk, view, document_id)
    if desk.frame.as_json:
        desk.give({"id": therapist_id, "document_id": document_id, "file": None})
