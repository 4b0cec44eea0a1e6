"""Who a writing call of the door is done by."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from processes import ports


def acting(user: Any, what: str, **where: Any) -> AbstractContextManager[None]:
    """Attribute everything in the block to a person and to what they do."""
    return ports.audit().acting(user=user, action=what, **where)
