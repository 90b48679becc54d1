from collections.abc import Mapping
from typing import Protocol

from domain.identity import ProviderDelivery


class ProviderEvents(Protocol):
    """Reads what the issuer of our users' identities sends by itself."""

    def read(self, headers: Mapping[str, str], body: bytes) -> ProviderDelivery:
        """What is told; `headers` by their names in lower case, `body` to the byte as it came.

        Raises:
            BadSignature: the issuer did not sign it within the last five minutes.
            NotConfigured: nothing is set up to know the issuer by.
        """
        ...
