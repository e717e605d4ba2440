"""The way to a booking in few taps, the countdown of a held time, and what the losers see."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpspace.bot.screens.words import left
from helpspace.core import accounts, appointments, calendar, holds, inbox, kept_wishes
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.store.tables import Appointment, Claim, Therapist
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene

Find = Callable[[Phone], Actor]

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"])


@pytest.fixture
def therapist(scene: Scene) -> Actor:
    made = makers.add_therapist(scene.practice)
    for number in range(5):
        makers.open_slot(scene.practice, made, makers.SOON + number * DAY)
    return made


class Walker:
    """Somebody who only touches visible buttons, and types a name and an address."""

    def __init__(self, scene: Scene, phone: Phone) -> None:
        self.scene, self.phone, self.taps = scene, phone, 0

    async def tap(self, label: str) -> None:
        self.taps += 1
        await self.scene.tap(self.phone, label)

    async def first(self) -> None:
        """Touch the topmost button."""
        await self.tap(self.phone.last.labels()[0])

    async def to_the_card(self) -> None:
        """Go from the review to the card page and put a card on record there."""
        await self.tap("Go on")
        await self.scene.write(self.phone, "Sam Smith")
        await self.scene.write(self.phone, "sam@example.org")
        await self.tap("Book · £60 · free to cancel until")
        self.phone.tap("Open the card page")
        self.taps += 1
        self.scene.complete_card()
        await self.scene.bot._freshen(self.phone.user.id)
        assert self.phone.last.text.startswith("Your session is booked")


@BOTH
def test_from_start_to_booked_in_at_most_eight_taps(
    scene: Scene, therapist: Actor, client_of: Find
) -> None:
    """ "Done when" 7: only visible buttons, text only for name and e-mail, a card on record."""

    async def act(s: Scene) -> None:
        walker = Walker(s, s.phone())
        await s.start(walker.phone)
        await walker.tap("I agree")
        await walker.tap("Find a counsellor")
        await walker.first()
        await walker.first()
        assert walker.phone.last.text.startswith("Your booking")
        await walker.to_the_card()
        assert walker.taps <= 8
        assert len(appointments.appointments(s.practice, client_of(walker.phone))) == 1

    scene.play(act)


def test_by_who_could_see_me_soon_it_takes_as_few(scene: Scene, therapist: Actor) -> None:
    async def act(s: Scene) -> None:
        walker = Walker(s, s.phone())
        await s.start(walker.phone)
        await walker.tap("I agree")
        await walker.tap("Who could see me soon?")
        await walker.first()
        await walker.to_the_card()
        assert walker.taps <= 8

    scene.play(act)


def test_by_a_link_to_a_profile_in_at_most_five_taps(scene: Scene, therapist: Actor) -> None:
    """ "Done when" 7."""

    async def act(s: Scene) -> None:
        walker = Walker(s, s.phone())
        await s.start(walker.phone, "t_handle1")
        await walker.tap("I agree")
        await walker.first()
        await walker.to_the_card()
        assert walker.taps <= 5

    scene.play(act)


def test_with_a_card_on_record_three_taps_book_from_a_profile(
    scene: Scene, therapist: Actor
) -> None:
    other = makers.add_therapist(scene.practice, "Ann")
    makers.open_slot(scene.practice, other, makers.SOON + HOUR)

    async def act(s: Scene) -> None:
        phone = s.phone()
        client = makers.add_client(s.practice, chat=phone.user.id)
        makers.session(s.practice, therapist, client, makers.SOON + 6 * DAY)
        walker = Walker(s, phone)
        await s.start(phone, "t_handle2")
        await walker.first()
        await walker.tap("Book · £60 · free to cancel until Wed 4 Mar 10:00")
        assert phone.last.text.startswith("Your session is booked")
        assert walker.taps <= 3

    scene.play(act)


def test_day_time_review_and_back_again_lose_nothing(scene: Scene, therapist: Actor) -> None:
    """Every screen on the way says how to go back, and goes there."""

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone, "t_handle1")
        await s.tap(phone, "I agree")
        titles = []
        for label in ("All free times", "Sat 7 Mar", "09:00", "Go on"):
            titles.append(phone.last.text.splitlines()[0])
            await s.tap(phone, label)
        assert titles == [
            "Zoë O'Brien",
            "Free times of Zoë O'Brien",
            "Sat 7 Mar with Zoë O'Brien",
            "Your booking",
        ]
        await s.write(phone, "Sam")
        await s.write(phone, "sam@example.org")
        assert phone.last.text.startswith("Terms")
        for expected in ("Your e-mail address", "Your name", "Your booking", "Zoë O'Brien"):
            await s.tap(phone, "‹ Back")
            assert phone.last.text.startswith(expected)
        assert not makers.all_rows(s.practice, Appointment)

    scene.play(act)


def test_a_time_in_the_repeated_hour_says_which(scene: Scene) -> None:
    """C5: on 25 October 01:30 comes twice; both are offered, each by its own name."""
    scene.clock.move_to(1_792_540_800)
    late = makers.add_therapist(scene.practice, proofs_until=1_800_000_000)
    first = 1_792_888_200
    for start in (first, first + HOUR):
        makers.open_slot(scene.practice, late, start)

    async def act(s: Scene) -> None:
        phone = s.phone()
        makers.add_client(s.practice, chat=phone.user.id)
        await s.start(phone, "t_handle1")
        assert phone.last.labels()[:2] == ["Sun 25 Oct 01:30 BST", "Sun 25 Oct 01:30 GMT"]
        await s.tap(phone, "Sun 25 Oct 01:30 GMT")
        assert "Sun 25 Oct 01:30 GMT–02:20 (UK time)" in phone.last.text

    scene.play(act)


# The countdown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (31 * MINUTE, "about 30 minutes"),
        (27 * MINUTE + 1, "about 30 minutes"),
        (27 * MINUTE, "about 25 minutes"),
        (11 * MINUTE, "about 10 minutes"),
        (10 * MINUTE, "10 minutes"),
        (MINUTE + 1, "2 minutes"),
        (MINUTE, "1 minute"),
        (1, "1 minute"),
    ],
)
def test_the_time_left_in_words(seconds: int, said: str) -> None:
    assert left(seconds) == said


async def holding(s: Scene, phone: Phone, slot: str, therapist: Actor) -> None:
    makers.add_client(s.practice, chat=phone.user.id, card=False)
    await s.start(phone)
    await s.press(phone, f"1:book:{slot}:{therapist.id}:6000:0:1")
    assert phone.last.text.startswith("One step left")
    assert ", with Zoë O'Brien" in phone.last.text


def test_the_countdown_goes_on_by_itself_in_few_edits_and_ends(
    scene: Scene, therapist: Actor
) -> None:
    """B3, N7: no message, some fifteen edits in half an hour, and what to do when it is over."""
    [slot, *_] = [row["id"] for row in makers.all_rows(scene.practice, Claim)]

    async def act(s: Scene) -> None:
        phone = s.phone()
        await holding(s, phone, slot, therapist)
        await s.bot.count_down()
        seen = [phone.last.text]
        messages, edits = len(phone.messages), len(s.sandbox.calls_of("editMessageText"))
        for _ in range(31 * 3):
            s.clock.advance(20)
            await s.bot.count_down()
            if phone.last.text != seen[-1]:
                seen.append(phone.last.text)
        assert "The time is held for you: about 30 minutes left." in seen[0]
        told = [text.split("held for you: ")[1].split(" left.")[0] for text in seen[:-1]]
        assert told[1:] == [
            "about 25 minutes", "about 20 minutes", "about 15 minutes", "about 10 minutes",
            *(f"{minutes} minutes" for minutes in range(10, 1, -1)), "1 minute",
        ]  # fmt: skip
        assert seen[-1].startswith("The time is no longer held")
        assert len(phone.messages) == messages
        assert len(s.sandbox.calls_of("editMessageText")) - edits == len(seen) - 1
        # It is over: nothing more is edited, and the chat may be anywhere.
        await s.tap(phone, "Home")
        await s.bot.count_down()
        assert phone.last.text.startswith("Home")

    scene.play(act)


def test_whoever_has_gone_on_is_left_alone(scene: Scene, therapist: Actor) -> None:
    [slot, *_] = [row["id"] for row in makers.all_rows(scene.practice, Claim)]

    async def act(s: Scene) -> None:
        phone = s.phone()
        await holding(s, phone, slot, therapist)
        await s.bot.count_down()
        await s.tap(phone, "Home")
        s.clock.advance(15 * MINUTE)
        before = len(s.sandbox.calls)
        await s.bot.count_down()
        assert len(s.sandbox.calls) == before
        assert phone.last.text.startswith("Home")

    scene.play(act)


@BOTH
def test_waiting_lists_only_held_times_that_still_wait(scene: Scene, therapist: Actor) -> None:
    slots = [row["id"] for row in makers.all_rows(scene.practice, Claim)][:3]
    people = [
        makers.add_client(scene.practice, chat=600 + number, card=False) for number in range(3)
    ]
    for person, slot in zip(people, slots, strict=True):
        makers.hold(scene.practice, person, slot)
    holds.give_up(scene.practice, people[1])
    accounts.chat_blocked(scene.practice, people[2].id, blocked=True)
    until = makers.NOW + 31 * MINUTE
    assert holds.waiting(scene.practice) == [holds.Waiting(600, until)]


# Losing a race


def three(phone: Phone) -> list[str]:
    return [label for label in phone.last.labels() if " · " in label]


def test_the_loser_of_a_race_gets_three_times_that_fit(scene: Scene, therapist: Actor) -> None:
    """C4: first of the same therapist, then of others who fit the wishes."""
    good = makers.add_therapist(scene.practice, "Good", concerns=8)
    makers.add_therapist(scene.practice, "Other")
    makers.open_slot(scene.practice, good, makers.SOON + HOUR)
    own = makers.all_rows(scene.practice, Claim)
    for row in own[2:5]:
        calendar.close_slot(scene.practice, therapist, row["id"])

    async def act(s: Scene) -> None:
        loser = s.phone(502, "Kim")
        makers.add_client(s.practice, chat=502)
        await s.start(loser)
        await s.press(loser, "1:want:0:3:1:0")
        await s.start(loser, "t_handle1")
        await s.tap(loser, loser.last.labels()[0])
        assert loser.last.text.startswith("Your booking")
        offered = loser.last.labels()
        taken = next(b.value for row in loser.last.buttons for b in row).split(":")[2]
        makers.book_initial(s.practice, makers.add_client(s.practice), taken)
        await s.tap(loser, offered[0])
        assert loser.last.text.startswith("That time has just gone. Nothing was booked or charged")
        times = three(loser)
        assert len(times) == 2
        assert times[0].endswith("Zoë O'Brien")
        assert times[1] == "Fri 6 Mar 10:00 · Good"
        assert "fits 1 of 1: Grief" in loser.last.text
        await s.tap(loser, times[1])
        assert loser.last.text.startswith("Your booking")

    scene.play(act)


def test_too_many_and_twice_lead_to_ones_sessions(scene: Scene, therapist: Actor) -> None:
    """B5: other times would be refused alike."""
    phone = scene.phone()
    client = makers.add_client(scene.practice, chat=phone.user.id)
    for number in range(3):
        made = makers.add_therapist(scene.practice, f"T{number}")
        makers.session(scene.practice, made, client, makers.SOON + number * HOUR)
    slots = [
        row["id"]
        for row in makers.all_rows(scene.practice, Claim)
        if row["therapist_id"] == therapist.id
    ]

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:slot:{slots[-1]}:{therapist.id}")
        assert "You have three first sessions ahead already" in phone.last.text
        assert "My sessions" in phone.last.text

    scene.play(act)


def test_a_hidden_therapists_times_look_like_none(scene: Scene, therapist: Actor) -> None:
    """P3, A1: old buttons to a hidden profile answer like ones that never led anywhere."""
    makers.set_row(scene.practice, Therapist, therapist.id, switched_off_at=makers.NOW)
    makers.open_slot(scene.practice, makers.add_therapist(scene.practice, "Ann"))
    [slot] = [
        row["id"]
        for row in makers.all_rows(scene.practice, Claim)
        if row["therapist_id"] == therapist.id
    ][:1]
    phone = scene.phone()
    makers.add_client(scene.practice, chat=phone.user.id)

    async def act(s: Scene) -> None:
        for verb in ("who:{t}", "days:{t}:0", "day:{t}:20260306"):
            seen = []
            for wanted in (therapist.id, "aaaaaaaaaaaa"):
                await s.start(phone)
                await s.press(phone, f"1:{verb.format(t=wanted)}")
                toast = phone.toast.text if phone.toast else ""
                seen.append((phone.last.text, phone.last.labels(), toast))
            assert seen[0] == seen[1]
        for verb in ("slot:{s}:{t}", "terms:{s}:{t}", "book:{s}:{t}:6000:0:1"):
            seen = []
            for one, whose in ((slot, therapist.id), ("aaaaaaaaaaaa", "bbbbbbbbbbbb")):
                await s.start(phone)
                await s.press(phone, f"1:{verb.format(s=one, t=whose)}")
                toast = phone.toast.text if phone.toast else ""
                seen.append((phone.last.text, phone.last.labels(), toast))
            assert seen[0] == seen[1]
            assert "Ann" in seen[0][0]
            assert "Zoë" not in seen[0][0]

    scene.play(act)


# Buttons of others


@pytest.mark.parametrize("data", ["1:hold:{0}:{1}:{2}", "1:page:{0}", "1:free:{1}:{2}"])
def test_another_clients_hold_is_like_none(scene: Scene, therapist: Actor, data: str) -> None:
    """A1: ids of card requests and held times grant nothing, and look like ones that never were."""
    [slot, *_] = [row["id"] for row in makers.all_rows(scene.practice, Claim)]
    owner = makers.add_client(scene.practice, chat=501, card=False)
    held = makers.hold(scene.practice, owner, slot)
    stranger = scene.phone(502, "Kim")
    makers.add_client(scene.practice, chat=502, card=False)
    unknown = "aaaaaaaaaaaa"

    async def act(s: Scene) -> None:
        seen = []
        for request, time in ((held.request_id, slot), (unknown, unknown)):
            await s.start(stranger)
            await s.press(stranger, data.format(request, time, therapist.id))
            words = stranger.last.text, stranger.last.labels(), stranger.toast
            seen.append(words)
        assert seen[0] == seen[1]
        assert makers.row(s.practice, Claim, slot)["hold_client_id"] == owner.id

    scene.play(act)


# Restarts


def test_wishes_and_the_search_outlive_a_restart(scene: Scene, therapist: Actor) -> None:
    """D1: what was chosen is there after a kill, in the same order on the same page."""
    phone = scene.phone()
    makers.add_client(scene.practice, chat=phone.user.id)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, "1:want:0:3:1:0")
        await s.tap(phone, "Show who fits")

    scene.play(act)
    before = inbox.place(scene.practice, phone.user.id)
    assert before.draft[kept_wishes.DRAFT] == {"concerns": ["Grief"]}

    async def later(s: Scene) -> None:
        await s.tap(phone, "My wishes (1)")
        assert "Concerns: Grief" in phone.last.text
        assert inbox.place(s.practice, phone.user.id).draft["salt"] == before.draft["salt"]

    scene.play(later)


@BOTH
def test_one_walk_finds_books_cancels_and_exports_by_visible_buttons(
    scene: Scene, therapist: Actor, client_of: Find
) -> None:
    """ "Done when" 7: text is typed only for name and e-mail; every label was on the screen."""

    async def act(s: Scene) -> None:
        walker = Walker(s, s.phone())
        phone = walker.phone
        await s.start(phone)
        for label in ("I agree", "Find a counsellor", "What I look for", "Days and times", "Fri"):
            await walker.tap(label)
        await walker.tap("Show who fits")
        await walker.first()
        assert phone.last.text.startswith("Zoë O'Brien")
        await walker.first()
        await walker.to_the_card()
        [session] = appointments.appointments(s.practice, client_of(phone))
        for label in ("Home", "My sessions", "Fri 6 Mar 09:00", "Cancel this session"):
            await walker.tap(label)
        await walker.tap("Yes, cancel · free")
        assert "Nothing is charged." in phone.last.text
        for label in ("Home", "Me", "My data"):
            await walker.tap(label)
        files = {
            one.document.name: one.document.data
            for one in phone.messages
            if one.document is not None
        }
        assert sorted(files) == ["my-data.html", "my-data.json"]
        for content in files.values():
            assert b"Sam Smith" in content
            assert b"sam@example.org" in content
        assert session.id.encode() in files["my-data.json"]
        typed = [one.text for one in phone.messages if not one.from_bot]
        assert typed == ["/start", "Sam Smith", "sam@example.org"]
        [after] = appointments.appointments(s.practice, client_of(phone))
        assert (after.id, after.state) == (session.id, "cancelled_by_client")

    scene.play(act)
