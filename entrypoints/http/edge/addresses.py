"""Who a request comes from."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from litestar.types import Scope

LOCAL = "local"
Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


class ClientAddresses:
    """Tells the client's address where the proxies in `trusted` are believed."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted

    def of(self, scope: Scope) -> str:
        """The peer, or where it is trusted the rightmost hop of X-Forwarded-For that is not; `local` without any.

        What stands left of an untrusted hop, or of one that is no address, is its own claim and is not read.
        """
        address = _peer(scope)
        if address is None:
            return LOCAL
        for hop in _hops(scope):
            claimed = parse(hop) if self.trusts(address) else None
            if claimed is None:
                break
            address = claimed
        return str(address)

    def trusts(self, address: Address) -> bool:
        """Whether a proxy has this address."""
        return any(address in network for network in self._trusted)

    def scheme(self, scope: Scope) -> str:
        """`https` where a trusted peer says so in X-Forwarded-Proto, else as the connection is."""
        address = _peer(scope) if self._trusted else None
        if address is not None and self.trusts(address):
            said = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
            if said and said[-1].lower() in {b"http", b"https"}:
                return said[-1].decode().lower()
        return scope["scheme"]


def bucket(address: str) -> str:
    """What limits count by: the address, or of an IPv6 one its /64, which is what a single customer gets."""
    parsed = parse(address)
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


@lru_cache(4096)
def parse(text: str) -> Address | None:
    """The address, without a port; IPv4 also where it is written inside IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _peer(scope: Scope) -> Address | None:
    client = scope["client"]
    return parse(client[0]) if client else None


def _hops(scope: Scope) -> Iterator[str]:
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    yield from reversed(",".join(lines)[-4096:].split(","))
