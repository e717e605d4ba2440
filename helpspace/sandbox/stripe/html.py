"""Plain pages that say loudly that nothing here is real; every text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from helpspace.sandbox.stripe.cards import CARDS

STYLE = """
:root { color-scheme: light dark; }
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 0 auto; padding: 1rem; }
.sandbox { border: .3rem double; padding: .5rem 1rem; font-weight: bold; text-align: center; }
.refusal { border-left: .4rem solid; padding: .2rem 1rem; font-weight: bold; }
label { display: block; margin-top: .8rem; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem; }
input[type=checkbox] { width: auto; }
button { font: inherit; padding: .5rem 1rem; margin: 1rem .5rem 0 0; }
"""


@dataclass(frozen=True)
class Page:
    """One answer to a browser: a page, or an address to go to."""

    status: int
    html: str = ""
    location: str | None = None


def go(address: str) -> Page:
    """Send the browser on."""
    return Page(303, location=address)


def page(title: str, *parts: str, status: int = 200) -> Page:
    """A whole page; `parts` are HTML already."""
    body = "\n".join(parts)
    return Page(
        status,
        f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} – sandbox</title>
<style>{STYLE}</style>
</head>
<body>
<p class="sandbox" role="note">Sandbox – no real card, no real money</p>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
</body>
</html>
""",
    )


def text(said: str) -> str:
    """A paragraph."""
    return f"<p>{escape(said)}</p>"


def refusal(said: str) -> str:
    """What went wrong, read out at once by screen readers."""
    return f'<p class="refusal" role="alert">{escape(said)}</p>' if said else ""


def link(address: str | None, said: str) -> str:
    """A link, where there is somewhere to go."""
    return f'<p><a href="{escape(address)}">{escape(said)}</a></p>' if address else ""


def form(action: str, buttons: Mapping[str, str], fields: Sequence[str] = ()) -> str:
    """A form that posts; `buttons` are values of `do` and what is written on them."""
    made = "".join(
        f'<button name="do" value="{escape(value)}">{escape(said)}</button>'
        for value, said in buttons.items()
    )
    return f'<form method="post" action="{escape(action)}">{"".join(fields)}<p>{made}</p></form>'


def field(name: str, label: str, hint: str = "", *, required: bool = True) -> str:
    """A labelled text field."""
    said = f'<small id="{name}-hint">{escape(hint)}</small>' if hint else ""
    described = f' aria-describedby="{name}-hint"' if hint else ""
    needed = " required" if required else ""
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" autocomplete="off"{described}{needed}>{said}'
    )


def ticked(name: str, label: str) -> str:
    """A labelled box that is ticked at first."""
    return (
        f'<label for="{name}"><input type="checkbox" id="{name}" name="{name}" value="yes" checked>'
        f" {escape(label)}</label>"
    )


def card_fields() -> list[str]:
    """What is asked of a card."""
    return [
        field("number", "Card number", "A test number from the list below, for example 4242…"),
        field("expiry", "Expiry, month / year", "For example 12/34"),
        field("cvc", "Security code", "Any three digits"),
        field("name", "Name on the card", "Not needed", required=False),
    ]


def card_list() -> str:
    """The test numbers and what they do."""
    rows = "".join(
        f"<tr><td><code>{' '.join(number[at : at + 4] for at in range(0, 16, 4))}</code></td>"
        f"<td>{escape(card.does)}</td></tr>"
        for number, card in CARDS.items()
    )
    return (
        "<h2>Test cards</h2><table><thead><tr><th scope='col'>Number</th>"
        f"<th scope='col'>What it does</th></tr></thead><tbody>{rows}</tbody></table>"
    )
