"""Questions with answers: how a choice is compared with what is right."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from helpspace.tui.learn.exercise import Asked, Question, Verdict
from helpspace.tui.learn.ground import Bench


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and what is said when it is the reason that something is not right.

    Among several to be marked, `why` tells both of one left out and of one that does not belong.
    """

    text: str
    why: str = ""


def compared(
    answers: tuple[Answer, ...], chosen: Collection[int], right: Collection[int], praise: str
) -> Verdict:
    """Compare marked answers with the right ones; the first difference is told, in one sentence."""
    for number, answer in enumerate(answers):
        if (number in chosen) != (number in right):
            return Verdict(False, answer.why)
    return Verdict(True, praise)


class Choice(Question):
    """A question whose right answers are plain from the chapter alone."""

    def __init__(
        self,
        story: str,
        question: str,
        answers: tuple[Answer, ...],
        right: Collection[int],
        praise: str,
        *,
        many: bool = False,
    ) -> None:
        self._story = story
        self._question = question
        self._answers = answers
        self._right = frozenset(right)
        self._praise = praise
        self.many = many

    def ask(self, bench: Bench) -> Asked:
        del bench
        texts = tuple(answer.text for answer in self._answers)
        return Asked(self._story, self._question, texts, many=self.many)

    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        del bench
        if self.many:
            return compared(self._answers, chosen, self._right, self._praise)
        (one,) = chosen
        if one in self._right:
            return Verdict(True, self._praise)
        return Verdict(False, self._answers[one].why)
