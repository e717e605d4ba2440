"""New proofs of an approved counsellor: a certificate or a registration handed in (J7)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textual import events, work
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from helpspace.core import moments
from helpspace.core.errors import HelpspaceError
from helpspace.core.files.content import read_upload
from helpspace.core.joining import application, renewal
from helpspace.core.joining.renewal import Proof, RenewalView
from helpspace.core.plain import plain
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.fact_lines import wrapped
from helpspace.tui.join.files import PathInput
from helpspace.tui.join.paths import LONGEST, read_path
from helpspace.tui.join.picker import PickerModal
from helpspace.tui.look import LOOKS
from helpspace.tui.screens.base import ActingPanel
from helpspace.tui.widgets.field import CleanInput

_AROUND = 8
"""Lines of the panel that are not its body."""

_DATE = "like 2027-03-31"
_NAMES: dict[Proof, str] = {"insurance": "Insurance", "registration": "Registration"}


class ProofsModal(ActingPanel):
    """Hands in new proofs and shows how those before them stand; it stays open."""

    HEADING = "Hand in a new proof"
    PLACE = Place.PROOFS
    BINDINGS = bindings(Place.PROOFS)
    DEFAULT_CSS = """
    ProofsModal > .panel { padding: 0 3; }
    ProofsModal .body { overflow-y: auto; scrollbar-size-vertical: 1; }
    ProofsModal .state { height: auto; width: 1fr; }
    ProofsModal .row { height: 1; width: 1fr; }
    ProofsModal .row > .label { width: 14; padding-left: 2; color: $grid-quiet; }
    ProofsModal .row > Input {
        width: 1fr; padding: 0 1; background: $grid-past; color: $grid-text;
        &:focus { background: $grid-range; background-tint: transparent; }
    }
    ProofsModal .elsewhere { height: auto; padding-left: 2; color: $grid-quiet; }
    ProofsModal #state-registration { margin-top: 1; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.folder: Path | None = None
        seen = application.application(desk.practice, desk.actor, desk.actor.id)
        insured, body = seen.answers.get("insurance", {}), seen.answers.get("body", {})
        self._said: dict[Proof, str] = {
            "insurance": insured.get("insured_until", ""),
            "registration": body.get("registered_until", ""),
        }
        self.states: dict[Proof, Static] = {
            proof: Static(Content(""), classes="state", id=f"state-{proof}")
            for proof in renewal.PROOFS
        }
        self.until = {proof: _input("", _DATE) for proof in renewal.PROOFS}
        self.insurer = _input(insured.get("insurer", ""))
        self.number = _input(body.get("number", ""))
        self.path = PathInput(
            placeholder="type, paste or drop a path", compact=True, max_length=LONGEST,
            select_on_focus=False,
        )  # fmt: skip
        self.elsewhere = Static(Content(""), classes="elsewhere")
        self._was: object = None

    @property
    def is_hosted(self) -> bool:
        """Whether the machine is not theirs: then no path is ever taken."""
        return bool(getattr(self.app, "is_hosted", False))

    def body(self) -> Iterable[Widget]:
        yield self.states["insurance"]
        if self.is_hosted:
            yield _row("Valid until", self.until["insurance"])
            yield self.elsewhere
        else:
            yield _row("Insurer", self.insurer)
            yield _row("Valid until", self.until["insurance"])
            yield _row("Certificate", self.path)
        yield self.states["registration"]
        yield _row("Number", self.number)
        yield _row("Valid until", self.until["registration"])

    def on_mount(self) -> None:
        super().on_mount()
        self.until["insurance"].focus()
        self.look()
        self.set_interval(LOOKS, self.look)

    def on_resize(self, event: events.Resize) -> None:
        # The keys stay in sight where long reasons need more room than there is.
        self.query_one(".body").styles.max_height = max(event.size.height - _AROUND, 3)
        self._was = None
        self.look()

    # -- showing ---------------------------------------------------------------------------------

    def look(self) -> None:
        """Show how each proof stands now."""
        desk = self.desk
        try:
            seen = application.application(desk.practice, desk.actor, desk.actor.id)
            found = renewal.renewals(
                desk.practice, desk.actor, therapist_id=desk.actor.id, waiting=False
            )
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        self._said = {
            "insurance": seen.answers.get("insurance", {}).get("insured_until", ""),
            "registration": seen.answers.get("body", {}).get("registered_until", ""),
        }
        # What waits is the newest, even among those of one second.
        found.sort(key=lambda one: (one.state == "waiting", one.created_at, one.decided_at or 0))
        latest = {one.proof: one for one in found if one.state != "replaced"}
        if (latest, self._said) != self._was:
            self._was = (latest, dict(self._said))
            for proof, state in self.states.items():
                state.update(self._state(proof, latest.get(proof)))
            self._tell_elsewhere()

    def _state(self, proof: Proof, one: RenewalView | None) -> Content:
        """Return a proof's name, the one that counts, and what became of the last one."""
        said = Content.assemble(
            (_NAMES[proof], "bold"),
            (f"  the one we have: until {self._said[proof]}", "$grid-quiet"),
        )
        words, style = _outcome(one, self.desk.zone, self.desk.now())
        width = min(66, self.app.size.width - 12)
        return Content("\n").join(
            [said, *(Content.styled(f"  {line}", style) for line in wrapped(words, width))]
        )

    def _tell_elsewhere(self) -> None:
        """Say how the certificate is handed in where no path is taken."""
        until = self.until["insurance"].value.strip() or "2027-03-31"
        self.elsewhere.update(
            Content(
                "On your own machine, in another terminal, with HOST as you signed in here:\n"
                f"ssh HOST upload insurance {plain(until, 10)} < insurance.pdf\n"
                "It appears here by itself."
            )
        )

    def bar(self) -> list[tuple[Action, str]]:
        without = {"proofs.choose"} if self.is_hosted else set()
        return bar([Place.PROOFS], Under.FREE, without)

    def on_input_changed(self, event: Input.Changed) -> None:
        """The date is part of the words for the other terminal."""
        event.stop()
        self._tell_elsewhere()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field."""
        event.stop()
        self.focus_next()

    # -- acting ----------------------------------------------------------------------------------

    def action_hand_in(self) -> None:
        """Hand in the proof in whose fields the cursor is."""
        if self.acting:
            return
        registered = self.focused in (self.number, self.until["registration"])
        proof: Proof = "registration" if registered else "insurance"
        path = None
        if proof == "insurance":
            if self.is_hosted:
                self.status.hint("The certificate comes from your own machine, as it says above.")
                return
            try:
                path = read_path(self.path.value)
            except HelpspaceError as error:
                self.refuse(error)
                return
        self.acting = True
        self._hand_in(proof, self.until[proof].value, path)

    @work(group="act", exit_on_error=False)
    async def _hand_in(self, proof: Proof, until: str, path: Path | None) -> None:
        desk, insurer, number = self.desk, self.insurer.value, self.number.value

        def call() -> str:
            raw = None if path is None else read_upload(path)
            name = "" if path is None else path.name
            return renewal.renew(
                desk.practice, desk.actor, desk.actor.id, proof, until,
                insurer=insurer if path else "", number="" if path else number,
                name=name, raw=raw,
            )  # fmt: skip

        try:
            with self.status.patience():
                await desk.act(call)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.until[proof].value = ""
            if path is not None:
                self.path.value = ""
            self.look()
            self.status.done("Handed in. The team looks at it and writes to you.")
        finally:
            self.acting = False

    def action_choose(self) -> None:
        """Choose the certificate from a list; never where the machine is somebody else's."""
        if not self.is_hosted:
            self.app.push_screen(PickerModal(self.folder, pictures=False), self._chosen)

    def _chosen(self, path: Path | None) -> None:
        if path is not None:
            self.folder = path.parent
            self.path.value = str(path)
            self.path.focus()

    def action_back(self) -> None:
        self.leave()


class OwnProofs(ProofsModal):
    """The same over the steps of joining; ends the desk that was made for it."""

    def on_unmount(self) -> None:
        self.desk.close()


def _input(value: str, placeholder: str = "") -> CleanInput:
    return CleanInput(value, placeholder=placeholder, compact=True, max_length=80)


def _row(label: str, field: Input) -> Horizontal:
    return Horizontal(Static(Content(label), classes="label"), field, classes="row")


def _outcome(one: RenewalView | None, zone: str, now: int) -> tuple[str, str]:
    """Return what became of the last renewal, and in which style to say it."""
    if one is None:
        return "Nothing new is handed in.", "$grid-quiet"
    until = one.last_day
    if one.state == "waiting":
        at = moments.show(one.created_at, zone, reference=now)
        return f"… waiting for the team: until {until}, handed in {at}", "$primary"
    if one.state == "rejected":
        return f"! came back: {one.reason}", "$warning"
    return f"✓ accepted until {until}", "$success"
