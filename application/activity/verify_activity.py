from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from application.ports.audit import AuditedWorkspace, AuditLog
from domain.audit import SEALED_AT_ONCE, Fault, FaultKind, Seal, Thing, absent, behind, check
from domain.errors import NotFound

FAULTS_TOLD = 100
"""How many faults of a workspace are told; the others are counted."""
_PAGE = 20


@dataclass(slots=True, kw_only=True)
class Verification:
    """What was found of a workspace.

    Attributes:
        rows: how many have a seal. seals: how many there are.
        newest: the seal that ends them, to be noted elsewhere.
        unsealed: how many rows after it no seal is over.
        faults: the first of them. more: how many others there are.
        noted: the digests asked for that seals of this workspace have.
    """

    workspace: AuditedWorkspace
    rows: int = 0
    seals: int = 0
    newest: Seal | None = None
    unsealed: int = 0
    faults: list[Fault] = field(default_factory=list[Fault])
    more: int = 0
    noted: set[bytes] = field(default_factory=set[bytes])

    def tell(self, faults: Sequence[Fault]) -> None:
        """Notes the faults, each once."""
        for fault in faults:
            if self.faults and self.faults[-1] == fault:
                continue
            if len(self.faults) < FAULTS_TOLD:
                self.faults.append(fault)
            else:
                self.more += 1


@dataclass(frozen=True, slots=True)
class VerifyActivity:
    """Looks whether the activity is what it was when it was sealed.

    It cannot find that the newest rows are gone together with their seals and with the count of rows, nor that all
    seals from one on were made anew: only a digest noted elsewhere tells.
    """

    log: AuditLog

    async def __call__(
        self, handle: str | None = None, noted: frozenset[bytes] = frozenset()
    ) -> AsyncGenerator[Verification, None]:
        """Each workspace in the order of ids, deleted ones too, or the one with this handle; in bounded memory.

        Raises:
            NotFound: no workspace has the handle.
        """
        if handle is not None:
            workspace = await self.log.workspace_of(handle)
            if workspace is None:
                raise NotFound(f"There is no workspace with the handle {handle!r}.")
            yield await self._verify(workspace, noted)
            return
        workspace = await self.log.next_workspace(None)
        while workspace is not None:
            yield await self._verify(workspace, noted)
            workspace = await self.log.next_workspace(workspace.id)

    async def _verify(self, workspace: AuditedWorkspace, noted: frozenset[bytes]) -> Verification:
        found = Verification(workspace=workspace)
        while page := await self.log.seals(workspace.id, found.newest.number if found.newest else None, _PAGE):
            for seal in page:
                await self._verify_sealed(found, seal)
                found.noted |= noted & {seal.digest}
        await self._verify_unsealed(found)
        return found

    async def _verify_sealed(self, found: Verification, seal: Seal) -> None:
        last = min(seal.last, seal.first + SEALED_AT_ONCE - 1)
        entries = await self.log.entries(seal.workspace_id, seal.first, last)
        found.tell(check(seal, entries, found.newest))
        found.rows += len(entries)
        found.seals += 1
        found.newest = seal

    async def _verify_unsealed(self, found: Verification) -> None:
        sealed, head = found.newest.last if found.newest else 0, await self.log.head(found.workspace.id)
        if head < sealed:
            found.tell([Fault(kind=FaultKind.CHANGED, first=sealed, last=sealed, thing=Thing.COUNT)])
        for first in range(sealed + 1, head + 1, SEALED_AT_ONCE):
            last = min(head, first + SEALED_AT_ONCE - 1)
            entries = await self.log.entries(found.workspace.id, first, last)
            found.unsealed += len(entries)
            if not entries:  # a count that was raised could be any number: nobody looks at each row it claims
                found.tell([Fault(kind=FaultKind.MISSING, first=first, last=head)])
                break
            found.tell(absent(entries, first, last))
        strays = await self.log.strays(found.workspace.id, sealed, SEALED_AT_ONCE)
        found.tell(behind(strays))
