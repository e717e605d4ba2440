"""The public card page `/t/<handle>` and its picture: light, harmless, there only while visible."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from helpspace.core import accounts, calendar, links, profiles
from helpspace.core.actors import Actor
from helpspace.core.files import content
from helpspace.core.joining import application, documents, pictures, profile, review
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Claim, Therapist, Verdict
from helpspace.core.wishes import APPROACHES, CONCERNS, LANGUAGES, MODALITIES
from helpspace.sandbox.clock import MovableClock
from helpspace.web import pages
from tests import makers
from tests.core import applicants
from tests.makers import NOW, SOON, TEAM
from tests.web.visits import PUBLIC, Parsed, Visitor

BOT = "HelpspaceBot"
MOST = 50_000


@pytest.fixture
def backend() -> str:
    """SQLite: nothing here depends on the database."""
    return "sqlite"


@pytest.fixture
def practice(store_url: str, clock: MovableClock) -> Iterator[Practice]:
    """A practice with a public address, whose bot has a name."""
    made = makers.practice_at(store_url, clock, PUBLIC_URL=PUBLIC, TELEGRAM_TOKEN="1:x")
    links.remember_bot(made, BOT)
    yield made
    made.store.close()


@pytest.fixture
def visitor(practice: Practice) -> Visitor:
    """Somebody with a browser."""
    return Visitor(practice)


def enter(practice: Practice, name: str = "Zoë O'Brien", handle: str = "zoe", **more: Any) -> Actor:
    """Enter a therapist who is ready to publish."""
    new = accounts.NewTherapist(name, f"{len(name)}@example.org", handle, **more)
    with practice.change() as tx:
        made = accounts.add_therapist(
            tx, TEAM, new, account=f"acct_{len(handle)}", proofs_until=NOW + 90 * DAY
        )
    return Actor.therapist(made)


@pytest.fixture
def zoe(practice: Practice) -> Actor:
    """A visible therapist at /t/zoe, without a picture."""
    one = enter(practice)
    makers.open_slot(practice, one)
    return one


def noise(side: int = 900, form: str = "JPEG", **options: Any) -> bytes:
    """A picture that compresses as badly as any can."""
    raw = random.Random(3).randbytes(side * side * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), raw).save(out, form, **options)
    return out.getvalue()


def with_picture(practice: Practice, raw: bytes | None = None) -> tuple[Actor, str]:
    """Let a counsellor apply with a picture until they are visible; return them and their path."""
    one = applicants.fill_in(practice)
    if raw is not None:
        applicants.hand_in(practice, one, "picture", raw)
    applicants.submit(practice, one)
    applicants.approve(practice, one)
    makers.set_row(
        practice, Therapist, one, charges_enabled=1, payouts_enabled=1, course_done_at=NOW,
        initial_fee=6000, initial_minutes=50,
    )  # fmt: skip
    who = Actor.therapist(one)
    makers.open_slot(practice, who)
    return who, f"/t/{profiles.therapist(practice, who, one).handle}"


def same(one: httpx.Response, other: httpx.Response) -> bool:
    """Say whether nobody can tell two answers apart."""
    return (one.status_code, one.headers.raw, one.content) == (
        other.status_code, other.headers.raw, other.content,
    )  # fmt: skip


# Weight, and what is sent along


def test_a_page_with_its_heaviest_picture_weighs_below_50_kb(
    practice: Practice, visitor: Visitor
) -> None:
    """ "Done when" 7: everything that a browser loads, whatever the picture and the texts."""
    who, path = with_picture(practice, noise())
    edit(practice, who, about="Ünïcode & <more> " * 58, headline="Wörds & " * 14)
    makers.set_row(
        practice, Therapist, who.id, concerns=2 ** len(CONCERNS) - 1,
        approaches=2 ** len(APPROACHES) - 1, languages=2 ** len(LANGUAGES) - 1,
        modalities=2 ** len(MODALITIES) - 1,
    )  # fmt: skip
    makers.open_slot(practice, who, SOON + DAY, weeks=8)
    page = visitor.get(path)
    parsed = Parsed(page.text)
    loaded = [one.attributes["src"] for one in parsed.all("img")]
    loaded += [one.attributes["href"] for one in parsed.all("link")]
    assert len(loaded) == 2
    answers = [page, *visitor.all(*loaded)]
    assert {one.status_code for one in answers} == {200}
    assert sum(len(one.content) + len(str(one.headers)) for one in answers) < MOST


def test_the_policy_lets_nothing_run_and_nothing_be_loaded_from_elsewhere(
    visitor: Visitor, zoe: Actor
) -> None:
    page = visitor.get("/t/zoe")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in page.headers["content-security-policy"].split(";")
    )
    style = policy.pop("style-src")
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", style)
    assert policy == {
        "default-src": "'none'", "base-uri": "'none'", "form-action": "'none'",
        "frame-ancestors": "'none'", "img-src": "'self'",
    }  # fmt: skip
    for name, said in {
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, noarchive",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-cache",
    }.items():
        assert page.headers[name] == said
    assert "set-cookie" not in page.headers


def test_the_style_sheet_is_the_one_that_the_policy_names(visitor: Visitor, zoe: Actor) -> None:
    import base64
    import hashlib

    for path in ("/t/zoe", "/t/nobody", "/payments/done"):
        page = visitor.get(path)
        style = Parsed(page.text).one("style").text
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in page.headers["content-security-policy"]
        assert "url(" not in style
        assert "@import" not in style


@pytest.mark.parametrize("path", ["/t/zoe", "/t/nobody", "/payments/done", "/card/done"])
def test_a_page_has_no_script_no_handler_and_nothing_from_elsewhere(
    visitor: Visitor, zoe: Actor, path: str
) -> None:
    page = visitor.get(path)
    check_harmless(page.text)
    parsed = Parsed(page.text)
    assert parsed.one("html").attributes["lang"] == "en-GB"
    assert len(parsed.all("h1")) == 1
    for address in parsed.addresses():
        assert re.match(r"/icon\.svg$|/t/|https://t\.me/|tel:\d+$|sms:85258\?body=SHOUT$", address)
    for image in parsed.all("img"):
        assert image.attributes["src"].startswith("/t/")
        assert "alt" in image.attributes


def check_harmless(html: str) -> None:
    """Check that a page has only elements and attributes of ours."""
    parsed = Parsed(html)
    assert {one.name for one in parsed.elements} <= {
        "html", "head", "meta", "link", "title", "style", "body", "main", "header", "img", "span",
        "div", "h1", "h2", "h3", "bdi", "p", "section", "strong", "ul", "li", "time", "a", "dl",
        "dt", "dd", "footer",
    }  # fmt: skip
    assert {key for one in parsed.elements for key in one.attributes} <= {
        "lang", "charset", "name", "content", "rel", "href", "class", "src", "width", "height",
        "alt", "aria-hidden", "aria-labelledby", "dir", "id", "datetime",
    }  # fmt: skip
    assert parsed.comments == []
    assert not any(key in html for key in "\x1b\x9b\x00\u202e")


def test_the_sign_of_the_tab_is_an_inert_picture(visitor: Visitor) -> None:
    icon = visitor.get("/icon.svg")
    assert icon.headers["content-type"].startswith("image/svg+xml")
    assert icon.headers["content-security-policy"].startswith("default-src 'none'")
    assert "script" not in icon.text
    assert "href" not in icon.text


# Asking again


def test_a_copy_is_shown_again_only_after_asking_and_only_while_visible(
    practice: Practice, visitor: Visitor, zoe: Actor
) -> None:
    first = visitor.get("/t/zoe")
    have = {"If-None-Match": first.headers["etag"]}
    again = visitor.get("/t/zoe", headers=have)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "private, no-cache"
    weak = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    assert visitor.get("/t/zoe", headers=weak).status_code == 304
    profile.switch_off(practice, zoe, zoe.id)
    gone = visitor.get("/t/zoe", headers=have)
    assert same(gone, visitor.get("/t/nobody"))
    profile.switch_on(practice, zoe, zoe.id)
    assert visitor.get("/t/zoe", headers=have).status_code == 304


@pytest.mark.parametrize("said", ['"x"', "", "*", '"' * 5000, ",,,", "W/", "é"])
def test_another_tag_gives_the_page(visitor: Visitor, zoe: Actor, said: str) -> None:
    asked = [(b"if-none-match", said.encode("latin-1"))]
    assert visitor.get("/t/zoe", headers=asked).status_code == 200


def test_what_changed_has_another_tag(practice: Practice, visitor: Visitor, zoe: Actor) -> None:
    first = visitor.get("/t/zoe")
    have = {"If-None-Match": first.headers["etag"]}
    edit(practice, zoe, headline="Other words")
    second = visitor.get("/t/zoe", headers=have)
    assert second.status_code == 200
    assert "Other words" in second.text
    makers.open_slot(practice, zoe, SOON + HOUR)
    have = {"If-None-Match": second.headers["etag"]}
    assert visitor.get("/t/zoe", headers=have).status_code == 200


def edit(practice: Practice, who: Actor, **texts: str) -> None:
    """Change fields of a profile as its therapist."""
    version = profile.profile_draft(practice, who, who.id).version
    profile.change_profile(practice, who, who.id, texts, version=version)


# Foreign text (A3)

HOSTILE = [
    ('"><script>alert(1)</script>', '"><script>alert(1)</script>'),
    ("'><img src=x onerror=alert(1)>", "'><img src=x onerror=alert(1)>"),
    ("javascript:alert(1)", "javascript:alert(1)"),
    ("</title></style><script>x</script>", "</title></style><script>x</script>"),
    ("<!-- --><!--", "<!-- --><!--"),
    ("{{ 7*7 }} {% raw %}", "{{ 7*7 }} {% raw %}"),
    ("[/b][@click=app.quit]x[/]", "[/b][@click=app.quit]x[/]"),
    ("A\x1b]52;c;aGk=\x07B\x1b[31m", "A]52;c;aGk=B[31m"),
    ("A\u202eB\u2066C\x00\u200fD", "ABCD"),
    ("&lt;b&gt; &amp; &#x3c;", "&lt;b&gt; &amp; &#x3c;"),
    ("Zoë O'Brien", "Zoë O'Brien"),
    ("محمد", "محمد"),
    ("李 小龙", "李 小龙"),
    ("नी\u200dल 👩\u200d⚕️", "नी\u200dल 👩\u200d⚕️"),
]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_foreign_text_is_text_wherever_it_stands(
    practice: Practice, visitor: Visitor, text: str, shown: str
) -> None:
    """Name in heading and title, headline, and about over some lines; names come unharmed (A3a)."""
    one = enter(practice, text, headline=f"{text} !", about=f"{text}\n\n{text}")
    makers.open_slot(practice, one)
    page = visitor.get("/t/zoe")
    assert page.status_code == 200
    check_harmless(page.text)
    parsed = Parsed(page.text)
    assert parsed.one("bdi").text == shown
    assert parsed.one("title").text == shown
    assert parsed.one("p", class_="headline").text == f"{shown} !"
    assert parsed.one("p", class_="about").text == f"{shown}\n\n{shown}"
    assert [one.attributes["href"] for one in parsed.all("a", class_="book")] == [
        f"https://t.me/{BOT}?start=t_zoe"
    ]


@pytest.mark.parametrize(
    "handle", ['"><script>x', "a'b", "javascript:x", "a&start=b#c", "a b%41", "محمد"]
)
def test_a_handle_stays_inside_its_addresses(
    practice: Practice, visitor: Visitor, handle: str
) -> None:
    """The editor takes only a-z, 0-9, - and _; a page trusts not even that."""
    one = enter(practice, handle=handle)
    makers.open_slot(practice, one)
    raw = "".join(f"%{byte:02X}" for byte in handle.encode())
    page = visitor.get(f"/t/{raw}")
    assert page.status_code == 200
    check_harmless(page.text)
    (link,) = Parsed(page.text).all("a", class_="book")
    url = httpx.URL(link.attributes["href"])
    assert (url.host, url.path, url.fragment) == ("t.me", f"/{BOT}", "")
    assert dict(url.params) == {"start": f"t_{handle}"}


@pytest.mark.parametrize(
    "path",
    ["/t/%22%3E%3Cscript%3E", "/t/%1b]52;c;x%07", "/t/" + "x" * 5000, "/t/%ff%fe", "/t/%00",
     "/t/..%5c..", "/t/javascript:x", "/t/%F0%9F%98%80", "/t/zoe%20", "/t/zoe%00"],
)  # fmt: skip
def test_an_invented_handle_is_echoed_nowhere(visitor: Visitor, zoe: Actor, path: str) -> None:
    assert same(visitor.get(path), visitor.get("/t/nobody"))
    assert same(visitor.get(f"{path}/picture"), visitor.get("/t/nobody"))


# Hidden is like unknown (P3, A1)


def close(practice: Practice, who: Actor) -> None:
    for slot in calendar.slots(practice, TEAM, therapist_id=who.id):
        calendar.close_slot(practice, who, slot.id)


def book_all(practice: Practice, who: Actor) -> None:
    with practice.reading() as view:
        slots = view.rows(Claim.select().where(Claim.therapist_id == who.id))
    for slot in slots:
        makers.book_initial(practice, makers.add_client(practice), slot.id)


def hold_it(practice: Practice, who: Actor) -> None:
    with practice.reading() as view:
        (slot,) = view.rows(Claim.select().where(Claim.therapist_id == who.id))
    makers.hold(practice, makers.add_client(practice, card=False), slot.id)


def columns(**values: Any) -> Callable[[Practice, Actor], None]:
    return lambda practice, who: makers.set_row(practice, Therapist, who.id, **values)


SHUT: dict[str, Callable[[Practice, Actor], Any]] = {
    "the last slot is booked": book_all,
    "the last slot is held": hold_it,
    "the last slot is closed": close,
    "suspended": lambda practice, who: review.suspend(practice, TEAM, who.id, "looked into"),
    "switched off": lambda practice, who: profile.switch_off(practice, who, who.id),
    "a longer notice": lambda practice, who: edit(practice, who, notice="5 days"),
    "not approved": columns(status="applied"),
    "no charges": columns(charges_enabled=0),
    "no payouts": columns(payouts_enabled=0),
    "no course": columns(course_done_at=None),
    "expired": columns(proofs_until=NOW),
    "no notice": columns(notice_s=None),
}


@pytest.mark.parametrize("gate", SHUT)
def test_each_closed_gate_hides_page_and_picture_by_the_next_request(
    practice: Practice, visitor: Visitor, gate: str
) -> None:
    who, path = with_picture(practice)
    unknown = visitor.get("/t/nobody")
    page, picture = visitor.all(path, f"{path}/picture")
    assert (page.status_code, picture.status_code) == (200, 200)
    SHUT[gate](practice, who)
    have = {"If-None-Match": f"{page.headers['etag']}, {picture.headers['etag']}"}
    for at in (path, f"{path}/picture", f"{path}/picture?abc", path.upper().replace("/T/", "/t/")):
        assert same(visitor.get(at), unknown)
        assert same(visitor.get(at, headers=have), unknown)
        assert same(visitor.ask("HEAD", at), visitor.ask("HEAD", "/t/nobody"))
        assert same(visitor.ask("POST", at), visitor.ask("POST", "/t/nobody"))


def test_who_is_hidden_and_who_never_was_get_the_same_kind_words(
    practice: Practice, visitor: Visitor
) -> None:
    """Without a slot ever, hidden, unknown, invented: one page, with a way on and help (K3)."""
    enter(practice, handle="never-open")
    answers = visitor.all("/t/never-open", "/t/nobody", "/t/a.b~c", "/t/zo%C3%AB", "/t/0")
    assert all(same(answers[0], one) for one in answers)
    page = answers[0]
    assert page.status_code == 404
    assert page.headers["cache-control"] == "no-store"
    assert "etag" not in page.headers
    parsed = Parsed(page.text)
    assert parsed.one("h1").text == "No space at the moment"
    assert parsed.one("a", class_="book").attributes["href"] == f"https://t.me/{BOT}"
    for number in ("999", "111", "116 123", "85258"):
        assert number in parsed.words()


def test_the_page_follows_the_clock_with_no_event_in_between(
    visitor: Visitor, zoe: Actor, clock: MovableClock
) -> None:
    """P2: one second past the notice edge, and when a hold runs out (B3)."""
    clock.move_to(SOON - DAY)
    assert visitor.get("/t/zoe").status_code == 200
    clock.advance(1)
    assert same(visitor.get("/t/zoe"), visitor.get("/t/nobody"))


def test_a_hold_that_ran_out_shows_the_page_again(
    practice: Practice, visitor: Visitor, zoe: Actor, clock: MovableClock
) -> None:
    hold_it(practice, zoe)
    assert visitor.get("/t/zoe").status_code == 404
    clock.advance(33 * MINUTE)
    assert visitor.get("/t/zoe").status_code == 200


# The picture (J3, P1)


def test_the_picture_is_a_small_square_jpeg_without_metadata(
    practice: Practice, visitor: Visitor
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Canary of a place"
    raw = noise(400, exif=exif, comment=b"Canary of a comment")
    assert b"Canary" in raw
    _, path = with_picture(practice, raw)
    src = Parsed(visitor.get(path).text).one("img").attributes["src"]
    got = visitor.get(src)
    assert got.status_code == 200
    assert got.headers["content-type"] == "image/jpeg"
    assert got.headers["cache-control"] == "private, no-cache"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert len(got.content) <= pictures.MOST_BYTES
    assert b"Canary" not in got.content
    with Image.open(io.BytesIO(got.content)) as image:
        assert (image.format, image.size) == ("JPEG", (pictures.SIDE, pictures.SIDE))
        assert dict(image.getexif()) == {}
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density",
                                   "progressive", "progression"}  # fmt: skip
    again = visitor.get(src, headers={"If-None-Match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_an_older_picture_carries_does_not_go_out(
    practice: Practice, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page cleans by itself, whatever the folder of files has kept."""
    raw = noise(400, comment=b"Canary of a comment", icc_profile=b"Canary of a profile")
    monkeypatch.setattr(
        documents.content, "check", lambda given, **_: content.Checked("jpeg", given)
    )
    _, path = with_picture(practice, raw)
    assert b"Canary" not in visitor.get(f"{path}/picture").content


def test_a_transparent_png_becomes_a_jpeg_on_white(practice: Practice, visitor: Visitor) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (500, 400), (0, 0, 0, 0)).save(out, "PNG")
    _, path = with_picture(practice, out.getvalue())
    with Image.open(io.BytesIO(visitor.get(f"{path}/picture").content)) as image:
        assert image.convert("RGB").getpixel((100, 100)) == (255, 255, 255)


def test_a_picture_that_the_team_has_not_accepted_is_not_shown(
    practice: Practice, visitor: Visitor
) -> None:
    who, path = with_picture(practice)
    (part,) = [
        f"document:{one.id}"
        for one in application.application(practice, TEAM, who.id).documents
        if one.kind == "picture"
    ]
    with practice.change() as tx:
        reason = tx.seal("not sharp", "verdict.reason")
        tx.run(Verdict.update(accepted=0, reason_sealed=reason).where(Verdict.part == part))
    page = visitor.get(path)
    assert page.status_code == 200
    assert Parsed(page.text).all("img") == []
    assert Parsed(page.text).one("span", class_="face").text == "ZO"
    assert same(visitor.get(f"{path}/picture"), visitor.get("/t/nobody"))


def test_nobody_else_s_picture_is_found(practice: Practice, visitor: Visitor, zoe: Actor) -> None:
    _, path = with_picture(practice)
    assert visitor.get(f"{path}/picture").status_code == 200
    assert Parsed(visitor.get("/t/zoe").text).all("img") == []
    assert visitor.get("/t/zoe/picture").status_code == 404


# What it says


def test_prices_minutes_notice_and_times_are_those_of_the_profile(
    practice: Practice, visitor: Visitor
) -> None:
    """The October and March changes are kept: wall time in the therapist's zone, named."""
    one = enter(
        practice, initial_fee=4550, initial_minutes=30, follow_up_fee=123_400,
        follow_up_minutes=80, notice_s=2 * DAY,
    )  # fmt: skip
    for start in (SOON, SOON + 24 * DAY, SOON + DAY, NOW + DAY, SOON + 25 * DAY, SOON + 26 * DAY):
        makers.open_slot(practice, one, start)
    parsed = Parsed(visitor.get("/t/zoe").text)
    assert [(one.attributes["datetime"], one.text) for one in parsed.all("time")] == [
        ("2026-03-06T09:00:00Z", "Fri 6 Mar 09:00"),
        ("2026-03-07T09:00:00Z", "Sat 7 Mar 09:00"),
        ("2026-03-30T09:00:00Z", "Mon 30 Mar 10:00"),
        ("2026-03-31T09:00:00Z", "Tue 31 Mar 10:00"),
    ]
    words = parsed.words()
    assert "£45.50 for 30 minutes" in words
    assert "First session 30 minutes, £45.50" in words
    assert "Later sessions 80 minutes, £1,234" in words
    assert "Times are in UK time. There are more in the chat. Book at least 2 days ahead." in words
    assert "Cancelling is free until 48 hours before a session starts." in words
    assert "charged that day" in words


def test_a_zone_of_their_own_is_named(practice: Practice, visitor: Visitor) -> None:
    one = enter(practice, zone="America/New_York", notice_s=90 * MINUTE)
    makers.open_slot(practice, one)
    parsed = Parsed(visitor.get("/t/zoe").text)
    assert parsed.one("time").text == "Fri 6 Mar 04:00"
    assert parsed.one("time").attributes["datetime"] == "2026-03-06T09:00:00Z"
    assert "Times are in New York time. Book at least 90 min ahead." in parsed.words()


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Dr Eleanor Ashworth", "EA"), ("Zoë O'Brien", "ZO"), ("Prof. 李", "李"), ("Dr", "D")],
)
def test_without_a_picture_the_letters_are_those_of_the_name(
    practice: Practice, visitor: Visitor, name: str, letters: str
) -> None:
    one = makers.add_therapist(practice, name)
    makers.open_slot(practice, one)
    shown = visitor.get(f"/t/{profiles.therapist(practice, one, one.id).handle}").text
    assert f">{letters}<" in "".join(shown.split())


def test_what_is_free_names_no_price_and_no_cancelling(
    practice: Practice, visitor: Visitor
) -> None:
    one = enter(practice, initial_fee=0, follow_up_fee=0, notice_s=0)
    makers.open_slot(practice, one)
    words = Parsed(visitor.get("/t/zoe").text).words()
    assert "free of charge for 50 minutes" in words
    assert "£" not in words
    assert "If you cancel" not in words
    assert "Book at least" not in words


def test_only_later_sessions_cost(practice: Practice, visitor: Visitor) -> None:
    one = enter(practice, initial_fee=0)
    makers.open_slot(practice, one)
    words = Parsed(visitor.get("/t/zoe").text).words()
    assert "First session 50 minutes, free of charge" in words
    assert "Cancelling is free until 48 hours" in words
    assert "charged that day" not in words


def test_the_deep_link_carries_the_handle_and_nothing_else(
    practice: Practice, visitor: Visitor
) -> None:
    """And the page nothing that is not public: no id, no address, no contact, no slot's id."""
    one = enter(practice, handle="zoe-o_b", contact="020 7946 0999")
    slot = makers.open_slot(practice, one)
    page = visitor.get("/t/zoe-o_b")
    link = Parsed(page.text).one("a", class_="book").attributes["href"]
    assert link == links.profile_link(BOT, "zoe-o_b") == f"https://t.me/{BOT}?start=t_zoe-o_b"
    for secret in (one.id, slot, "@example.org", "020 7946", "acct_"):
        assert secret not in page.text + str(page.headers)


def test_before_the_bot_has_a_name_the_page_says_so(store_url: str, clock: MovableClock) -> None:
    practice = makers.practice_at(store_url, clock)
    makers.open_slot(practice, enter(practice))
    parsed = Parsed(Visitor(practice).get("/t/zoe").text)
    assert parsed.all("a", class_="book") == []
    assert "The chat for booking is not open yet" in parsed.words()
    assert "None" not in parsed.words()
    practice.store.close()


def test_a_page_shows_no_more_times_than_it_has_room_for(practice: Practice, zoe: Actor) -> None:
    makers.open_slot(practice, zoe, SOON + HOUR, weeks=pages.TIMES)
    said = Parsed(Visitor(practice).get("/t/zoe").text)
    assert len(said.all("time")) == pages.TIMES
    assert "There are more in the chat." in said.words()
