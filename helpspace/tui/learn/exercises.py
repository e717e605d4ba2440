"""The exercises of the course, one for each chapter."""

from __future__ import annotations

from helpspace.tui.learn import doing, knowing, money
from helpspace.tui.learn.exercise import Exercise

EXERCISES: dict[str, Exercise] = {
    one.name: one for one in (*knowing.EXERCISES, *money.EXERCISES, *doing.EXERCISES)
}
"""By the chapter's name."""
