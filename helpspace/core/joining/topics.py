"""What an application asks, and whether an answer will do: pure, for use while typing (J2).

Answers are texts as a person typed them, kept as they are until they are right. Several choices
are one to a line; dates are those of the document, as 2027-03-31.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple

from helpspace.core import moments
from helpspace.core.errors import Invalid
from helpspace.core.joining.bodies import CODES
from helpspace.core.moments import DAY, HOUR, LONDON
from helpspace.core.plain import plain, plain_lines
from helpspace.core.wishes import APPROACHES, CONCERNS, GENDERS, LANGUAGES, MODALITIES

Kind = Literal["text", "lines", "email", "choice", "choices", "until", "zone", "notice", "agree"]
Answers = Mapping[str, str]

DECLARATION_VERSION = "2026-11"

SUGGESTED_NOTICE = "24"
"""Hours of minimum notice that the form suggests; the therapist must choose (J2, P1)."""

MOST_NOTICE = 60 * DAY // HOUR
"""The longest minimum notice in hours."""


class Field(NamedTuple):
    """One question. `most` is in characters; `options` are those of choices."""

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    most: int = 80
    options: tuple[str, ...] = ()
    required: bool = True


class Topic(NamedTuple):
    """One page of questions; `documents` are the kinds of file that belong on it."""

    name: str
    title: str
    why: str
    fields: tuple[Field, ...] = ()
    documents: tuple[str, ...] = ()


class DocumentKind(NamedTuple):
    """A kind of file: how many an application may hold; at least one of each is needed."""

    name: str
    label: str
    most: int
    picture: bool = False


DOCUMENTS = (
    DocumentKind("qualification", "Qualification certificate", 8),
    DocumentKind("insurance", "Insurance certificate", 1),
    DocumentKind("picture", "Profile picture", 1, picture=True),
)

TOPICS = (
    Topic(
        "about",
        "About you",
        "How clients and we reach you. Clients see your name; your e-mail address stays with us.",
        (
            Field("name", "Your name", hint="as your clients know it", most=60),
            Field("email", "E-mail", "email", hint="for our mails and your reminders", most=254),
            Field("contact", "Contact for clients", hint="a phone number or address", most=120),
            Field("gender", "Gender", "choice", hint="clients may ask", options=GENDERS),
            Field("zone", "Time zone", "zone", hint="of your calendar, such as Europe/London"),
        ),
    ),
    Topic(
        "qualifications",
        "Qualifications",
        "Your training as a counsellor or psychotherapist, with its certificates.",
        (
            Field("qualifications", "Qualifications", "lines",
                  hint="one a line: award, school, year", most=1000),
        ),
        documents=("qualification",),
    ),
    Topic(
        "body",
        "Professional body",
        "We look your membership up in the body's public register.",
        (
            Field("body", "Body", "choice", options=CODES),
            Field("number", "Membership number", hint="as on your card", most=30),
            Field("registered_until", "Registered until", "until", hint="like 2027-03-31"),
        ),
    ),
    Topic(
        "supervision",
        "Supervision",
        "Who supervises your practice. We write to them only if you agree first.",
        (
            Field("supervisor", "Supervisor's name", most=60),
            Field("supervisor_contact", "Their e-mail or phone", most=120),
        ),
    ),
    Topic(
        "insurance",
        "Insurance",
        "Professional indemnity insurance, with the certificate that is valid now.",
        (
            Field("insurer", "Insurer", most=80),
            Field("insured_until", "Insured until", "until", hint="like 2027-03-31"),
        ),
        documents=("insurance",),
    ),
    Topic(
        "picture",
        "Profile picture",
        "A friendly picture of your face. It is made smaller, and what it says of place and"
        " camera is removed.",
        documents=("picture",),
    ),
    Topic(
        "style",
        "How you work",
        "This is what clients' wishes are compared with.",
        (
            Field("headline", "In one line", hint="the first thing a client reads", most=120),
            Field("about_me", "About your work", "lines", hint="as you would say it", most=1000),
            Field("concerns", "Concerns", "choices", options=CONCERNS),
            Field("approaches", "Approaches", "choices", options=APPROACHES),
            Field("languages", "Languages", "choices", options=LANGUAGES),
            Field("modalities", "Sessions by", "choices", options=MODALITIES),
        ),
    ),
    Topic(
        "notice",
        "Minimum notice",
        "How far ahead a new client must book. It never limits you.",
        (
            Field("notice", "Hours of notice", "notice",
                  hint=f"{SUGGESTED_NOTICE} suits most; 0 is possible"),
        ),
    ),
    Topic(
        "declaration",
        "Declaration",
        "I am who I say; what I have written is true; I keep to my body's code of ethics; I tell"
        " Helpspace when my registration or insurance ends; I keep clients' data as the law asks.",
        (Field("agreed", "I declare this", "agree"),),
    ),
)  # fmt: skip


def topic_of(name: str) -> Topic:
    """Return a topic by its name; Invalid for one that there is not."""
    for topic in TOPICS:
        if topic.name == name:
            return topic
    raise Invalid("There is no such page", "Choose one of the application's pages.")


def document_kind(name: str) -> DocumentKind:
    """Return a kind of document by its name; Invalid for one that there is not."""
    for kind in DOCUMENTS:
        if kind.name == name:
            return kind
    raise Invalid("There is no such kind of document", "Choose one of those that are asked for.")


def clean(field: Field, answer: str) -> str:
    """Return an answer as it is kept: harmless text of bounded length (A3)."""
    if field.kind in ("lines", "choices"):
        return plain_lines(answer, field.most if field.kind == "lines" else 2000)
    return plain(answer, field.most)


def problem(field: Field, answer: str, today: date) -> str | None:
    """Return in one line why an answer will not do, or None. `today` is the date in London."""
    said = clean(field, answer)
    if not said:
        return "This is needed." if field.required else None
    check = _CHECKS.get(field.kind)
    return None if check is None else check(field, said, today)


def problems(topic: Topic, answers: Answers, today: date) -> dict[str, str]:
    """Return what will not do on a page, by field."""
    found = {field.name: problem(field, answers.get(field.name, ""), today)
             for field in topic.fields}  # fmt: skip
    return {name: line for name, line in found.items() if line is not None}


def chosen(answer: str) -> list[str]:
    """Return the choices of an answer."""
    return [line for line in answer.splitlines() if line]


def valid_until(answer: str) -> int:
    """Return the instant at which a proof ends: the end of its last day in London."""
    return moments.start_of_day(date.fromisoformat(answer) + timedelta(days=1), LONDON)


def notice_seconds(answer: str) -> int:
    """Return a minimum notice in seconds."""
    return int(answer) * HOUR


def _email(_field: Field, said: str, _today: date) -> str | None:
    from helpspace.core.accounts import read_email  # noqa: PLC0415 - the validator is slow to load

    try:
        read_email(said)
    except Invalid as refused:
        return f"{refused.title}. {refused.hint}"
    return None


def _choice(field: Field, said: str, _today: date) -> str | None:
    return None if said in field.options else f"Choose one of: {', '.join(field.options)}."


def _choices(field: Field, said: str, _today: date) -> str | None:
    other = [one for one in chosen(said) if one not in field.options]
    return f"{other[0]} is not one of the choices." if other else None


def _until(_field: Field, said: str, today: date) -> str | None:
    try:
        last = date.fromisoformat(said)
    except ValueError:
        return "Write the date like 2027-03-31."
    if last < today:
        return "This has ended already; it must be valid now."
    return "That is too far ahead; look at the year." if last.year > today.year + 10 else None


def _zone(_field: Field, said: str, _today: date) -> str | None:
    try:
        moments.zone_of(said)
    except Invalid as refused:
        return f"{refused.title}. {refused.hint}"
    return None


def _notice(_field: Field, said: str, _today: date) -> str | None:
    if not said.isascii() or not said.isdecimal():
        return "Write a number of hours, such as 24."
    return None if int(said[:6]) <= MOST_NOTICE else f"At most {MOST_NOTICE} hours (60 days)."


def _agree(_field: Field, said: str, _today: date) -> str | None:
    return None if said == DECLARATION_VERSION else "This is needed to apply."


_CHECKS: dict[Kind, Callable[[Field, str, date], str | None]] = {
    "email": _email,
    "choice": _choice,
    "choices": _choices,
    "until": _until,
    "zone": _zone,
    "notice": _notice,
    "agree": _agree,
}
