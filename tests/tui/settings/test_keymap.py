"""The rules of a therapist's own keys, for every action of the table."""

from __future__ import annotations

import re

import pytest
from textual.binding import Binding, BindingsMap

from helpspace.core.errors import Invalid
from helpspace.tui.actions import ACTIONS, NO_KEY, Action, Place, action, bindings, of, shown_key
from helpspace.tui.own_keys import USUAL, Keys
from helpspace.tui.settings import keymap

FREE = "f12"
"""A key that no action of the table has."""

CHANGEABLE = [one for one in ACTIONS if keymap.can_change(one)]
STAYING = [one for one in ACTIONS if not keymap.can_change(one)]


def worked(place: Place, keys: Keys) -> dict[str, set[str]]:
    """Return what Textual itself does at each key of a place, as ids of actions."""
    made = BindingsMap(bindings(place))
    result = made.apply_keymap(keys.keymap())
    # Textual takes the second key of an action for a clash with its first.
    assert {one.id for one in result.clashed_bindings} <= set(keys.own)
    return {key: {found.id or "" for found in bound} for key, bound in made.key_to_bindings.items()}


def table(place: Place, keys: Keys) -> dict[str, set[str]]:
    """Return what should be done at each key of a place."""
    wanted: dict[str, set[str]] = {}
    for one in of(place):
        for key in (keys.of(one) or NO_KEY).split(","):
            wanted.setdefault(key, set()).add(one.id)
    return wanted


def without_none(bound: dict[str, set[str]]) -> dict[str, set[str]]:
    return {key: ids for key, ids in bound.items() if key != NO_KEY}


def test_the_free_key_is_free() -> None:
    assert not [one.id for one in ACTIONS if FREE in one.keys.split(",")]


@pytest.mark.parametrize("one", CHANGEABLE, ids=lambda one: one.id)
def test_every_action_works_under_another_key_and_only_there(one: Action) -> None:
    keymap.check_key(FREE)
    assert keymap.clashes(USUAL, one, FREE) == ()
    keys = keymap.give(USUAL, one, (FREE,))
    bound = worked(one.place, keys)
    assert bound[FREE] == {one.id}
    for key in keymap.free_keys(one.keys):
        assert one.id not in bound.get(key, set())
    for key in one.keys.split(","):
        if key in keymap.FIXED:
            assert bound[key] == {one.id}
    assert without_none(bound) == without_none(table(one.place, keys))
    assert "F12" in keys.shown(one)
    assert keymap.worn(keymap.stored(keys)) == (_same(keys), ())
    assert keymap.usual(keys, one).own == {}


class _same(Keys):  # noqa: N801 - reads as a word in the assertion
    def __init__(self, keys: Keys) -> None:
        super().__init__(keys.own)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keys) and dict(other.own) == dict(self.own)

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("one", STAYING, ids=lambda one: one.id)
def test_what_is_typed_or_leads_out_of_everything_stays(one: Action) -> None:
    assert one.keys
    everything_is_fixed = set(one.keys.split(",")) <= keymap.FIXED | set(keymap.TWINS)
    assert one.place in keymap.TYPING | keymap.ELSEWHERE or everything_is_fixed
    assert keymap.worn({one.id: FREE})[1] == (one.id,)


def test_the_usual_keys_have_no_clash_and_could_be_given_to_another() -> None:
    """Else what a swap keeps would be left out at the next start."""
    for one in ACTIONS:
        if keymap.can_change(one):
            for key in keymap.free_keys(one.keys):
                keymap.check_key(key)
        for key in keymap.free_keys(one.keys):
            assert keymap.clashes(USUAL, one, key) == (), (one.id, key)


@pytest.mark.parametrize("key", sorted(keymap.FIXED))
def test_no_action_gets_a_key_that_leads_through_everything(key: str) -> None:
    with pytest.raises(Invalid, match="stays what it is"):
        keymap.check_key(key)


@pytest.mark.parametrize("key", sorted(keymap.TWINS))
def test_keys_that_terminals_cannot_tell_apart_are_refused(key: str) -> None:
    with pytest.raises(Invalid, match=re.escape(keymap.TWINS[key])):
        keymap.check_key(key)


@pytest.mark.parametrize("key", ["", NO_KEY, "a,b", "é", "x" * 41, "\x1b", "a b"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        keymap.check_key(key)


@pytest.mark.parametrize(
    ("one", "key", "other"),
    [
        ("slot.toggle", "f", "session.follow_up"),  # the same place
        ("slot.toggle", "j", "calendar.cursor_down"),  # moving works in the calendar, too
        ("calendar.cursor_down", "s", "slot.toggle"),
        ("money.save", "q", "money.back"),  # this place's own, besides the one of everywhere
        ("calendar.find", "q", "app.quit"),  # everywhere
        ("app.quit", "s", "slot.toggle"),
        ("calendar.find", "ctrl+l", "lock.now"),
        ("look.light", "v", "session.video"),
    ],
)
def test_the_action_that_has_a_key_is_named(one: str, key: str, other: str) -> None:
    assert other in [found.id for found in keymap.clashes(USUAL, action(one), key)]


@pytest.mark.parametrize("key", ["backspace", "delete", "f12", "ctrl+left_square_bracket", "ö"])
def test_a_key_is_shown_without_any_control_character(key: str) -> None:
    """A3."""
    assert shown_key(key).isprintable()
    assert shown_key("latin_small_letter_o_with_diaeresis") == "ö"


def test_the_same_key_may_mean_something_else_in_another_place() -> None:
    assert keymap.clashes(USUAL, action("money.save"), "f") == ()


def test_what_works_while_text_is_typed_gets_no_letter() -> None:
    lock = action("lock.now")
    keymap.check_for(lock, "f9")
    for key in ("b", "B", "space", "question_mark", "home", "delete"):
        with pytest.raises(Invalid, match="while text is typed"):
            keymap.check_for(lock, key)
    assert keymap.worn({"lock.now": "b"})[1] == ("lock.now",)
    with pytest.raises(Invalid, match="while text is typed"):
        keymap.swap(USUAL, action("slot.toggle"), lock, "ctrl+l")


def test_two_actions_are_swapped() -> None:
    slot, follow = action("slot.toggle"), action("session.follow_up")
    keys = keymap.swap(USUAL, slot, follow, "f")
    assert keys.own == {"slot.toggle": "f", "session.follow_up": "s"}
    bound = worked(Place.CALENDAR, keys)
    assert (bound["f"], bound["s"]) == ({"slot.toggle"}, {"session.follow_up"})
    # Neither can have its usual key back before the other lets it go.
    with pytest.raises(Invalid, match="is the key of"):
        keymap.usual(keys, slot)


def test_a_key_is_taken() -> None:
    slot, follow = action("slot.toggle"), action("session.follow_up")
    keys = keymap.give(keymap.take(USUAL, follow, "f"), slot, ("f",))
    bound = worked(Place.CALENDAR, keys)
    assert bound["f"] == {"slot.toggle"}
    assert "s" not in bound
    assert keys.shown(follow) == ""
    assert keymap.stored(keys) == {"slot.toggle": "f", "session.follow_up": NO_KEY}
    assert keymap.worn(keymap.stored(keys))[0].own == keys.own


def test_no_action_is_left_without_any_way_to_it() -> None:
    """Every action is reached by a key or by the palette, whatever keys are taken."""
    for one in CHANGEABLE:
        if not keymap.can_lose(one):
            *others, last = keymap.free_keys(one.keys)
            left = USUAL
            for key in others:
                left = keymap.take(left, one, key)
            with pytest.raises(Invalid, match="would have no key"):
                keymap.take(left, one, last)
            assert keymap.worn({one.id: NO_KEY})[1] == (one.id,)


def test_what_a_swap_would_bring_into_a_clash_is_refused() -> None:
    """The other action gets this one's keys only where nothing else has them there."""
    quit_, down = action("app.quit"), action("chapter.down")
    with pytest.raises(Invalid, match="cannot have"):
        keymap.swap(keymap.give(USUAL, quit_, ("f12",)), down, quit_, "f12")


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        ({"slot.gone": "f12"}, {"slot.gone"}),
        ({"form.do": "f12"}, {"form.do"}),
        ({"slot.toggle": "enter"}, {"slot.toggle"}),
        ({"slot.toggle": "ctrl+i"}, {"slot.toggle"}),
        ({"slot.toggle": ""}, {"slot.toggle"}),
        ({"slot.toggle": "f11,f11"}, {"slot.toggle"}),
        ({"slot.toggle": "f9,f10,f11,f12"}, {"slot.toggle"}),
        ({"slot.toggle": "f"}, {"slot.toggle"}),
        ({"slot.toggle": "f", "calendar.find": "f12"}, {"slot.toggle"}),
        ({"slot.toggle": "f12", "calendar.find": "f12"}, {"slot.toggle"}),
        ({"slot.toggle": "f", "session.follow_up": "s", "x.y": "s"}, {"x.y"}),
        ({"app.quit": "s", "slot.toggle": "f12"}, {"app.quit"}),
        ({"session.video": "V", "today.video_next": "v"}, set()),
    ],
)
def test_rubbish_from_the_store_is_left_out_one_by_one(
    kept: dict[str, str], left: set[str]
) -> None:
    keys, out = keymap.worn(kept)
    assert set(out) == left
    assert set(keys.own) == set(kept) - left


def test_an_action_without_a_key_can_have_one_and_shows_the_palette_until_then() -> None:
    keys = keymap.give(USUAL, action("clients.new"), ("f12",))
    assert worked(Place.CALENDAR, keys)["f12"] == {"clients.new"}
    assert USUAL.say("{clients.new} invites.") == "Ctrl+P invites."
    assert keys.say("{clients.new} invites.") == "F12 invites."
    assert keys.say("{slot.toggle}, {no.such} {names}") == "s, {no.such} {names}"


def test_bindings_without_a_key_have_one_that_no_keyboard_has() -> None:
    for place in Place:
        for bound in bindings(place):
            assert isinstance(bound, Binding)
            assert bound.key
            assert bound.id
