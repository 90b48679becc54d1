"""Which addresses are of the public Internet, so that a request to them reaches nothing of ours."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

# The special-purpose registries of IANA (RFC 6890), multicast and what is reserved; the standard library's `is_global`
# follows them from one patch release to the next, and takes multicast for global. 168.63.129.16 is public by its
# number, but in Azure each machine reaches its host there, which tells it secrets.
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
        "168.63.129.16/32 2001::/23 2001:db8::/32 3fff::/20"
    ).split()
)
MOST = 2_000
"""How many characters the URL of a host that others name may have."""
_NUMERIC = re.compile(r"0x[0-9a-f]*|\d+", re.ASCII | re.IGNORECASE)
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = 0x0000_5EFE
_LOCALLY_MADE = 0x0200_0000
_WEB_PORTS = frozenset({80, 443})
_OPEN_PORTS = 1024


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is a unicast address of the public Internet.

    An IPv6 address that stands for one of IPv4 (mapped, RFC 4291; NAT64, RFC 6052; 6to4, RFC 3056) is what that is; one
    that ends in one of IPv4 (ISATAP, RFC 5214) is public when both are.
    """
    if isinstance(address, IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST or not _is_public_behind(address):
            return False
    return not any(address.version == network.version and address in network for network in _SPECIAL)


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_public_behind(address: IPv6Address) -> bool:
    """Whether an ISATAP address leads to a public one; any other does."""
    if (int(address) >> 32 & 0xFFFF_FFFF) & ~_LOCALLY_MADE != _ISATAP:
        return True
    return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))


def is_web_port(port: int) -> bool:
    """Whether a web server may be asked there: not at the ports below 1024 that are of other services (SSH, mail)."""
    return port in _WEB_PORTS or port >= _OPEN_PORTS


def has_web_port(url: str) -> bool:
    """Whether the port that a URL names, if it names one, `is_web_port`; it is a URL that has a `host_of`."""
    port = urlsplit(url).port
    return port is None or is_web_port(port)


def host_of(url: str, schemes: tuple[str, ...]) -> str | None:
    """The host that a URL of one of these schemes names, in lower case.

    None when it is no such URL, has a user, a password or a fragment, or names a host that some read otherwise.
    """
    plain = len(url) <= MOST and url.isascii() and url.isprintable() and not re.search(r"[\s\\#<>\"]", url)
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it raises where it is no port
    except ValueError:
        return None
    host = parts.hostname or ""
    sound = parts.scheme in schemes and "@" not in parts.netloc and parts.port != 0
    # What ends in a number is read as an IPv4 address by some (127.1, 0x7f000001), and so is no name.
    ending = host.rstrip(".").rpartition(".")[2]
    named = _is_address(host) or not (":" in host or _NUMERIC.fullmatch(ending))
    return host if plain and sound and host and named else None


def is_private(host: str) -> bool:
    """Whether the host is surely not on the public Internet; a name is what it resolves to, which is not looked at."""
    local = host.rstrip(".").rpartition(".")[2] == "localhost"  # never a public name (RFC 6761, section 6.3)
    return local or (_is_address(host) and not is_public(ip_address(host)))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
