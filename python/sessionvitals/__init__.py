"""Ask tiun, Ping Network and elizaOS what their sessions are doing.

>>> from sessionvitals import PingClient
>>> with PingClient() as ping:
...     ping.session_status("vpn-1").uploaded_bytes
9007199254740993

One client a vendor, each with the vendor's own call and with ``probe``, which
answers for all of them in the same words. Errors are a tree, drawn in
``sessionvitals.errors``. The pure halves of a call, ``build_*_request`` and
``parse_*_response``, are for those who bring their own HTTP.
"""

from __future__ import annotations

import sys as _sys
from os import environ as _environ

if _sys.version_info < (3, 12):
    from . import interpreter

    interpreter.require_main_interpreter()

try:
    from ._core import __version__
except ModuleNotFoundError as _error:
    if _error.name != f"{__name__}._core":
        raise
    raise ImportError(
        "the compiled half of sessionvitals, sessionvitals._core, is not here: install the package "
        "(pip install sessionvitals, or in a checkout: pip install .), and do not import it "
        "from the source tree",
        name=_error.name,
    ) from None

# A vendor's module names in __all__ what it adds: its client and its values.
from . import lazy_import as _lazy_import
from . import pure as _pure
from ._core import (
    Attempt,
    CallReport,
    CancelToken,
    Outcome,
    OutcomeTable,
    RateLimit,
    Request,
    Session,
)
from ._sync import eliza as _eliza
from ._sync import ping as _ping
from ._sync import tiun as _tiun
from ._sync.client import Client
from ._sync.eliza import *
from ._sync.eliza import ElizaClient
from ._sync.keeper import Keeper
from ._sync.ping import *
from ._sync.ping import PingClient
from ._sync.tiun import *
from ._sync.tiun import TiunClient
from ._sync.watch import ManyWatch, Watch
from .errors import (
    AuthenticationError,
    BadRequestError,
    CallCancelled,
    CallError,
    ConfigurationError,
    ContractError,
    DeadlineExceeded,
    HttpStatusError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    SessionExpiredError,
    SessionVitalsError,
    TransportError,
)
from .pacing.pace import Pace
from .page import Page
from .pure import *
from .watching.changes import Change, StateImpossible, WatchTimeout

#: Every vendor's client, in the alphabetical order of their names.
CLIENTS: tuple[type[Client], ...] = (
    ElizaClient,
    PingClient,
    TiunClient,
)

#: The clients for asyncio, and where they are. Imported when one is used: asyncio costs more to
#: import than all the rest.
_ASYNC_CLIENTS = {f"Async{client.__name__}": f"._async.{client.provider}" for client in CLIENTS}
_ASYNC_CLIENTS |= {
    "AsyncKeeper": "._async.keeper",
    "AsyncWatch": "._async.watch",
    "AsyncManyWatch": "._async.watch",
}

#: Every vendor's name.
PROVIDERS: tuple[str, ...] = tuple(client.provider for client in CLIENTS)


#: What is imported when it is used, and where it is.
_LATER = {
    **_ASYNC_CLIENTS,
    "FINAL": ".states",  # which needs enum
    "RedisPace": ".pacing.redis_pace",
    "SessionState": ".states",
}

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from ._async.eliza import AsyncElizaClient
    from ._async.keeper import AsyncKeeper
    from ._async.ping import AsyncPingClient
    from ._async.tiun import AsyncTiunClient
    from ._async.watch import AsyncManyWatch, AsyncWatch
    from .pacing.redis_pace import RedisPace
    from .states import FINAL, SessionState

if _environ.get("SESSIONVITALS_LOG"):
    from . import logs

    logs.listen_as_told()


def __getattr__(name: str) -> object:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(_lazy_import.load(__name__ + module), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "CLIENTS",
    "FINAL",
    "PROVIDERS",
    "AsyncElizaClient",
    "AsyncKeeper",
    "AsyncManyWatch",
    "AsyncPingClient",
    "AsyncTiunClient",
    "AsyncWatch",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "CallCancelled",
    "CallError",
    "CallReport",
    "CancelToken",
    "Change",
    "Client",
    "ConfigurationError",
    "ContractError",
    "DeadlineExceeded",
    "HttpStatusError",
    "Keeper",
    "ManyWatch",
    "NotFoundError",
    "Outcome",
    "OutcomeTable",
    "Pace",
    "Page",
    "PermissionDeniedError",
    "RateLimit",
    "RateLimitError",
    "RedisPace",
    "Request",
    "ServerError",
    "Session",
    "SessionExpiredError",
    "SessionState",
    "SessionVitalsError",
    "StateImpossible",
    "TransportError",
    "Watch",
    "WatchTimeout",
    "__version__",
]
__all__ += _eliza.__all__
__all__ += _ping.__all__
__all__ += _tiun.__all__
__all__ += _pure.__all__
