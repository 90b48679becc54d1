from ipaddress import ip_network
from typing import Any

import pytest

from entrypoints.http.edge.addresses import ClientAddresses, bucket

PROXIES = ClientAddresses([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])


def scope(peer: str | None, *forwarded: str, **headers: str) -> Any:
    raw = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    raw += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"client": (peer, 1) if peer is not None else None, "headers": raw, "scheme": "http"}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.9"], "192.0.2.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.9"], "198.51.100.9"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.9, 10.0.0.7"], "198.51.100.9"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.9"], "198.51.100.9"),
        ("10.0.0.1", ["198.51.100.9, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["1.1.1.1, nonsense, 10.0.0.7"], "10.0.0.7"),
        ("10.0.0.1", ["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
        ("10.0.0.1", ["198.51.100.9:4711"], "198.51.100.9"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("fd00::1", ["2001:DB8::1"], "2001:db8::1"),
        ("::ffff:10.0.0.1", ["198.51.100.9"], "198.51.100.9"),
        ("fe80::1%eth0", [], "fe80::1"),
        ("", ["198.51.100.9"], "local"),
        (None, ["198.51.100.9"], "local"),
    ],
)
def test_the_client_is_the_rightmost_hop_that_is_no_proxy_of_ours(
    peer: str | None, forwarded: list[str], address: str
) -> None:
    assert PROXIES.of(scope(peer, *forwarded)) == address


def test_the_scheme_is_believed_from_a_proxy_alone() -> None:
    assert PROXIES.scheme(scope("10.0.0.1", x_forwarded_proto="https")) == "https"
    assert PROXIES.scheme(scope("10.0.0.1", x_forwarded_proto="gopher")) == "http"
    assert PROXIES.scheme(scope("192.0.2.1", x_forwarded_proto="https")) == "http"
    assert PROXIES.scheme(scope(None, x_forwarded_proto="https")) == "http"


def test_an_ipv6_customer_is_one_bucket() -> None:
    assert bucket("2001:db8::1") == bucket("2001:db8::2") != bucket("2001:db8:0:1::1")
    assert bucket("192.0.2.1") != bucket("192.0.2.2")
    assert bucket("local") == "local"
