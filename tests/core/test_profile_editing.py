"""A therapist edits their own profile, field by field, and nobody else does (P1, C8, A1)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import booking, profile_words, profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, Invalid, NotFound
from helpspace.core.joining import profile
from helpspace.core.joining import profile_fields as fields
from helpspace.core.links import profile_link
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Claim, Reminder, Therapist
from tests.makers import ON_SQLITE, SOON, add_therapist, all_rows, open_slot, row, session, snapshot

pytestmark = ON_SQLITE

WHOLE = {
    "headline": "A calm hour", "about": "I listen.\nWe go at your pace.", "concerns": "Grief\nWork",
    "approaches": "CBT", "languages": "English\nWelsh", "modalities": "Video\nPhone",
    "initial_fee": "45.50", "initial_minutes": "30", "follow_up_fee": "0",
    "follow_up_minutes": "90", "notice": "2 days", "zone": "Europe/Dublin",
    "contact": "020 7946 0000", "reopens": "no", "handle": "zoe-obrien",
}  # fmt: skip


def save(practice: Practice, therapist: Actor, **changes: str) -> profile.Saved:
    version = profile.profile_draft(practice, therapist, therapist.id).version
    return profile.change_profile(practice, therapist, therapist.id, changes, version=version)


REFUSED = [
    ("headline", "", "needed"),
    ("headline", "x" * 121, "1 characters too long"),
    ("headline", "…", "says nothing"),
    ("about", "x" * 1001, "too long"),
    ("concerns", "", "at least one"),
    ("concerns", "Money", "not one of the choices"),
    ("initial_fee", "0.29", "from 30p"),
    ("initial_fee", "10000.01", "from 30p"),
    ("follow_up_fee", "-1", "no amount"),
    ("follow_up_fee", "٦٠", "no amount"),
    ("initial_minutes", "9", "10 to 180"),
    ("initial_minutes", "181", "10 to 180"),
    ("notice", "24", "no length of time"),
    ("notice", "61 days", "at most 60 days"),
    ("notice", "1 dog", "no length of time"),
    ("notice", "", "needed"),
    ("zone", "Mars/Olympus", "no time zone"),
    ("zone", "../../etc/passwd", "no time zone"),
    ("reopens", "maybe", "neither yes nor no"),
    ("handle", "ab", "3 to 44"),
    ("handle", "a" * 45, "3 to 44"),
    ("handle", "zoë", "3 to 44"),
    ("handle", "---", "letter or digit"),
    ("handle", "Admin", "kept for Helpspace"),
    ("handle", "helpspace", "kept for Helpspace"),
    ("contact", "", "needed"),
]


@pytest.mark.parametrize(("name", "text", "said"), REFUSED)
def test_what_will_not_do_is_said_in_one_line_and_nothing_is_saved(
    practice: Practice, therapist: Actor, name: str, text: str, said: str
) -> None:
    line = fields.problem(fields.field_of(name), text)
    assert line is not None
    assert said in line
    assert "\n" not in line
    before = snapshot(practice)
    with pytest.raises(Invalid):
        save(practice, therapist, **{name: text, "headline": text if name == "headline" else "x"})
    assert snapshot(practice) == before


def test_every_field_is_saved_and_reads_back(practice: Practice, therapist: Actor) -> None:
    saved = save(practice, therapist, **WHOLE)
    assert set(saved.changed) == set(WHOLE)
    draft = profile.profile_draft(practice, therapist, therapist.id)
    assert draft.texts == WHOLE
    assert draft.version == saved.version == 1
    kept = row(practice, Therapist, therapist.id)
    assert (kept["initial_fee"], kept["follow_up_fee"], kept["notice_s"]) == (4550, 0, 2 * DAY)
    assert kept["reopens"] == 0
    assert [one["act"] for one in all_rows(practice, Audit)][-1] == "change"


def test_nothing_changed_is_no_change(practice: Practice, therapist: Actor) -> None:
    save(practice, therapist, **WHOLE)
    before = snapshot(practice)
    again = save(practice, therapist, **(WHOLE | {"notice": "48 hours", "initial_fee": "£45.50"}))
    assert again.changed == ()
    assert snapshot(practice) == before


def test_nobody_overwrites_what_they_have_not_seen(practice: Practice, therapist: Actor) -> None:
    save(practice, therapist, headline="New")
    before = snapshot(practice)
    with pytest.raises(Changed):
        profile.change_profile(practice, therapist, therapist.id, {"headline": "Older"}, version=0)
    assert snapshot(practice) == before


def test_a1_only_the_therapist_changes_their_profile(
    practice: Practice, therapist: Actor, client: Actor, team: Actor
) -> None:
    other = add_therapist(practice)
    for actor in (other, client, Actor.client(therapist.id), team):
        for act in (
            lambda a=actor: profile.change_profile(
                practice, a, therapist.id, {"headline": "x"}, version=0
            ),
            lambda a=actor: profile.switch_off(practice, a, therapist.id),
        ):
            with pytest.raises(NotFound):
                act()
    for actor in (other, client):
        with pytest.raises(NotFound):
            profile.profile_draft(practice, actor, therapist.id)
    own = team.on_behalf_of("therapist", therapist.id, "asked by phone")
    assert profile.change_profile(
        practice, own, therapist.id, {"headline": "x"}, version=0
    ).changed == ("headline",)


def test_a_handle_is_one_persons_and_is_free_again(practice: Practice, therapist: Actor) -> None:
    other = add_therapist(practice)
    open_slot(practice, therapist)
    save(practice, therapist, handle="calm")
    assert profiles.profile_by_handle(practice, "Calm")[0].therapist_id == therapist.id
    with pytest.raises(Invalid, match="somebody has that one"):
        save(practice, other, handle="CALM")
    save(practice, therapist, handle="steady")
    save(practice, other, handle="calm")
    assert profiles.profile_by_handle(practice, "steady")[0].therapist_id == therapist.id


def test_the_longest_link_survives_telegram_and_consent(practice: Practice) -> None:
    """Telegram takes 64 characters after ?start=, and a button 64 bytes."""
    from helpspace.bot.codec import data, read
    from helpspace.core.accounts import CONSENT_VERSION

    link = profile_link("helpspace_bot", "a" * 44)
    assert link == f"https://t.me/helpspace_bot?start=t_{'a' * 44}"
    payload = link.partition("start=")[2]
    assert read(data("agree", CONSENT_VERSION, payload)) is not None


def test_m7a_saving_changes_no_booked_session(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = session(practice, therapist, client)
    save(practice, therapist, initial_fee="90", follow_up_fee="95", initial_minutes="30")
    from helpspace.core import appointments

    seen = appointments.appointment(practice, client, booked.id)
    assert (seen.fee_pence, seen.minutes, seen.free_until) == (6000, 50, booked.free_until)


@pytest.mark.parametrize(("reopens", "state"), [("yes", "open"), ("no", "closed")])
def test_c8_whether_a_cancelled_slot_reopens(
    practice: Practice, therapist: Actor, client: Actor, reopens: str, state: str
) -> None:
    save(practice, therapist, reopens="no" if reopens == "yes" else "yes")
    save(practice, therapist, reopens=reopens)
    booked = session(practice, therapist, client)
    booking.cancel(practice, client, booked.id)
    assert [one["state"] for one in all_rows(practice, Claim)] == [state]


def test_n2_reminders_follow_the_zone(practice: Practice, therapist: Actor, client: Actor) -> None:
    session(practice, therapist, client, SOON + 6 * HOUR)

    def due() -> dict[str, int]:
        return {one["party"]: one["due_at"] for one in all_rows(practice, Reminder)}

    before = due()
    save(practice, therapist, zone="Europe/Berlin")
    assert due()["therapist"] == before["therapist"] - HOUR
    assert due()["client"] == before["client"]


def test_a3_what_is_kept_is_harmless(practice: Practice, therapist: Actor) -> None:
    save(practice, therapist, headline="\x1b]52;c;x\x07Calm\u202e [/b]", about="a\x9b31m\nb\x00")
    texts = profile.profile_draft(practice, therapist, therapist.id).texts
    assert (texts["headline"], texts["about"]) == ("]52;c;xCalm [/b]", "a31m\nb")


def test_the_preview_is_what_the_chat_shows(practice: Practice, therapist: Actor) -> None:
    """One source for both: what is previewed and then saved is what the bot shows."""
    from helpspace.bot.screens import browse

    for week in range(5):
        open_slot(practice, therapist, SOON + week * DAY)
    draft = profile.profile_draft(practice, therapist, therapist.id)
    texts = WHOLE | {"zone": "Europe/London", "notice": "1h"}
    shown = draft.preview(texts)
    save(practice, therapist, **texts)
    who, slots = profiles.profile(practice, therapist.id)
    assert shown == who
    screen = browse.profile(who, slots, "Europe/London")
    assert screen.title == shown.name
    assert screen.body == profile_words.body(shown, "Europe/London")
    labels = [button.label for one in screen.rows[:-1] for button in one]
    assert labels == profile_words.times(draft.starts, "Europe/London")


def test_a_preview_leaves_out_what_will_not_do(practice: Practice, therapist: Actor) -> None:
    draft = profile.profile_draft(practice, therapist, therapist.id)
    shown = draft.preview(draft.texts | {"initial_fee": "lots", "headline": "New"})
    assert (shown.fee_pence, shown.headline) == (6000, "New")


def test_a_new_therapist_has_no_notice_and_no_words(practice: Practice) -> None:
    new: Any = add_therapist(practice, notice_s=None)
    draft = profile.profile_draft(practice, new, new.id)
    assert draft.texts["notice"] == ""
    assert set(fields.problems(draft.texts)) >= {"notice", "headline", "about", "concerns"}
    assert draft.link(draft.profile.handle) is None
