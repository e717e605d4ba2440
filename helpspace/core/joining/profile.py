"""A therapist edits what clients see of them, and switches it off for holidays (P1, C8).

What is saved counts for what is booked from then on; booked sessions keep their terms (M7a). The
profile picture is no part of it: it was checked with the application (J4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import peewee

from helpspace.core import boundaries, reminders
from helpspace.core.accounts import the_therapist
from helpspace.core.actors import Actor
from helpspace.core.boundaries import Boundaries
from helpspace.core.errors import Changed, Invalid, NotFound
from helpspace.core.joining import profile_fields as fields
from helpspace.core.joining.profile_fields import FIELDS, NO, YES
from helpspace.core.joining.publishing import watched
from helpspace.core.links import BOT, profile_link
from helpspace.core.plain import plain, plain_lines
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.profiles import Profile, bookable_slots, profile_of, why_hidden
from helpspace.core.store import refusal_of
from helpspace.core.store.tables import Therapist
from helpspace.core.wishes import APPROACHES, CONCERNS, LANGUAGES, MODALITIES, words_of

_HAS_IT = ("Handle: somebody has that one already", "Choose another handle.")
_SEALED = ("headline", "about", "contact")
_PLAIN = (
    "concerns", "approaches", "languages", "modalities", "initial_fee", "initial_minutes",
    "follow_up_fee", "follow_up_minutes", "zone", "reopens",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """A profile as its therapist edits it.

    `version` goes with every change, so that nobody overwrites what they have not seen. `texts`
    are the answers by field; `profile` is what clients see as it is saved, `starts` the soonest
    slots that they can book.
    """

    therapist_id: str
    version: int
    texts: dict[str, str]
    profile: Profile
    starts: tuple[int, ...]
    bot: str | None
    """The bot's public name, None before it has run once."""
    public_url: str | None
    switched_off: bool
    why_hidden: tuple[str, ...]
    now: int

    def link(self, handle: str) -> str | None:
        """Return the address that opens the chat at this profile, once the bot has a name."""
        return None if self.bot is None else profile_link(self.bot, handle)

    def page(self, handle: str) -> str | None:
        """Return the address of the public page, where there is a public address."""
        return None if self.public_url is None else f"{self.public_url.rstrip('/')}/t/{handle}"

    def preview(self, texts: Mapping[str, str]) -> Profile:
        """Return what clients would see with other answers; wrong ones count as not given yet."""
        wrong = fields.problems(texts)
        read = {
            field.name: fields.value(field.name, texts[field.name])
            for field in FIELDS
            if field.name not in wrong
        }
        shown: dict[str, Any] = {
            name: tuple(words_of(int(read[name]), vocabulary))
            for name, vocabulary in _VOCABULARIES
            if name in read
        }
        shown |= {to: read[name] for name, to in _PREVIEWED.items() if name in read}
        return self.profile._replace(**shown)


_VOCABULARIES = (
    ("concerns", CONCERNS),
    ("approaches", APPROACHES),
    ("languages", LANGUAGES),
    ("modalities", MODALITIES),
)
_PREVIEWED = {
    "headline": "headline",
    "about": "about",
    "initial_fee": "fee_pence",
    "initial_minutes": "minutes",
    "follow_up_fee": "follow_up_fee_pence",
    "follow_up_minutes": "follow_up_minutes",
    "notice": "notice_s",
    "zone": "zone",
    "handle": "handle",
}


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did: which fields changed, and whether clients see the profile now."""

    version: int
    changed: tuple[str, ...]
    published: bool
    """Whether the profile was hidden before and is visible now."""
    hid: bool
    """Whether it was visible before and is hidden now."""
    why_hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """What the switch for holidays would do, or did."""

    off: bool
    """Whether the profile is switched off now."""
    open_slots: int
    """Slots that clients can book while everything else is well."""
    why_hidden: tuple[str, ...]
    """Why the profile is hidden now."""

    @property
    def stays_hidden(self) -> tuple[str, ...]:
        """What hides the profile besides the switch."""
        return tuple(code for code in self.why_hidden if code != "switched_off")


def profile_draft(practice: Practice, actor: Actor, therapist_id: str) -> Draft:
    """Return a profile to edit, for its therapist or the team to look at."""
    _check_reader(actor, therapist_id)
    with practice.reading() as view:
        row = the_therapist(view, therapist_id)
        slots = bookable_slots(view, row, 10)
        first = slots[0].start_at if slots else None
        return Draft(
            therapist_id=row.id,
            version=row.profile_version,
            texts=texts_of(view, row),
            profile=profile_of(view, row, first),
            starts=tuple(slot.start_at for slot in slots),
            bot=view.fact(BOT),
            public_url=practice.settings.public_url,
            switched_off=row.switched_off_at is not None,
            why_hidden=why_hidden(view, row),
            now=view.now,
        )


def texts_of(view: View, row: Therapist) -> dict[str, str]:
    """Return a profile's answers as they would be typed."""

    def words(mask: int, vocabulary: tuple[str, ...]) -> str:
        return "\n".join(words_of(mask, vocabulary))

    return {
        "headline": plain(view.open(row.headline_sealed, "therapist.headline"), 120),
        "about": plain_lines(view.open(row.about_sealed, "therapist.about"), 1000),
        "concerns": words(row.concerns, CONCERNS),
        "approaches": words(row.approaches, APPROACHES),
        "languages": words(row.languages, LANGUAGES),
        "modalities": words(row.modalities, MODALITIES),
        "initial_fee": fields.write_fee(row.initial_fee),
        "initial_minutes": str(row.initial_minutes),
        "follow_up_fee": fields.write_fee(row.follow_up_fee),
        "follow_up_minutes": str(row.follow_up_minutes),
        "notice": fields.write_notice(row.notice_s),
        "zone": row.zone,
        "contact": plain(view.open(row.contact_sealed, "therapist.contact"), 254),
        "reopens": YES if row.reopens else NO,
        "handle": plain(view.open(row.handle_sealed, "therapist.handle")),
    }


def change_profile(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    changes: Mapping[str, str],
    *,
    version: int,
) -> Saved:
    """Save some fields of a profile, all of them or none.

    Raises Changed when it is not the version that was seen, Invalid with the field's line for what
    will not do or a handle that somebody has.
    """
    read = {name: _read(name, text) for name, text in changes.items()}
    with practice.change() as tx:
        return _change(tx, actor, therapist_id, read, version)


def change_days(
    practice: Practice, actor: Actor, limits: Boundaries, notice: str, *, version: int
) -> Saved:
    """Save a therapist's own limits and their minimum notice, such as "24h": both or neither.

    A notice that is empty stays as it is. Raises as `change_profile` does, and Invalid for limits
    that mean nothing.
    """
    read = {"notice": _read("notice", notice)} if notice else {}
    with practice.change() as tx:
        saved = _change(tx, actor, actor.id, read, version)
        if boundaries.keep_in(tx, actor, limits) and saved.version == version:
            # Limits carry the version too, so that no other terminal writes over them unseen.
            saved = replace(saved, version=version + 1)
            tx.set(Therapist, "id = ?", actor.id, profile_version=saved.version)
    return saved


def _change(
    tx: Tx, actor: Actor, therapist_id: str, read: Mapping[str, str | int], version: int
) -> Saved:
    row = _own(tx, actor, therapist_id)
    if row.profile_version != version:
        raise Changed("Your profile was changed elsewhere", "Nothing was saved; read it again.")
    before = why_hidden(tx, row)
    old = {name: fields.clean(fields.field_of(name), text)
           for name, text in texts_of(tx, row).items()}  # fmt: skip
    new = {name: one for name, one in read.items() if _differs(name, one, old[name])}
    if not new:
        return Saved(version, (), published=False, hid=False, why_hidden=before)
    with watched(tx, therapist_id, f"profile:{version + 1}"):
        _write(tx, row, new, version + 1)
    if "zone" in new:
        reminders.follow_zone(tx, Party.THERAPIST, therapist_id, str(new["zone"]))
    tx.audit(actor, "change", "profile", therapist_id, fields=sorted(new))
    after = why_hidden(tx, the_therapist(tx, therapist_id))
    return Saved(
        version=version + 1,
        changed=tuple(field.name for field in FIELDS if field.name in new),
        published=bool(before) and not after,
        hid=bool(after) and not before,
        why_hidden=after,
    )


def switch(practice: Practice, actor: Actor, therapist_id: str) -> Switch:
    """Return what the switch for holidays stands at, and what turning it would mean."""
    _check_reader(actor, therapist_id)
    with practice.reading() as view:
        return _switch(view, the_therapist(view, therapist_id))


def switch_off(practice: Practice, actor: Actor, therapist_id: str) -> Switch:
    """Hide a profile for holidays: nobody new can book; booked sessions and clients stay (P1)."""
    return _turn(practice, actor, therapist_id, off=True)


def switch_on(practice: Practice, actor: Actor, therapist_id: str) -> Switch:
    """End the holidays: clients find the profile again, if nothing else hides it (P1)."""
    return _turn(practice, actor, therapist_id, off=False)


def _turn(practice: Practice, actor: Actor, therapist_id: str, *, off: bool) -> Switch:
    with practice.change() as tx:
        row = _own(tx, actor, therapist_id)
        if (row.switched_off_at is not None) != off:
            with watched(tx, therapist_id, f"switch:{tx.now}"):
                tx.set(Therapist, "id = ?", row.id, switched_off_at=tx.now if off else None)
            tx.audit(actor, "switch_off" if off else "switch_on", "profile", therapist_id)
        return _switch(tx, the_therapist(tx, therapist_id))


def _switch(view: View, row: Therapist) -> Switch:
    return Switch(
        off=row.switched_off_at is not None,
        open_slots=len(bookable_slots(view, row)),
        why_hidden=why_hidden(view, row),
    )


def _read(name: str, text: str) -> str | int:
    field = fields.field_of(name)
    try:
        return fields.value(name, text)
    except Invalid as refused:
        raise Invalid(f"{field.label}: {_small(refused.title)}", refused.hint) from None


def _small(title: str) -> str:
    return f"{title[:1].lower()}{title[1:]}" if title[1:2].islower() else title


def _differs(name: str, new: str | int, old: str) -> bool:
    if not old:
        return True
    if fields.field_of(name).kind in ("text", "lines", "zone", "handle"):
        return new != old
    return new != fields.value(name, old)


def _write(tx: Tx, row: Therapist, new: Mapping[str, str | int], version: int) -> None:
    values: dict[str, object] = {name: new[name] for name in _PLAIN if name in new}
    for name in _SEALED:
        if name in new:
            values[f"{name}_sealed"] = tx.seal(str(new[name]), f"therapist.{name}")
    if "notice" in new:
        values["notice_s"] = new["notice"]
    if "handle" in new:
        handle = str(new["handle"])
        hashed = tx.digest(handle, "therapist.handle")
        there = tx.find(Therapist, "handle_hash = ?", hashed)
        if there is not None and there.id != row.id:
            raise Invalid(*_HAS_IT)
        values |= {
            "handle_sealed": tx.seal(handle, "therapist.handle"),
            "handle_hash": hashed,
        }
    try:
        tx.set(Therapist, "id = ?", row.id, profile_version=version, **values)
    except peewee.IntegrityError as error:
        # Two at once on PostgreSQL: the schema decides (D3).
        if "handle" not in refusal_of(error):
            raise
        raise Invalid(*_HAS_IT) from None


def _own(tx: Tx, actor: Actor, therapist_id: str) -> Therapist:
    """Return the row of the acting therapist; nobody else changes a profile (A1)."""
    if actor.role != "therapist":
        raise NotFound
    actor.must_see(therapist_id=therapist_id)
    row = tx.lock(Therapist, therapist_id)
    if row is None:
        raise NotFound
    return row


def _check_reader(actor: Actor, therapist_id: str) -> None:
    if actor.role not in ("therapist", "team"):
        raise NotFound
    actor.must_see(therapist_id=therapist_id)
