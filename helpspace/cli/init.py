"""Making a store, its key and a config file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun
from helpspace.cli.root import new_app

if TYPE_CHECKING:
    from helpspace.settings import Settings

app = new_app()

CONFIG = """\
# The settings of Helpspace. The environment wins over this file.
# Take the "#" away from a line to use it. Keep this file to yourself: mode 0600.

# Where the store is: sqlite:///path/to/file or postgresql://user@host/name
#HELPSPACE_DATABASE={database}

# The key of the encrypted fields. Keep a copy away from the store's backups: without it the
# personal fields of the store cannot be read by anybody.
#HELPSPACE_KEY_FILE={key_file}

# The folder of uploaded documents
#HELPSPACE_FILES={files}

# The bot's token, from @BotFather
#HELPSPACE_TELEGRAM_TOKEN=

# "on" to receive updates at the public address instead of asking for them
#HELPSPACE_TELEGRAM_WEBHOOK=off

# Stripe's secret key (sk_test_… to try things), and the secret of its webhook if there is one; of
# two, for your own account and for connected accounts, both with a comma between them
#HELPSPACE_STRIPE_KEY=
#HELPSPACE_STRIPE_WEBHOOK_SECRET=

# Calls a second to each of Stripe's endpoints
#HELPSPACE_STRIPE_RATE=20

# The mail server: smtp://user:password@host:587, smtps://host:465, or, with a test key only,
# maildir:///folder; and the address that mails come from
#HELPSPACE_MAIL=
#HELPSPACE_MAIL_FROM=

# Where clients' browsers reach `helpspace serve`, and the address it listens on
#HELPSPACE_PUBLIC_URL=
#HELPSPACE_BIND=127.0.0.1:8080

# Proxies in front of it that say in X-Forwarded-For who calls: addresses or networks, with commas;
# nobody else's word on that counts
#HELPSPACE_PROXIES=127.0.0.0/8,::1

# The base of the video rooms: a Jitsi server, or any service with the room's name in the address
#HELPSPACE_VIDEO=

# The platform's part of each fee: percent and pence
#HELPSPACE_COMMISSION_PERCENT=0
#HELPSPACE_COMMISSION_PENCE=0

# Where people write when they need help with Helpspace itself
#HELPSPACE_SUPPORT_EMAIL=
"""


@app.command()
def init(ctx: typer.Context, dry_run: DryRun = False) -> None:
    """Make or upgrade the store and its key, and write a commented config file if there is none.

    Example: helpspace init
    """
    from helpspace.cli.missing import missing
    from helpspace.core.store import migrate
    from helpspace.wiring import open_practice

    desk = Desk(ctx)
    settings = desk.settings
    known = migrate.known()
    before = _migrations(settings)
    steps = [name for name in known if name not in before]
    new_key, new_config = not settings.key_file.exists(), not settings.config_file.exists()
    if not dry_run:
        practice = open_practice(settings, clock=desk.frame.clock, make=True)
        ctx.call_on_close(practice.store.close)
        if new_config:
            _write_config(settings)
    would = "would be " if dry_run else ""
    lacking = missing(settings)
    document = {
        "store": described(settings.database),
        "migrations": steps,
        "key_file": str(settings.key_file),
        "key_made": new_key,
        "config_file": str(settings.config_file),
        "config_made": new_config,
        "missing": [{"name": name, "message": words} for name, words in lacking],
        **({"dry_run": True} if dry_run else {}),
    }
    done = f"{would}{'upgraded' if before else 'made'}" if steps else "up to date"
    desk.show_one(
        document,
        (
            ("store", f"{described(settings.database)}: {done}"),
            ("key", f"{settings.key_file}: {f'{would}made' if new_key else 'there'}"),
            ("config", f"{settings.config_file}: {f'{would}written' if new_config else 'there'}"),
        ),
    )
    if desk.frame.as_json:
        return
    if new_key and not dry_run:
        desk.say("Keep a copy of the key elsewhere: without it nobody can read the store.")
        desk.say("It protects copies of the store, not the machine that holds both.")
    for name, words in lacking:
        desk.say(f"Still missing: {name}: {words}.")
    desk.say("Next: helpspace doctor." if lacking else "All is set. Next: helpspace serve.")


def described(database: str) -> str:
    """Return where the store is without the password that its URL may hold (A5)."""
    from urllib.parse import urlsplit

    parts = urlsplit(database)
    if parts.scheme == "sqlite":
        return database.removeprefix("sqlite:///")
    return f"PostgreSQL {parts.hostname or 'here'}{parts.path}"


def _migrations(settings: Settings) -> list[str]:
    """Return the migrations that the store has had, without making one."""
    from helpspace.core.store import migrate, open_store
    from helpspace.core.store.database import told

    if settings.database.startswith("sqlite:///"):
        path = Path(settings.database.removeprefix("sqlite:///")).expanduser()
        if not path.exists():
            return []
    store = open_store(settings.database, make=False)
    try:
        with told():
            return migrate.applied(store)
    finally:
        store.close()


def _write_config(settings: Settings) -> None:
    import os

    from helpspace.core.errors import SettingsFault

    path = settings.config_file
    database = settings.database if settings.database.startswith("sqlite:") else "postgresql://…"
    text = CONFIG.format(database=database, key_file=settings.key_file, files=settings.files)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SettingsFault(
            f"The config file {path} cannot be written", f"{error.strerror}; see HELPSPACE_CONFIG."
        ) from None
