"""A widget beside the calendar that most keys leave as it is."""

from __future__ import annotations

from typing import Self

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Still(Widget):
    """Gives the lines that it gave before, until it is refreshed.

    Textual asks all widgets for their lines in every frame, and works out what lies below each
    although nothing is drawn anew: four of them took a tenth of a key's time.
    """

    _given: tuple[Region, list[Strip]] | None = None

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        self._given = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._given is None or self._given[0] != crop:
            self._given = crop, super().render_lines(crop)
        return self._given[1]
