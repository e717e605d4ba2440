"""Who acts: the client, the therapist, the team on somebody's behalf, or a job (A1, A2)."""

from typing import Literal, NamedTuple, Self

from helpspace.core.errors import Invalid, NotAllowed, NotFound
from helpspace.core.plain import plain

Role = Literal["client", "therapist", "team", "system"]

LONGEST_REASON = 200
"""Characters of the reason for which the team acts for somebody."""


class Actor(NamedTuple):
    """One who acts: a role, whose rights are used, by whom really, why, and through which door."""

    role: Role
    id: str
    via: str
    by_whom: str | None = None
    why: str | None = None

    @classmethod
    def client(cls, client_id: str, via: str = "bot") -> Self:
        """A client acting for themselves."""
        return cls("client", client_id, via)

    @classmethod
    def therapist(cls, therapist_id: str, via: str = "tui") -> Self:
        """A therapist acting for themselves."""
        return cls("therapist", therapist_id, via)

    @classmethod
    def team(cls, account: str, via: str = "cli") -> Self:
        """Somebody of the team, known by the operating account of the host."""
        return cls("team", account, via)

    @classmethod
    def job(cls, name: str) -> Self:
        """A sweep."""
        return cls("system", name, "jobs")

    def on_behalf_of(self, role: Role, person_id: str, why: str) -> Self:
        """Return the team acting as somebody, which needs a reason (A1)."""
        if self.role != "team":
            raise NotAllowed
        reason = plain(why, LONGEST_REASON + 1)
        if not reason:
            raise Invalid("A reason is needed to act for somebody", "Give one with --reason.")
        if len(reason) > LONGEST_REASON:
            raise Invalid(f"A reason has at most {LONGEST_REASON} characters", "Make it shorter.")
        return self._replace(role=role, id=person_id, by_whom=f"team:{self.id}", why=reason)

    def must_be(self, *roles: Role) -> None:
        """Refuse everybody but these roles."""
        if self.role not in roles:
            raise NotAllowed

    def must_see(self, *, therapist_id: str | None = None, client_id: str | None = None) -> None:
        """Refuse whoever is neither of the two people nor the team, as if nothing were there."""
        if self.role in ("team", "system"):
            return
        if self.role == "therapist" and therapist_id is not None and self.id == therapist_id:
            return
        if self.role == "client" and client_id is not None and self.id == client_id:
            return
        raise NotFound
