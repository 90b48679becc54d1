"""Which IP addresses are of the public Internet, so that a request to them reaches nothing of ours."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

# The special-purpose registries of IANA (RFC 6890), multicast and what is reserved; the standard library's `is_global`
# follows them from one patch release to the next, and takes multicast for global.
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
        "2001::/23 2001:db8::/32 3fff::/20"
    ).split()
)
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is a unicast address of the public Internet.

    An IPv6 address that stands for one of IPv4 (mapped, RFC 4291; NAT64, RFC 6052; 6to4, RFC 3056) is what that is.
    """
    if isinstance(address, IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST:
            return False
    return not any(address.version == network.version and address in network for network in _SPECIAL)


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
