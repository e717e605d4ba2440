"""A5: with a key that moves no real money, everything that leaves the house says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpspace.core import own_pages
from helpspace.core.payments import receipts
from helpspace.core.platform import TEST_MODE
from helpspace.jobs import chat
from helpspace.jobs.letters import letter
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.jobs.gallery import gallery
from tests.jobs.world import KEY, World
from tests.web.visits import PUBLIC, Visitor

pytestmark = makers.ON_SQLITE

KEYS = pytest.mark.parametrize(("key", "marks"), [(KEY, 1), ("sk_live_helpspace", 0)])


def live_or_test(url: str, clock: MovableClock, key: str) -> World:
    """A practice that thinks it has this key, whatever its sandbox takes."""
    api = "https://api.stripe.com" if "live" in key else "https://sandbox.invalid"
    given = {"STRIPE_KEY": key, "STRIPE_API": api, "MAIL": "smtp://mail.example.org"}
    return World(url, clock, PUBLIC_URL=PUBLIC, **given)


def test_a5_every_mail_says_so_once_behind_its_neutral_opening(world: World) -> None:
    for name, told in gallery(world).items():
        mail = letter(replace(told, test=True))
        body = mail.html.partition("<body")[2]
        assert (mail.text.count(TEST_MODE), body.count(TEST_MODE)) == (1, 1), name
        opening = mail.text.partition("\n\n")[0]
        assert TEST_MODE not in opening + mail.subject, name


@KEYS
def test_a5_mails_chat_pages_and_receipts_say_so(
    store_url: str, clock: MovableClock, key: str, marks: int
) -> None:
    world = live_or_test(store_url, clock, key)
    session = world.booked()
    world.to_charge(session)
    world.settle()
    world.sweep("delivery")
    assert len(world.post.sent) > 2
    for mail in world.post.sent:
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert text.count(TEST_MODE) == marks, mail["Subject"]
    assert world.chat.sent
    assert {text.count(TEST_MODE) for _, text, _ in world.chat.sent} == {marks}
    address = own_pages.address(world.practice, session.id)
    assert address is not None
    visitor = Visitor(world.practice)
    for path in (address.removeprefix(PUBLIC), "/card/done"):
        assert visitor.get(path).text.count(TEST_MODE) == marks, path
    paper = receipts.receipt(world.practice, world.sam, session.id)
    assert receipts.as_text(paper).count(TEST_MODE) == marks
    assert receipts.as_html(paper).count(TEST_MODE) == marks
    world.close()


def test_a5_a_chat_message_says_so_below_its_neutral_line(world: World) -> None:
    told = gallery(world)["charged_client"]
    plain, marked = (chat.message(replace(told, test=test)).text for test in (False, True))
    assert marked == f"{plain}\n{TEST_MODE}"
