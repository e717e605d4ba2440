"""A counsellor who joins by keys alone, in the real terminal of `helpspace join`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from helpspace.core.joining.course import CHAPTERS
from tests.core.applicants import PDF, picture
from tests.tui.learn.test_exercises import WALKS
from tests.wire.processes import Terminal, eventually

NAME = "Ada Canary"
MAIL = "ada.canary@example.org"

_KEYS = {"down": "\x1b[B", "up": "\x1b[A", "enter": "\r", "space": " ", "tab": "\t"}
_END, _ESCAPE = "\x1b[F", "\x1b"
_NEXT_PAGE, _SAVE, _TO_START = "\x0e", "\x13", "\x15"


@dataclass
class Joiner:
    """Presses keys and waits for what the screen says then; files are named by their path."""

    folder: Path
    today: date
    screen: Terminal = field(init=False)

    def __post_init__(self) -> None:
        papers = self.folder / "my papers"
        papers.mkdir(exist_ok=True)
        for name in ("diploma.pdf", "insurance.pdf", "insurance again.pdf"):
            (papers / name).write_bytes(PDF)
        (papers / "face.png").write_bytes(picture(form="PNG"))
        (papers / "notes.txt").write_text("private")
        self.papers = papers
        self.until = (self.today + timedelta(days=365)).isoformat()

    def sees(self, *words: str) -> None:
        """Wait until all of these are on the screen, wherever its lines break."""

        def seen() -> bool:
            flat = " ".join(self.screen.text.split())
            return all(one in flat for one in words)

        try:
            eventually(seen, f"the screen says {words}")
        except AssertionError as error:
            raise AssertionError(f"{error}\nThe screen:\n{self.screen.text}") from None

    def presses(self, *keys: str) -> None:
        """Press keys and type texts, one after the other."""
        for key in keys:
            self.screen.press(key)

    def changes(self, key: str) -> None:
        """Press a key that changes the screen, and wait until it has."""
        before = self.screen.painted
        self.screen.press(key)
        eventually(lambda: self.screen.painted != before, f"{key!r} changes the screen")

    # -- the application -------------------------------------------------------------------------

    def begins(self) -> None:
        """Give name and address, and come to the first page."""
        self.sees("Joining Helpspace", "not begun yet")
        self.presses(f"{NAME}\r")
        self.presses(f"{MAIL}\r")
        self.sees("About you 1 of 9", "✓ kept")

    def fills_in(self) -> None:
        """Fill in the nine pages; what will not do is told in one line and costs nothing."""
        self.presses("\t\t", "020 7946 0000", "\r", " ")
        self._turns("Qualifications 2 of 9")
        self.presses("Diploma in Counselling", "\t")
        self._hands_in("notes.txt", "neither a PDF nor a PNG")
        self.changes(_TO_START)
        self._hands_in("diploma.pdf", "✓ diploma.pdf", "Handed in")
        self._turns("Professional body 3 of 9")
        self.presses(" ", "\t", "00123456", "\r", self.until)
        self._turns("Supervision 4 of 9")
        self.presses("Ann Lee", "\r", "ann@example.org")
        self._turns("Insurance 5 of 9")
        self.presses("Calm Cover", "\r", self.until, "\r")
        self._hands_in("insurance.pdf", "✓ insurance.pdf", "Handed in")
        self._turns("Profile picture 6 of 9")
        self._hands_in("face.png", "✓ face.png", "▀▀▀▀")
        self._turns("How you work 7 of 9")
        self.presses("Steady help", "\t", "I listen.", "\t", " ", "\t", " ", "\t", " ", "\t", " ")
        self._turns("Minimum notice 8 of 9")
        self.presses("24")
        self._turns("Declaration 9 of 9")
        self.presses(" ")
        self.sees("[x] Yes", "●●●●●●●●● ✓ kept")
        self.presses(_ESCAPE)

    def hands_in(self) -> None:
        """Hand the application in from the list of steps."""
        self.sees("ready: hand it in")
        self.presses("s")
        self.sees("Handed in.", "with the team since")

    def mends(self, reason: str) -> None:
        """Mend what came back, and find everything else closed."""
        self.sees("came back", reason)
        self.presses("a")
        self.sees("Insurance 5 of 9", f"came back: {reason}")
        self.presses("\x02")
        self.sees("Supervision 4 of 9", "only what came back can be changed", "read only")
        self.presses(_NEXT_PAGE)
        self.sees("Insurance 5 of 9")
        # Insurer and date belong to the certificate that came back, and are open with it.
        self.presses("\t\t", "x")
        self.sees("Taken away.")
        self._hands_in("insurance again.pdf", "✓ insurance again.pdf")
        self.presses(_ESCAPE)

    def _turns(self, title: str) -> None:
        self.sees("✓ kept")
        self.presses(_NEXT_PAGE)
        self.sees(title)

    def _hands_in(self, name: str, *then: str) -> None:
        self.presses(f"{self.papers / name}\r")
        self.sees(*then)

    # -- payments, course and profile ------------------------------------------------------------

    def gets_the_link(self) -> str:
        """Ask for the link to Stripe's form, go back to the steps, and return the link."""
        self.sees("begin with Stripe")
        self.presses("p")
        self.sees("Payments are not set up yet")
        self.presses("\r")
        self.sees("The link is ready", "Stripe still asks for")
        shown = re.search(r"http://\S+/onboard/\w+", self.screen.text)
        assert shown is not None, self.screen.text
        self.presses(_ESCAPE)
        self.sees("2 Payments", "Stripe asks for")
        return shown[0]

    def takes_the_course(self) -> None:
        """Complete all eight chapters: to each question a wrong answer, then the right one."""
        self.presses("l")
        self.sees("0 of 8 done")
        self.presses("\r")
        for number, name in enumerate(CHAPTERS, 1):
            self.sees(f"chapter {number} of 8", f"{number - 1} of 8 done")
            self.changes("\r")
            for at, step in enumerate(WALKS[name], 1):
                self.sees(f"exercise {at} of {len(WALKS[name])}")
                self._answers(*step.wrong)
                self.sees("Not quite.", step.why)
                self._answers(*step.right)
                self.sees(step.praise, "Enter go on")
                if at == len(WALKS[name]):
                    self.sees("completed")
                self.changes("\r")
        self.sees("8 of 8 done", "You have completed the course.")
        self.presses(_ESCAPE)

    def _answers(self, *keys: str) -> None:
        for key in keys:
            if key in ("enter", "up", "down", "space"):
                self.changes(_KEYS[key])
                continue
            self.sees("Tab next field")
            if key == "tab":
                self.screen.go_to_field("Time")
            else:
                self.presses(key)
                self.sees(key)

    def fills_the_profile(self, handle: str) -> None:
        """Choose fees, a minimum notice of one's own, and a handle."""
        self.sees("3 Profile", "hidden: one thing is missing")
        self.presses("e")
        self.sees("Your profile", "Ctrl+S save")
        self.presses(*["\t"] * 6)
        self._types("First fee", "45")
        self.presses("\t", "\t", "\t", "\t")
        self._types("Minimum notice", "30h")
        self.presses("\t", "\t", "\t", "\t")
        self._types("Handle", handle)
        self.presses(_SAVE)
        self.sees("Saved: First fee, Minimum notice, Handle.")

    def _types(self, label: str, text: str) -> None:
        """Write a text into the field that has the focus, in place of what is there."""
        self.sees(f"{label} ")
        self.presses(_END, _TO_START)
        self.sees(f"{label} This is needed.")
        self.presses(text)
        self.sees(f"{label} {text}")
