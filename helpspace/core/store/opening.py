"""Opening a store by its address, with the settings that keep money safe (D2)."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import peewee

from helpspace.core.errors import SettingsFault, StoreFault
from helpspace.core.store.database import Store

_SAFE = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""SQLite versions from which on their line the WAL-reset bug is mended (D2)."""

_SESSION = {
    "lock_timeout": 10_000,
    "statement_timeout": 60_000,
    "idle_in_transaction_session_timeout": 60_000,
    "timezone": "UTC",
}
"""PostgreSQL's settings for our connections, in ms: nothing waits, or keeps others, for ever."""


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Say whether a SQLite version keeps commits of several processes in WAL mode."""
    return any(version[:2] == safe[:2] and version >= safe for safe in _SAFE) or version > _SAFE[-1]


def open_store(url: str, *, make: bool = True) -> Store:
    """Open the store of a URL (`sqlite:///file`, `sqlite:///:memory:` or `postgresql://…`).

    Without `make`, a SQLite file that is not there is refused instead of made.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # refuses a port that is none
    except ValueError:
        raise SettingsFault(
            "HELPSPACE_DATABASE is no address", "Write one like postgresql://host/name."
        ) from None
    if parts.scheme == "sqlite":
        return _open_sqlite(url, make=make)
    if parts.scheme in ("postgresql", "postgres"):
        return _open_postgresql(url)
    raise SettingsFault(
        f"HELPSPACE_DATABASE cannot start with “{parts.scheme}”",
        "Use sqlite:///path/to/file or postgresql://host/name.",
    )


def _open_sqlite(url: str, *, make: bool) -> Store:
    name = unquote(url.removeprefix("sqlite:///"))
    path = None if name == ":memory:" else Path(name).expanduser().absolute()
    if path is not None:
        _refuse_unsafe_sqlite()
        if not make and not path.exists():
            raise StoreFault(f"There is no store at {path}", "Run `helpspace init`.")
        _private_file(path)
    db = peewee.SqliteDatabase(
        str(path) if path else ":memory:",
        lock_type="IMMEDIATE",
        returning_clause=True,
        timeout=30,
        check_same_thread=True,
        pragmas={
            "journal_mode": "wal",
            "synchronous": "full",
            "foreign_keys": 1,
            "secure_delete": 1,
            "cache_size": -16_000,
            "temp_store": "memory",
        },
    )
    return Store(db, url=url, path=path)


def _refuse_unsafe_sqlite() -> None:
    """Refuse a SQLite that can lose commits of several processes, which share every file (D2)."""
    version = tuple(peewee.sqlite3.sqlite_version_info)  # type: ignore[attr-defined]
    if not wal_is_safe(version):
        raise StoreFault(
            f"SQLite {'.'.join(map(str, version))} can lose what was committed",
            "Install a newer one: pip install 'pysqlite3>=0.6.1'.",
        )


def _private_file(path: Path) -> None:
    """Make the store's file 0600 in a folder of 0700, or refuse what others can read or replace.

    A folder that was there before may be open to others' eyes, which is told by `store check`.

    A file that is there is never opened: closing it would let go of the locks by which this
    process's other connections keep the WAL, and with it what they commit, from being removed.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        mode, folder = path.stat().st_mode, path.parent.stat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise StoreFault(
            f"The store {path} cannot be opened ({error.strerror})", "Set HELPSPACE_DATABASE."
        ) from None
    if stat.S_IMODE(mode) & 0o077:
        raise StoreFault(f"The store {path} can be read by others", f"Run: chmod 600 {path}")
    if folder & 0o022 and not folder & stat.S_ISVTX:
        raise StoreFault(
            f"The folder {path.parent} of the store can be changed by others",
            f"Run: chmod 700 {path.parent}",
        )


def _open_postgresql(url: str) -> Store:
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise SettingsFault(
            "HELPSPACE_DATABASE names no database", "Add it: postgresql://host/name."
        )
    options: dict[str, Any] = {
        key: value
        for key, _, value in (pair.partition("=") for pair in parts.query.split("&"))
        if key
    }
    options = {key: unquote(value) for key, value in options.items()}
    if parts.hostname:
        options.setdefault("host", unquote(parts.hostname))
    if parts.port:
        options["port"] = parts.port
    if parts.username:
        options["user"] = unquote(parts.username)
    if parts.password:
        options["password"] = unquote(parts.password)
    options.setdefault("connect_timeout", 5)
    options["options"] = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    try:
        db = peewee.PostgresqlDatabase(name, prefer_psycopg3=True, **options)
    except peewee.ImproperlyConfigured:
        raise SettingsFault(
            "PostgreSQL needs its driver", "Install it: pip install 'helpspace[postgres]'."
        ) from None
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415 - there only with the extra

    try:
        conninfo.make_conninfo(dbname=name, **options)
    except ProgrammingError:
        raise SettingsFault(
            "HELPSPACE_DATABASE has an option that PostgreSQL does not know", "Take it away."
        ) from None
    return Store(db, url=url, path=None)
