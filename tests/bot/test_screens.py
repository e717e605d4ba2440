"""Screens and their rendering as pure values: words, zones, money, limits, codec."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpspace.bot import codec, menu
from helpspace.bot.render import LABEL, LONGEST, cut, render, units
from helpspace.bot.routes import COMMANDS, HANDLERS
from helpspace.bot.screens import help as helping
from helpspace.bot.screens import start, words
from helpspace.bot.screens.base import Button, Screen, link
from helpspace.core.policy import Consequence, Party
from tests import makers

ID = "abcdefgh2345"


@given(st.text(max_size=80))
def test_whatever_is_sent_reads_as_a_wish_or_as_nothing(text: str) -> None:
    tap = codec.read(text)
    if tap is not None:
        assert tap.verb in codec.VERBS
        assert len(tap.args) == len(codec.VERBS[tap.verb])


@given(st.binary(max_size=64))
def test_all_of_64_bytes(raw: bytes) -> None:
    codec.read(raw.decode("utf-8", "replace"))
    codec.read(f"1:{raw.decode('latin-1')}")


@pytest.mark.parametrize(
    ("text", "verb", "args"),
    [
        (f"a:{ID}", "session", (ID,)),
        (f"s:{ID}", "slot", (ID, "")),
        ("card", "page", ("",)),
        (f"pay:{ID}", "pay", (ID,)),
        ("on", "on", ()),
    ],
)
def test_buttons_under_news(text: str, verb: str, args: tuple[str, ...]) -> None:
    assert codec.read(text) == codec.Tap(verb, args, shared=True)


def test_the_longest_button_fits() -> None:
    longest = codec.data("book", ID, ID, 10_000_000, 1, 1)
    assert len(longest.encode()) <= codec.MOST_BYTES
    assert codec.read(codec.data("agree", "2026-11", "t_" + "x" * 38)) is not None
    with pytest.raises(ValueError, match="no such button"):
        codec.data("book", ID)


def test_every_verb_and_every_listed_command_is_answered() -> None:
    assert set(HANDLERS) == set(codec.VERBS)
    assert {command.command for command in menu.COMMANDS} <= set(COMMANDS)


def test_the_bots_own_words_fit_and_say_where_help_is() -> None:
    assert units(menu.DESCRIPTION) <= 512
    assert units(menu.SHORT) <= 120
    for screen in (helping.urgent(), helping.at_once(), start.consent()):
        assert "999" in screen.body
        assert "116 123" in screen.body
    assert "85258" in helping.URGENT
    assert "NHS 111" in helping.URGENT


def test_emphasis_is_counted_in_utf16_units() -> None:
    shown = render(Screen("🙂 Zoë", "body", note="🙂🙂"))
    [bold] = shown.entities
    assert (bold.offset, bold.length) == (6, 6)
    raw = shown.text.encode("utf-16-le")
    assert raw[bold.offset * 2 : (bold.offset + bold.length) * 2].decode("utf-16-le") == "🙂 Zoë"


@given(st.text(), st.integers(1, 50))
def test_cut_keeps_to_the_limit_and_to_whole_characters(text: str, longest: int) -> None:
    short = cut(text, longest)
    assert units(short) <= longest
    short.encode("utf-16-le", "surrogatepass")


def test_a_screen_that_is_too_long_is_cut() -> None:
    shown = render(
        Screen("Title", "🙂" * 5000, ((Button("x" * 200, "1:home"), Button("", "1:home")),))
    )
    assert units(shown.text) <= LONGEST
    assert shown.keyboard is not None
    first, second = shown.keyboard.inline_keyboard[0]
    assert units(first.text) <= LABEL
    assert second.text == "—"


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://video.example.org/x", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://localhost:8000/x", False),
        ("https://intranet/x", False),
        ("ftp://example.org/x", False),
        ("", False),
    ],
)
def test_only_addresses_that_telegram_takes_become_buttons(url: str, taken: bool) -> None:
    assert (link("Open", url) is not None) is taken


def test_times_have_weekday_and_zone_and_the_others_where_it_differs() -> None:
    at = makers.SOON
    same = words.when(at, at + 3000, "Europe/London", at, "Europe/Lisbon", "Zoë")
    assert same == "Fri 6 Mar 09:00–09:50 (UK time)"
    both = words.when(at, at + 3000, "Asia/Kolkata", at, "Europe/London", "Zoë")
    assert both == "Fri 6 Mar 14:30–15:20 (Kolkata time)\nFri 6 Mar 09:00–09:50 (UK time) for Zoë"


@pytest.mark.parametrize(
    ("late", "paid", "owed", "price", "said"),
    [
        (False, 0, 0, "free", "you pay nothing"),
        (False, 6000, 0, "£60 back", "You get £60 back in full."),
        (True, 0, 6000, "pay £60", "You pay £60."),
        (True, 6000, 6000, "£60 is not given back", "is not given back"),
    ],
)
def test_what_cancelling_costs(late: bool, paid: int, owed: int, price: str, said: str) -> None:
    found = Consequence(Party.CLIENT, True, late, 6000, paid, owed)
    assert words.price_of_cancelling(found) == price
    assert said in words.consequence(found)
