"""The mail stand-in as smtplib meets it: what it keeps, and how it misbehaves."""

from __future__ import annotations

import mailbox
import smtplib
import socket
from email.message import EmailMessage
from pathlib import Path

import pytest

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.mail import Mailbox, MailServer

START = 1_900_000_000
ZOE = "zoe@example.org"
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def inbox() -> Mailbox:
    return Mailbox(MovableClock(START))


def letter(to: str = ZOE, subject: str = "Tuesday 10:00 – Zoë") -> EmailMessage:
    """A mail like the product's: text, HTML and a calendar file."""
    message = EmailMessage()
    message["From"] = "Helpspace <post@example.org>"
    message["To"] = to
    message["Subject"] = subject
    message["X-Notice"] = "abc"
    message.set_content("Hello محمد\nSee https://a.example/x?y=1.\n")
    message.add_alternative("<p>Hello <b>محمد</b></p>", subtype="html")
    message.add_attachment(
        CALENDAR.encode(),
        maintype="text",
        subtype="calendar",
        filename="session.ics",
        params={"charset": "utf-8", "method": "REQUEST"},
    )
    return message


def post(server: MailServer, message: EmailMessage) -> None:
    """Send one mail on a connection of its own."""
    with smtplib.SMTP(server.host, server.port, timeout=5) as client:
        client.send_message(message)


def test_a_mail_is_kept_as_its_reader_sees_it(inbox: Mailbox) -> None:
    heard: list[str] = []
    off = inbox.on_arrival(lambda mail: heard.append(mail.subject))
    with MailServer(inbox) as server:
        assert server.url == f"smtp://127.0.0.1:{server.port}"
        post(server, letter())
        off()
        post(server, letter("kim@example.org", "Second"))
    mail = inbox.latest("ZOE@example.org")
    assert mail.sender == "post@example.org"
    assert mail.recipients == (ZOE,)
    assert mail.subject == "Tuesday 10:00 – Zoë"
    assert mail.text == "Hello محمد\nSee https://a.example/x?y=1.\n"
    assert mail.links == ["https://a.example/x?y=1"]
    assert "<b>محمد</b>" in mail.html
    assert mail.calendar == CALENDAR.replace("\r\n", "\n")
    [part] = mail.attachments
    assert (part.name, part.mime) == ("session.ics", "text/calendar")
    assert part.data.startswith(b"BEGIN:VCALENDAR")
    assert mail.header("x-notice") == "abc"
    assert mail.header("x-none") is None
    assert mail.at == START
    assert b"X-Notice: abc" in mail.raw
    assert heard == ["Tuesday 10:00 – Zoë"]
    assert inbox.subjects() == ["Tuesday 10:00 – Zoë", "Second"]
    assert inbox.subjects("kim@example.org") == ["Second"]
    assert inbox.addresses() == ["kim@example.org", ZOE]
    with pytest.raises(LookupError, match="no mail for nobody"):
        inbox.latest("nobody@example.org")
    inbox.clear()
    assert len(inbox) == 0


def test_several_mails_on_one_connection(inbox: Mailbox) -> None:
    with MailServer(inbox) as server, smtplib.SMTP(server.host, server.port, timeout=5) as client:
        for number in range(20):
            client.send_message(letter(subject=str(number)))
        assert [mail.subject for mail in inbox.wait_for(20)] == [str(n) for n in range(20)]
        with pytest.raises(TimeoutError, match="20 mails instead of 21"):
            inbox.wait_for(21, timeout=0.01)


def test_names_outside_ascii_arrive(inbox: Mailbox) -> None:
    with MailServer(inbox) as server, smtplib.SMTP(server.host, server.port, timeout=5) as client:
        client.send_message(letter("zoë@example.org"))
    assert inbox.addresses() == ["zoë@example.org"]


def test_refused_and_deferred_at_the_recipient(inbox: Mailbox) -> None:
    inbox.fail("refuse", recipient="Gone@example.org", times=9)
    inbox.fail("defer", recipient=ZOE, nth=2)
    with MailServer(inbox) as server:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            post(server, letter("gone@example.org"))
        assert refused.value.recipients["gone@example.org"][0] == 550
        post(server, letter())
        with pytest.raises(smtplib.SMTPRecipientsRefused) as deferred:
            post(server, letter())
        assert deferred.value.recipients[ZOE][0] == 451
        post(server, letter())
        inbox.forgive()
        post(server, letter("gone@example.org"))
    assert len(inbox.to(ZOE)) == 2
    assert len(inbox.to("gone@example.org")) == 1


def test_an_answer_lost_is_not_a_mail_lost(inbox: Mailbox) -> None:
    inbox.fail("drop")
    inbox.fail("drop_before", nth=2)
    inbox.fail("double", nth=3)
    inbox.fail("slow", nth=4, seconds=30)
    with MailServer(inbox) as server:
        for subject in ("kept", "lost"):
            with pytest.raises(smtplib.SMTPServerDisconnected):
                post(server, letter(subject=subject))
        post(server, letter(subject="twice"))
        with (
            smtplib.SMTP(server.host, server.port, timeout=0.2) as client,
            pytest.raises(smtplib.SMTPServerDisconnected),
        ):
            client.send_message(letter(subject="late"))
    assert inbox.subjects() == ["kept", "twice", "twice", "late"]
    with pytest.raises(ValueError, match="a fault is one of"):
        inbox.fail("lose")  # type: ignore[arg-type]


def test_credentials_are_asked_for(inbox: Mailbox) -> None:
    with MailServer(inbox, credentials=("helpspace", "word")) as server:
        with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
            post(server, letter())
        with smtplib.SMTP(server.host, server.port, timeout=5) as client:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("helpspace", "wrong")
            client.login("helpspace", "word")
            client.send_message(letter())
    with MailServer(inbox) as server, smtplib.SMTP(server.host, server.port, timeout=5) as client:
        client.login("anybody", "anything")
        client.send_message(letter())
    assert len(inbox) == 2


def test_mails_can_be_left_in_a_folder(tmp_path: Path) -> None:
    with MailServer(Mailbox(folder=tmp_path / "mail")) as server:
        post(server, letter(subject="On paper"))
    folder = mailbox.Maildir(tmp_path / "mail", create=False)
    assert [found["subject"] for found in folder] == ["On paper"]


def test_a_broken_mail_is_kept_too(inbox: Mailbox) -> None:
    mail = inbox.receive("a@example.org", [ZOE], b"Content-Type: multipart/mixed\r\n\r\nrubbish")
    assert (mail.subject, mail.text, mail.html, mail.calendar) == ("", "", "", None)
    odd = inbox.receive(
        "a@example.org", [ZOE], b"Content-Type: text/plain; charset=x-no\r\n\r\n\xff"
    )
    assert odd.recipients == (ZOE,)


def test_stopping_cuts_open_connections_and_frees_the_port(inbox: Mailbox) -> None:
    server = MailServer(inbox)
    server.start()
    port = server.port
    with smtplib.SMTP(server.host, port, timeout=5) as client:
        client.noop()
        with pytest.raises(OSError, match="address already in use"):
            MailServer(inbox, port=port).start()
        server.stop()
        server.stop()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
    with socket.socket() as probe:
        assert probe.connect_ex((server.host, port)) != 0
    with MailServer(inbox, port=port) as again:
        post(again, letter())
    assert len(inbox) == 1
