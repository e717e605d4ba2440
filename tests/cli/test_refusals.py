"""Bad input to every command: one line with the next step, exit 1 or 2, nothing changed."""

from __future__ import annotations

import pytest

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from tests import makers
from tests.cli.conftest import CommandLine

pytestmark = makers.ON_SQLITE

HOSTILE = (
    "[/b]",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;aGk=\x07",
    "=1+1",
    "<b>",
    "'; DROP TABLE x;--",
)

WRONG_USAGE = [
    "nonsense",
    "slot list",
    "--nonsense",
    "slots",
    "slots nonsense",
    "slots list --nonsense",
    "slots list --limit 0",
    "slots list --limit many",
    "slots list --state nonsense",
    "slots open",
    "slots open --start 2026-03-06T09:00 --minutes half",
    "slots open --start 2026-03-06T09:00 --weeks 1.5",
    "slots close",
    "slots close one two",
    "therapists show",
    "clients show",
    "appointments show",
    "appointments list --state paid",
    "appointments book",
    "appointments book --client x",
    "appointments book --client x --start 2026-03-06T09:00 --fee sixty",
    "appointments book --client x --start 2026-03-06T09:00 --fee -1",
    "appointments book --client x --start 2026-03-06T09:00 --fee 60.505",
    "appointments book --client x --start 2026-03-06T09:00 --fee ６０",
    "appointments cancel",
    "appointments cancel x",
    "appointments cancel x --as client",
    "appointments cancel x --reason y",
    "appointments cancel x --as team --reason y",
    "charges list --payment nonsense",
    "refunds list --state nonsense",
    "notices list --state nonsense",
    "notices resend",
    "audit --limit -1",
    "audit extra",
    "populate --therapists -1",
    "populate --therapists many",
    "populate --seed x",
    "sandbox",
    "sandbox serve --telegram-port 70000",
    "sandbox serve --smtp-port x",
    "serve --port 1",
    "tui --zoom",
    "demo --fast",
    "init --force",
    "doctor --fix",
    "reconcile --adopt-nothing",
    "store",
    "store nonsense",
    "store check --deep",
    "jobs",
    "jobs list charges",
]

REFUSED = [
    "therapists show nobody",
    "clients show nobody",
    "slots list --therapist nobody",
    "slots open --therapist nobody --start 2026-03-06T09:00",
    "slots open --start tomorrow",
    "slots open --start 2026-13-01T09:00",
    "slots open --start 0001-01-01T00:00",
    "slots open --start 9999-12-31T23:59",
    "slots open --start 2026-03-29T01:30",
    "slots open --start 2026-10-25T01:30",
    "slots open --start 2026-03-01T09:00",
    "slots open --start 2026-03-06T09:00 --minutes 0",
    "slots open --start 2026-03-06T09:00 --minutes 1000000000000000000000",
    "slots open --start 2026-03-06T09:00 --weeks 0",
    "slots open --start 2026-03-06T09:00 --weeks 1000",
    "slots open --start 2026-03-06T09:30",
    "slots close nothing",
    "appointments show nothing",
    "appointments book --therapist nobody --client CLIENT --start 2026-03-13T09:00 --yes",
    "appointments book --client nobody --start 2026-03-13T09:00 --yes",
    "appointments book --client CLIENT --start never --yes",
    "appointments book --client CLIENT --start 2026-03-01T09:00 --yes",
    "appointments book --client CLIENT --start 2026-03-13T09:00 --minutes 5 --yes",
    "appointments book --client CLIENT --start 2026-03-13T09:00 --fee 0.10 --yes",
    "appointments book --client CLIENT --start 2026-03-13T09:00 --fee 9999999 --yes",
    "appointments book --client CLIENT --start 2026-03-06T09:00 --yes",
    "appointments cancel nothing --as client --reason x --yes",
    "notices resend 1",
    "notices resend one",
    "notices resend 99999999999999999999999999",
    "audit --since whenever",
    "jobs run nothing",
    "jobs run charges nothing",
    "reconcile",
    "populate",
    "tui --therapist nobody",
    "slots open --start --json",
]


@pytest.fixture
def busy(practice: Practice, therapist: Actor, client: Actor) -> Practice:
    """A practice with one session on Friday 6 March at nine."""
    makers.session(practice, therapist, client)
    return practice


def _refuses(cli: CommandLine, practice: Practice, argv: list[str], code: int) -> None:
    before = makers.snapshot(practice)
    for more in ([], ["--json"]):
        done = cli(*argv, *more)
        assert done.code == code, (argv, done)
        assert done.out == ""
        assert done.line.startswith("helpspace: ")
        assert "Traceback" not in done.err
        assert done.line.isprintable()
    assert makers.snapshot(practice) == before


@pytest.mark.parametrize("line", WRONG_USAGE)
def test_wrong_usage(cli: CommandLine, busy: Practice, line: str) -> None:
    _refuses(cli, busy, line.split(), 2)
    assert "--help" in cli(*line.split()).line


@pytest.mark.parametrize("line", REFUSED)
def test_refusals(cli: CommandLine, busy: Practice, client: Actor, line: str) -> None:
    _refuses(cli, busy, line.replace("CLIENT", client.id).split(), 1)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "command",
    [
        ("{}",),
        ("slots", "{}"),
        ("slots", "list", "--{}"),
        ("slots", "list", "--therapist", "{}"),
        ("slots", "close", "{}"),
        ("slots", "open", "--start", "{}"),
        ("therapists", "show", "{}"),
        ("clients", "show", "{}"),
        ("appointments", "show", "{}"),
        ("appointments", "cancel", "{}", "--as", "client", "--reason", "{}"),
        ("appointments", "book", "--client", "{}", "--start", "2026-03-13T09:00", "--fee", "{}"),
        ("notices", "resend", "{}"),
        ("jobs", "run", "{}"),
        ("audit", "--since", "{}"),
        ("tui", "--therapist", "{}"),
    ],
    ids=lambda command: "-".join(command[:2]),
)
def test_hostile_arguments(
    cli: CommandLine, busy: Practice, command: tuple[str, ...], text: str
) -> None:
    done = cli(*(part.format(text) for part in command))
    assert done.code in (1, 2)
    assert done.out == ""
    assert done.line.isprintable()


def test_an_argument_that_is_not_utf_8(cli: CommandLine, busy: Practice) -> None:
    assert cli("slots", "close", "\udcff").code == 2


def test_the_next_step_of_a_typing_error(cli: CommandLine) -> None:
    assert "is it slots?" in cli("slot").line
    assert "'list'" in cli("slots", "lits").line
    assert "Say which: list, open, close" in cli("slots").line


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DATABASE", "mysql://host/name"),
        ("DATABASE", "sqlite:////nowhere/at/all/x.db"),
        ("STRIPE_API", "nonsense"),
        ("STRIPE_RATE", "fast"),
        ("BIND", "nonsense"),
        ("COMMISSION_PERCENT", "half"),
        ("MAIL", "ftp://host"),
        ("KEY_FILE", "/nowhere/key"),
    ],
)
def test_bad_settings(cli: CommandLine, busy: Practice, setting: str, value: str) -> None:
    done = cli("slots", "list", **{setting: value})
    assert done.code == 1
    assert done.line


def test_a_key_that_does_not_fit_is_told(
    cli: CommandLine, busy: Practice, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import base64

    key = tmp_path_factory.mktemp("other") / "other.key"
    key.write_bytes(base64.b64encode(bytes(32)))
    key.chmod(0o600)
    done = cli("therapists", "list", KEY_FILE=str(key))
    assert (done.code, "key does not fit" in done.line) == (1, True)


def test_the_trace_is_shown_only_with_debug(cli: CommandLine, busy: Practice) -> None:
    for place in (("--debug", "clients", "show", "x"), ("clients", "show", "x", "--debug")):
        done = cli(*place)
        assert done.code == 1
        assert "Traceback" in done.err
        assert done.err.splitlines()[-1].startswith("helpspace: There is no such entry")


def test_what_nobody_foresaw_is_one_line(
    cli: CommandLine, busy: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from helpspace.core import slots

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a name that must not be shown")

    monkeypatch.setattr(slots, "listed", broken)
    done = cli("slots", "list")
    assert done.code == 1
    assert "--debug" in done.line
    assert "must not be shown" not in done.line
    assert "RuntimeError" in done.line


@pytest.mark.parametrize("command", [("jobs", "run", "charges"), ("reconcile",)])
def test_a5_a_key_of_the_other_mode_is_refused(
    cli: CommandLine, busy: Practice, command: tuple[str, ...]
) -> None:
    with busy.change() as tx:
        tx.set_fact("stripe_mode", "live")
    done = cli(*command, STRIPE_KEY="sk_test_other")
    assert done.code == 1
    assert "belongs to a Stripe live key" in done.line
