import re
from urllib.parse import quote

from domain.addresses import MOST, has_web_port, host_of, is_private
from domain.errors import Fault, Invalid

_SCHEMES = ("https", "http")
_AS_IT_IS = "%/:=&?~+!$,;'@()*[]#"
_PORT_REFUSED = (
    "'url' must name port 80, 443, one from 1024 on, or none, unless the server runs with OUTBOUND_ALLOW_PRIVATE=true."
)
_REFUSED = "'url' must be on the public Internet, unless the server runs with OUTBOUND_ALLOW_PRIVATE=true."


def page_address(url: str, *, private: bool) -> str:
    """The address of a page in ASCII, without its fragment; a host that is a name is checked when it is connected to.

    Characters outside of ASCII are percent-encoded in UTF-8 (RFC 3987, section 3.1), and in the host as IDNA.

    Args:
        url: what somebody named.
        private: whether addresses that are not public, and all ports, are taken.

    Raises:
        Invalid: it is no address that a page is fetched from.
    """
    address = _ascii(url.strip().partition("#")[0])
    host = host_of(address, _SCHEMES)
    if host is None:
        sentence = f"'url' is an http or https address of at most {MOST} characters, without a user or a password."
        raise Invalid(Fault("/url", "bad_url", sentence))
    if not private and is_private(host):
        raise Invalid(Fault("/url", "address_refused", _REFUSED))
    if not private and not has_web_port(address):
        raise Invalid(Fault("/url", "port_refused", _PORT_REFUSED))
    return address


def _ascii(url: str) -> str:
    """The URL in ASCII, scheme and host in lower case; what is none is left as it is."""
    found = re.fullmatch(r"(\w+)://([^/?]+)(.*)", url)
    if found is None or not url.isprintable():
        return url
    scheme, host, rest = found.groups()
    try:
        return f"{scheme.lower()}://{host.lower().encode('idna').decode()}{quote(rest, safe=_AS_IT_IS)}"
    except UnicodeError:
        return url
