"""A therapist's terminal opens as they left it."""

from __future__ import annotations

import pytest

from helpspace.core import terminal
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit
from tests import makers
from tests.makers import TEAM, add_therapist, all_rows


def test_the_theme_is_kept_for_its_therapist_alone(practice: Practice, therapist: Actor) -> None:
    """A1, A2: nobody else's is touched; the change is on the trail, once."""
    other = add_therapist(practice, "Bob")
    assert terminal.theme_of(practice, therapist) is None
    for _ in range(2):
        terminal.keep_theme(practice, therapist, "helpspace-light")
    assert terminal.theme_of(practice, therapist) == "helpspace-light"
    assert terminal.theme_of(practice, other) is None
    acts = [row["act"] for row in all_rows(practice, Audit) if row["thing"] == "terminal"]
    assert acts == ["put_on"]


@pytest.mark.parametrize("name", ["", "Dark", "x" * 41, "a b", "../x", "x[/b]", "\x1b]52;c;x\x07"])
def test_what_is_no_name_is_not_kept(practice: Practice, therapist: Actor, name: str) -> None:
    before = makers.snapshot(practice)
    with pytest.raises(Invalid):
        terminal.keep_theme(practice, therapist, name)
    assert makers.snapshot(practice) == before


def test_only_therapists_have_one(practice: Practice, therapist: Actor, client: Actor) -> None:
    for who in (client, TEAM, Actor.client(therapist.id)):
        with pytest.raises(NotFound):
            terminal.theme_of(practice, who)
        with pytest.raises(NotFound):
            terminal.keep_theme(practice, who, "helpspace-light")
