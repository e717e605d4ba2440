"""What an exercise is made of: questions to choose an answer to, and forms to act in.

Whether an answer is right is never written down here: each question asks the core, on its bench.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from textual.screen import Screen

from helpspace.tui.learn.ground import Bench
from helpspace.tui.messages import Done


@dataclass(frozen=True, slots=True)
class Asked:
    """What is on the screen: the story, the question, and the answers to choose from.

    `many` lets several answers be marked. No answers at all means that a form is opened.
    """

    story: str
    question: str
    answers: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer was right, and one kind sentence that says why."""

    right: bool
    why: str


class Question(ABC):
    """A question with answers; `ask` sets its scene on a bench that nothing else has used."""

    many = False

    @abstractmethod
    def ask(self, bench: Bench) -> Asked:
        """Set the scene and return what is shown."""

    @abstractmethod
    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        """Say whether the chosen answers are right, by asking the core."""


class Deed(ABC):
    """Something to do in one of the calendar's own forms."""

    VERB = "open the form"

    @abstractmethod
    def ask(self, bench: Bench) -> Asked:
        """Set the scene and return what is shown."""

    @abstractmethod
    def form(self, bench: Bench) -> Screen[Done | None]:
        """Return the form, over the bench's practice."""

    @abstractmethod
    def judge(self, bench: Bench, done: Done) -> Verdict:
        """Say whether what was done is what was asked for."""


Step = Question | Deed


@dataclass(frozen=True, slots=True)
class Exercise:
    """The exercise of one chapter."""

    name: str
    steps: tuple[Step, ...]
