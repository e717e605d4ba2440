"""Widgets that are drawn no more often than they must be."""

from __future__ import annotations

from typing import Self

from textual.geometry import NULL_SIZE, Region
from textual.strip import Strip

from helpspace.tui.part import Part


class Unseen(Part):
    """Asks for nothing to be drawn anew before its first layout, which draws all of it.

    Otherwise what was set until then would have the whole first screen drawn a second time.
    """

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        if self.outer_size == NULL_SIZE:
            if not recompose and not (layout and self.is_mounted):
                return self
            repaint = False
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class Still(Unseen):
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
