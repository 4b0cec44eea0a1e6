"""Instances moved to another version of their process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

__all__ = [
    "migrate",
    "migration",
    "plan_migration",
    "rehearse_migration",
    "stayed_behind",
    "stop_migration",
    "undo_migration",
]


def plan_migration(
    key: str, source: int, target: int, *, user: Any, changes: Mapping[str, str] | None = None,
    restart: Iterable[str] = (),
) -> Any:  # fmt: skip
    """The way from one version of a process to another: which element stands for which. `changes` says otherwise for
    elements and flows of the old drawing (empty for none), `restart` names those whose timers begin anew."""
    from processes.instance_migration import services

    return services.way(key, source, target, user=user, changes=changes, restart=restart)


def rehearse_migration(way: Any) -> Any:
    """What would become of each running instance of the old version. Nothing is written."""
    from processes.instance_migration import services

    return services.rehearse(way)


def migrate(
    key: str, source: int, target: int, *, user: Any, reason: str, changes: Mapping[str, str] | None = None,
    restart: Iterable[str] = (),
) -> Any:  # fmt: skip
    """Move all running instances of a version to another, in the background; gives the migration."""
    from processes.instance_migration import services

    return services.begin(key, source, target, user=user, reason=reason, changes=changes, restart=restart)


def migration(migration_id: UUID, *, user: Any) -> Any:
    """How far a migration is."""
    from processes.instance_migration import selectors

    return selectors.progress(migration_id, user=user)


def stayed_behind(migration_id: UUID, *, user: Any, limit: int = 100) -> Any:
    """The instances that a migration left where they were, with the reasons."""
    from processes.instance_migration import selectors

    return selectors.stayed(migration_id, user=user, limit=limit)


def stop_migration(migration_id: UUID, *, user: Any) -> Any:
    """Move no more instances; those moved stay moved."""
    from processes.instance_migration import services

    return services.stop(migration_id, user=user)


def undo_migration(migration_id: UUID, instance_id: UUID, *, user: Any) -> None:
    """Put one moved instance back as it was, as long as it has not gone on."""
    from processes.instance_migration import services

    services.undo(migration_id, instance_id, user=user)
