"""What falls due, and doing it by hand."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime

__all__ = [
    "by_hand",
    "drain",
    "next_due",
]


def drain() -> int:
    """Deliver every message, run every job and let every timer happen that is due by the clock in use, until
    nothing is left; gives how many things it did. The dispatcher does it all the time; tests and driven
    history do it when they move the clock."""
    from processes.runtime import waking

    return waking.drain()


def next_due() -> datetime | None:
    """The next moment at which something falls due, or None."""
    from processes.runtime import waking

    return waking.next_due()


def by_hand() -> AbstractContextManager[None]:
    """Inside the block, deliveries and jobs of this thread wait for `drain`."""
    from processes.runtime import delivery

    return delivery.by_hand()
