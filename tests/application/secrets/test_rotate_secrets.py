from collections.abc import Callable

from typing_extensions import override

from adapters.memory.secret_box import MemorySecretBox
from application.ports.sealed_secrets import SealedSecrets
from application.secrets.rotate_secrets import RotateSecrets, Rotation


class Kept(SealedSecrets):
    """A list of sealed forms; while it is looked through, somebody stores `meanwhile`."""

    def __init__(self, *forms: bytes, meanwhile: bytes | None = None) -> None:
        self.forms = list(forms)
        self.meanwhile = meanwhile

    @override
    async def renew(self, renewed: Callable[[bytes], bytes | None]) -> None:
        self.forms = [renewed(form) or form for form in self.forms]
        if self.meanwhile:
            self.forms.append(self.meanwhile)
            self.meanwhile = None


OLD = MemorySecretBox()
NEW = MemorySecretBox(OLD)


async def test_what_an_earlier_key_sealed_is_sealed_with_the_present_one() -> None:
    kept = Kept(OLD.seal(b"one", purpose="x"), NEW.seal(b"two", purpose="x"))
    assert await RotateSecrets(kept, NEW)() == Rotation(renewed=1, current=1)
    assert [NEW.unseal(form, purpose="x") for form in kept.forms] == [b"one", b"two"]
    assert [NEW.renewed(form) for form in kept.forms] == [None, None]
    assert await RotateSecrets(kept, NEW)() == Rotation(current=2)


async def test_what_is_stored_meanwhile_is_found_as_well() -> None:
    kept = Kept(OLD.seal(b"one", purpose="x"), meanwhile=OLD.seal(b"two", purpose="x"))
    assert await RotateSecrets(kept, NEW)() == Rotation(renewed=2)


async def test_what_no_key_opens_is_counted_and_left() -> None:
    foreign = MemorySecretBox().seal(b"one", purpose="x")
    kept = Kept(foreign)
    assert await RotateSecrets(kept, NEW)() == Rotation(lost=1)
    assert kept.forms == [foreign]


class Endless(SealedSecrets):
    """Something sealed with an earlier key is stored each time it is looked through."""

    def __init__(self) -> None:
        self.passes = 0

    @override
    async def renew(self, renewed: Callable[[bytes], bytes | None]) -> None:
        self.passes += 1
        assert renewed(OLD.seal(b"one", purpose="x"))


async def test_it_ends_even_where_others_store_without_end() -> None:
    endless = Endless()
    assert (await RotateSecrets(endless, NEW)()).renewed == endless.passes > 1
