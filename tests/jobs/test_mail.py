"""Mail over SMTP on loopback: the real client, TLS aside, and every failure's meaning (N5)."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from helpspace.core.errors import SettingsFault
from helpspace.core.gateways import NotNow, Refused, Taken
from helpspace.core.notices import Event
from helpspace.jobs.letters import letter
from helpspace.jobs.mail import BadAddress, MaildirMailer, SmtpMailer, envelope, open_mailer
from helpspace.sandbox.mail import Mailbox, MailServer
from tests.jobs.gallery import told
from tests.jobs.world import World

FROM = "Helpspace <hello@helpspace.example>"


@pytest.fixture
def inbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(inbox: Mailbox) -> Iterator[MailServer]:
    with MailServer(inbox) as made:
        yield made


@pytest.fixture
def mailer(server: MailServer) -> Iterator[SmtpMailer]:
    made = SmtpMailer(server.host, server.port, timeout=2)
    yield made
    made.rest()


@pytest.fixture
def message(world: World) -> EmailMessage:
    """The confirmation of a booking."""
    zoe, sam = world.therapist(), world.client()
    what = told(world, Event.BOOKED, sam, world.session(zoe, sam))
    return envelope(letter(what), what, FROM)


def test_a_mail_arrives_whole(mailer: SmtpMailer, inbox: Mailbox, message: EmailMessage) -> None:
    """N1: text, HTML and a calendar file; headers that say who and what it is."""
    assert mailer.send(message) == Taken()
    (mail,) = inbox.mails
    assert mail.recipients == ("client1@example.org",)
    assert mail.sender == "hello@helpspace.example"
    assert "With:       Zoë O'Brien" in mail.text
    assert "<bdi>Zoë O&#39;Brien</bdi>" in mail.html
    assert mail.calendar is not None
    assert "SUMMARY:Appointment" in mail.calendar
    assert [part.name for part in mail.attachments] == ["appointment.ics"]
    assert mail.header("From") == "Helpspace <hello@helpspace.example>"
    assert mail.header("Message-ID") == "<notice-7@store>"
    assert mail.header("Date") == "Mon, 02 Mar 2026 09:01:00 +0000"
    assert mail.header("Auto-Submitted") == "auto-generated"
    assert mail.header("Reply-To") == "help@helpspace.example"


def test_a_doubled_mail_is_recognised(world: World, message: EmailMessage) -> None:
    """N5: the same notice has the same Message-ID each time."""
    assert message["Message-ID"] == "<notice-7@store>"


def test_one_connection_takes_several_mails(
    mailer: SmtpMailer, inbox: Mailbox, message: EmailMessage
) -> None:
    for _ in range(3):
        assert mailer.send(message) == Taken()
    assert len(inbox) == 3


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("refuse", Refused("smtp_550")),
        ("defer", NotNow("smtp_451")),
        ("drop_before", NotNow("SMTPServerDisconnected")),
    ],
)
def test_a_failure_and_then_a_new_try(
    mailer: SmtpMailer, inbox: Mailbox, message: EmailMessage, fault: str, outcome: object
) -> None:
    inbox.fail(fault)  # type: ignore[arg-type]
    assert mailer.send(message) == outcome
    assert mailer.send(message) == Taken()
    assert len(inbox) == 1


def test_a_server_that_is_away_is_told_as_such(message: EmailMessage) -> None:
    """N5: then the other mails of this pass need not be tried."""
    with MailServer(Mailbox()) as gone:
        port = gone.port
    assert SmtpMailer("127.0.0.1", port).send(message) == NotNow(
        "ConnectionRefusedError", down=True
    )


def test_credentials_are_used_and_a_wrong_one_is_told(
    inbox: Mailbox, message: EmailMessage
) -> None:
    """A5: neither shows them."""
    with MailServer(inbox, credentials=("sam", "p@ss")) as server:
        right = open_mailer(f"smtp://sam:p%40ss@{server.host}:{server.port}")
        assert right.send(message) == Taken()
        right.rest()
        wrong = open_mailer(f"smtp://sam:other@{server.host}:{server.port}")
        assert isinstance(wrong, SmtpMailer)
        assert wrong.greet() == NotNow("smtp_535", down=True)
        assert wrong.send(message) == NotNow("smtp_535", down=True)
        assert "p@ss" not in repr(right)


def test_credentials_never_go_over_an_open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A5: a distant server without TLS does not get them."""
    monkeypatch.setattr("helpspace.jobs.mail._is_loopback", lambda _host: False)
    with MailServer(Mailbox()) as server:
        mailer = SmtpMailer(server.host, server.port, user="sam", password="secret")
        assert mailer.send(EmailMessage()) == NotNow("SMTPNotSupportedError", down=True)


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b@c", "a@example.org, b@example.org", "a@example.org Bcc: b@example.org"],
)
def test_an_address_that_is_none_is_refused(world: World, address: str) -> None:
    """A3: no list of recipients, no second header."""
    zoe, sam = world.therapist(), world.client()
    what = replace(told(world, Event.BOOKED, zoe, world.session(zoe, sam)), to=address)
    try:
        made = envelope(letter(what), what, FROM)
    except BadAddress:
        return
    assert "b@example.org" not in str(made["To"])
    assert made["Bcc"] is None


def test_a_domain_of_other_letters_is_written_as_servers_do(world: World) -> None:
    zoe, sam = world.therapist(), world.client(email="sam@bücher.example")
    what = told(world, Event.BOOKED, sam, world.session(zoe, sam))
    assert str(envelope(letter(what), what, FROM)["To"]) == "sam@xn--bcher-kva.example"


def test_a_folder_takes_mails_too(tmp_path: Path, message: EmailMessage) -> None:
    mailer = open_mailer(f"maildir://{tmp_path / 'mail'}")
    assert mailer.send(message) == Taken()
    (path,) = (tmp_path / "mail" / "new").iterdir()
    assert b"Message-ID: <notice-7@store>" in path.read_bytes()
    blocked = tmp_path / "file"
    blocked.write_text("x")
    assert MaildirMailer(blocked).send(message) == NotNow("maildir", down=True)


def test_only_a_mail_server_or_a_folder_will_do() -> None:
    with pytest.raises(SettingsFault):
        open_mailer("https://example.org")
    with pytest.raises(SettingsFault):
        open_mailer("smtp://")


def test_a_refused_sender_is_our_own_fault(
    mailer: SmtpMailer, message: EmailMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N5: it says nothing about the recipient, so nothing fails for good."""

    def refuse(*_args: object, **_options: object) -> None:
        raise smtplib.SMTPSenderRefused(553, b"no", "x")

    monkeypatch.setattr(smtplib.SMTP, "send_message", refuse)
    assert mailer.send(message) == NotNow("smtp_553", down=True)


def at_rcpt(code: int, text: str) -> smtplib.SMTPException:
    return smtplib.SMTPRecipientsRefused({"sam@example.org": (code, text.encode())})


def at_data(code: int, text: str) -> smtplib.SMTPException:
    return smtplib.SMTPDataError(code, text.encode())


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (at_rcpt(550, "5.1.1 No such user"), Refused("smtp_550")),
        (at_rcpt(550, "5.1.10 Null MX"), Refused("smtp_550")),
        (at_rcpt(554, "5.2.1 Mailbox disabled"), Refused("smtp_554")),
        (at_rcpt(501, "5.1.3 Bad recipient address syntax"), Refused("smtp_501")),
        (at_data(552, "5.2.2 Mailbox full"), Refused("smtp_552")),
        (at_rcpt(550, "No such mailbox"), Refused("smtp_550")),
        (at_rcpt(553, "sorry, that domain isn't here"), Refused("smtp_553")),
        (at_rcpt(551, "User not local"), Refused("smtp_551")),
        (at_rcpt(450, "4.2.0 Greylisted"), NotNow("smtp_450")),
        (at_rcpt(530, "5.7.0 Must issue a STARTTLS command first"), NotNow("smtp_530", down=True)),
        (at_rcpt(530, "Authentication required"), NotNow("smtp_530", down=True)),
        (at_rcpt(554, "5.7.1 <sam@example.org>: Relay access denied"),
         NotNow("smtp_554", down=True)),
        (at_rcpt(550, "relay not permitted"), NotNow("smtp_550", down=True)),
        (at_rcpt(550, "5.1.1 Relaying denied"), NotNow("smtp_550", down=True)),
        (at_rcpt(554, "5.7.1 <unknown[10.0.0.1]>: Client host rejected: Access denied"),
         NotNow("smtp_554", down=True)),
        (at_rcpt(550, "5.1.8 Sender address rejected: Domain not found"), NotNow("smtp_550")),
        (at_rcpt(550, "5.7.1 Rejected by policy"), NotNow("smtp_550")),
        (at_rcpt(554, "Transaction failed"), NotNow("smtp_554")),
        (at_data(554, "5.7.1 Looks like spam"), NotNow("smtp_554")),
        (at_data(550, "5.7.26 Unauthenticated mail is not accepted"),
         NotNow("smtp_550", down=True)),
        (at_data(550, "No"), NotNow("smtp_550")),
        (smtplib.SMTPDataError(421, b"Closing"), NotNow("smtp_421", down=True)),
    ],
)  # fmt: skip
def test_only_what_the_person_cannot_be_reached_by_is_for_good(
    mailer: SmtpMailer,
    message: EmailMessage,
    monkeypatch: pytest.MonkeyPatch,
    error: smtplib.SMTPException,
    outcome: object,
) -> None:
    """N5: a relay that is set up wrongly says nothing about any recipient."""

    def refuse(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(smtplib.SMTP, "send_message", refuse)
    assert mailer.send(message) == outcome
