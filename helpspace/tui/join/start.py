"""Beginning an application: a name and an e-mail address, then the pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from helpspace.core.joining.topics import topic_of
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.join.base import JoinScreen
from helpspace.tui.join.questions import OneLine, Question

WELCOME = (
    "Welcome. Joining has three steps: an application, which the team looks at; payments, which"
    " Stripe enables; and your profile, which the first open slot publishes.\n\n"
    "The application takes about twenty minutes. Everything is kept as you type, so you can stop"
    " and go on another day. Have your certificates at hand: qualification and insurance, as PDF or"
    " picture, and a picture of yourself.\n\n"
    "What you write is encrypted in the store; the team reads it. Clients see only your"
    " profile, once it is published."
)


class StartScreen(JoinScreen):
    """Asks what an application begins with."""

    BINDINGS = bindings(Place.BEGINNING)
    DEFAULT_CSS = """
    StartScreen > .page { height: 1fr; width: 1fr; padding: 1 2 0 2; scrollbar-size-vertical: 1; }
    StartScreen .why { height: auto; max-width: 90; margin-bottom: 1; }
    """

    def __init__(self, name: str = "", email: str = "") -> None:
        super().__init__()
        self._given = {"name": name, "email": email}

    def body(self) -> Iterable[Widget]:
        about = topic_of("about")
        self.questions = [
            Question(
                field, self._given[field.name], told=self.answered, today=self._today, left=False
            )
            for field in about.fields
            if field.name in self._given
        ]
        last = self.questions[-1].control
        if isinstance(last, OneLine):
            last.is_last = True
        yield VerticalScroll(
            Static(Content(WELCOME), classes="why"), *self.questions,
            classes="page", can_focus=False,
        )  # fmt: skip

    def _today(self) -> date:
        return date.fromisoformat(self.desk.today())

    def on_mount(self) -> None:
        super().on_mount()
        self.head.show("Joining Helpspace", "not begun yet", "$grid-quiet")
        self.bar(bar([Place.BEGINNING], Under.FREE))
        self.focus_first()

    def answered(self, question: Question) -> None:
        """What was refused before may be right now."""
        del question
        self.status.clear()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field comes after all that was typed in it."""
        event.stop()
        self.action_do()

    def action_do(self) -> None:
        """Begin, unless something is missing; Enter in the first field goes to the second."""
        for question in self.questions:
            if question.problem is not None:
                question.control.focus()
                return
        name, email = (question.text for question in self.questions)
        self.act(lambda: self.desk.begin(name, email), self.joining.begun)
