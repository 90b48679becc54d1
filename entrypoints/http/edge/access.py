from application.ports.bell import LOOK_ANYWAY, Bell
from domain.access import Caller, access_topic
from domain.actors import ActorType
from domain.errors import Unauthenticated, Unavailable
from domain.ids import UserId
from entrypoints.http.edge.exchange import Exchange

_LOOK_AGAIN = 1.0


class Access:
    """Notices when a user may no longer do what they could when their request came; `bell` rings for that."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    async def lost(self, exchange: Exchange) -> bool:
        """True once the user has lost a permission in any workspace, or their token opens nothing.

        False at once for everybody else: what a visitor follows ends with their conversation.
        """
        caller = exchange.caller
        if caller is None or caller.actor.type is not ActorType.USER:
            return False
        async with self._bell.listen(access_topic(UserId(caller.actor.id))) as news:
            # Looked at first: it may have been lost before there was anybody to hear of it.
            while (kept := await _keeps(exchange, caller)) is not False:
                await news.heard(LOOK_ANYWAY if kept else _LOOK_AGAIN)
        return True


async def _keeps(exchange: Exchange, before: Caller) -> bool | None:
    """Whether they may still; None when nobody can say at the moment."""
    try:
        return exchange.identify is None or (await exchange.identify()).still_may(before)
    except Unauthenticated:
        return False
    except Unavailable:
        return None
