"""How the profile's editor looks: whole at both sizes, and harmless whatever is in it (A3)."""

from __future__ import annotations

from textual.widgets import Input

from helpspace.core.joining.profile_fields import FIELDS
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist
from tests.tui.profile.people import SIZES, editor
from tests.tui.scenes import Scene
from tests.tui.screen_text import assert_golden, screen_text
from tests.tui.stage import SMALL, Stage, play


@SIZES
def test_the_editor_shows_form_and_preview(
    told: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("e")
        assert_golden(stage.app, f"profile_editor_{name}")
        if size == SMALL:
            await stage.press("f2")
            assert_golden(stage.app, f"profile_preview_{name}")
            await stage.press("f2")
            assert isinstance(stage.app.focused, Input)

    play(told, scene.therapist, walk, size)


@SIZES
def test_no_control_is_cut_off(
    told: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    """Tab reaches every field, each whole within the form, and the keys stay in sight."""

    async def walk(stage: Stage) -> None:
        await stage.press("e")
        panel = editor(stage)
        for row in panel.rows:
            assert panel.focused is row.input, row.field.name
            await stage.pilot.pause()
            there, form = row.input.region, panel.form.region
            assert form.x <= there.x
            assert there.right <= form.right
            assert form.y <= there.y < form.bottom
            assert row.input.virtual_region.width == there.width
            if row.field.kind != "choices":
                assert there.bottom <= form.bottom, row.field.name
            assert row.field.label in str(panel.about.render())
            await stage.pilot.press("tab")
        assert "Ctrl+S save" in screen_text(stage.app)[-2]

    play(told, scene.therapist, walk, size)


HOSTILE = "[/b][@click=app.quit]x[/]\x1b]52;c;aGk=\x07 $primary محمد"


@SIZES
def test_hostile_words_are_text(
    told: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    with told.change() as tx:
        for column in ("name", "headline", "about", "contact", "handle"):
            sealed = {f"{column}_sealed": tx.seal(HOSTILE, f"therapist.{column}")}
            tx.run(Therapist.update(**sealed).where(Therapist.id == scene.therapist.id))

    async def walk(stage: Stage) -> None:
        await stage.press("e")
        if size == SMALL:
            await stage.press("f2")
        shown = "[/b][@click=app.quit]x[/]]52;c;aGk= $primary"
        assert shown in stage.text
        assert "\x1b" not in stage.text
        await stage.pilot.click(editor(stage).shown, offset=(8, 2))
        await stage.press("escape", "c", "escape", "O", "n", "U")
        assert stage.app.is_running
        assert stage.app._exit is False

    play(told, scene.therapist, walk, size)


def test_every_field_has_a_row_with_its_hint(told: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("e")
        panel = editor(stage)
        assert [row.field for row in panel.rows] == list(FIELDS)
        for row in panel.rows:
            row.input.focus()
            await stage.pilot.pause()
            assert row.field.hint.split(",")[0] in stage.flat

    play(told, scene.therapist, walk)
