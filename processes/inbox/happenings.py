"""A line of an instance's story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Happening:
    """One line of an instance's story. `kind` is the element's kind, `state` how the row stands; of a clock's ("clock") what
    happened to it."""

    at: datetime
    text: str
    kind: str
    node_id: str
    state: str
    who: str = ""
    until: datetime | None = None
    error: Mapping[str, Any] | None = None
    task_id: UUID | None = None
