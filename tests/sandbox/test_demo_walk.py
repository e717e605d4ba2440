"""The demo lived through by what is on its screen alone, in both sizes (issue 2, done when 2)."""

from __future__ import annotations

import asyncio

import pytest

from tests.sandbox.visitor import Visitor, visiting

BOOKING = "Book · £45 · free to cancel until Tue 3 Mar 08:30"
SLOT = "Thu 5 Mar 08:30"


async def _open_slot(visitor: Visitor) -> None:
    visitor.sees("Zoë O'Brien", "visible to clients", "time stands still until you move it")
    for _ in range(3):
        visitor.guided("Step 1/8: open a slot.")
        await visitor.press("right", "→ to Thursday")
    visitor.guided("Step 1/8: s opens a slot here.")
    await visitor.press("s", "s open slot")
    await visitor.press("enter", "Enter open it")
    visitor.sees(f"Opened {SLOT}–09:20", "Slot for an initial session", "Clients pay £45")


async def _book(visitor: Visitor) -> None:
    visitor.guided("Step 2/8: F2 goes to the phone")
    await visitor.press("f2", "F2 phone")
    visitor.sees("F2 calendar", "Sam’s phone", "Welcome to Helpspace")
    visitor.guided("Enter taps “I agree, go on”.")
    await visitor.tap("I agree, go on")
    visitor.guided("Enter taps “Find a counsellor”.")
    await visitor.tap("Find a counsellor")
    await visitor.leaf_to("Zoë O'Brien")
    for label in ("All free times", "Thu 5 Mar", "08:30", "Go on: your name"):
        visitor.guided(f"“{label}")
        await visitor.tap(label)
    visitor.guided("Enter taps “Use “Sam””; or type a name.")
    await visitor.write("Sam Smith")
    visitor.sees("Your name: Sam Smith")
    visitor.guided("type an e-mail address, such as sam@example.org, then Enter.")
    await visitor.write("sam@example.org")
    visitor.guided("Enter taps “Book · £45”.")
    await visitor.tap(BOOKING[:30])
    visitor.sees("One step left: your card")
    visitor.guided("Enter taps “Open the card page”.")
    await visitor.tap("Open the card page")
    visitor.sees("4242 4242 4242 4242", "Save card")
    visitor.guided("Enter saves the card 4242")
    await visitor.press("enter", "Enter save")
    visitor.sees("Your session is booked", "The card is saved.", "✉")


async def _confirm(visitor: Visitor) -> None:
    visitor.guided("Step 3/8: booked. F8 opens the mails")
    await visitor.open_mail("sam@example.org", SLOT)
    visitor.guided("Enter goes to its link, Enter opens it.")
    visitor.sees("Confirm this address")
    await visitor.press("enter", "Enter to links")
    await visitor.press("enter", "Enter opens")
    visitor.sees("Your e-mail address is confirmed.")


async def _follow_up(visitor: Visitor) -> None:
    visitor.guided("Step 4/8: F2 goes to the calendar")
    await visitor.press("f2", "F2 calendar")
    visitor.sees("Sam Smith", "booked", SLOT)
    visitor.guided("Step 4/8: f books a follow-up")
    await visitor.press("f", "f follow-up")
    visitor.sees("Thu 12 Mar 08:30–09:20", "£60", "charged Tue 10 Mar")
    await visitor.press("enter", "Enter book it")
    visitor.sees("Booked Thu 12 Mar 08:30–09:20 for Sam Smith")


async def _charge(visitor: Visitor) -> None:
    for _ in range(6):
        if "Receipt for £45" in visitor.screen:
            break
        visitor.guided("Step 5/8: F7 moves the clock on")
        await visitor.press("f7", "F7 next event")
    visitor.sees("Tue 3 Mar 08:31", f"Receipt for £45: appointment on {SLOT}")
    visitor.guided("Step 6/8: the card was charged. F8 shows the mail about it.")
    await visitor.open_mail("sam@example.org", "Receipt for £45")
    visitor.sees("£45")
    visitor.guided("Step 7/8: Esc closes the mails")
    await visitor.close()


async def _cancel(visitor: Visitor) -> None:
    visitor.guided(f"Step 7/8: [ shows the week before; Sam's session is on {SLOT}.")
    await visitor.press("left_square_bracket", "[ ] week")
    visitor.sees("Sam Smith", SLOT, "£45 paid")
    visitor.guided("Step 7/8: x cancels this session; the refund is shown first.")
    await visitor.press("x", "x cancel")
    visitor.sees("Cancel this session?", "the client gets £45 back, in full")
    await visitor.press("y", "y cancel the session")
    visitor.sees("£45 goes back to the client")
    visitor.guided("Step 8/8: the money goes back. F8 shows the mail about it.")
    await visitor.open_mail("sam@example.org", "Refund of £45")
    visitor.sees("£45")
    await visitor.close()
    visitor.guided("That was a session's life.")
    await visitor.press("f2", "F2 phone")
    visitor.sees("£45 for the appointment on")


@pytest.mark.long
@pytest.mark.parametrize("size", [(140, 40), (80, 24)], ids=["wide", "narrow"])
def test_a_session_is_lived_through_by_what_the_screen_shows(size: tuple[int, int]) -> None:
    async def walk() -> None:
        async with visiting(size) as visitor:
            await _open_slot(visitor)
            await _book(visitor)
            await _confirm(visitor)
            await _follow_up(visitor)
            await _charge(visitor)
            await _cancel(visitor)

    asyncio.run(walk())


def test_the_mouse_does_it_too() -> None:
    async def walk() -> None:
        async with visiting((140, 40)) as visitor:
            await visitor.click("I agree, go on")
            visitor.sees("What would you like to do?", "F2 calendar")
            await visitor.click("F9 +1 day")
            visitor.sees("Tue 3 Mar 08:00")
            await visitor.click("F6 +1 hour")
            visitor.sees("Tue 3 Mar 09:00")
            await visitor.click("F7 next event")
            await visitor.click("F8 mails")
            visitor.sees("↑↓ mail")
            await visitor.close()
            await visitor.click("My sessions")
            visitor.sees("You have no sessions ahead.")

    asyncio.run(walk())
