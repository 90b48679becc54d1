from collections import Counter
from hypothesis import given, settings
import tests.contracts.histories as h
from tests.adapters.memory.conftest import memory_stores
C=Counter(); N=Counter()
orig=h._answer
async def counted(doing, stores):
    a=await orig(doing,stores)
    C[type(a).__name__]+=1
    return a
h._answer=counted
@settings(max_examples=600, deadline=None, derandomize=False)
@given(h.histories())
async def test_x(stores, commands):
    for c in commands: N[c.name]+=1
    await h.History(stores, memory_stores()).live(commands)
def test_show():
    print(C); print(N)
