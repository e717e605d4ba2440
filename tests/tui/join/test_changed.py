"""Two terminals on one application: nothing typed is lost, nothing is overwritten unseen (J4)."""

from __future__ import annotations

from helpspace.core.actors import Actor
from helpspace.core.joining import application, review
from helpspace.core.practice import Practice
from tests.core.applicants import TEAM, submit, version
from tests.tui.join.stage import Visit, play


def write(practice: Practice, own: str, topic: str, **answers: str) -> None:
    """Save something in the other terminal."""
    actor, seen = Actor.therapist(own), version(practice, own)
    application.save(practice, actor, own, topic, answers, version=seen)


def test_what_another_terminal_wrote_elsewhere_appears(
    room: Practice, begun: str, beside: Practice
) -> None:
    async def walk(visit: Visit) -> None:
        visit.app.open_page("supervision")
        await visit.settle()
        await visit.type("Ann")
        write(beside, begun, "supervision", supervisor_contact="ann@example.org")
        await visit.until(lambda: "ann@example.org" in visit.text)
        await visit.kept()
        answers = visit.seen.answers["supervision"]
        assert answers == {"supervisor": "Ann", "supervisor_contact": "ann@example.org"}
        assert "has changed" not in visit.flat

    play(room, walk, begun)


def test_the_same_field_is_told_and_what_is_typed_stays(
    room: Practice, begun: str, beside: Practice
) -> None:
    async def walk(visit: Visit) -> None:
        visit.app.open_page("supervision")
        await visit.settle()
        visit.app.KEEPS_AFTER = 30
        await visit.type("Ann")
        write(beside, begun, "supervision", supervisor="Bo")
        await visit.until(lambda: "This has changed since you looked" in visit.text)
        assert "Elsewhere it says: Bo" in visit.text
        assert "not kept" in visit.text
        assert "Ctrl+R read again" in visit.text
        visit.app.KEEPS_AFTER = 0.1
        await visit.type("a")
        assert visit.seen.answers["supervision"]["supervisor"] == "Bo"
        await visit.press("ctrl+r")
        await visit.kept()
        assert "Anna" in visit.text
        assert "Elsewhere" not in visit.text
        assert visit.seen.answers["supervision"]["supervisor"] == "Anna"

    play(room, walk, begun)


def test_j4_a_page_that_is_handed_in_elsewhere_is_read_only_here(
    room: Practice, filled: str, beside: Practice
) -> None:
    async def walk(visit: Visit) -> None:
        visit.app.open_page("supervision")
        await visit.settle()
        submit(beside, filled)
        await visit.until(lambda: "With the team: you can read it" in visit.text)
        await visit.type("not taken")
        seen = version(beside, filled)
        review.judge(beside, TEAM, filled, "topic:supervision", accepted=False,
                     reason="Who is that?", version=seen)  # fmt: skip
        review.return_(beside, TEAM, filled, version=seen + 1)
        await visit.until(lambda: "Came back: Who is that?" in visit.text)
        await visit.press("tab")
        await visit.press("end")
        await visit.type("!")
        await visit.kept()
        assert visit.seen.answers["supervision"]["supervisor"] == "Ann Lee!"

    play(room, walk, filled)
