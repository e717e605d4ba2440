"""A therapist's terminal opens as they left it."""

from __future__ import annotations

import json

import pytest

from helpspace.core import terminal
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit
from helpspace.core.terminal import TerminalSettings
from tests import makers
from tests.makers import TEAM, add_therapist, all_rows


def test_everything_is_kept_for_its_therapist_alone(practice: Practice, therapist: Actor) -> None:
    """A1, A2: nobody else's is touched; each change is on the trail, once."""
    other = add_therapist(practice, "Bob")
    assert terminal.settings_of(practice, therapist) == TerminalSettings()
    for _ in range(2):
        terminal.keep_theme(practice, therapist, "helpspace-light")
        terminal.keep_view(practice, therapist, "month")
        terminal.keep_start(practice, therapist, opens="today", blurs=True)
        terminal.keep_keys(practice, therapist, {"slot.toggle": "b,ctrl+s"})
        terminal.end_tour(practice, therapist)
    assert terminal.settings_of(practice, therapist) == TerminalSettings(
        theme="helpspace-light",
        view="month",
        opens="today",
        blurs=True,
        keys={"slot.toggle": "b,ctrl+s"},
        toured=True,
    )
    assert terminal.settings_of(practice, other) == TerminalSettings()
    changed = [
        json.loads(row["detail"])["changed"]
        for row in all_rows(practice, Audit)
        if row["thing"] == "terminal"
    ]
    assert changed == [["theme"], ["view"], ["blurs", "opens"], ["keys"], ["toured_at"]]


BAD = ["", "Dark", "x" * 41, "a b", "../x", "x[/b]", "\x1b]52;c;x\x07"]


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_name_is_not_kept(practice: Practice, therapist: Actor, name: str) -> None:
    before = makers.snapshot(practice)
    for keep in (
        lambda: terminal.keep_theme(practice, therapist, name),
        lambda: terminal.keep_view(practice, therapist, name),
        lambda: terminal.keep_start(practice, therapist, opens=name, blurs=False),
        lambda: terminal.keep_keys(practice, therapist, {name: "b"}),
    ):
        with pytest.raises(Invalid):
            keep()
    assert makers.snapshot(practice) == before


@pytest.mark.parametrize("keys", ["", "b,", "ctrl + s", "\x1b", "é", "[", "x" * 41])
def test_what_is_no_key_is_not_kept(practice: Practice, therapist: Actor, keys: str) -> None:
    before = makers.snapshot(practice)
    with pytest.raises(Invalid):
        terminal.keep_keys(practice, therapist, {"slot.toggle": keys})
    with pytest.raises(Invalid):
        terminal.keep_keys(practice, therapist, {f"slot.x{n}": "b" for n in range(10_000)})
    assert makers.snapshot(practice) == before


def test_only_therapists_have_one(practice: Practice, therapist: Actor, client: Actor) -> None:
    for who in (client, TEAM, Actor.client(therapist.id), Actor.therapist("nobody")):
        if who.role != "therapist":
            with pytest.raises(NotFound):
                terminal.settings_of(practice, who)
        for keep in (
            lambda who=who: terminal.keep_theme(practice, who, "helpspace-light"),
            lambda who=who: terminal.keep_view(practice, who, "day"),
            lambda who=who: terminal.keep_start(practice, who, opens="day", blurs=True),
            lambda who=who: terminal.keep_keys(practice, who, {}),
            lambda who=who: terminal.end_tour(practice, who),
        ):
            with pytest.raises(NotFound):
                keep()
