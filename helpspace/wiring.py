"""The one place that composes store, clock, vault and gateways into what a process needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpspace.core.clock import Clock, SystemClock
from helpspace.core.ids import Ids
from helpspace.core.practice import Practice
from helpspace.core.store import migrate, open_store
from helpspace.core.store.init import make_ready
from helpspace.core.vault import Vault, read_or_make_key
from helpspace.settings import Settings

if TYPE_CHECKING:
    from helpspace.core.gateways import StripeGateway


def open_practice(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    make: bool = False,
) -> Practice:
    """Open the practice of these settings; with `make`, make or upgrade its store and key first.

    Raises StoreFault or SettingsFault, each one line with the next step.
    """
    store = open_store(settings.database, make=make)
    ids = ids or Ids()
    if make:
        vault = Vault(read_or_make_key(settings.key_file), ids)
        practice = Practice(store, settings, vault, clock or SystemClock(), ids)
        make_ready(practice)
        return practice
    migrate.check(store)
    vault = Vault(read_or_make_key(settings.key_file, make=False), ids)
    return Practice(store, settings, vault, clock or SystemClock(), ids)


@dataclass(frozen=True)
class Outside:
    """The gateways of a process that speaks to the outside world."""

    stripe: StripeGateway
