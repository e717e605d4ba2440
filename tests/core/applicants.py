"""Applications for tests: filled in, with files that are really a PDF and a picture."""

from __future__ import annotations

import io
from datetime import timedelta

from PIL import Image

from helpspace.core import moments
from helpspace.core.actors import Actor
from helpspace.core.joining import application, documents, review
from helpspace.core.joining.topics import DECLARATION_VERSION
from helpspace.core.moments import LONDON
from helpspace.core.practice import Practice

TEAM = Actor.team("ada")
NAME, EMAIL = "Zoë O'Brien", "zoe@example.org"

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\ntrailer<<>>\nstartxref\n9\n%%EOF\n"


def picture(side: int = 300, form: str = "JPEG") -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), (90, 120, 150)).save(out, form)
    return out.getvalue()


def answers(practice: Practice) -> dict[str, dict[str, str]]:
    """Answers to everything that is asked, valid for a year."""
    last = (moments.local_date(practice.now(), LONDON) + timedelta(days=365)).isoformat()
    return {
        "about": {"name": NAME, "email": EMAIL, "contact": "020 7946 0000", "gender": "woman",
                  "zone": LONDON},
        "qualifications": {"qualifications": "Diploma in Counselling, Leeds, 2014"},
        "body": {"body": "BACP", "number": "00123456", "registered_until": last},
        "supervision": {"supervisor": "Ann Lee", "supervisor_contact": "ann@example.org"},
        "insurance": {"insurer": "Calm Cover", "insured_until": last},
        "style": {"headline": "Steady help", "about_me": "I listen.", "concerns": "Grief\nSleep",
                  "approaches": "CBT", "languages": "English\nWelsh", "modalities": "Video"},
        "notice": {"notice": "24"},
        "declaration": {"agreed": DECLARATION_VERSION},
    }  # fmt: skip


def version(practice: Practice, therapist_id: str) -> int:
    return application.application(practice, TEAM, therapist_id).version


def hand_in(practice: Practice, therapist_id: str, kind: str, raw: bytes, name: str = "x") -> int:
    """Hand in a file as the counsellor."""
    own = Actor.therapist(therapist_id)
    seen = version(practice, therapist_id)
    return documents.hand_in(practice, own, therapist_id, kind, name, raw, version=seen)


def fill_in(practice: Practice, email: str = EMAIL) -> str:
    """Begin an application and fill it in to the last field; return the therapist's id."""
    therapist_id = application.begin(practice, NAME, email)
    own = Actor.therapist(therapist_id)
    for topic, texts in answers(practice).items():
        seen = version(practice, therapist_id)
        given = texts | {"email": email} if topic == "about" else texts
        application.save(practice, own, therapist_id, topic, given, version=seen)
    for kind, raw in (("qualification", PDF), ("insurance", PDF), ("picture", picture())):
        hand_in(practice, therapist_id, kind, raw)
    return therapist_id


def submit(practice: Practice, therapist_id: str) -> None:
    own = Actor.therapist(therapist_id)
    application.submit(practice, own, therapist_id, version=version(practice, therapist_id))


def accept_all(practice: Practice, therapist_id: str) -> None:
    """Accept every document and look the member up, as the team."""
    seen = application.application(practice, TEAM, therapist_id)
    for one in seen.documents:
        review.judge(
            practice, TEAM, therapist_id, f"document:{one.id}", accepted=True,
            version=version(practice, therapist_id),
        )  # fmt: skip
    now = version(practice, therapist_id)
    review.register_checked(practice, TEAM, therapist_id, version=now)


def approve(practice: Practice, therapist_id: str) -> None:
    """Accept everything and approve."""
    accept_all(practice, therapist_id)
    review.approve(practice, TEAM, therapist_id, version=version(practice, therapist_id))
