"""The keys by which therapists sign in on a shared host, in the store and in authorized_keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun, file_named, standard_input
from helpspace.cli.root import noun

if TYPE_CHECKING:
    from helpspace.core.joining.keys import KeyView

app = noun()

InFile = Annotated[
    str | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="The authorized_keys file; else that of the account that runs this command.",
    ),
]


def _file(named: str | None) -> Path:
    from helpspace import hosted

    return Path(hosted.home(), ".ssh", "authorized_keys") if named is None else file_named(named)


@app.command()
def add(
    ctx: typer.Context,
    therapist_id: Annotated[str, typer.Argument(metavar="ID", help="Whose terminal it opens.")],
    file: InFile = None,
    dry_run: DryRun = False,
) -> None:
    """Let a therapist sign in by a public key, which is read from standard input.

    It opens their terminal and nothing else. The line is written into the file and shown.

    Example: helpspace therapists ssh-key add k3x7m2qa5bcd < id_ed25519.pub
    """
    from helpspace import hosted
    from helpspace.cli import shapes
    from helpspace.core.files import authorized
    from helpspace.core.joining import keys

    desk = Desk(ctx)
    path = _file(file)
    text = standard_input(keys.LONGEST + 1).decode("ascii", "replace")
    public = keys.read_public(text)
    environment = os.environ if desk.frame.environment is None else desk.frame.environment
    hosted.must_be_set_for_all(desk.settings, environment)
    with desk.rehearsing(dry_run):
        key = keys.add(desk.practice, desk.team, therapist_id, public)
    line = hosted.line_for(desk.settings, therapist_id, public, key.id)
    if not dry_run:
        authorized.put(path, key.id, line)
    if desk.frame.as_json:
        more = {"dry_run": True} if dry_run else {}
        desk.give({**shapes.ssh_key(key), "file": str(path), "line": line, **more})
        return
    desk.write(line)
    if not dry_run:
        desk.say(f"Key {key.id} ({key.fingerprint}) opens the terminal of {therapist_id}.")
        desk.say(f"The line above is in {path}.")


@app.command("list")
def list_(
    ctx: typer.Context,
    therapist_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Only of this therapist.")
    ] = None,
    file: InFile = None,
) -> None:
    """List the keys, those that were revoked too, and whether their line is in the file.

    Example: helpspace therapists ssh-key list
    """
    from helpspace.cli import shapes
    from helpspace.core.files import authorized
    from helpspace.core.joining import keys

    desk = Desk(ctx)
    path = _file(file)
    found = keys.keys(desk.practice, desk.team, therapist_id)
    there = {one.id: authorized.has(path, one.id) for one in found}

    def state(one: KeyView) -> str:
        if one.revoked_at is not None:
            return f"revoked {desk.at(one.revoked_at)}"
        return "in use" if there[one.id] else "no line in the file"

    desk.show_list(
        found,
        lambda one: {**shapes.ssh_key(one), "in_file": there[one.id]},
        (
            ("ID", lambda one: one.id),
            ("THERAPIST", lambda one: one.therapist_id),
            ("KEY", lambda one: one.type),
            ("FINGERPRINT", lambda one: one.fingerprint),
            ("STATE", state),
            ("ADDED", lambda one: desk.at(one.created_at)),
        ),
        nothing="There is no key. Add one: helpspace therapists ssh-key add ID < id_ed25519.pub",
    )


@app.command()
def revoke(
    ctx: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="KEYID", help="The key.")],
    file: InFile = None,
    dry_run: DryRun = False,
) -> None:
    """Let nobody in by a key any more, and end the terminals that it opened within a minute.

    Example: helpspace therapists ssh-key revoke k3x7m2qa5bcd
    """
    from helpspace.cli import shapes
    from helpspace.core.files import authorized
    from helpspace.core.joining import keys

    desk = Desk(ctx)
    path = _file(file)
    with desk.rehearsing(dry_run):
        key = keys.revoke(desk.practice, desk.team, key_id)
    gone = not dry_run and authorized.take_out(path, key.id)
    if desk.frame.as_json:
        more = {"dry_run": True} if dry_run else {}
        desk.give({**shapes.ssh_key(key), "file": str(path), "line_removed": gone, **more})
        return
    desk.write(f"{'Would revoke' if dry_run else 'Revoked'} {key.id} of {key.therapist_id}.")
    if not dry_run and not gone:
        desk.say(f"There was no line of it in {path}; it lets nobody in all the same.")
