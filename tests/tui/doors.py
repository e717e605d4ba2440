"""Every screen of the therapist's terminal, with the place and the keys that open it."""

from __future__ import annotations

from typing import NamedTuple

from helpspace.core import invitations, links
from helpspace.core.practice import Practice
from tests.tui.scenes import Scene, at
from tests.tui.stage import Stage


class Door(NamedTuple):
    """How a screen is reached from the calendar."""

    name: str
    place: str | int
    """The scene's name of an entry, or an instant."""
    keys: tuple[str, ...] = ()
    run: str = ""
    """An action that the palette starts, where no key does."""


FREE = at(5, 13)

DOORS = (
    Door("day", "to_come", ("1",)),
    Door("week", "to_come", ("2",)),
    Door("month", "to_come", ("3",)),
    Door("agenda", "to_come", ("4",)),
    Door("session", "to_come", ("enter",)),
    Door("session's money", "to_come", ("enter", "tab")),
    Door("session's page 3", "to_come", ("enter", "tab", "tab")),
    Door("session's page 4", "to_come", ("enter", "tab", "tab", "tab")),
    Door("slot opened", "open_slot", ("enter",)),
    Door("paid session", "paid", ("enter",)),
    Door("paid session's money", "paid", ("enter", "tab")),
    Door("code of the video", "to_come", ("enter", "Q")),
    Door("refuse to move", "to_come", ("enter", "r")),
    Door("cancel", "to_come", ("x",)),
    Door("cancel a paid one", "paid", ("x",)),
    Door("close a slot", "open_slot", ("s",)),
    Door("open a slot", FREE, ("s",)),
    Door("paint", FREE, ("J", "J", "shift+right", "s")),
    Door("follow-up", "to_come", ("f",)),
    Door("quick add", "to_come", ("a",)),
    Door("find", "to_come", ("slash",)),
    Door("date", "to_come", ("g",)),
    Door("move", "to_come", ("m", "m")),
    Door("again", at(1, 14), ("n",)),
    Door("time off", FREE, ("o",)),
    Door("no-show", at(1, 14), ("enter", "n")),
    Door("waive", at(1, 14), ("enter", "w")),
    Door("today", "to_come", ("T",)),
    Door("money", "to_come", ("M",)),
    Door("save the year", "to_come", ("M", "s")),
    Door("payouts", "to_come", ("M", "p")),
    Door("waive an owed fee", "to_come", ("M", "w")),
    Door("clients", "to_come", ("C",)),
    Door("find a client", "to_come", ("C", "slash")),
    Door("client", "to_come", ("C", "enter")),
    Door("invitations", "to_come", ("C", "I")),
    Door("invitation's code", "to_come", ("C", "i")),
    Door("take an invitation back", "to_come", ("C", "I", "x")),
    Door("export", "to_come", ("E",)),
    Door("profile", "to_come", ("e",)),
    Door("profile's preview", "to_come", ("e", "f2")),
    Door("checklist", "to_come", ("c",)),
    Door("boundaries", "to_come", ("B",)),
    Door("holidays", "to_come", ("O",)),
    Door("links", "to_come", ("U",)),
    Door("proofs", "to_come", run="profile_proofs"),
    Door("picture", "to_come", run="profile_picture"),
    Door("course", "to_come", ("L",)),
    Door("chapter", "to_come", ("L", "enter")),
    Door("settings", "to_come", ("S",)),
    Door("own keys", "to_come", run="own_keys"),
    Door("lock", "to_come", run="lock"),
    Door("help", "to_come", ("question_mark",)),
    Door("palette", "to_come", ("ctrl+p",)),
)


def prepare(practice: Practice, scene: Scene) -> None:
    """Let there be a bot and an invitation, so that every door has something behind it."""
    links.remember_bot(practice, "practice_bot")
    invitations.invite(practice, scene.therapist)


async def go_in(stage: Stage, scene: Scene, door: Door) -> None:
    """Open one screen from the calendar."""
    stage.pane.show_view("week")
    if isinstance(door.place, int):
        await stage.go_to(door.place)
    else:
        await stage.go(getattr(scene, door.place))
    for key in door.keys:
        await stage.press(key)
    if door.run:
        await stage.pane.run_action(door.run)
        await stage.settle()


async def go_out(stage: Stage) -> None:
    """Return to the calendar, whatever is open."""
    while len(stage.app.screen_stack) > 1:
        await stage.app.pop_screen()
    stage.pane.view.clear_range()
    stage.pane.carried = None
    await stage.settle()
