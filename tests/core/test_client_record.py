"""A client's export: everything held about them, by allow-list, for nobody else (K4, P1)."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.errors import NotAllowed, NotFound
from helpspace.core.practice import Practice
from helpspace.core.privacy import papers, record
from helpspace.core.store.tables import Therapist
from tests import makers


@pytest.fixture
def sam(practice: Practice) -> Actor:
    return makers.add_client(practice, "Sam <b>&", "sam@example.org", 8123456789)


def read(practice: Practice, actor: Actor) -> dict[str, object]:
    return json.loads(papers.as_json(record.export(practice, actor)))


def test_k4_a_client_takes_along_what_is_held(practice: Practice, sam: Actor) -> None:
    therapist = makers.add_therapist(practice)
    booked = makers.session(practice, therapist, sam)
    booking.cancel(practice, sam, booked.id)
    found = read(practice, sam)
    about = found["about"]
    assert about["name"] == "Sam <b>&"
    assert about["email"] == "sam@example.org"
    assert about["chat_id"] == "8123456789"
    assert about["card"] == "Visa ending 4242, until 12/30"
    [one] = found["appointments"]
    assert one["id"] == booked.id
    assert one["start"] == "2026-03-06T09:00:00Z"
    assert one["fee_pence"] == 6000
    assert one["state"] == "cancelled_by_client"
    assert one["therapist_name"] == "Zoë O'Brien"
    assert {line["event"] for line in found["messages"]} == {"booked", "cancelled"}
    assert [line["act"] for line in found["trail"]][-1] == "export"


def test_p1_nothing_of_others_is_in_it(practice: Practice, sam: Actor) -> None:
    """P1: of a therapist only the name and contact that the client's own appointments show."""
    therapist = makers.add_therapist(
        practice, headline="headline-canary", about="about-canary", account="acct_canary"
    )
    stranger = makers.add_client(practice, "Kim Canary", "kim.canary@example.org")
    makers.session(practice, therapist, sam)
    makers.session(practice, therapist, stranger, makers.SOON + 86_400)
    unmet = makers.add_therapist(practice, "Unmet Canary")
    found = record.export(practice, sam)
    text = (papers.as_json(found) + papers.as_page(found)).decode()
    assert "canary" not in text.lower()
    for private in (stranger.id, unmet.id, "therapist1@example.org", "handle1"):
        assert private not in text
    for row in makers.all_rows(practice, Therapist):
        assert row["account"] not in text


def test_a1_nobody_else_gets_it(practice: Practice, sam: Actor) -> None:
    therapist, kim = makers.add_therapist(practice), makers.add_client(practice, "Kim")
    before = makers.snapshot(practice)
    for wanted in (sam.id, "aaaaaaaaaaaa"):
        with pytest.raises(NotFound):
            record.export(practice, kim, wanted)
        with pytest.raises(NotAllowed):
            record.export(practice, therapist, wanted)
    with pytest.raises(NotFound):
        record.export(practice, makers.TEAM, "aaaaaaaaaaaa")
    assert makers.snapshot(practice) == before


def test_a2_the_team_s_look_is_in_the_trail(practice: Practice, sam: Actor) -> None:
    record.export(practice, makers.TEAM, sam.id)
    last = makers.snapshot(practice)["audit"][-1]
    assert (last["role"], last["actor_id"], last["act"]) == ("team", "ops", "export")
    assert last["thing_id"] == sam.id


class Page(HTMLParser):
    """Counts what a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_a3_the_page_is_only_text(practice: Practice, sam: Actor) -> None:
    page = papers.as_page(record.export(practice, sam)).decode()
    assert "Sam &lt;b&gt;&amp;" in page
    assert "<b>" not in page
    found = Page(page)
    assert not found.names & {"script", "img", "link", "iframe", "form", "a", "object", "b"}
    assert not {name for name in found.attributes if name.startswith("on")} | (
        found.attributes & {"src", "href"}
    )


def test_n6_names_of_files_are_neutral() -> None:
    for name in (papers.JSON_NAME, papers.PAGE_NAME):
        assert not any(stem in name for stem in ("counsel", "therap", "psych", "mental"))
