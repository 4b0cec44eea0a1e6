"""Who acts: kept per thread or task, read by the audit triggers and the refusal log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Acting:
    """The person and the occasion behind what is being written."""

    actor_id: int | None = None
    instance_id: str = ""
    task_id: str = ""
    action: str = ""
    reason: str = ""
    request_id: str = ""
    acting_for_id: int | None = None


_NOBODY = Acting()
_acting: ContextVar[Acting] = ContextVar("redraw_acting", default=_NOBODY)
_at_end: list[Callable[[], None]] = []


def current() -> Acting:
    """Who acts here and now."""
    return _acting.get()


def is_inside() -> bool:
    """Whether an `acting` block is open here."""
    return _acting.get() is not _NOBODY


def at_end(callback: Callable[[], None]) -> None:
    """Have `callback` run whenever an outermost `acting` block has ended."""
    if callback not in _at_end:
        _at_end.append(callback)


@contextmanager
def acting(
    user: Any = None,
    *,
    process: Any = None,
    instance: Any = None,
    task: Any = None,
    action: str | None = None,
    reason: str | None = None,
    request_id: str | None = None,
    acting_for: Any = None,
) -> Iterator[None]:
    """Attribute everything written inside: person, process instance, task, action, reason.

    What is not given is kept from the block around. `process` is another word for
    `instance`; instance and task may be rows or ids. `acting_for` is the absent person in whose stead somebody acts.
    """
    instance = instance if instance is not None else process
    outer = _acting.get()
    new: dict[str, Any] = {}
    if user is not None:
        new["actor_id"] = getattr(user, "pk", None)
    if acting_for is not None:
        new["acting_for_id"] = getattr(acting_for, "pk", None)
    if instance is not None:
        new["instance_id"] = str(getattr(instance, "pk", instance))[:40]
    if task is not None:
        new["task_id"] = str(getattr(task, "pk", task))[:40]
    if action is not None:
        new["action"] = action[:80]
    if reason:
        new["reason"] = str(reason)[:300]
    if request_id is not None:
        new["request_id"] = request_id[:40]
    token = _acting.set(replace(outer, **new))
    try:
        yield
    finally:
        _acting.reset(token)
        if outer is _NOBODY:
            for callback in _at_end:
                callback()


def refine(*, action: str) -> None:
    """Say more exactly what is being done, until the present `acting` block ends."""
    _acting.set(replace(_acting.get(), action=action[:80]))


class ActingPort:
    """The engine's AuditContext port."""

    def acting(self, **who: Any) -> Any:
        """See `acting`."""
        return acting(**who)
