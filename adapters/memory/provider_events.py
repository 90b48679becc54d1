import secrets
from collections.abc import Mapping

from typing_extensions import override

from application.ports.provider_events import ProviderEvents
from domain.identity import BadSignature, NotConfigured, ProviderDelivery

_SIGNATURE = "signature"


class MemoryProviderEvents(ProviderEvents):
    """Reads what it was told to announce.

    Args:
        configured: whether there is an issuer at all.
    """

    def __init__(self, *, configured: bool = True) -> None:
        self._configured = configured
        self._announced: dict[tuple[str, bytes], ProviderDelivery] = {}

    def announce(self, delivery: ProviderDelivery) -> tuple[Mapping[str, str], bytes]:
        """The headers and the body in which the issuer sends it."""
        signature, body = secrets.token_hex(8), delivery.id.encode()
        self._announced[signature, body] = delivery
        return {_SIGNATURE: signature}, body

    @override
    def read(self, headers: Mapping[str, str], body: bytes) -> ProviderDelivery:
        if not self._configured:
            raise NotConfigured
        delivery = self._announced.get((headers.get(_SIGNATURE, ""), body))
        if delivery is None:
            raise BadSignature
        return delivery
