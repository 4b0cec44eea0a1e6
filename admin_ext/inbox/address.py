"""What the inbox's address says: box, filters, search. Every state of the list can be shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

BOXES = ("mine", "teams", "following", "standing_in", "done")
DUE = ("late", "hour", "today", "week")
NAMES = ("box", "process", "step", "customer", "due", "q", "after")


@dataclass(frozen=True, slots=True)
class InboxState:
    """Which part of the work is looked at. Empty texts mean no filter."""

    box: str = "mine"
    process: str = ""
    step: str = ""
    customer: str = ""
    due: str = ""
    search: str = ""
    after: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> InboxState:
        """The state that an address asks for; what makes no sense is left out."""
        box = query.get("box", "")
        due = query.get("due", "")
        return cls(
            box=box if box in BOXES else "mine",
            process=query.get("process", "")[:150],
            step=query.get("step", "")[:300],
            customer=query.get("customer", "")[:20],
            due=due if due in DUE else "",
            search=query.get("q", "").strip()[:100],
            after=query.get("after", "")[:200],
        )

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        """The parameters of the address, with some of them changed."""
        now = {"box": self.box, "process": self.process, "step": self.step, "customer": self.customer,
               "due": self.due, "q": self.search, "after": self.after}  # fmt: skip
        if changes:
            # Another filter starts again at the top of the list.
            now["after"] = ""
        now.update({key: "" if value is None else str(value) for key, value in changes.items()})
        if now["box"] == "mine":
            now["box"] = ""
        return [(name, now[name]) for name in NAMES if now[name]]

    def with_(self, **changes: Any) -> str:
        """The query of this state with changes, beginning with “?”; empty when there is nothing to say."""
        pairs = self.pairs(**changes)
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def query(self) -> str:
        """The query of this state."""
        return self.with_()

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a search within the list keeps."""
        return [pair for pair in self.pairs(q="", after="") if pair[1]]

    @property
    def filtered(self) -> bool:
        """Whether something is filtered, so that an empty list may be the filter's doing."""
        return bool(self.process or self.step or self.customer or self.due or self.search)

    def filters(self) -> dict[str, Any]:
        """The state as the engine's selector takes it."""
        return {
            "box": self.box,
            "process": self.process or None,
            "step": self.step or None,
            "customer": int(self.customer) if self.customer.isdecimal() else None,
            "due": self.due or None,
            "search": self.search,
            "after": self.after or None,
        }
