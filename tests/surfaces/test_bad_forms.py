"""Bad input to every field of every form: one calm line, the form stays, nothing is lost (A3)."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from helpspace.core.practice import Practice
from helpspace.tui import messages
from helpspace.tui.screens.date import DateModal
from helpspace.tui.screens.export import ExportModal
from helpspace.tui.screens.find import FindModal
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.screens.move import MoveModal
from helpspace.tui.screens.off import OffModal
from helpspace.tui.screens.paint import PaintModal
from helpspace.tui.screens.quick_add import QuickAddModal
from helpspace.tui.screens.slot import SlotModal
from tests import makers
from tests.surfaces.names import harmless
from tests.surfaces.test_names_terminal import every_panel
from tests.tui.scenes import Scene, at
from tests.tui.stage import Stage, play

ODD = (
    "   ", "[/b]", "=1+1", "\x1b]52;c;aGk=\x07", "٣", "½", "-1", "£", "'; DROP TABLE claim;--",
)  # fmt: skip
SAME = ("", "[@click=app.quit]x[/]", "9" * 60)
BAD: dict[str, dict[str, tuple[str, ...]]] = {
    "SlotModal": {
        "day": (*SAME, *ODD, "30 feb", "31 april 2026", "1 mar 2026", "thu 6 mar", "2026-02-30"),
        "time": (*SAME, "24:30", "9:60", "09:00:00", "noonish"),
        "minutes": (*SAME, "0", "9", "241", "50.5", "٣٠"),
        "weeks": (*SAME, "0", "53", "½"),
    },
    "FollowUpModal": {
        "client": ("nobody of that name", "[/b]"),
        "day": (*SAME, "30 feb"),
        "time": (*SAME, "24:30"),
        "minutes": (*SAME, "241"),
        "fee": (*SAME, "0.29", "60.505", "100000.01", "1e3", "nan", "-1"),
    },
    "QuickAddModal": {
        "line": (
            *SAME,
            *ODD,
            "sam",
            "tue sam",
            "tue 24:30 sam",
            "30 feb 10:00 sam",
            "tue 10 sam x0",
            "tue 10 sam 9m",
            "slot tue 10 £60",
            "tue 10 9:00 sam",
            "tue 10 sam £1e3",
        ),
    },
    "FindModal": {"find": (*SAME, *ODD, "nobody of that name", "99/99/9999")},
    "PaintModal": {
        "from": (*SAME, "24:30", "19:15"),
        "to": (*SAME, "24:30", "8:00"),
        "minutes": (*SAME, "9", "241", "50.5", "٣٠"),
        "break": (*SAME, "-1", "241", "½"),
        "weeks": (*SAME, "0", "53"),
    },
    "MoveModal": {
        "asked": (*SAME, *ODD, "them", "client me"),
        "day": (*SAME, "30 feb", "1 mar 2026"),
        "time": (*SAME, "24:30"),
    },
    "OffModal": {
        "first": (*SAME, "30 feb"),
        "last": (*SAME, "30 feb", "5 mar 2026"),
        "hours": (*SAME, "9", "9-8", "9-10-11", "9-24:30"),
        "sessions": (*SAME, *ODD, "both"),
    },
    "DateModal": {"date": (*SAME[1:], *ODD[1:], "30 feb", "thu 6 mar", "99/99/9999")},
    "ExportModal": {"path": ("", "   ", "~nobody/x.ics", "/nowhere/x.ics", "/dev/null", "\0")},
}
"""For each form and field what is none; a new field needs its own row."""

FORMS = {
    "SlotModal": (SlotModal, "s"),
    "FollowUpModal": (FollowUpModal, "f"),
    "QuickAddModal": (QuickAddModal, "a"),
    "DateModal": (DateModal, "g"),
    "FindModal": (FindModal, ("slash",)),
    "PaintModal": (PaintModal, ("J", "J", "shift+right", "s")),
    "MoveModal": (MoveModal, "mm"),
    "OffModal": (OffModal, "o"),
    "ExportModal": (ExportModal, "E"),
}


@pytest.mark.parametrize("name", list(FORMS))
def test_every_field_refuses_in_one_calm_line(week: Practice, scene: Scene, name: str) -> None:
    kind, key = FORMS[name]
    before = makers.snapshot(week)

    async def walk(stage: Stage) -> None:
        on_session = name in ("FollowUpModal", "MoveModal")
        await (stage.go(scene.to_come) if on_session else stage.go_to(at(4, 18)))
        await stage.press(*key)
        form = stage.app.screen
        assert isinstance(form, kind)
        fields = {str(field.parent.id): field for field in form.query(Input) if field.parent}
        assert set(fields) == set(BAD[name])
        for field, values in BAD[name].items():
            right = {other: one.value for other, one in fields.items()}
            for text in values:
                await stage.fill(field, text)
                await stage.press("enter")
                assert stage.app.screen is form, (field, text)
                assert_calm(stage, field, text)
                kept = {other: one.value for other, one in fields.items() if other != field}
                assert kept == {other: right[other] for other in kept}, (field, text)
            fields[field].value = right[field]
            await stage.settle()
        if name not in ("DateModal", "FindModal"):
            assert not stage.of(messages.SlotsOpened)
            assert not stage.of(messages.FollowUpBooked)
        assert makers.snapshot(week) == before
        await stage.press("escape")
        assert stage.app.screen is not form

    play(week, scene.therapist, walk)


def assert_calm(stage: Stage, field: str, text: str) -> None:
    """Two short sentences, in one line, without anything a terminal would obey."""
    said = stage.said
    assert said, (field, text)
    assert "did not work" not in said, (field, text)
    assert "\n" not in said
    harmless(said, allowed="")
    assert len(said) < 160, said
    assert said.count(".") >= 1, said


def test_every_panel_with_a_field_has_rows() -> None:
    """Those that only ask have none; a new form fails here until its fields stand in the table."""
    asking = {"CancelModal", "CloseSlotModal", "OpenedModal", "HelpModal"}
    asking |= {"WaiveModal", "AgreeModal", "MissedModal", "AgainModal", "LiftModal"}
    asking |= {"InviteModal", "TakeBackModal", "RefuseMoveModal", "CodeModal"}
    assert {kind.__name__ for kind in every_panel()} == set(BAD) | asking


def test_keys_where_they_mean_nothing(week: Practice, scene: Scene) -> None:
    """Acts on what is not there are refused in one line, and open nothing."""
    before = makers.snapshot(week)

    async def walk(stage: Stage) -> None:
        for place, keys in ((at(5, 13), "xv"), (at(0, 8), "sxv"), (at(3, 14), "sx")):
            for key in keys:
                await stage.go_to(place)
                await stage.press(key)
                assert len(stage.app.screen_stack) == 1, (place, key)
                assert_calm(stage, key, str(place))
        assert makers.snapshot(week) == before

    play(week, scene.therapist, walk)
