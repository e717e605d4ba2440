"""What the terminal says of the profile: its preview, and what an act did to it. Pure."""

from __future__ import annotations

from textual.content import Content

from helpspace.core import policy, profile_words
from helpspace.core.joining.profile import Draft, Saved, Switch
from helpspace.core.joining.profile_fields import field_of
from helpspace.core.profiles import Profile
from helpspace.tui.outcomes import PUBLISHED

_NOT_THERE = "No time can be booked now, so the page says that there is no space at the moment."
_QUIET, _HEAD = "$grid-quiet", "bold $primary"


def preview(draft: Draft, who: Profile) -> Content:
    """Return what clients see of a profile: in the chat, then on the public page."""
    return Content("\n\n").join([_chat(draft, who), _page(draft, who)])


def _chat(draft: Draft, who: Profile) -> Content:
    times = profile_words.times(draft.starts, who.zone)
    parts = [
        Content.styled("In the chat", _HEAD),
        Content.styled(who.name, "bold"),
        Content(profile_words.body(who, who.zone)),
    ]
    if times:
        parts.append(Content("\n").join(_button(label) for label in times))
    else:
        nobody = "No time can be booked now, so clients only read “No space at the moment”."
        parts.append(Content.styled(nobody, "$warning"))
    return Content("\n\n").join(parts)


def _button(label: str) -> Content:
    return Content.styled(f" {label} ", "$grid-text on $grid-range")


def _page(draft: Draft, who: Profile) -> Content:
    address = draft.page(who.handle)
    head = Content.styled("On your public page", _HEAD)
    if address is None:
        none = "There is none: this practice has no public address. Your link opens the chat."
        return Content("\n").join([head, Content.styled(none, _QUIET)])
    parts = [
        Content("\n").join([head, Content.styled(address, _QUIET)]),
        Content("\n").join([Content.styled(who.name, "bold"), Content(who.headline)]),
    ]
    if not draft.starts:
        parts.append(Content.styled(_NOT_THERE, "$warning"))
    for section in profile_words.page(who, draft.starts, draft.now, chat=draft.bot is not None):
        lines = [Content.styled(section.heading, "bold"), *map(Content, section.lines)]
        parts.append(Content("\n").join(lines))
    return Content("\n\n").join(parts)


def why_words(codes: tuple[str, ...]) -> str:
    """Return why a profile is hidden, in words."""
    return "; ".join(policy.WHY_HIDDEN.get(code, code) for code in codes)


def saved_words(saved: Saved) -> str:
    """Say what was saved, and what that does to the profile."""
    if not saved.changed:
        return "Nothing was changed, so nothing was saved."
    labels = [field_of(name).label for name in saved.changed]
    what = ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
    said = f"Saved: {what}."
    if saved.published:
        return f"{said} {PUBLISHED}"
    if saved.hid:
        return f"{said} Your profile is hidden now: {why_words(saved.why_hidden)}."
    return said


def switched_words(switched: Switch) -> str:
    """Say what the switch for holidays did."""
    if switched.off:
        return "Your profile is switched off: nobody new can book. What is booked stays."
    if switched.why_hidden:
        return f"Switched on. Your profile stays hidden: {why_words(switched.why_hidden)}."
    return PUBLISHED


def before_switching(found: Switch) -> list[tuple[str, str]]:
    """Say what turning the switch means before it is done, each sentence with its style."""
    slots = f"{found.open_slots} open slot{'' if found.open_slots == 1 else 's'}"
    if not found.off:
        return [
            ("Clients no longer find you, and nobody new can book.", "$warning"),
            (f"{slots} stay in your calendar, but cannot be booked.", ""),
            ("Booked sessions stay, and your clients are not told. You can book follow-ups.", ""),
        ]
    if found.stays_hidden:
        why = why_words(found.stays_hidden)
        return [
            ("The switch is all that is turned: your profile stays hidden.", "$warning"),
            (f"Still missing: {why}.", ""),
        ]
    return [("Clients find you again.", "$success"), (f"{slots} can be booked at once.", "")]
