"""The actions on the profile, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, always

_EDITOR = (
    Action(
        "editor.save", "ctrl+s", "profile: save", "Save the profile.",
        Place.PROFILE, "save", always("save"), palette=True, priority=True,
    ),
    Action(
        "editor.preview", "f2", "profile: preview",
        "Show what clients see in place of the form, or the form again.",
        Place.PROFILE, "preview", always("preview"), palette=True, priority=True,
    ),
    Action(
        "editor.picture", "f3", "profile: new picture",
        "Hand in a new profile picture; what is typed here stays.",
        Place.PROFILE, "picture", always("picture"), palette=True, priority=True,
    ),
    Action(
        "editor.next", "tab", "profile: next field",
        "Go to the next field; in a field of one line Enter does so too.",
        Place.PROFILE, "app.focus_next", always("next field"),
    ),
    Action(
        "editor.previous", "shift+tab", "profile: field before", "Go to the field before.",
        Place.PROFILE, "app.focus_previous",
    ),
    Action(
        "editor.down", "pagedown", "profile: scroll down", "Scroll what is shown downwards.",
        Place.PROFILE, "scroll(1)",
    ),
    Action(
        "editor.up", "pageup", "profile: scroll up", "Scroll what is shown upwards.",
        Place.PROFILE, "scroll(-1)",
    ),
    Action(
        "editor.leave", "escape", "profile: leave",
        "Leave the editor; what is not saved is asked about once.",
        Place.PROFILE, "leave", always("leave"), palette=True,
    ),
)  # fmt: skip

_CHECKLIST = (
    Action(
        "checklist.slot", "s", "checklist: open a slot", "Open a slot at the calendar's cursor.",
        Place.CHECKLIST, "slot", always("open slot"), palette=True,
    ),
    Action(
        "checklist.edit", "e", "checklist: edit the profile", "Edit the profile.",
        Place.CHECKLIST, "edit", always("profile"), palette=True,
    ),
    Action(
        "checklist.holidays", "O", "checklist: holidays",
        "Switch the profile off, or on again.",
        Place.CHECKLIST, "holidays", always("holidays"), palette=True,
    ),
    Action(
        "checklist.learn", "L", "checklist: open the course", "Open the course.",
        Place.CHECKLIST, "learn", always("course"), palette=True,
    ),
    Action(
        "checklist.proofs", "n", "checklist: new proof",
        "Hand in a new insurance certificate or registration.",
        Place.CHECKLIST, "proofs", always("new proof"), palette=True,
    ),
    Action(
        "checklist.back", "escape,q,enter,c", "checklist: back", "Go back to the calendar.",
        Place.CHECKLIST, "back", always("back"), palette=True,
    ),
)  # fmt: skip

_LINKS = (
    Action(
        "links.copy", "c", "links: copy the link", "Copy your own link for clients.",
        Place.LINKS, "copy", always("copy link"), palette=True,
    ),
    Action(
        "links.feed", "f", "links: copy the calendar's address",
        "Copy the address of your calendar for another calendar app.",
        Place.LINKS, "feed", always("copy calendar"), palette=True,
    ),
    Action(
        "links.reset", "n", "links: new calendar address",
        "Make a new address for your calendar; the one before stops to work.",
        Place.LINKS, "reset", always("new address"), palette=True,
    ),
    Action(
        "links.back", "escape,q,enter", "links: back", "Go back to the calendar.",
        Place.LINKS, "back", always("back"), palette=True,
    ),
)  # fmt: skip

_PROOFS = (
    Action(
        "proofs.hand_in", "ctrl+s", "proofs: hand in",
        "Hand in the proof in whose fields the cursor is.",
        Place.PROOFS, "hand_in", always("hand in"), palette=True, priority=True,
    ),
    Action(
        "proofs.choose", "ctrl+o", "proofs: choose a file", "Choose the certificate from a list.",
        Place.PROOFS, "choose", always("choose file"), palette=True, priority=True,
    ),
    Action(
        "proofs.next", "tab", "proofs: next field",
        "Go to the next field; Enter does so too.",
        Place.PROOFS, "app.focus_next", always("next field"), priority=True,
    ),
    Action(
        "proofs.previous", "shift+tab", "proofs: field before", "Go to the field before.",
        Place.PROOFS, "app.focus_previous", priority=True,
    ),
    Action(
        "proofs.back", "escape", "proofs: back", "Go back; what was handed in stays.",
        Place.PROOFS, "back", always("back"), palette=True,
    ),
)  # fmt: skip

_PICTURE = (
    Action(
        "picture.hand_in", "ctrl+s", "picture: hand in", "Hand in the picture; Enter does so too.",
        Place.PICTURE, "hand_in", always("hand in"), palette=True, priority=True,
    ),
    Action(
        "picture.choose", "ctrl+o", "picture: choose a file", "Choose the picture from a list.",
        Place.PICTURE, "choose", always("choose file"), palette=True, priority=True,
    ),
    Action(
        "picture.back", "escape", "picture: back", "Go back; what was handed in stays.",
        Place.PICTURE, "back", always("back"), palette=True,
    ),
)  # fmt: skip

PROFILE: tuple[Action, ...] = (
    *_EDITOR, *_CHECKLIST, *_LINKS, *_PROOFS, *_PICTURE,
)  # fmt: skip
