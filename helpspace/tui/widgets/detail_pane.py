"""What is under the cursor, in words: a column beside a wide calendar, else three lines below."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from helpspace.tui.widgets.grid_text import fit
from helpspace.tui.words import Facts

_LABEL = 9
_Part = tuple[str, str] | str


class DetailPane(Widget):
    """Shows `Facts`; the class `-wide` says which of the two forms."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DetailPane {
        height: 3;
        width: 1fr;
        padding: 0 1;
        background: $panel;
        color: $grid-text;
        &.-wide { height: 1fr; padding: 1 2; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._facts = Facts("")

    @property
    def facts(self) -> Facts:
        """What is shown."""
        return self._facts

    def show(self, facts: Facts) -> None:
        """Show something else."""
        if facts != self._facts:
            self._facts = facts
            self.refresh()

    def render(self) -> Content:
        if self.has_class("-wide"):
            return sheet(self._facts, self.size.width)
        return self._strip()

    def _strip(self) -> Content:
        facts, width = self._facts, self.size.width
        first: list[_Part] = [(facts.title, "bold"), *_apart(facts.when, facts.length)]
        if facts.there:
            first += _apart(facts.there, style="$primary")
        second: list[_Part] = [*_status(facts), *_apart(facts.kind, facts.state, *facts.money)]
        if facts.hint:
            second = [(facts.hint, "$grid-quiet")]
        last = [text for text in (facts.contact, facts.video) if text]
        third: list[_Part] = [(" · ".join(last), "$grid-quiet")]
        if facts.warning:
            third = [(facts.warning, "$warning")]
        return Content("\n").join(
            Content.assemble(*_cropped(parts, width)) for parts in (first, second, third)
        )


def sheet(facts: Facts, width: int, *, heading: bool = True) -> Content:
    """Return facts as a column of labels and texts, broken into lines of `width` cells."""
    lines: list[Content] = [Content.styled(facts.title, "bold")] if heading else []
    head = [*_status(facts), *_apart(facts.kind)]
    if head:
        lines.append(Content.assemble(*head))
    rows = [
        ("When", [facts.when, facts.length], ""),
        ("There", [facts.there], "$primary"),
        ("State", [facts.state], ""),
        ("Money", [*facts.money], ""),
        ("", [facts.warning], "$warning"),
        ("", [facts.hint], "$grid-quiet"),
        ("Contact", [facts.contact], ""),
        ("Video", [facts.video], "$grid-quiet"),
    ]
    for label, texts, style in rows:
        shown = [text for text in texts if text]
        if shown:
            lines += [Content("")] * bool(lines)
            lines += _row(label, shown, style, width)
    return Content("\n").join(lines)


def _row(label: str, texts: list[str], style: str, width: int) -> list[Content]:
    """A label and its texts, broken into lines beside it."""
    indent = _LABEL if label else 0
    broken = [line for text in texts for line in wrapped(text, width - indent)]
    return [
        Content.assemble(
            ((label if number == 0 else "").ljust(indent), "$grid-quiet"),
            (line, style or "$grid-text"),
        )
        for number, line in enumerate(broken)
    ]


def _status(facts: Facts) -> list[_Part]:
    if facts.status is None:
        return []
    words = f"{facts.status.glyph} {facts.status.word}"
    return [(words, f"bold $status-{facts.status.value}")]


def _apart(*texts: str, style: str = "") -> list[_Part]:
    """Texts set apart from what is before them; empty ones are left out."""
    return [part for text in texts if text for part in (("  ", ""), (text, style))]


def _cropped(parts: list[_Part], width: int) -> list[_Part]:
    """As much as fits on one line, with an ellipsis where something is missing."""
    kept: list[_Part] = []
    left = width
    for part in parts:
        text, style = part if isinstance(part, tuple) else (part, "")
        if cell_len(text) > left:
            kept.append((fit(text, left), style))
            break
        kept.append((text, style))
        left -= cell_len(text)
    return kept


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells, at blanks where there are any."""
    width = max(4, width)
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while cell_len(line) > width:
            lines.append(_head(line, width))
            line = line[len(lines[-1]) :]
    return [*lines, line] if line else lines


def _head(text: str, width: int) -> str:
    """The longest beginning of a text that fits."""
    for end in range(len(text), 0, -1):
        if cell_len(text[:end]) <= width:
            return text[:end]
    return text[:1]
