"""What a call that lists things returns."""

from __future__ import annotations

from .lazy_import import Any

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from typing import TypeVar

    from ._core import CallReport

    T_co = TypeVar("T_co", covariant=True)


class Page(tuple["T_co", ...]):
    """All that a call lists, or one page of it: a tuple of the vendor's own values."""

    #: What to ask for the following page with; None on the last, and where there are no pages.
    next: str | None = None
    #: The report of every attempt; None for what a pure parse returns.
    call: CallReport | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the page as JSON has it."""
        items: list[Any] = list(self)
        return {"items": [item.to_dict() for item in items], "next": self.next}

    def _repr_html_(self) -> str:
        from .showing.notebook import html_of_page

        return html_of_page(self, f"Page of {len(self)}", len(self))
