"""The people: clients with their chat, address and card; therapists as entered by the team."""

from typing import Literal, NamedTuple

from helpspace.core import moments
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.moments import DAY, LONDON
from helpspace.core.plain import plain, plain_lines
from helpspace.core.policy import fee_is_possible
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Client, Therapist

CONSENT_VERSION = "2026-11"
"""The version of what /start says is kept (K3a)."""

TERMS_VERSION = "2026-11"
"""The version of the terms that the first booking accepts (B4)."""

Card = Literal["ok", "missing", "expired"]


class ClientView(NamedTuple):
    """What a client sees of themselves, and the team of a client."""

    id: str
    name: str
    email: str
    email_confirmed: bool
    zone: str
    card: Card
    card_words: str
    by_email: bool
    by_chat: bool
    accepted_terms: bool
    created_at: int
    charges_stopped_at: int | None = None
    """Since when nothing is taken by itself, because a payment is disputed; for the team."""


class NewTherapist(NamedTuple):
    """What is entered to make a therapist; instants in UTC epoch seconds, fees in pence."""

    name: str
    email: str
    handle: str
    contact: str = ""
    headline: str = ""
    about: str = ""
    zone: str = LONDON
    gender: str = ""
    concerns: int = 0
    approaches: int = 0
    languages: int = 1
    modalities: int = 1
    notice_s: int | None = DAY
    initial_fee: int = 6000
    initial_minutes: int = 50
    follow_up_fee: int = 6000
    follow_up_minutes: int = 50


def card_state(client: Client, now: int) -> Card:
    """Say whether a client's card can be charged at an instant: ok, missing or expired."""
    return card_until(client.card, client.card_year, client.card_month, now)


def card_until(card: str | None, year: int | None, month: int | None, now: int) -> Card:
    """Say the same of a card by its id at Stripe and its last year and month."""
    if card is None:
        return "missing"
    if year is not None and month is not None:
        today = moments.at_zone(now, LONDON)
        if (year, month) < (today.year, today.month):
            return "expired"
    return "ok"


def card_words(client: Client) -> str:
    """Return a card as people know it: "Visa ending 4242, until 12/28", or "no card"."""
    if client.card is None:
        return "no card"
    until = f", until {client.card_month:02d}/{(client.card_year or 0) % 100:02d}"
    return f"{plain(client.card_brand or 'card', 20).title()} ending {client.card_last4}{until}"


def view_of_client(view: View, row: Client) -> ClientView:
    """Return a client's own view."""
    return ClientView(
        id=row.id,
        name=plain(view.open(row.name_sealed, "client.name")),
        email=plain(view.open(row.email_sealed, "client.email"), 254),
        email_confirmed=row.email_confirmed_at is not None,
        zone=row.zone,
        card=card_state(row, view.now),
        card_words=card_words(row),
        by_email=bool(row.by_email),
        by_chat=bool(row.by_chat),
        accepted_terms=row.terms_version == TERMS_VERSION,
        created_at=row.created_at,
        charges_stopped_at=row.charges_stopped_at,
    )


def client_of_chat(practice: Practice, chat_id: int) -> str | None:
    """Return the id of the client who writes from a chat, or None before their consent."""
    hashed = practice.vault.digest(str(chat_id), "client.chat")
    with practice.reading() as view:
        rows = view.sql("SELECT id FROM client WHERE chat_hash = ?", hashed)
    return str(rows[0][0]) if rows else None


def register(practice: Practice, chat_id: int, *, via: str = "bot") -> str:
    """Make the client of a chat after their consent (K3a) and return the id; once only."""
    hashed = practice.vault.digest(str(chat_id), "client.chat")
    with practice.change() as tx:
        there = tx.first(Client.select(Client.id).where(Client.chat_hash == hashed))
        if there is not None:
            return str(there.id)
        client_id = practice.ids.new()
        tx.insert(
            Client,
            id=client_id,
            chat_sealed=tx.seal(str(chat_id), "client.chat"),
            chat_hash=hashed,
            zone=LONDON,
            by_email=1,
            by_chat=1,
            consent_version=CONSENT_VERSION,
            consent_at=tx.now,
            sample=0,
            created_at=tx.now,
        )
        tx.audit(Actor.client(client_id, via), "consent", "client", client_id, v=CONSENT_VERSION)
        return client_id


def me(practice: Practice, actor: Actor) -> ClientView:
    """Return the acting client's own data."""
    actor.must_be("client")
    with practice.reading() as view:
        return view_of_client(view, the_client(view, actor.id))


def the_client(view: View, client_id: str) -> Client:
    """Return a client's row, or refuse as if nothing were there."""
    row = view.get(Client, client_id)
    if row is None or row.erased_at is not None:
        raise NotFound
    return row


def the_therapist(view: View, therapist_id: str) -> Therapist:
    """Return a therapist's row, or refuse as if nothing were there."""
    row = view.get(Therapist, therapist_id)
    if row is None:
        raise NotFound
    return row


def set_name(practice: Practice, actor: Actor, name: str) -> str:
    """Store how the client wants to be called and return it as it was understood."""
    actor.must_be("client")
    clean = plain(name, 60)
    if not any(character.isalnum() for character in clean):
        raise Invalid("That name has no letters", "Write the name your counsellor should use.")
    with practice.change() as tx:
        row = the_client(tx, actor.id)
        if tx.open(row.name_sealed, "client.name") != clean:
            sealed = tx.seal(clean, "client.name")
            tx.run(Client.update(name_sealed=sealed).where(Client.id == actor.id))
            tx.audit(actor, "name", "client", actor.id)
    return clean


def set_email(practice: Practice, actor: Actor, email: str) -> str:
    """Store the client's e-mail address, still to be confirmed (N1), and return it normalised."""
    actor.must_be("client")
    address = read_email(email)
    with practice.change() as tx:
        row = the_client(tx, actor.id)
        hashed = tx.digest(address.lower(), "client.email")
        if row.email_hash != hashed:
            tx.run(
                Client.update(
                    email_sealed=tx.seal(address, "client.email"),
                    email_hash=hashed,
                    email_confirmed_at=None,
                ).where(Client.id == actor.id)
            )
            # What was sent to the old address leads nowhere any more (N1, K1a).
            from helpspace.core.store.tables import Link  # noqa: PLC0415 - not in a calendar

            ended = Link.purpose.in_(("confirm_email", "appointment"))
            tx.run(Link.delete().where(Link.person_id == actor.id, ended))
            tx.audit(actor, "email", "client", actor.id)
    return address


def read_email(text: str) -> str:
    """Return a syntactically right e-mail address, or refuse it in one line."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - slow to load

    try:
        return validate_email(plain(text, 254), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid("That is no e-mail address", "Write one like name@example.org.") from None


def set_zone(practice: Practice, actor: Actor, zone: str) -> None:
    """Store the zone in which a client sees times; reminders still to come follow it (N2)."""
    from helpspace.core import reminders  # noqa: PLC0415 - the calendar opens without it

    actor.must_be("client")
    moments.zone_of(zone)
    with practice.change() as tx:
        if the_client(tx, actor.id).zone == zone:
            return
        tx.run(Client.update(zone=zone).where(Client.id == actor.id))
        reminders.follow_zone(tx, "client", actor.id, zone)
        tx.audit(actor, "zone", "client", actor.id)


def accept_terms(tx: Tx, actor: Actor, client: Client) -> None:
    """Record consent to the terms and the wish to start within 14 days, once a version (B4)."""
    if client.terms_version == TERMS_VERSION:
        return
    tx.run(
        Client.update(terms_version=TERMS_VERSION, terms_at=tx.now).where(Client.id == client.id)
    )
    tx.audit(actor, "terms", "client", client.id, v=TERMS_VERSION, within_14_days=True)


def chat_blocked(practice: Practice, client_id: str, *, blocked: bool) -> None:
    """Remember that a client's chat cannot be reached, or can be again (N7)."""
    with practice.change() as tx:
        at = tx.now if blocked else None
        same = Client.chat_blocked_at.is_null(not blocked)
        if tx.run(Client.update(chat_blocked_at=at).where(Client.id == client_id, ~same)):
            act = "chat_blocked" if blocked else "chat_back"
            tx.audit(Actor.job("chat"), act, "client", client_id)


def clients(practice: Practice, actor: Actor, *, limit: int = 1000) -> list[ClientView]:
    """Return clients for the team, newest first."""
    actor.must_be("team")
    query = Client.select().where(Client.erased_at.is_null()).order_by(Client.created_at.desc())
    with practice.reading() as view:
        return [view_of_client(view, row) for row in view.rows(query.limit(limit))]


def client(practice: Practice, actor: Actor, client_id: str) -> ClientView:
    """Return one client for the team."""
    actor.must_be("team")
    with practice.reading() as view:
        return view_of_client(view, the_client(view, client_id))


def add_therapist(
    tx: Tx,
    actor: Actor,
    new: NewTherapist,
    *,
    account: str | None = None,
    proofs_until: int | None = None,
    sample: bool = False,
) -> str:
    """Enter a therapist and return the id; with an account they are ready to publish (P1)."""
    if not (fee_is_possible(new.initial_fee) and fee_is_possible(new.follow_up_fee)):
        raise Invalid("A fee is £0, or from 30p to £100,000", "Correct the fee.")
    moments.zone_of(new.zone)
    therapist_id = tx.practice.ids.new()
    ready = account is not None
    tx.insert(
        Therapist,
        id=therapist_id,
        status="approved" if ready else "applied",
        name_sealed=tx.seal(plain(new.name, 60), "therapist.name"),
        email_sealed=tx.seal(plain(new.email, 254), "therapist.email"),
        email_hash=tx.digest(new.email.lower(), "therapist.email"),
        contact_sealed=tx.seal(plain(new.contact or new.email, 254), "therapist.contact"),
        handle_sealed=tx.seal(plain(new.handle, 40), "therapist.handle"),
        handle_hash=tx.digest(new.handle.lower(), "therapist.handle"),
        headline_sealed=tx.seal(plain(new.headline, 120), "therapist.headline"),
        about_sealed=tx.seal(plain_lines(new.about, 1000), "therapist.about"),
        zone=new.zone,
        gender=new.gender,
        concerns=new.concerns,
        approaches=new.approaches,
        languages=new.languages,
        modalities=new.modalities,
        notice_s=new.notice_s,
        initial_fee=new.initial_fee,
        initial_minutes=new.initial_minutes,
        follow_up_fee=new.follow_up_fee,
        follow_up_minutes=new.follow_up_minutes,
        reopens=1,
        course_done_at=tx.now if ready else None,
        proofs_until=proofs_until,
        account=account,
        charges_enabled=int(ready),
        payouts_enabled=int(ready),
        requirements="[]",
        account_checked_at=tx.now if ready else None,
        sample=int(sample),
        created_at=tx.now,
    )
    tx.audit(actor, "add", "therapist", therapist_id)
    return therapist_id
