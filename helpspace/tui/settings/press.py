"""Choosing a key: it is pressed; where another action has it, the two can be swapped."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.tui.actions import Action, Place, action, bindings, shown_key
from helpspace.tui.desk import Desk
from helpspace.tui.messages import KeysKept
from helpspace.tui.own_keys import Keys
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.screens.base import ActingPanel
from helpspace.tui.settings import keymap
from helpspace.tui.settings.acts import change_keys


class PressModal(ActingPanel):
    """Takes up to three keys for one action; Enter keeps them, Esc leaves all as it was."""

    PLACE = Place.PRESSING
    BINDINGS = bindings(Place.PRESSING)
    DEFAULT_CSS = """
    PressModal .body { height: 6; }
    """

    def __init__(self, desk: Desk, keys: Keys, one: Action) -> None:
        super().__init__(desk)
        self._before = keys
        self._keys = keys
        """As they would be kept."""
        self._one = one
        self._pressed: tuple[str, ...] = ()
        self._clash: tuple[str, Action] | None = None
        """The key that another action has, and that action."""
        self.shown = Static(Content(""))

    def heading(self) -> str:
        return f"A key for “{self._one.verb}”"

    def body(self) -> Iterable[Widget]:
        yield self.shown

    def on_mount(self) -> None:
        super().on_mount()
        self._tell()

    def bar(self) -> list[tuple[Action, str]]:
        keep, take, leave = (action(f"pressing.{name}") for name in ("keep", "take", "leave"))
        if self._clash is None:
            return [(keep, "keep"), (leave, "leave")] if self._pressed else [(leave, "leave")]
        key, other = self._clash
        taking = [(take, "take it")] if self._can_take(other, key) else []
        return [(keep, "swap the two"), *taking, (leave, "another key")]

    def _tell(self) -> None:
        """Show what the action has now, and what it would have."""
        now = self._before.shown(self._one) or "none"
        lines = [Content.assemble(("Now   ", "$grid-quiet"), now)]
        new = " ".join(shown_key(key) for key in self._pressed)
        lines.append(Content.assemble(("New   ", "$grid-quiet"), (new or "…", "bold $accent")))
        lines.append(Content(""))
        if self._clash is not None:
            key, other = self._clash
            words = f"{shown_key(key)} is the key of “{other.verb}” ({other.place})."
            lines.append(Content.styled(words, "$warning"))
        elif self._pressed:
            lines.append(Content("Enter keeps it; another key is added."))
        else:
            lines.append(Content("Press the key that you want."))
        self.shown.update(Content("\n").join(lines))
        self.keys.show(self.bar())

    def on_key(self, event: events.Key) -> None:
        """Take a key up, unless it cannot be; those of this panel itself come by their bindings."""
        if event.key in ("enter", "tab", "escape") or self.acting:
            return
        event.stop()
        event.prevent_default()
        self._clash = None
        self.status.clear()
        try:
            self._take_up(event.key)
        except HelpspaceError as error:
            self.refuse(error)
        self._tell()

    def _take_up(self, key: str) -> None:
        keymap.check_for(self._one, key)
        if key in self._pressed:
            return
        if len(self._pressed) == keymap.MOST:
            raise Invalid("Three keys are enough for one action", "Press Enter to keep them.")
        found = keymap.clashes(self._keys, self._one, key)
        if len(found) > 1:
            title = (
                f"{shown_key(key)} is the key of {len(found)} actions, such as “{found[0].verb}”"
            )
            raise Invalid(title, "Press another key.")
        if found:
            self._clash = (key, found[0])
            return
        self._add(key)

    def _add(self, key: str) -> None:
        self._pressed = (*self._pressed, key)
        self._keys = keymap.give(self._keys, self._one, self._pressed)

    def _can_take(self, other: Action, key: str) -> bool:
        try:
            keymap.take(self._keys, other, key)
        except HelpspaceError:
            return False
        return keymap.can_change(other)

    def action_keep(self) -> None:
        """Keep what was pressed; where a key is another action's, swap the two."""
        if self._clash is not None:
            self._resolve(swap=True)
        elif self._pressed:
            desk, before, wanted = self.desk, self._before, self._keys
            self.act(
                lambda: change_keys(
                    desk.practice, desk.actor, lambda keys: _moved(keys, before, wanted)
                ),
                KeysKept,
            )

    def action_take(self) -> None:
        """Take the key from the action that has it."""
        if self._clash is not None:
            self._resolve(swap=False)

    def _resolve(self, *, swap: bool) -> None:
        assert self._clash is not None  # noqa: S101 - both callers have looked
        key, other = self._clash
        try:
            if swap:
                if self._pressed:
                    raise Invalid("Only the first key can be swapped", "Take it, or press another.")
                self._keys = keymap.swap(self._keys, self._one, other, key)
                self._pressed = (key,)
            else:
                self._keys = keymap.take(self._keys, other, key)
                self._add(key)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self._clash = None
            self.status.clear()
        self._tell()

    def action_leave(self) -> None:
        """Forget the key that another action has; else leave."""
        if self._clash is not None:
            self._clash = None
            self.status.clear()
            self._tell()
        else:
            self.leave()


def _moved(keys: Keys, before: Keys, wanted: Keys) -> Keys:
    """Do to the keys as they are now what was done to those that were shown."""
    if keys.own != before.own:
        title = "Your keys have changed in another terminal"
        raise Invalid(title, "Leave with Esc: the list then shows them as they are.")
    return wanted


class UsualModal(AskModal):
    """Asks before every action gets its usual key back."""

    HEADING = "All usual keys again?"
    YES = "all usual keys"
    NO = "keep mine"

    def __init__(self, desk: Desk, keys: Keys) -> None:
        super().__init__(desk)
        self._keys = keys

    def body(self) -> Iterable[Widget]:
        count = len(self._keys.own)
        words = f"{count} action{'s have' if count > 1 else ' has'} keys of your own now."
        yield Static(Content(words), classes="last")

    def action_yes(self) -> None:
        desk = self.desk
        self.act(lambda: change_keys(desk.practice, desk.actor, lambda _: Keys()), KeysKept)
