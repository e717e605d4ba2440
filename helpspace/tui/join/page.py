"""A page of the application, made from its topic: questions, files, and what the team said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from textual import events, work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from helpspace.core.errors import Changed, HelpspaceError
from helpspace.core.joining import topics
from helpspace.core.joining.application import ApplicationView
from helpspace.core.joining.topics import TOPICS, Topic
from helpspace.core.plain import plain
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.join import draft as drafts
from helpspace.tui.join.base import JoinScreen
from helpspace.tui.join.checklist import Mark, page_line
from helpspace.tui.join.files import FilesPart
from helpspace.tui.join.preview import Preview, pixels_of
from helpspace.tui.join.questions import Question

READ_AGAIN = Changed("This has changed since you looked",
                     "Ctrl+R reads it; what you typed stays.")  # fmt: skip
PARTLY = "Only what came back can be changed; the rest stays as you handed it in."
_KEYS = (
    "page.again", "page.next", "page.back", "page.steps", "page.choose", "page.next_field",
)  # fmt: skip
"""What the key bar shows, in this order; the last goes first where there is no room."""
_MARKS = {Mark.DONE: "●", Mark.MISSING: "◐", Mark.LATER: "○", Mark.WAITING: "○"}


class PageScreen(JoinScreen):
    """One topic of the application; everything typed on it is kept by itself."""

    BINDINGS = bindings(Place.APPLICATION)
    DEFAULT_CSS = """
    PageScreen > .page { height: 1fr; width: 1fr; padding: 1 2 0 2; scrollbar-size-vertical: 1; }
    PageScreen .why { height: auto; margin-bottom: 1; color: $grid-text; }
    PageScreen .news { height: auto; margin-bottom: 1; color: $warning; display: none; }
    PageScreen .news.-there { display: block; }
    """

    def __init__(self, draft: drafts.Draft, topic: Topic) -> None:
        super().__init__()
        self.draft = draft
        self.topic = topic
        self._picture = ""
        """The id of the picture that is shown."""
        self._news = Static(Content(""), classes="news")
        self._preview = Preview()
        self._pending = False

    @property
    def number(self) -> int:
        """Which page it is, from 0."""
        return TOPICS.index(self.topic)

    def body(self) -> Iterable[Widget]:
        seen, topic = self.draft.seen, self.topic
        # The first page begins with name, address and zone.
        before = 3 if topic is TOPICS[0] else 0
        left = seen.state == "returned" or len(seen.answers.get(topic.name, {})) > before
        self.questions = [
            Question(one, self.draft.text(topic.name, one.name),
                     told=self.answered, today=self._today, left=left)
            for one in topic.fields
        ]  # fmt: skip
        self.files = [
            FilesPart(topics.document_kind(kind), hosted=self.desk.hosted)
            for kind in topic.documents
        ]
        parts: list[Widget] = [Static(Content(topic.why), classes="why"), self._news]
        parts += self.questions
        for part in self.files:
            parts.append(part)
            if part.kind.picture:
                parts.append(self._preview)
        yield VerticalScroll(*parts, classes="page", can_focus=False)

    def _today(self) -> date:
        return date.fromisoformat(self.desk.today())

    def on_mount(self) -> None:
        super().on_mount()
        words = {one.id: (one, word) for one, word in bar([Place.APPLICATION], Under.FREE)}
        if not self.files or self.desk.hosted:
            del words["page.choose"]
        if self.number == 0:
            del words["page.back"]
        if self.number == len(TOPICS) - 1:
            del words["page.next"]
        self._items = [words[one] for one in _KEYS if one in words]
        self._keys()
        self.focus_first()

    def _keys(self) -> None:
        """Show the keys; reading again only where something was changed elsewhere."""
        clashes = bool(self.draft.clashes)
        self.bar([(one, word) for one, word in self._items if clashes or one.id != "page.again"])

    def on_resize(self, event: events.Resize) -> None:
        """A picture takes the lines that the rest of its page leaves."""
        self._preview.styles.height = max(6, min(32, event.size.height - 13))

    # -- showing ---------------------------------------------------------------------------------

    def look(self) -> None:
        seen = self.draft.seen
        is_open = self.topic.name in seen.open
        for question in self.questions:
            question.disabled = self.topic.name not in seen.scope.answers
            question.clash(self.draft.clashes.get((self.topic.name, question.field.name)))
        for part in self.files:
            part.show(seen)
        news = self._told(seen, is_open=is_open)
        self._news.update(Content(news))
        self._news.set_class(bool(news), "-there")
        self._show_picture(seen)
        self.kept()

    def _told(self, seen: ApplicationView, *, is_open: bool) -> str:
        """What the team said of the page, or why it cannot be changed."""
        verdict = seen.verdicts.get(f"topic:{self.topic.name}")
        if verdict is not None and not verdict.accepted and is_open:
            return f"! Came back: {plain(verdict.reason, 300)}"
        if is_open:
            return "" if self._is_wholly_open(seen) else PARTLY
        if seen.state == "returned":
            return "This page was accepted; only what came back can be changed."
        if seen.state == "approved":
            return "This was approved; what clients see is changed in the profile."
        return "With the team: you can read it, and change it if it comes back."

    def _is_wholly_open(self, seen: ApplicationView) -> bool:
        mine = {one.id for one in seen.documents if one.kind in self.topic.documents}
        answers = not self.topic.fields or self.topic.name in seen.scope.answers
        kinds = set(self.topic.documents) <= set(seen.scope.kinds)
        return answers and kinds and mine <= set(seen.scope.documents)

    def kept(self) -> None:
        """Show which page it is, and whether everything is kept."""
        seen, many = self.draft.seen, len(TOPICS)
        marks = "".join(_MARKS[page_line(seen, one).mark] for one in TOPICS)
        right, style = f"{marks}  ✓ kept", "$success"
        if seen.state not in ("draft", "returned") or self.topic.name not in seen.open:
            right, style = f"{marks}  read only", "$grid-quiet"
        elif self.draft.clashes:
            right, style = f"{marks}  not kept", "$warning"
        elif not self.draft.is_kept:
            right, style = f"{marks}  keeping …", "$grid-quiet"
        self.head.show(f"{self.topic.title}  {self.number + 1} of {many}", right, style)

    def met(self, changed: set[drafts.Place]) -> None:
        for question in self.questions:
            place = (self.topic.name, question.field.name)
            if place in changed:
                question.show(self.draft.text(*place))
        self.look()
        self._keys()
        if self.draft.clashes:
            self.refuse(READ_AGAIN)

    def refuse(self, error: HelpspaceError) -> None:
        super().refuse(READ_AGAIN if isinstance(error, Changed) else error)

    def _show_picture(self, seen: ApplicationView) -> None:
        pictures = seen.of_kind("picture") if "picture" in self.topic.documents else ()
        wanted = pictures[0].id if pictures else ""
        if wanted == self._picture:
            return
        self._picture = wanted
        if wanted:
            self._draw(wanted)
        else:
            self._preview.show([])

    @work(group="preview", exclusive=True, exit_on_error=False)
    async def _draw(self, document_id: str) -> None:
        desk = self.desk
        try:
            content = await desk.content_of(document_id)
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        self._preview.show(await desk.act(lambda: pixels_of(content)))

    # -- typing ----------------------------------------------------------------------------------

    def answered(self, question: Question) -> None:
        """Keep what was typed."""
        self.draft.type(self.topic.name, question.field.name, question.text)
        self.kept()
        self.joining.keep_soon()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field."""
        event.stop()
        self.focus_next()

    def on_files_part_changed(self, event: FilesPart.Changed) -> None:
        """A file came or went."""
        event.stop()
        self.look()

    def action_choose(self) -> None:
        """Choose a file from a list: of the kind that has the focus, else of the first."""
        here = [part for part in self.files if part.has_focus_within]
        for part in [*here, *self.files][:1]:
            part.choose()

    # -- going -----------------------------------------------------------------------------------

    def action_next(self) -> None:
        """Go to the next page; after the last, to the steps."""
        self._go(self.number + 1)

    def action_back(self) -> None:
        """Go to the page before; from the first, to the steps."""
        self._go(self.number - 1)

    def _go(self, number: int) -> None:
        if self.acting:
            return
        if 0 <= number < len(TOPICS):
            self.joining.turn_to(TOPICS[number])
        else:
            self.action_steps()

    def action_steps(self) -> None:
        """Go back to the steps."""
        if not self.acting:
            self.joining.keep_soon(0)
            self.app.pop_screen()

    def action_again(self) -> None:
        """Go on with what is typed, having seen what others wrote."""
        self.draft.settle()
        self.joining.check_store(always=True)
        self.look()
        self._keys()
        self.joining.keep_soon(0)
        self.status.hint("Read again; what you typed stays.")
