"""The sample practice: ten therapists and a few clients, made by hand, for the demo and for trying.

None of these people exist; all addresses end in example.org, and every row is marked as a sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpspace.core import accounts, calendar, moments
from helpspace.core.accounts import NewTherapist
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.moments import DAY, HOUR, at_zone, instant_of
from helpspace.core.practice import Practice
from helpspace.core.store.tables import (
    Appointment,
    Client,
    Notice,
    Payment,
    Reminder,
    Therapist,
)
from helpspace.core.wishes import APPROACHES, CONCERNS, LANGUAGES, MODALITIES, mask_of
from helpspace.sandbox import rows

MakeAccounts = Callable[[list[str]], list[str]]
"""Makes connected accounts at Stripe for e-mail addresses and returns their ids in that order."""

NEVER = 36_500 * DAY
"""So far ahead is the next look at an account that exists nowhere."""

PROOFS = 300 * DAY
"""How long the sample proofs are valid."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The ids of the sample people, in their order below."""

    therapists: tuple[str, ...]
    clients: tuple[str, ...]


def _therapist(
    name: str,
    handle: str,
    headline: str,
    about: str,
    *,
    gender: str,
    concerns: list[str],
    approaches: list[str],
    languages: list[str],
    fees: tuple[int, int],
    notice: int = DAY,
    minutes: tuple[int, int] = (50, 50),
    zone: str = "Europe/London",
    modalities: list[str] | None = None,
) -> NewTherapist:
    return NewTherapist(
        name=name,
        email=f"{handle}@example.org",
        handle=handle,
        contact=f"{handle}@example.org",
        headline=headline,
        about=about,
        zone=zone,
        gender=gender,
        concerns=mask_of(concerns, CONCERNS),
        approaches=mask_of(approaches, APPROACHES),
        languages=mask_of(languages, LANGUAGES),
        modalities=mask_of(modalities or ["Video"], MODALITIES),
        notice_s=notice,
        initial_fee=fees[0],
        initial_minutes=minutes[0],
        follow_up_fee=fees[1],
        follow_up_minutes=minutes[1],
    )


THERAPISTS = (
    _therapist(
        "Zoë O'Brien", "zoe-obrien",
        "Room to breathe when everything is too much",
        "I work with people who hold everything together until they cannot. We begin where you "
        "are, at your pace, and look together for what would make this week a little lighter.",
        gender="woman", concerns=["Anxiety", "Stress and burnout", "Self-esteem", "Sleep"],
        approaches=["Person-centred", "Mindfulness-based"], languages=["English", "French"],
        fees=(4500, 6000), modalities=["Video", "Phone"],
    ),
    _therapist(
        "李 明 (Ming Li)", "ming-li",
        "Between two countries, two families, two languages",
        "I grew up between Chengdu and Leeds. Many who come to me live between places too, and "
        "wonder which of their voices is their own.",
        gender="man", concerns=["Identity", "Family", "Life changes", "Low mood"],
        approaches=["Integrative", "Existential"], languages=["English"],
        fees=(5000, 6500),
    ),
    _therapist(
        "Amira Haddad", "amira-haddad",
        "Grief does not keep to a timetable",
        "For those who have lost somebody, lately or long ago, and for those who are losing "
        "somebody now. In English or in Arabic, with or without words.",
        gender="woman", concerns=["Grief", "Trauma", "Life changes"],
        approaches=["Psychodynamic", "EMDR"], languages=["English", "Arabic", "French"],
        fees=(5500, 7000), notice=2 * DAY,
    ),
    _therapist(
        "Gwen Prys-Jones", "gwen-prys-jones",
        "Siarad Cymraeg neu Saesneg: croeso",
        "Plain talk by a plain person. I have worked in schools and in the NHS, and see people "
        "from sixteen to eighty, in Welsh or in English.",
        gender="woman", concerns=["Anxiety", "Low mood", "Work", "Family"],
        approaches=["CBT", "Solution-focused"], languages=["English", "Welsh"],
        fees=(4000, 5500), modalities=["Video", "Phone"],
    ),
    _therapist(
        "Tomasz Wiśniewski", "tomasz-wisniewski",
        "For men who would rather not talk about it",
        "You need no special words here. We can begin with work, or with football, and see where "
        "it goes. Po polsku albo po angielsku.",
        gender="man", concerns=["Anger", "Relationships", "Addiction", "Work"],
        approaches=["Gestalt", "Integrative"], languages=["English", "Polish"],
        fees=(4000, 5000), minutes=(30, 50),
    ),
    _therapist(
        "Priya Raghunathan", "priya-raghunathan",
        "Evidence-based help with worry and low mood",
        "A structured way of working: we set an aim, try things between the sessions and look "
        "every few weeks whether it helps. Usually eight to sixteen sessions.",
        gender="woman", concerns=["Anxiety", "Low mood", "Eating", "Sleep"],
        approaches=["CBT", "Mindfulness-based"], languages=["English", "Punjabi", "Urdu"],
        fees=(0, 7500), minutes=(20, 50), notice=4 * HOUR,
    ),
    _therapist(
        "Sam Adeyemi", "sam-adeyemi",
        "Queer-affirming, unhurried",
        "Who you love and who you are need no explaining here. I work with single people and with "
        "everything that relationships can bring.",
        gender="non-binary", concerns=["Sexuality", "Identity", "Relationships", "Self-esteem"],
        approaches=["Person-centred", "Systemic"], languages=["English"],
        fees=(5000, 6000),
    ),
    _therapist(
        "Dr Eleanor Ashworth-Featherstonehaugh", "eleanor-ashworth",
        "Long-term work for long-standing questions",
        "I trained at a time when one asked fewer questions and listened longer, and still do. "
        "For people who keep arriving at the same place by different roads.",
        gender="woman", concerns=["Relationships", "Family", "Low mood"],
        approaches=["Psychodynamic", "Existential"], languages=["English", "German"],
        fees=(8500, 9500), notice=3 * DAY,
    ),
    _therapist(
        "Inês Carvalho", "ines-carvalho",
        "Portuguese and Spanish speakers, wherever you are",
        "I moved to Lisbon after fifteen years in Stockwell and still see London from my desk. "
        "Em português, en español, or in English.",
        gender="woman", concerns=["Life changes", "Anxiety", "Relationships"],
        approaches=["Integrative", "Person-centred"],
        languages=["English", "Portuguese", "Spanish"],
        fees=(4500, 5500), zone="Europe/Lisbon",
    ),
    _therapist(
        "Callum MacLeod", "callum-macleod",
        "British Sign Language and English",
        "A counsellor who signs. On video, with good light and no hurry; with captions for those "
        "who are new to it.",
        gender="man", concerns=["Identity", "Stress and burnout", "Grief", "Anger"],
        approaches=["Person-centred", "Solution-focused"],
        languages=["English", "British Sign Language"],
        fees=(4500, 6000), notice=12 * HOUR,
    ),
)  # fmt: skip

CLIENTS = (
    ("Alex Morgan", "alex.morgan"),
    ("محمد الحسن", "mohamed.alhassan"),
    ("Siobhán Ní Bhriain", "siobhan.nibhriain"),
    ("Jakub Nowak", "jakub.nowak"),
    ("Grace Okonkwo", "grace.okonkwo"),
)
"""Sample clients by name and the first part of their address."""

HOURS = (9, 10, 11, 14, 15, 17)
"""The wall hours at which sample therapists work."""


def build(
    practice: Practice,
    actor: Actor,
    make_accounts: MakeAccounts | None = None,
    *,
    clients: bool = True,
) -> Sample:
    """Put the sample practice into a store in one commit and return its ids.

    Each therapist has open slots in the coming two weeks; with `clients` the first five also have
    a client with an initial session and a follow-up ahead. Accounts are made first, and count as
    enabled; without `make_accounts` their ids are invented and never read.
    """
    rows.refuse_the_real(practice)
    emails = [new.email for new in THERAPISTS]
    invented = [f"acct_sample_{new.handle}" for new in THERAPISTS]
    made = make_accounts(emails) if make_accounts else invented
    with practice.change() as tx:
        handle = tx.digest(THERAPISTS[0].handle, "therapist.handle")
        if tx.first(Therapist.select(Therapist.id).where(Therapist.handle_hash == handle)):
            raise HelpspaceError(
                "The ten sample therapists are here already", "Ask for more with --therapists."
            )
        therapists = tuple(
            accounts.add_therapist(
                tx,
                actor,
                new,
                account=account,
                proofs_until=tx.now + PROOFS,
                sample=True,
            )
            for new, account in zip(THERAPISTS, made, strict=True)
        )
        if make_accounts is None:
            tx.run(
                Therapist.update(account_next_at=tx.now + NEVER).where(Therapist.id.in_(therapists))
            )
        people: list[str] = []
        for at, (name, address) in enumerate(CLIENTS if clients else ()):
            row = rows.client(tx, tx.practice.ids.new(), name, f"{address}@example.org", tx.now)
            tx.insert(Client, **row)
            people.append(str(row["id"]))
            _book_two(practice, therapists[at], people[-1], at)
        for at, therapist_id in enumerate(therapists):
            _open_some(practice, therapist_id, at)
        # Nobody is told of a practice that was there before they looked.
        tx.run(Notice.delete().where(Notice.person_id.in_(therapists)))
        tx.audit(actor, "populate", "store", "")
    return Sample(therapists, tuple(people))


def _starts(now: int, zone: str, first_day: int, days: int) -> list[int]:
    """Return the working hours of weekdays from so many days ahead on, as instants."""
    today = at_zone(now, zone).replace(tzinfo=None, minute=0, second=0, microsecond=0)
    found = []
    for ahead in range(first_day, first_day + days):
        day = today + timedelta(days=ahead)
        if day.weekday() < 5:
            walls = [datetime(day.year, day.month, day.day, hour) for hour in HOURS]  # noqa: DTZ001 - wall time
            found += [instant_of(wall, zone) for wall in walls]
    return found


def _book_two(practice: Practice, therapist_id: str, client_id: str, at: int) -> None:
    """Book an initial session and a follow-up a week later, without notices to anybody."""
    with practice.change() as tx:
        therapist = accounts.the_therapist(tx, therapist_id)
        first = _starts(tx.now, therapist.zone, 4, 4)[at]
        second = moments.weekly(first, 2, therapist.zone)[1]
        for kind, start in (("initial", first), ("follow_up", second)):
            slot = kind == "initial"
            fee = therapist.initial_fee if slot else therapist.follow_up_fee
            minutes = therapist.initial_minutes if slot else therapist.follow_up_minutes
            session = rows.Session(kind, therapist_id, client_id, start, minutes, fee)
            claim_id = tx.practice.ids.new()
            purpose = "slot" if slot else "follow_up"
            end = start + minutes * 60
            calendar.claim_time(tx, therapist, claim_id, purpose, start, end, "booked")
            booked = rows.appointment(tx, tx.practice.ids.new(), claim_id, session, tx.now - HOUR)
            tx.insert(Appointment, **booked)
            tx.insert(Payment, **rows.payment(booked, tx.now))
            tx.insert_many(Reminder, rows.reminders(booked, therapist.zone, tx.now - HOUR))


def _open_some(practice: Practice, therapist_id: str, at: int) -> None:
    """Open slots of the coming two weeks where nothing is yet, another few for each therapist."""
    actor = Actor.therapist(therapist_id, "sample")
    with practice.reading() as view:
        zone, now = accounts.the_therapist(view, therapist_id).zone, view.now
    taken = {
        entry.start
        for entry in calendar.between(practice, actor, therapist_id, now, now + 30 * DAY)
    }
    for number, start in enumerate(_starts(now, zone, 2, 14)):
        if (number + at) % 5 in (0, 2) and start not in taken:
            calendar.open_slots(practice, actor, therapist_id, start)
