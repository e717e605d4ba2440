"""The trail."""

from __future__ import annotations

from typing import Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import Limit
from helpspace.cli.root import new_app
from helpspace.core.errors import Invalid

app = new_app()


@app.command()
def audit(
    ctx: typer.Context,
    thing: Annotated[
        str | None,
        typer.Option("--thing", help="Only about this: a kind such as appointment, or an id."),
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option("--actor", help="Only by this role, id, or team:account on a behalf."),
    ] = None,
    act: Annotated[
        str | None, typer.Option("--act", help="Only this act, such as book or cancel.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="From then: 2026-03-28, or with a time."),
    ] = None,
    limit: Limit = 200,
) -> None:
    """Show the trail: who did what, when and from where; newest first.

    Example: helpspace audit --thing appointment --since 2026-03-28
    """
    import json

    from helpspace.cli import shapes
    from helpspace.core.audit import trail
    from helpspace.core.moments import read_moment

    desk = Desk(ctx)
    for word in (thing, actor, act):
        _must_be_a_word(word)
    desk.show_list(
        trail(
            desk.practice,
            desk.team,
            thing=thing,
            who=actor,
            act=act,
            since=None if since is None else read_moment(since, desk.zone),
            limit=limit,
        ),
        shapes.trail_row,
        (
            ("ID", lambda one: one.id),
            ("WHEN", lambda one: desk.at(one.at)),
            ("WHO", lambda one: f"{one.role} {one.actor_id}"),
            ("FOR THEM", lambda one: one.by_whom or ""),
            ("DID", lambda one: f"{one.act} {one.thing}"),
            ("ID OF IT", lambda one: one.thing_id),
            ("VIA", lambda one: one.via),
            ("WHY", lambda one: one.why),
            ("DETAIL", lambda one: json.dumps(one.detail, ensure_ascii=False)),
        ),
        nothing="The trail holds nothing like that.",
        limit=limit,
    )


def _must_be_a_word(word: str | None) -> None:
    """Refuse what can stand in no trail, which would only look like an empty one."""
    from helpspace.core.plain import plain

    if word is not None and (not word or word != plain(word)):
        raise Invalid("That is nothing to look for", "Write a word or an id as the trail shows it.")
