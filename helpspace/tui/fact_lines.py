"""Facts laid out as lines of toned words: a column of labels, or three lines. Pure."""

from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from helpspace.tui.layout import Status
from helpspace.tui.tones import Tone
from helpspace.tui.words import Facts

LABEL = 9
"""Cells of the labels of a column."""

TONES = {
    "title": Tone("grid-text", bold=True),
    "text": Tone("grid-text"),
    "quiet": Tone("grid-quiet"),
    "there": Tone("primary"),
    "warning": Tone("warning"),
    **{status.value: Tone(f"status-{status}", bold=True) for status in Status},
}
"""How facts are written; among them the statuses (`open`, `booked` …)."""


class Part(NamedTuple):
    """Some words in one tone."""

    text: str
    tone: str = "text"


Line = list[Part]


def column(facts: Facts, width: int, *, heading: bool = True) -> list[Line]:
    """Return facts as labels with texts beside them, broken into lines of `width` cells."""
    lines: list[Line] = [[Part(facts.title, "title")]] if heading else []
    head = [*_status(facts), *_apart(facts.kind)]
    if head:
        lines.append(head)
    rows = (
        ("When", (facts.when, facts.length), "text"),
        ("There", (facts.there,), "there"),
        ("State", (facts.state,), "text"),
        ("Money", facts.money, "text"),
        ("", (facts.warning,), "warning"),
        ("", (facts.hint,), "quiet"),
        ("Contact", (facts.contact,), "text"),
        ("Video", (facts.video,), "quiet"),
    )
    for label, texts, tone in rows:
        shown = [text for text in texts if text]
        if shown:
            lines += [[]] if lines else []
            lines += _row(label, shown, tone, width)
    return lines


def _row(label: str, texts: list[str], tone: str, width: int) -> list[Line]:
    """A label and its texts, broken into lines beside it."""
    indent = LABEL if label else 0
    broken = [line for text in texts for line in wrapped(text, width - indent)]
    return [
        [Part((label if number == 0 else "").ljust(indent), "quiet"), Part(line, tone)]
        for number, line in enumerate(broken)
    ]


def strip(facts: Facts, width: int) -> list[Line]:
    """Return facts as three lines of at most `width` cells."""
    first = [Part(facts.title, "title"), *_apart(facts.when, facts.length)]
    first += _apart(facts.there, tone="there")
    second = [*_status(facts), *_apart(facts.kind, facts.state, *facts.money)]
    if facts.hint:
        second = [Part(facts.hint, "quiet")]
    third = [Part(" · ".join(text for text in (facts.contact, facts.video) if text), "quiet")]
    if facts.warning:
        third = [Part(facts.warning, "warning")]
    return [_cropped(line, width) for line in (first, second, third)]


def _status(facts: Facts) -> Line:
    if facts.status is None:
        return []
    return [Part(f"{facts.status.glyph} {facts.status.word}", facts.status.value)]


def _apart(*texts: str, tone: str = "text") -> Line:
    """Texts set apart from what is before them; empty ones are left out."""
    return [part for text in texts if text for part in (Part("  "), Part(text, tone))]


def _cropped(line: Line, width: int) -> Line:
    """As much as fits on one line, with an ellipsis where something is missing."""
    kept: Line = []
    left = width
    for text, tone in line:
        if cell_len(text) > left:
            if left > 0:
                kept.append(Part(set_cell_size(text, left - 1) + "…", tone))
            break
        kept.append(Part(text, tone))
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
