"""The professional bodies of the UK whose members may join, and where their registers are (J2)."""

from __future__ import annotations

from typing import NamedTuple


class Body(NamedTuple):
    """A body with a register that everybody can search."""

    code: str
    name: str
    register: str


BODIES = (
    Body("BACP", "British Association for Counselling and Psychotherapy",
         "https://www.bacp.co.uk/search/Register"),
    Body("UKCP", "UK Council for Psychotherapy", "https://www.psychotherapy.org.uk/"),
    Body("NCPS", "National Counselling and Psychotherapy Society", "https://ncps.com/"),
    Body("HCPC", "Health and Care Professions Council",
         "https://www.hcpc-uk.org/check-the-register/"),
    Body("BPS", "British Psychological Society", "https://www.bps.org.uk/"),
    Body("COSCA", "Counselling and Psychotherapy in Scotland", "https://www.cosca.org.uk/"),
    Body("ACC", "Association of Christians in Counselling", "https://www.acc-uk.org/"),
    Body("BPC", "British Psychoanalytic Council", "https://www.bpc.org.uk/"),
    Body("BABCP", "British Association for Behavioural and Cognitive Psychotherapies",
         "https://www.cbtregisteruk.com/"),
)  # fmt: skip

CODES = tuple(body.code for body in BODIES)


def body_of(code: str) -> Body | None:
    """Return the body of a code, or None."""
    return next((body for body in BODIES if body.code == code), None)
