import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured.

    Attributes:
        rounds: pairs of ours and floor for each row.
        reads, posts: requests in a round. per_conversation: posts to each, of which 5 may wait.
        users: in the two databases in which they are known.
        jobs, pickups: in a round. orphans: at once.
        deltas: first deltas in a round.
        streams: how many are idle at once, each with the seconds they are watched.
        settle: seconds after which PostgreSQL has told what it counted (its backends do within 10).
        deliveries: events told to the idle streams.
        shelves: workspaces with documents, the fewer and the more. passages: of each of them.
        searches, memories: in a round.
        starts: processes started for each figure.
        warm_ups: rounds before those that count.
    """

    rounds: int = 7
    reads: int = 2_000
    posts: int = 800
    per_conversation: int = 4
    users: tuple[int, int] = (10, 100_000)
    jobs: int = 2_000
    pickups: int = 200
    orphans: int = 1_000
    deltas: int = 100
    streams: tuple[tuple[int, float], ...] = ((1_000, 10.0), (5_000, 62.0))
    settle: float = 11.0
    deliveries: int = 10
    shelves: tuple[int, int] = (10, 100)
    passages: int = 1_000
    searches: int = 200
    memories: int = 100
    starts: int = 5
    warm_ups: int = 1


FULL = Scale(shelves=(10, 1_000 if os.environ.get("BENCH_FULL") == "1" else 100))
TINY = Scale(
    rounds=1,
    reads=8,
    posts=4,
    per_conversation=2,
    users=(2, 20),
    jobs=10,
    pickups=3,
    orphans=5,
    deltas=2,
    streams=((3, 0.1),),
    settle=0.0,
    deliveries=1,
    shelves=(1, 2),
    passages=6,
    searches=4,
    memories=3,
    starts=1,
    warm_ups=0,
)
