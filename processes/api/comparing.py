"""Two versions side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from processes.comparison.model import Difference

__all__ = [
    "comparable_versions",
    "difference",
    "difference_pictures",
    "short_difference",
]


def comparable_versions(key: str, *, user: Any) -> tuple[Any, ...]:
    """The versions of a process that the person may compare, newest first: drafts only for who answers for it."""
    from processes.comparison import selectors
    return selectors.versions(key, user=user)
def difference(key: str, before: int, after: int, *, user: Any) -> Difference:
    """What leads from one version of a process to another, in words: drawing, decisions rule by rule, forms, attributes,
    and what it means for running instances. NotFound for versions that are not there or may not be seen."""
    from processes.comparison import selectors
    return selectors.difference(key, before, after, user=user)
def short_difference(key: str, before: int, after: int, *, user: Any) -> Difference:
    """As `difference`, without what it means for running instances, which takes longer."""
    from processes.comparison import selectors
    return selectors.short(key, before, after, user=user)
def difference_pictures(found: Difference) -> tuple[str, str]:
    """The older and the newer drawing as SVG, with what differs marked by colour, line and a numbered sign."""
    from processes.comparison import selectors
    return selectors.pictures(found)
