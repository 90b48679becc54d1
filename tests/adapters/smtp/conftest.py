from pathlib import Path

import pytest
import trustme

from tests.adapters.smtp.server import Certificates


@pytest.fixture(scope="package")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority of the tests' own, in a file, and certificates it issued."""
    authority = trustme.CA()
    path: Path = tmp_path_factory.mktemp("smtp") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return Certificates(authority=authority, ca_file=path)
