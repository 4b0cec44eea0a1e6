"""Versions checked, published and withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "check",
    "publish",
    "withdraw",
]


def check(key: str, *, number: int) -> list[Any]:
    """What speaks against publishing a version: findings with code, element, severity and sentence."""
    from processes.catalog import selectors
    from processes.publication import checks

    return checks.check(selectors.version(key, number))


def publish(key: str, *, number: int, user: Any, waivers: Mapping[str, str] | None = None) -> Any:
    """Make a version the one that new instances run on, at once and everywhere; running ones stay on theirs.

    `waivers` gives reasons for findings that a reviewer lets pass. People publish through a change (`submit_change`);
    directly only where nobody else in the house reviews. Raises NotPublishable with the findings, NotAllowed with the
    reason.
    """
    from processes.catalog import selectors
    from processes.publication import ending, services

    version = selectors.version(key, number)
    if user is None:
        return services.publish_now(version, waivers=waivers)
    return ending.publish_directly(version, user=user, waivers=waivers)


def withdraw(key: str, *, user: Any, reason: str) -> Any:
    """Retire the published version of a process: nothing starts on it any more, what runs goes on."""
    from processes.catalog import selectors
    from processes.publication import rights, services

    version = selectors.current_version(key)
    if user is not None:
        rights.demand(rights.may_edit(user, version.definition))
    return services.withdraw(version, user, reason=reason)
