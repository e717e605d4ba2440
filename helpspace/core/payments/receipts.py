"""A client's receipt of one paid session, as text and as a page to print (K1).

Neutral words only: it says an appointment, its moment and its money. The number belongs to the
appointment, which is paid once at most, so it stays the same whenever it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from helpspace.core import moments
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError, NotAllowed, NotFound
from helpspace.core.moments import zone_word
from helpspace.core.payments.movements import Movement, movements
from helpspace.core.payments.story import resolve
from helpspace.core.plain import plain
from helpspace.core.platform import TEST_MODE
from helpspace.core.practice import Practice, View
from helpspace.core.spreadsheet import pounds_cell
from helpspace.core.store.tables import Appointment, Client, Therapist


class NoReceipt(HelpspaceError):
    """A session for which nothing has been paid."""

    title = "There is no receipt for this session"
    hint = "Look again once its fee is paid."


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was paid for one appointment and what went back; pence, and instants in UTC.

    `name` is how the therapist trades, `client` the client's own name; times are shown in `zone`.
    """

    number: str
    appointment_id: str
    name: str
    client: str
    start: int
    end: int
    zone: str
    paid_pence: int
    paid_at: int
    refunded_pence: int
    refunded_at: int | None
    disputed_pence: int
    test: bool = False
    """Whether no real money moved (A5)."""

    @property
    def total_pence(self) -> int:
        """What the client has paid in the end."""
        return self.paid_pence - self.refunded_pence - self.disputed_pence


def number_of(appointment_id: str) -> str:
    """Return the number of an appointment's receipt: "K3X7-M2QA-5BCD"."""
    letters = appointment_id.upper()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def receipt(practice: Practice, actor: Actor, named: str) -> Receipt:
    """Return the receipt of a session, by its or its payment's id, for its client or the team.

    Raises NotFound for what is not theirs, and NoReceipt where nothing was paid.
    """
    with practice.reading() as view:
        row = view.get(Appointment, resolve(view, named))
        if row is None:
            raise NotFound
        actor.must_see(therapist_id=row.therapist_id, client_id=row.client_id)
        if actor.role == "therapist":
            raise NotAllowed
        return _receipt(view, row, movements(view, appointment_id=row.id))


def receipts(practice: Practice, actor: Actor, client_id: str) -> list[Receipt]:
    """Return every receipt of a client, the newest payment first, for the client or the team."""
    if actor.role == "therapist":
        raise NotAllowed
    actor.must_see(client_id=client_id)
    with practice.reading() as view:
        moved: dict[str, list[Movement]] = {}
        for one in movements(view, client_id=client_id):
            moved.setdefault(one.appointment_id, []).append(one)
        rows = view.find_all(Appointment, "client_id = ?", client_id)
        found = [_receipt(view, row, moved[row.id]) for row in rows if row.id in moved]
    return sorted(found, key=lambda one: (-one.paid_at, one.number))


def _receipt(view: View, row: Appointment, moved: list[Movement]) -> Receipt:
    charge = next((one for one in moved if one.gross_pence > 0), None)
    client, therapist = view.get(Client, row.client_id), view.get(Therapist, row.therapist_id)
    if charge is None or client is None or therapist is None:
        raise NoReceipt
    refunded = sum(one.refunded_pence for one in moved)
    given = [one.at for one in moved if one.refunded_pence > 0]
    return Receipt(
        number=number_of(row.id),
        appointment_id=row.id,
        name=plain(view.open(therapist.name_sealed, "therapist.name")),
        client=plain(view.open(client.name_sealed, "client.name")),
        start=row.start_at,
        end=row.end_at,
        zone=client.zone,
        paid_pence=charge.gross_pence,
        paid_at=charge.at,
        refunded_pence=refunded,
        refunded_at=given[-1] if refunded else None,
        disputed_pence=sum(one.disputed_pence for one in moved),
        test=view.practice.settings.stripe_is_test,
    )


def facts_of(found: Receipt) -> list[tuple[str, str]]:
    """Return what a receipt says, as names and values; the last one is the sum."""
    when = f"{_day(found, found.start)}, {moments.show_time(found.start, found.zone)}"
    time = f"{when}–{moments.show_time(found.end, found.zone)} ({zone_word(found.zone)})"
    said = [
        ("From", found.name),
        ("To", found.client),
        ("Appointment", time),
        ("Paid by card", f"£{pounds_cell(found.paid_pence)} on {_day(found, found.paid_at)}"),
    ]
    if found.refunded_at is not None:
        day = _day(found, found.refunded_at)
        said.append(("Given back to the card", f"£{pounds_cell(found.refunded_pence)} on {day}"))
    if found.disputed_pence:
        said.append(("Taken back by the bank", f"£{pounds_cell(found.disputed_pence)}"))
    said.append(("Paid in all", f"£{pounds_cell(found.total_pence)}"))
    return [(name, value) for name, value in said if value]


def _day(found: Receipt, instant: int) -> str:
    local = moments.at_zone(instant, found.zone)
    return f"{local.day} {local:%B %Y}"


def as_text(found: Receipt) -> str:
    """Return a receipt as a few lines of text."""
    lines = [f"{name}: {value}" for name, value in facts_of(found)]
    mark = [TEST_MODE] if found.test else []
    return "\n".join([f"Receipt {found.number}", *mark, *lines])


_PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Receipt</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 1rem }}
th {{ text-align: left; font-weight: normal; padding: .25rem 1.5rem .25rem 0; vertical-align: top }}
tr:last-child {{ font-weight: bold; border-top: 1px solid }}
tr:last-child th {{ font-weight: bold }}
table {{ border-collapse: collapse }}
</style>
</head>
<body>
<main>
<h1>Receipt</h1>
{mark}<table>
{rows}
</table>
</main>
</body>
</html>
"""


def as_html(found: Receipt) -> str:
    """Return a receipt as a whole page to print: no script, nothing from elsewhere (A3)."""
    facts = [("Number", found.number), *facts_of(found)]
    rows = [
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in facts
    ]
    mark = f"<p><strong>{escape(TEST_MODE)}</strong></p>\n" if found.test else ""
    return _PAGE.format(mark=mark, rows="\n".join(rows))
