"""The settings: bad values are refused in one line that names them, secrets stay secret (A5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpspace.core.errors import SettingsFault
from helpspace.settings import NAMES, Settings, read_settings, settings_from

NOWHERE = Path("/nowhere/helpspace.env")
SECRETS = {
    "HELPSPACE_TELEGRAM_TOKEN": "123:canary-token",
    "HELPSPACE_STRIPE_KEY": "sk_test_canary",
    "HELPSPACE_STRIPE_WEBHOOK_SECRET": "whsec_canary,whsec_canary2",
    "HELPSPACE_MAIL": "smtp://me:canary-mail@mail.example.org",
    "HELPSPACE_DATABASE": "postgresql://me:canary-store@db.example.org/helpspace",
}


def made(**values: str) -> Settings:
    return settings_from({f"HELPSPACE_{name}": text for name, text in values.items()}, NOWHERE)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", ()),
        (" , ", ()),
        ("whsec_one", ("whsec_one",)),
        (" whsec_one , whsec_two,", ("whsec_one", "whsec_two")),
        ("whsec_one,whsec_one", ("whsec_one",)),
    ],
)
def test_webhook_secrets_are_separated_by_commas(text: str, read: tuple[str, ...]) -> None:
    """The platform's endpoint and that of the connected accounts each sign with their own (A4)."""
    assert made(STRIPE_WEBHOOK_SECRET=text).stripe_webhook_secrets == read


@pytest.mark.parametrize(
    "text", ["whsec_canary whsec_two", "whsec_canary;whsec_two\n", "sk_canary"]
)
def test_what_is_no_webhook_secret_is_refused_without_being_shown(text: str) -> None:
    """A4, A5: one that can never verify would lose every event in silence."""
    with pytest.raises(SettingsFault, match="HELPSPACE_STRIPE_WEBHOOK_SECRET") as refused:
        made(STRIPE_WEBHOOK_SECRET=text)
    assert "canary" not in f"{refused.value.title}{refused.value.hint}"


def test_everything_has_a_default() -> None:
    settings = made()
    assert settings.database.startswith("sqlite:///")
    assert settings.stripe_rate == 20
    assert settings.bind_address == ("127.0.0.1", 8080)
    assert not settings.stripe_is_live
    assert (settings.commission_hundredths, settings.commission_pence) == (0, 0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TELEGRAM_API", "api.telegram.org"),
        ("TELEGRAM_API", "ftp://example.org"),
        ("STRIPE_API", "https://"),
        ("STRIPE_API", "http://["),
        ("STRIPE_API", "http://example.org:99999"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("VIDEO", "video.example.org"),
        ("TELEGRAM_WEBHOOK", "yes"),
        ("STRIPE_RATE", "0"),
        ("STRIPE_RATE", "1001"),
        ("STRIPE_RATE", "many"),
        ("STRIPE_RATE", "1.5"),
        ("STRIPE_RATE", "-1"),
        ("COMMISSION_PERCENT", "101"),
        ("COMMISSION_PERCENT", "-1"),
        ("COMMISSION_PERCENT", "7.555"),
        ("COMMISSION_PERCENT", "half"),
        ("COMMISSION_PERCENT", "NaN"),
        ("COMMISSION_PERCENT", "Infinity"),
        ("COMMISSION_PERCENT", "1e999999999"),
        ("COMMISSION_PENCE", "10001"),
        ("COMMISSION_PENCE", "0.5"),
        ("MAIL", "mail.example.org"),
        ("MAIL", "http://mail.example.org"),
        ("MAIL", "smtp://["),
        ("MAIL_FROM", "hello"),
        ("MAIL_FROM", "hello@"),
        ("MAIL_FROM", "Helpspace <hello@example.org"),
        ("MAIL_FROM", "Helpspace, Ltd <hello@example.org>"),
        ("MAIL_FROM", "a@example.org, b@example.org"),
        ("MAIL_FROM", "a@b@example.org"),
        ("MAIL_FROM", "hello@example..org"),
        ("MAIL_FROM", "hello@example.org\nBcc: x@example.org"),
        ("MAIL_FROM", "höllo@example.org"),
        ("SUPPORT_EMAIL", "help"),
        ("SUPPORT_EMAIL", "Help <help@example.org>"),
        ("SUPPORT_EMAIL", "help@example.org\nx"),
        ("PROXIES", "proxy.example.org"),
        ("PROXIES", "10.0.0.1,,10.0.0.2"),
        ("PROXIES", "10.0.0.0/33"),
        ("PROXIES", "*"),
        ("BIND", "8080"),
        ("BIND", "localhost"),
        ("BIND", "localhost:http"),
        ("BIND", "localhost:65536"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(name: str, text: str) -> None:
    with pytest.raises(SettingsFault) as refused:
        made(**{name: text})
    assert f"HELPSPACE_{name}" in refused.value.title
    assert refused.value.hint


@pytest.mark.parametrize(
    "text",
    ["hello@example.org", "Helpspace <hello@example.org>", '"Helpspace, Ltd" <hello@example.org>',
     "Zoë & Co. <no-reply+x@mail.bücher.example>", "<hello@example.org>", "root@localhost"],
)  # fmt: skip
def test_a_sender_of_mails_is_what_mails_can_come_from(text: str) -> None:
    from helpspace.jobs.mail import address_of

    assert made(MAIL_FROM=text).mail_from == text
    assert address_of(text).addr_spec.isascii()


@pytest.mark.parametrize(
    ("text", "hundredths"), [("0", 0), ("7.5", 750), ("7.55", 755), ("100", 10_000), ("", 0)]
)
def test_m7_the_commission_in_hundredths_of_a_percent(text: str, hundredths: int) -> None:
    assert made(COMMISSION_PERCENT=text).commission_hundredths == hundredths


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"STRIPE_KEY": "sk_live_x", "MAIL": "smtp://mail"}, False),
        ({"STRIPE_KEY": "rk_live_x", "MAIL": "smtps://mail"}, False),
        ({"STRIPE_KEY": "sk_live_x"}, True),
        ({"STRIPE_KEY": "sk_live_x", "MAIL": "maildir:///tmp/mail"}, True),
        (
            {"STRIPE_KEY": "rk_live_x", "MAIL": "smtp://mail", "STRIPE_API": "http://localhost:1"},
            True,
        ),
        ({"STRIPE_KEY": "sk_test_x", "STRIPE_API": "http://localhost:1"}, False),
        ({"STRIPE_KEY": "sk_test_x", "MAIL": "maildir:///tmp/mail"}, False),
    ],
)
def test_a5_a_live_key_goes_with_stripe_itself_and_real_mail(
    values: dict[str, str], refused: bool
) -> None:
    if not refused:
        assert made(**values)
        return
    with pytest.raises(SettingsFault, match="is live"):
        made(**values)


def test_a5_no_secret_is_shown() -> None:
    shown = repr(settings_from(SECRETS, NOWHERE))
    assert "canary" not in shown


@pytest.mark.parametrize("name", SECRETS)
def test_a5_a_file_with_a_secret_must_be_closed_to_others(name: str, tmp_path: Path) -> None:
    path = tmp_path / "helpspace.env"
    path.write_text(f"{name}={SECRETS[name]}\n")
    path.chmod(0o640)
    with pytest.raises(SettingsFault, match="can be read by others") as refused:
        read_settings({"HELPSPACE_CONFIG": str(path)})
    assert "canary" not in str(refused.value)
    path.chmod(0o600)
    assert read_settings({"HELPSPACE_CONFIG": str(path)})


def test_a_file_without_secrets_may_be_open(tmp_path: Path) -> None:
    path = tmp_path / "helpspace.env"
    path.write_text(
        "HELPSPACE_VIDEO=https://video.example.org\nHELPSPACE_DATABASE=sqlite:///a.db\n"
    )
    path.chmod(0o644)
    assert read_settings({"HELPSPACE_CONFIG": str(path)}).video == "https://video.example.org"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "helpspace.env"
    path.write_text("HELPSPACE_STRIPE_RATE=5\nHELPSPACE_COMMISSION_PENCE=7\nOTHER=1\n")
    settings = read_settings({"HELPSPACE_CONFIG": str(path), "HELPSPACE_STRIPE_RATE": "9"})
    assert (settings.stripe_rate, settings.commission_pence) == (9, 7)


def test_the_environment_wins_with_an_empty_value_too(tmp_path: Path) -> None:
    """Empty is as if nothing was set anywhere: the default."""
    path = tmp_path / "helpspace.env"
    path.write_text(
        "HELPSPACE_STRIPE_RATE=5\nHELPSPACE_PUBLIC_URL=https://example.org\n"
        "HELPSPACE_TELEGRAM_WEBHOOK=on\nHELPSPACE_VIDEO=https://video.example.org\n"
    )
    empty = dict.fromkeys(("STRIPE_RATE", "PUBLIC_URL", "TELEGRAM_WEBHOOK"), "")
    given = {f"HELPSPACE_{name}": text for name, text in empty.items()}
    settings = read_settings({"HELPSPACE_CONFIG": str(path), **given})
    assert (settings.stripe_rate, settings.public_url) == (20, None)
    assert not settings.telegram_webhook
    assert settings.video == "https://video.example.org"


def test_a_missing_file_is_none_at_all(tmp_path: Path) -> None:
    assert read_settings({"HELPSPACE_CONFIG": str(tmp_path / "none.env")}).stripe_rate == 20


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HELPSPACE_DATABASE", "sqlite:///other.db"),
        ("HELPSPACE_KEY_FILE", "/elsewhere/key"),
        ("HELPSPACE_FILES", "/elsewhere/files"),
        ("HELPSPACE_TELEGRAM_TOKEN", "1:x"),
        ("HELPSPACE_TELEGRAM_API", "http://localhost:1"),
        ("HELPSPACE_TELEGRAM_WEBHOOK", "on"),
        ("HELPSPACE_STRIPE_KEY", "sk_test_x"),
        ("HELPSPACE_STRIPE_API", "http://localhost:1"),
        ("HELPSPACE_STRIPE_WEBHOOK_SECRET", "whsec_x"),
        ("HELPSPACE_STRIPE_RATE", "5"),
        ("HELPSPACE_MAIL", "smtp://localhost:25"),
        ("HELPSPACE_MAIL_FROM", "desk@example.org"),
        ("HELPSPACE_PUBLIC_URL", "https://example.org"),
        ("HELPSPACE_BIND", "0.0.0.0:80"),
        ("HELPSPACE_VIDEO", "https://video.example.org"),
        ("HELPSPACE_COMMISSION_PERCENT", "5"),
        ("HELPSPACE_COMMISSION_PENCE", "5"),
        ("HELPSPACE_SUPPORT_EMAIL", "help@example.org"),
    ],
)
def test_every_setting_does_something(name: str, text: str) -> None:
    assert name in NAMES
    assert settings_from({name: text}, NOWHERE) != settings_from({}, NOWHERE)
