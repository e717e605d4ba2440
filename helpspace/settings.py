"""The settings of `interface.md`, read once from the environment and a config file.

The environment wins. Secrets are never shown: `repr` leaves them out (A5).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from helpspace.core.errors import SettingsFault

STRIPE_API = "https://api.stripe.com"
TELEGRAM_API = "https://api.telegram.org"
THIS_MACHINE = ("127.0.0.0/8", "::1")

NAMES = (
    "HELPSPACE_DATABASE", "HELPSPACE_KEY_FILE", "HELPSPACE_FILES", "HELPSPACE_TELEGRAM_TOKEN",
    "HELPSPACE_TELEGRAM_API", "HELPSPACE_TELEGRAM_WEBHOOK", "HELPSPACE_STRIPE_KEY",
    "HELPSPACE_STRIPE_API", "HELPSPACE_STRIPE_WEBHOOK_SECRET", "HELPSPACE_STRIPE_RATE",
    "HELPSPACE_MAIL", "HELPSPACE_MAIL_FROM", "HELPSPACE_PUBLIC_URL", "HELPSPACE_BIND",
    "HELPSPACE_PROXIES",
    "HELPSPACE_VIDEO", "HELPSPACE_COMMISSION_PERCENT", "HELPSPACE_COMMISSION_PENCE",
    "HELPSPACE_SUPPORT_EMAIL", "HELPSPACE_CONFIG",
)  # fmt: skip

_SECRETS = {
    "HELPSPACE_TELEGRAM_TOKEN", "HELPSPACE_STRIPE_KEY", "HELPSPACE_STRIPE_WEBHOOK_SECRET",
    "HELPSPACE_MAIL",
}  # fmt: skip


_LABEL = r"[^\s@<>()\[\],;:\"\\.\x00-\x1f\x7f]+"
_SPEC = rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*"
_NAME = r"(?:[^@<>()\[\],;:\"\\\x00-\x1f\x7f]*|\"[^\"\\\x00-\x1f\x7f]*\"\s*)"


@dataclass(frozen=True, eq=False)
class Settings:
    """Everything an operator can set; `None` or an empty text where nothing is."""

    database: str = field(repr=False)
    key_file: Path
    files: Path
    config_file: Path
    telegram_token: str | None = field(default=None, repr=False)
    telegram_api: str = TELEGRAM_API
    telegram_webhook: bool = False
    stripe_key: str | None = field(default=None, repr=False)
    stripe_api: str = STRIPE_API
    stripe_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    """Of each endpoint at Stripe: the platform's own, and that of the connected accounts."""
    stripe_rate: int = 20
    mail: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    public_url: str | None = None
    bind: str = "127.0.0.1:8080"
    proxies: tuple[str, ...] = THIS_MACHINE
    """Addresses or networks of proxies in front of the web, whose word on callers counts."""
    video: str | None = None
    commission_hundredths: int = 0
    commission_pence: int = 0
    support_email: str | None = None

    @property
    def stripe_is_live(self) -> bool:
        """Whether the Stripe key moves real money."""
        return bool(self.stripe_key) and "_live_" in (self.stripe_key or "")

    @property
    def stripe_is_test(self) -> bool:
        """Whether there is a Stripe key, and it moves no real money."""
        return bool(self.stripe_key) and not self.stripe_is_live

    @property
    def bind_address(self) -> tuple[str, int]:
        """The host and port to listen on."""
        host, _, port = self.bind.rpartition(":")
        return host.strip("[]"), int(port)


def config_folder() -> Path:
    """Return the platform's config folder for Helpspace."""
    from platformdirs import user_config_path  # noqa: PLC0415 - not needed where all is set

    return user_config_path("helpspace", appauthor=False)


def data_folder() -> Path:
    """Return the platform's data folder for Helpspace."""
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed where all is set

    return user_data_path("helpspace", appauthor=False)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, refusing a bad one in one line that names it."""
    env = dict(os.environ if environment is None else environment)
    config_file = Path(env["HELPSPACE_CONFIG"]) if env.get("HELPSPACE_CONFIG") else None
    if config_file is None:
        config_file = config_folder() / "helpspace.env"
    values = {**_from_file(config_file), **_from_file(Path(".env"))}
    # An empty one wins too: as if it was set nowhere.
    values.update({name: env[name] for name in NAMES if name in env})
    return settings_from(values, config_file)


def settings_from(values: Mapping[str, str], config_file: Path) -> Settings:
    """Make settings from names and texts."""
    database = values.get("HELPSPACE_DATABASE") or f"sqlite:///{data_folder() / 'helpspace.db'}"
    settings = Settings(
        database=database,
        key_file=Path(values.get("HELPSPACE_KEY_FILE") or config_file.parent / "helpspace.key"),
        files=Path(values.get("HELPSPACE_FILES") or _beside(database)),
        config_file=config_file,
        telegram_token=values.get("HELPSPACE_TELEGRAM_TOKEN") or None,
        telegram_api=_address(values, "HELPSPACE_TELEGRAM_API", TELEGRAM_API),
        telegram_webhook=_switch(values, "HELPSPACE_TELEGRAM_WEBHOOK"),
        stripe_key=values.get("HELPSPACE_STRIPE_KEY") or None,
        stripe_api=_address(values, "HELPSPACE_STRIPE_API", STRIPE_API),
        stripe_webhook_secrets=_webhook_secrets(values),
        stripe_rate=_whole(values, "HELPSPACE_STRIPE_RATE", 20, 1, 1000),
        mail=_mail(values),
        mail_from=_mail_address(values, "HELPSPACE_MAIL_FROM", f"{_SPEC}|{_NAME}<{_SPEC}>"),
        public_url=_address(values, "HELPSPACE_PUBLIC_URL", "") or None,
        bind=_bind(values),
        proxies=_proxies(values),
        video=_address(values, "HELPSPACE_VIDEO", "") or None,
        commission_hundredths=_percent(values),
        commission_pence=_whole(values, "HELPSPACE_COMMISSION_PENCE", 0, 0, 10_000),
        support_email=_mail_address(values, "HELPSPACE_SUPPORT_EMAIL", _SPEC),
    )
    _refuse_mixtures(settings)
    return settings


def _refuse_mixtures(settings: Settings) -> None:
    """Refuse what A5 forbids at start."""
    if not settings.stripe_is_live:
        return
    if settings.stripe_api != STRIPE_API:
        raise SettingsFault(
            "HELPSPACE_STRIPE_KEY is live, but HELPSPACE_STRIPE_API is not Stripe's address",
            "Use a test key there, or take HELPSPACE_STRIPE_API away.",
        )
    if not (settings.mail or "").startswith(("smtp://", "smtps://")):
        raise SettingsFault(
            "HELPSPACE_STRIPE_KEY is live, but there is no mail server",
            "Set HELPSPACE_MAIL to smtp://… or smtps://….",
        )


def _from_file(path: Path) -> dict[str, str]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - only where there is a file

    values = {k: v for k, v in dotenv_values(path, interpolate=False).items() if k in NAMES and v}
    secret = _SECRETS & set(values) or _parts(values.get("HELPSPACE_DATABASE", "")).password
    if secret and mode & 0o077:
        raise SettingsFault(
            f"{path} holds secrets and can be read by others", f"Run: chmod 600 {path}"
        )
    return values


def _beside(database: str) -> Path:
    if database.startswith("sqlite:///") and ":memory:" not in database:
        return Path(database.removeprefix("sqlite:///")).expanduser().parent / "files"
    return data_folder() / "files"


def _address(values: Mapping[str, str], name: str, default: str) -> str:
    text = values.get(name) or default
    parts = _parts(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise SettingsFault(f"{name} is no web address", "Write one like https://example.org.")
    return text.rstrip("/")


def _parts(text: str) -> SplitResult:
    """Split an address; one that cannot be split has no scheme and no host."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # refuses a port that is none
    except ValueError:
        return urlsplit("")
    return parts


def _switch(values: Mapping[str, str], name: str) -> bool:
    text = (values.get(name) or "off").strip().lower()
    if text not in ("on", "off"):
        raise SettingsFault(f"{name} is neither on nor off", "Write on or off.")
    return text == "on"


def _whole(values: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = values.get(name)
    if not text:
        return default
    if not text.strip().isdecimal() or not least <= int(text) <= most:
        raise SettingsFault(f"{name} is no whole number from {least} to {most}", "Correct it.")
    return int(text)


def _percent(values: Mapping[str, str]) -> int:
    text = values.get("HELPSPACE_COMMISSION_PERCENT") or "0"
    try:
        hundredths = Decimal(text) * 100
    except ArithmeticError:
        hundredths = Decimal(-1)
    if hundredths != hundredths.to_integral_value() or not 0 <= hundredths <= 10_000:
        raise SettingsFault(
            "HELPSPACE_COMMISSION_PERCENT is no percentage", "Write one like 7.5, from 0 to 100."
        )
    return int(hundredths)


def _webhook_secrets(values: Mapping[str, str]) -> tuple[str, ...]:
    text = values.get("HELPSPACE_STRIPE_WEBHOOK_SECRET") or ""
    found = dict.fromkeys(part.strip() for part in text.split(",") if part.strip())
    if not all(re.fullmatch(r"whsec_[!-~]+", one) and ";" not in one for one in found):
        raise SettingsFault(
            "HELPSPACE_STRIPE_WEBHOOK_SECRET is no webhook secret of Stripe's",
            "Write whsec_…, or several with commas between them.",
        )
    return tuple(found)


def _mail(values: Mapping[str, str]) -> str | None:
    text = values.get("HELPSPACE_MAIL") or None
    if text and _parts(text).scheme not in ("smtp", "smtps", "maildir"):
        raise SettingsFault(
            "HELPSPACE_MAIL is no mail address",
            "Write smtp://host:port, smtps://… or maildir:///folder.",
        )
    return text


def _mail_address(values: Mapping[str, str], name: str, pattern: str) -> str | None:
    text = values.get(name) or None
    if text and not re.fullmatch(pattern, text):
        named = "Helpspace <hello@example.org>" if "<" in pattern else "hello@example.org"
        raise SettingsFault(f"{name} is no e-mail address", f"Write one like {named}.")
    return text


def _bind(values: Mapping[str, str]) -> str:
    text = values.get("HELPSPACE_BIND") or "127.0.0.1:8080"
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise SettingsFault(
            "HELPSPACE_BIND is no address to listen on", "Write one like 127.0.0.1:8080."
        )
    return text


def _proxies(values: Mapping[str, str]) -> tuple[str, ...]:
    """Read the proxies of ours; none are this machine's own, in front of a loopback address."""
    text = values.get("HELPSPACE_PROXIES")
    if not text:
        return THIS_MACHINE
    from ipaddress import ip_network  # noqa: PLC0415 - only where they are set

    found = tuple(part.strip() for part in text.split(","))
    try:
        for one in found:
            ip_network(one, strict=False)
    except ValueError:
        raise SettingsFault(
            "HELPSPACE_PROXIES has something that is no address",
            "Write addresses or networks like 10.0.0.2, 192.168.1.0/24.",
        ) from None
    return found
