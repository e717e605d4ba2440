"""Each condition of P1 alone: what the team's JSON, the chat and the public page say of it."""

from __future__ import annotations

from html import unescape

import pytest

from helpspace.core import calendar
from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SANDBOX_KEY, Phone, TelegramSandbox
from tests import makers
from tests.bot.conftest import Scene as Chat
from tests.cli.conftest import CommandLine
from tests.core.test_publishing import CONDITIONS, HANDLE, Condition
from tests.makers import DAY, SOON
from tests.web.visits import Visitor

NAME = "Zoë O'Brien"


class Surfaces:
    """Everything through which somebody could see a profile, on one store."""

    def __init__(self, practice: Practice, clock: MovableClock, cli: CommandLine) -> None:
        self.practice = practice
        sandbox = TelegramSandbox(clock, pace=None)
        settings = {"TELEGRAM_TOKEN": SANDBOX_KEY}
        bot = makers.practice_at(practice.settings.database, clock, **settings)
        self.chat = Chat(bot, clock, sandbox)
        self.phone: Phone = self.chat.phone()
        self.cli = cli
        self.visitor = Visitor(practice)

    def visible(self, who: Actor, *why: str) -> bool:
        """Say whether clients see the profile; all must agree, and the team's JSON says why not."""
        told = self.cli.json("therapists", "show", who.id)
        (listed,) = self.cli.json("therapists", "list")
        assert told["why_hidden"] == listed["why_hidden"] == list(why)
        page = self.visitor.get(f"/t/{HANDLE}")
        found, opened = self.chat.play(self._look)
        answers = {told["visible"], listed["visible"], found, opened, page.status_code == 200}
        assert (NAME in unescape(page.text)) == (page.status_code == 200)
        assert len(answers) == 1, (told["visible"], found, opened, page.status_code)
        return answers.pop()

    async def _look(self, chat: Chat) -> tuple[bool, bool]:
        """Look into the list and follow the link to the profile; hidden, nothing else is said."""
        seen = []
        await chat.start(self.phone)
        await chat.tap(self.phone, "Find a counsellor")
        seen.append(self.phone.last.text)
        await chat.start(self.phone, f"t_{HANDLE}")
        seen.append(self.phone.last.text)
        for text in seen:
            assert (NAME in text) != text.startswith("No space at the moment"), text
        return NAME in seen[0], NAME in seen[1]


@pytest.fixture
def surfaces(practice: Practice, clock: MovableClock, cli: CommandLine) -> Surfaces:
    makers.add_client(practice, chat=501)
    return Surfaces(practice, clock, cli)


@pytest.mark.parametrize("one", CONDITIONS, ids=lambda one: f"{one.code} {one.name}".strip())
def test_p1_each_condition_alone_is_named_to_the_team_and_hides_from_everybody(
    practice: Practice, therapist: Actor, surfaces: Surfaces, one: Condition
) -> None:
    """ "Done when" 2: removed it hides, restored it shows; clients are never told which it was."""
    calendar.open_slots(practice, therapist, therapist.id, SOON)
    assert surfaces.visible(therapist)
    one.remove(practice, therapist)
    also = ("no_bookable_slot",) if one.code == "no_minimum_notice" else ()
    assert not surfaces.visible(therapist, one.code, *also)
    one.restore(practice, therapist)
    assert surfaces.visible(therapist)


def test_p2_one_second_past_the_notice_edge_everything_changes_by_itself(
    practice: Practice, therapist: Actor, surfaces: Surfaces, clock: MovableClock
) -> None:
    calendar.open_slots(practice, therapist, therapist.id, SOON)
    clock.move_to(SOON - DAY)
    assert surfaces.visible(therapist)
    clock.move_to(SOON - DAY + 1)
    assert not surfaces.visible(therapist, "no_bookable_slot")
