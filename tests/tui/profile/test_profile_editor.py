"""The profile's editor: what clients see as it is typed, saved only on purpose (P1, A3)."""

from __future__ import annotations

from textual.widgets import Input

from helpspace.core import profile_words, profiles
from helpspace.core.joining import profile
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist
from helpspace.tui import messages
from helpspace.tui.join.toggles import Toggles
from helpspace.tui.profile.editor import LeaveModal
from helpspace.tui.widgets.calendar_pane import CalendarPane
from tests import makers
from tests.tui.profile.people import SIZES, change, editor
from tests.tui.scenes import Scene
from tests.tui.stage import LARGE, Stage, clicked, play


def texts(practice: Practice, scene: Scene) -> dict[str, str]:
    return profile.profile_draft(practice, scene.therapist, scene.therapist.id).texts


async def fill(stage: Stage, name: str, text: str) -> None:
    """Type a text into a field in place of what is there."""
    row = next(row for row in editor(stage).rows if row.field.name == name)
    assert isinstance(row.input, Input)
    row.input.value = text
    row.input.focus()
    await stage.pilot.pause()


@SIZES
def test_what_is_typed_is_seen_at_once_and_saved_on_purpose(
    told: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    before = makers.snapshot(told)

    async def walk(stage: Stage) -> None:
        await stage.press("e")
        await fill(stage, "headline", "Somebody new")
        await fill(stage, "initial_fee", "0")
        shown = str(editor(stage).shown.render())
        assert "Somebody new" in shown
        assert "First session: 50 min, free of charge" in shown
        assert makers.snapshot(told) == before
        await stage.press("ctrl+s")
        assert stage.said == "Saved: In one line, First fee."
        saved = stage.of(messages.ProfileSaved)[0].saved
        assert saved.changed == ("headline", "initial_fee")
        assert texts(told, scene)["headline"] == "Somebody new"

    play(told, scene.therapist, walk, size)


def test_the_preview_is_the_chats_own_text(told: Practice, scene: Scene) -> None:
    """Word for word what the bot shows after saving, in its buttons too."""

    async def walk(stage: Stage) -> None:
        await stage.press("e")
        await fill(stage, "headline", "Somebody [/b] new")
        shown = str(editor(stage).shown.render())
        await stage.press("ctrl+s")
        who, slots = profiles.profile(told, scene.therapist.id)
        for part in (who.name, profile_words.body(who, who.zone)):
            assert part in shown
        for label in profile_words.times([slot.start for slot in slots], who.zone):
            assert label in shown

    play(told, scene.therapist, walk, LARGE)


def test_the_mouse_does_it_too(told: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("e")
        panel = editor(stage)
        row = next(row for row in panel.rows if row.field.name == "concerns")
        assert isinstance(row.input, Toggles)
        await stage.pilot.click(row.input, offset=(27, 0))
        assert row.input.chosen == ["Anxiety", "Low mood", "Grief", "Work"]
        assert "Low mood" in str(panel.shown.render())
        await stage.pilot.click(*_at(stage, "editor.preview"))
        assert panel.has_class("-looking")
        await stage.pilot.click(*_at(stage, "editor.save"))
        await stage.settle()
        assert stage.said == "Saved: Helps with."

    play(told, scene.therapist, walk)


def _at(stage: Stage, action_id: str) -> tuple[object, object, tuple[int, int]]:
    bar, offset = clicked(stage, action_id)
    return bar, offset  # type: ignore[return-value]


REFUSALS = [
    ("headline", "", "In one line will not do yet. This is needed."),
    ("initial_fee", "0.20", "A fee is £0, or from 30p to £10,000."),
    ("initial_minutes", "200", "A session has 10 to 180 minutes."),
    ("notice", "soon", "Write one like 24h or 2 days."),
    ("zone", "Mars", "is no time zone"),
    ("handle", "help", "is kept for Helpspace itself"),
]


def test_what_will_not_do_is_said_while_typing(told: Practice, scene: Scene) -> None:
    before = makers.snapshot(told)

    async def walk(stage: Stage) -> None:
        await stage.press("e")
        panel = editor(stage)
        for name, text, said in REFUSALS:
            await fill(stage, name, text)
            assert "! " in str(next(r for r in panel.rows if r.field.name == name)._label.render())
            await stage.press("ctrl+s")
            assert said in stage.said, name
            assert panel.focused is not None
            assert panel.focused.parent.id == f"row-{name}"  # type: ignore[union-attr]
            await fill(stage, name, panel.draft.texts[name])
        assert panel.changes == {}
        assert makers.snapshot(told) == before

    play(told, scene.therapist, walk)


def test_a_handle_that_somebody_has_is_refused(told: Practice, scene: Scene) -> None:
    makers.add_therapist(told)

    async def walk(stage: Stage) -> None:
        await stage.press("e")
        await fill(stage, "handle", "handle2")
        await stage.press("ctrl+s")
        assert "Handle: somebody has that one already." in stage.said
        assert texts(told, scene)["handle"] == "zoe-obrien"

    play(told, scene.therapist, walk)


def test_leaving_with_changes_asks_once(told: Practice, scene: Scene) -> None:
    before = makers.snapshot(told)

    async def walk(stage: Stage) -> None:
        await stage.press("e", "escape")
        assert isinstance(stage.app.screen.query_one(CalendarPane), CalendarPane)
        await stage.press("e")
        await fill(stage, "headline", "Not to be lost")
        await stage.press("escape")
        assert isinstance(stage.app.screen, LeaveModal)
        assert "One field is changed and not saved." in stage.flat
        await stage.press("n")
        assert editor(stage).changes == {"headline": "Not to be lost"}
        await stage.press("escape", "y")
        assert stage.app.screen.query(CalendarPane)
        assert makers.snapshot(told) == before

    play(told, scene.therapist, walk)


def test_what_was_changed_elsewhere_is_never_overwritten(
    told: Practice, elsewhere: Practice, scene: Scene
) -> None:
    """The other change comes in, what was typed here stays, and saving again is on purpose."""

    async def walk(stage: Stage) -> None:
        await stage.press("e")
        await fill(stage, "headline", "Typed here")
        change(elsewhere, scene, contact="020 7946 0000", initial_fee="75")
        await stage.press("ctrl+s")
        assert stage.said.startswith("Changed elsewhere: First fee, Contact. Nothing was saved.")
        assert editor(stage).changes == {"headline": "Typed here"}
        assert "£75" in str(editor(stage).shown.render())
        await stage.press("ctrl+s")
        assert stage.said == "Saved: In one line."
        kept = texts(told, scene)
        assert (kept["headline"], kept["contact"], kept["initial_fee"]) == (
            "Typed here", "020 7946 0000", "75",
        )  # fmt: skip

    play(told, scene.therapist, walk)


def test_an_empty_profile_can_be_saved_bit_by_bit(week: Practice, scene: Scene) -> None:
    """Only what was typed must be right; what was never filled in does not stand in the way."""

    async def walk(stage: Stage) -> None:
        await stage.press("e")
        await fill(stage, "notice", "3 days")
        await stage.press("ctrl+s")
        assert stage.said == (
            "Saved: Minimum notice. Your profile is hidden now: no open slot can be booked now."
        )

    makers.set_row(week, Therapist, scene.therapist.id, notice_s=86_400)
    play(week, scene.therapist, walk)
