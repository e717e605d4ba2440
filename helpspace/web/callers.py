"""Who makes a request, where a proxy of ours stands in between.

What a header says is believed only as far as proxies that the operator named have written it: each
adds the address it was called from at the end, so the list is read from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request

_A_HOUSEHOLD = 64
"""Bits of an IPv6 address that one household or server has to itself, and counts by."""


class Callers:
    """Knows the proxies of `HELPSPACE_PROXIES`: addresses, or networks such as 10.0.0.0/8."""

    def __init__(self, proxies: Sequence[str]) -> None:
        self._proxies = [ip_network(one, strict=False) for one in proxies]

    def of(self, request: Request) -> str:
        """Return what a request is counted by: its address, or for IPv6 the network it is in."""
        peer = "" if request.client is None else request.client.host
        return self.behind(peer, ",".join(request.headers.getlist("x-forwarded-for")))

    def behind(self, peer: str, forwarded: str) -> str:
        """Return who called `peer`, if that is a proxy of ours; else `peer` itself.

        An entry that is no address ends the search: nobody we trust has written it.
        """
        caller = peer
        for entry in reversed([part.strip() for part in forwarded.split(",")]):
            if not self._is_ours(caller) or _read(entry) is None:
                break
            caller = entry
        found = _read(caller)
        if isinstance(found, IPv6Address):
            return str(ip_network((found, _A_HOUSEHOLD), strict=False))
        return caller if found is None else str(found)

    def _is_ours(self, address: str) -> bool:
        found = _read(address)
        return found is not None and any(found in proxy for proxy in self._proxies)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, an IPv4 one also where it is written as IPv6; None for anything else."""
    try:
        found = ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
