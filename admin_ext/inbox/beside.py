"""What stands beside the form of a task, by the kind of record it is about.

A customer's record has the customer's story there. Whoever builds pages about another kind of record registers what a
person who works on it has to see: a title, a template, and what fills it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Filling = Callable[[Any, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands beside a form: its title, its template and what fills it."""

    title: str
    template: str
    about: Mapping[str, Any]


_registered: dict[str, tuple[Any, str, Filling]] = {}


def register(kind: str, *, title: Any, template: str, fill: Filling) -> None:
    """Say what stands beside tasks about a kind of record; `fill(record, user)` is asked for records that the person sees."""
    if kind in _registered:
        raise ValueError(f"What stands beside “{kind}” is registered already.")
    _registered[kind] = (title, template, fill)


def panel_of(kind: str, record: Any, user: Any) -> Panel | None:
    """What stands beside a task about a record; None for a kind that nobody registered."""
    if kind not in _registered or record is None:
        return None
    title, template, fill = _registered[kind]
    return Panel(str(title), template, fill(record, user))
