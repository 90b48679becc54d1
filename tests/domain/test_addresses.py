from ipaddress import ip_address

import pytest

from domain.addresses import has_web_port, is_public, is_web_port

PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255
168.63.129.16 ::ffff:168.63.129.16
192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 fe80::1 fe80::1%eth0 fc00::1 fd12:3456::1 fec0::1 ff02::1 100::1 2001::1 2001:2::1 2001:10::1
2001:db8::1 3fff::1 5f00::1 64:ff9b:1::1 4000::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 2002:7f00:1::
2002:c0a8:101::1
2606:4700::5efe:10.0.0.1 2606:4700::200:5efe:10.0.0.1 2606:4700::5efe:168.63.129.16 fe80::5efe:8.8.8.8
"""
PUBLIC = """
1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.167.1.1 223.255.255.254
2606:4700:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
168.63.129.15 2606:4700::5efe:8.8.8.8 2606:4700::200:5efe:8.8.8.8 2606:4700::1:5efe:a00:1
"""


@pytest.mark.parametrize("text", PRIVATE.split())
def test_what_is_not_of_the_public_internet_is_not_public_in_any_form(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC.split())
def test_what_is_of_the_public_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


def test_a_web_server_is_at_a_port_of_the_web_or_one_that_is_free_for_all() -> None:
    assert all(map(is_web_port, (80, 443, 1024, 8080, 65_535)))
    assert not any(map(is_web_port, (0, 22, 25, 79, 81, 442, 444, 1023)))


def test_an_address_that_names_no_port_names_none_that_is_wrong() -> None:
    assert has_web_port("https://studio.example/")
    assert has_web_port("https://studio.example:8443/")
    assert not has_web_port("https://studio.example:22/")
