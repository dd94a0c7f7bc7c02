"""What ``opentelemetry-instrument`` finds by the entry point."""

from __future__ import annotations

from . import disable, enable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    class BaseInstrumentor:
        """What of it is used; its own module is not typed."""

        def instrument(self, **options: Any) -> None: ...
        def uninstrument(self, **options: Any) -> None: ...

else:
    try:
        from opentelemetry.instrumentation.instrumentor import BaseInstrumentor
    except ModuleNotFoundError as error:
        raise ImportError(
            "opentelemetry-instrumentation is not installed: install it, or call "
            "sessionvitals.telemetry.enable(), which does the same",
            name=error.name,
        ) from None


class SessionVitalsInstrumentor(BaseInstrumentor):
    """``instrument()`` is ``enable()``, with the same arguments; ``uninstrument()`` ``disable()``.

    It is the entry point ``sessionvitals`` of ``opentelemetry_instrumentor``.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Return what has to be installed: nothing besides this package."""
        return ()

    def _instrument(self, **options: Any) -> None:
        taken = ("tracer_provider", "meter_provider", "propagate", "session_ids", "spans")
        enable(**{name: options[name] for name in taken if name in options})

    def _uninstrument(self, **options: Any) -> None:
        disable()
