"""The methods that change or remove what the bot has sent, and the one that answers a tap."""

from __future__ import annotations

from collections.abc import Callable

from helpspace.sandbox.telegram import objects, sending, text
from helpspace.sandbox.telegram.decode import Json
from helpspace.sandbox.telegram.errors import bad_request
from helpspace.sandbox.telegram.markup import markup
from helpspace.sandbox.telegram.world import DELETE_LIMIT, Media, Message, Toast, World

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def edit_text(world: World, params: Json) -> Json:
    """Another text in a text message; a left-out keyboard is removed."""
    message = _editable(world, params)
    if message.media is not None:
        raise bad_request("there is no text in the message to edit")
    styled = text.message_text(params, editing=True)
    wished = sending.preview(params)
    keyboard = markup(params)

    def change() -> None:
        message.styled = styled
        message.preview = wished
        message.markup = keyboard

    same = (styled, keyboard) == (message.styled, message.markup)
    return _apply(world, message, change, same=same)


def edit_caption(world: World, params: Json) -> Json:
    """Another caption under a picture or document."""
    message = _editable(world, params)
    if message.media is None:
        raise bad_request("there is no caption in the message to edit")
    styled = text.caption(params)
    keyboard = markup(params)
    above = params.get("show_caption_above_media", False)

    def change() -> None:
        message.styled = styled
        message.markup = keyboard
        message.above = above

    same = (styled, keyboard, above) == (message.styled, message.markup, message.above)
    return _apply(world, message, change, same=same)


def edit_media(world: World, params: Json) -> Json:
    """Another picture or document; a text message may become one, but never turns back."""
    message = _editable(world, params)
    wished: Json = params["media"]
    styled = text.caption(wished)
    keyboard = markup(params)
    make = sending.photo if wished["type"] == "photo" else sending.document
    media = make(world, wished["media"])

    def change() -> None:
        message.styled = styled
        message.media = media
        message.markup = keyboard
        message.preview = None
        message.spoiler = wished.get("has_spoiler", False)

    same = _same_file(message.media, media) and (styled, keyboard) == (
        message.styled,
        message.markup,
    )
    return _apply(world, message, change, same=same)


def edit_markup(world: World, params: Json) -> Json:
    """Other buttons under a message, or none."""
    message = _editable(world, params)
    keyboard = markup(params)

    def change() -> None:
        message.markup = keyboard

    return _apply(world, message, change, same=keyboard == message.markup, marks=False)


def delete_message(world: World, params: Json) -> bool:
    """Take a message away for both sides, within 48 hours."""
    chat = world.reachable(params["chat_id"])
    message = chat.messages.get(params["message_id"])
    if message is None or message.deleted:
        raise bad_request("message to delete not found")
    if world.clock.now() - message.at >= DELETE_LIMIT:
        raise bad_request("message can't be deleted for everyone")
    if not chat.is_private and not message.from_bot:
        raise bad_request("message can't be deleted")
    message.deleted = True
    world.changed.add(chat.id)
    return True


def answer_query(world: World, params: Json) -> bool:
    """End the waiting circle on a tapped button, with or without a few words."""
    words = text.toast(params)
    if params.get("url"):
        raise bad_request("URL_INVALID")
    query = world.unanswered.get(params["callback_query_id"])
    if query is None or not world.is_spinning(query):
        raise bad_request(_TOO_OLD)
    del world.unanswered[query.id]
    chat = world.chats[query.user_id]
    chat.toast = Toast(words, params.get("show_alert", False)) if words else None
    world.changed.add(chat.id)
    return True


def _editable(world: World, params: Json) -> Message:
    if "chat_id" not in params:
        raise bad_request("chat_id is empty")
    if "message_id" not in params:
        raise bad_request("message identifier is not specified")
    chat = world.reachable(params["chat_id"])
    message = chat.messages.get(params["message_id"])
    if message is None or message.deleted:
        raise bad_request("message to edit not found")
    if not message.from_bot or message.markup.binds:
        raise bad_request("message can't be edited")
    return message


def _same_file(old: Media | None, new: Media) -> bool:
    """Whether both are the same stored file; the same bytes uploaded again are not."""
    return old is not None and old.file is new.file


def _apply(
    world: World,
    message: Message,
    change: Callable[[], None],
    *,
    same: bool,
    marks: bool = True,
) -> Json:
    """Make the change, unless it is none; only a change of content is marked as an edit."""
    world.keep_pace(world.chats[message.chat_id])
    if same:
        raise bad_request(_NOT_MODIFIED)
    change()
    if marks:
        message.edited_at = world.clock.now()
    world.changed.add(message.chat_id)
    return objects.message(world, message)
