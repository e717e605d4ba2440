"""The course: what its texts say is what the code does, and progress is kept once (J6, P1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpspace.core import policy, proofs
from helpspace.core.actors import Actor
from helpspace.core.calendar import MOST_WEEKS
from helpspace.core.errors import HelpspaceError, Invalid, NotAllowed, NotFound
from helpspace.core.files.content import MOST_BYTES
from helpspace.core.joining import course, lessons
from helpspace.core.joining.course import CHAPTERS
from helpspace.core.joining.topics import SUGGESTED_NOTICE
from helpspace.core.moments import DAY, HOUR, LONDON, MINUTE, at_hour, local_date
from helpspace.core.payments.case import LAST_WORD
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Chapter, Therapist
from tests import makers
from tests.makers import NOW, ON_SQLITE, TEAM

FOLDER = Path(lessons.__file__).parents[2] / "templates" / "course"


def text_of(name: str) -> str:
    """Everything a chapter says, as one line."""
    one = lessons.lesson(name)
    return " ".join((one.title, *one.paragraphs, *one.takeaways))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_short_and_leaves_something(name: str) -> None:
    one = lessons.lesson(name)
    assert one.number == CHAPTERS.index(name) + 1
    assert 150 <= one.words <= 350
    assert 3 <= len(one.takeaways) <= 5
    assert not set("{}#*`") & set(text_of(name))
    assert all(text.endswith(".") for text in (*one.paragraphs, *one.takeaways))


def test_there_is_a_text_for_every_chapter_and_no_other() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(CHAPTERS)
    assert [one.name for one in lessons.lessons()] == list(CHAPTERS)


def test_m4_the_figures_are_those_of_the_rules() -> None:
    found = lessons.figures()
    hours = {"window": policy.DECISION_WINDOW, "afterthought": policy.AFTERTHOUGHT}
    for name, seconds in hours.items():
        assert found[name] == f"{seconds // HOUR} hours"
    assert found["hold"] == f"{policy.HOLD // MINUTE} minutes"
    assert found["card_page"] == f"{policy.CARD_PAGE // MINUTE} minutes"
    assert found["grace"] == f"{policy.CHARGE_GRACE} seconds"
    assert found["most_ahead"] == str(policy.MOST_AHEAD)
    assert found["least_fee"] == f"{policy.LEAST_FEE}p"
    assert found["notice"] == f"{SUGGESTED_NOTICE} hours"
    assert found["most_weeks"] == str(MOST_WEEKS)
    assert found["file_size"] == f"{MOST_BYTES // 2**20} MiB"
    assert (found["proofs"], proofs.AHEAD) == ("30, 14 and 3 days", (30, 14, 3))
    assert (found["last_word"], LAST_WORD) == ("An hour", HOUR)


def test_m6_n2_the_figures_of_tries_and_reminders_are_what_happens() -> None:
    found = lessons.figures()
    start = at_hour(local_date(NOW + 4 * DAY, LONDON), 15, LONDON)
    tries = [policy.retry_after(start - 40 * HOUR, start)]
    tries.append(policy.retry_after(tries[0] or 0, start))
    assert tries == [start - 24 * HOUR, start - 12 * HOUR]
    assert [found["retry_first"], found["retry_second"]] == ["24 hours", "12 hours"]
    assert policy.reminder_moment(start, LONDON) == at_hour(local_date(start, LONDON), 8, LONDON)
    assert found["reminder"] == "08:00"
    early = at_hour(local_date(start, LONDON), 9, LONDON)
    assert early - policy.reminder_moment(early, LONDON) == 2 * HOUR
    assert found["reminder_ahead"] == "2 hours"
    assert policy.reminder_due(start, LONDON, start - 3 * HOUR) == start - HOUR
    assert found["reminder_short"] == "an hour"


def test_no_text_writes_a_figure_by_hand() -> None:
    """But for the urgent lines and the 14 days of the law, which no rule of ours decides."""
    theirs = {"999", "111", "116", "123", "85258", "14"}
    for path in FOLDER.iterdir():
        assert set(re.findall(r"\d+", path.read_text(encoding="utf-8"))) <= theirs, path.name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("helpspace", ("no session notes", "controller", "processor", "999", "NHS 111",
                       "Samaritans on 116 123", "85258", "never stored")),
        ("joining", ("application, then payments, then", "10 MiB", "24 hours", "30, 14 and 3 days",
                     "mend only that", "your profile is hidden")),
        ("payments", ("33 minutes", "31 minutes", "until 48 hours before the start", "60 seconds",
                      "24 hours and 12 hours before the start", "at least 30p",
                      "An hour before the start", "less the commission", "for 2 hours first")),
        ("sessions", ("more than 3 initial sessions ahead", "only by you", "free for 2 hours",
                      "at most until the start", "accepted your invitation")),
        ("publishing", ("minimum notice", "“no space at the moment”", "52 weeks",
                        "the calendar says so at once")),
        ("first-session", ("at 08:00", "2 hours before the start", "video link", "116 123",
                           "confidentiality", "keeps no session notes")),
        ("follow-ups", ("until 48 hours before the start", "“no card”", "only the client is told",
                        "free for 2 hours")),
        ("cancelling", ("48 hours before the start", "the full fee", "the client pays nothing",
                        "let them cancel themselves: it makes a difference to the money",
                        "The tie goes to the client", "its slot opens again")),
    ],
)  # fmt: skip
def test_what_a_chapter_must_say(name: str, said: tuple[str, ...]) -> None:
    text = text_of(name)
    for words in said:
        assert words in text, words


@ON_SQLITE
def test_j6_chapters_may_be_done_in_any_order_and_count_once(
    practice: Practice, therapist: Actor
) -> None:
    own = therapist.id
    makers.set_row(practice, Therapist, own, course_done_at=None)
    assert course.progress(practice, therapist, own).next == CHAPTERS[0]
    first = course.complete(practice, therapist, own, "cancelling")
    assert course.complete(practice, therapist, own, "cancelling") == first
    assert first.next == CHAPTERS[0]
    assert len(makers.all_rows(practice, Chapter)) == 1
    assert course.progress(practice, TEAM, own) == first
    acts = [row["act"] for row in makers.all_rows(practice, Audit) if row["thing"] == "chapter"]
    assert acts == ["complete"]


def test_p1_the_last_chapter_completes_the_course(practice: Practice, therapist: Actor) -> None:
    own = therapist.id
    makers.set_row(practice, Therapist, own, course_done_at=None)
    for name in reversed(CHAPTERS):
        assert makers.row(practice, Therapist, own)["course_done_at"] is None
        found = course.complete(practice, therapist, own, name)
    assert found.next is None
    assert makers.row(practice, Therapist, own)["course_done_at"] == NOW


@ON_SQLITE
def test_a1_progress_is_ones_own(practice: Practice, therapist: Actor, client: Actor) -> None:
    stranger = makers.add_therapist(practice, "Ann")
    before = makers.snapshot(practice)
    for actor, refusal in ((stranger, NotFound), (client, HelpspaceError), (TEAM, NotAllowed)):
        with pytest.raises(refusal):
            course.complete(practice, actor, therapist.id, CHAPTERS[0])
    for actor in (stranger, client):
        with pytest.raises(NotFound):
            course.progress(practice, actor, therapist.id)
    with pytest.raises(Invalid, match="no such chapter"):
        course.complete(practice, therapist, therapist.id, "no-such")
    assert makers.snapshot(practice) == before
