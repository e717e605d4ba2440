"""State as the JSON objects of the Bot API."""

from __future__ import annotations

from typing import Any

from helpspace.sandbox.telegram.world import Chat, Message, Query, User, World

Json = dict[str, Any]


def user(person: User) -> Json:
    """A User object."""
    return {
        "id": person.id,
        "is_bot": person.is_bot,
        "first_name": person.first_name,
        **_given(
            last_name=person.last_name,
            username=person.username,
            language_code=person.language_code,
        ),
    }


def myself(bot: User) -> Json:
    """The User object that only getMe returns, with what the bot may do."""
    return {
        **user(bot),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat(place: Chat) -> Json:
    """A Chat object."""
    if place.user is None:
        return {"id": place.id, "type": place.kind, "title": place.title}
    return {
        "id": place.id,
        "type": place.kind,
        "first_name": place.user.first_name,
        **_given(last_name=place.user.last_name, username=place.user.username),
    }


def full_chat(place: Chat) -> Json:
    """The longer object that getChat returns."""
    return {
        **chat(place),
        "accent_color_id": place.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": True,
            "limited_gifts": True,
            "unique_gifts": True,
            "premium_subscription": True,
            "gifts_from_channels": True,
        },
    }


def message(world: World, found: Message, *, with_reply: bool = True) -> Json:
    """A Message object."""
    place = world.chats[found.chat_id]
    body: Json = {
        "message_id": found.id,
        "date": found.at,
        "chat": chat(place),
        **({"from": user(found.sender)} if found.sender else {}),
        **_given(edit_date=found.edited_at),
    }
    if found.sender is None:
        body["sender_chat"] = chat(place)
    body.update(_content(found))
    replied = place.messages.get(found.reply_to or 0)
    if with_reply and replied is not None:
        body["reply_to_message"] = message(world, replied, with_reply=False)
    if found.keyboard:
        body["reply_markup"] = {"inline_keyboard": found.keyboard}
    if found.protected:
        body["has_protected_content"] = True
    return body


def _content(found: Message) -> Json:
    styled = found.styled
    if found.media is None:
        return {
            "text": styled.text,
            **_given(entities=styled.entities or None, link_preview_options=found.preview),
        }
    return {
        found.media.kind: found.media.content,
        **_given(
            caption=styled.text or None,
            caption_entities=styled.entities or None,
            show_caption_above_media=found.above or None,
            has_media_spoiler=found.spoiler or None,
        ),
    }


def callback_query(
    world: World, query: Query, person: User, place: Chat, message_id: int, data: str
) -> Json:
    """A CallbackQuery object; a message that is gone appears as inaccessible."""
    found = place.messages.get(message_id)
    if found is None or found.deleted:
        about: Json = {"chat": chat(place), "message_id": message_id, "date": 0}
    else:
        about = message(world, found)
    return {
        "id": query.id,
        "from": user(person),
        "message": about,
        "chat_instance": str(7_000_000_000_000 + abs(place.id)),
        "data": data,
    }


def membership(world: World, place: Chat, by: User, old: str, new: str) -> Json:
    """A ChatMemberUpdated object about the bot itself."""
    return {
        "chat": chat(place),
        "from": user(by),
        "date": world.clock.now(),
        "old_chat_member": _member(world.bot, old),
        "new_chat_member": _member(world.bot, new),
    }


def _member(bot: User, status: str) -> Json:
    body: Json = {"user": user(bot), "status": status}
    if status == "kicked":
        body["until_date"] = 0
    elif status == "administrator":
        body.update(dict.fromkeys(_ADMINISTRATOR_RIGHTS, False))
    return body


_ADMINISTRATOR_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


def _given(**fields: Any) -> Json:
    """Only the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
