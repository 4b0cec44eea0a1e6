"""How far a migration is, and what became of its instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from processes.instance_migration.models import MigratedInstance, Migration
from processes.instance_migration.services import migration_of
from processes.spoken import told


@dataclass(frozen=True, slots=True)
class Stayed:
    """An instance that stayed where it was, and why, in the language in use."""

    instance_id: UUID
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """A migration with how many instances stand in each state."""

    migration: Migration
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All its instances."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Those whose turn has come."""
        return self.total - self.counts.get(MigratedInstance.State.WAITING, 0)


def progress(migration_id: UUID, *, user: Any) -> Progress:
    """How far a migration is, for who answers for its process."""
    migration = migration_of(migration_id, user=user)
    rows = migration.instances.order_by().values_list("state").annotate(n=Count("pk"))
    return Progress(migration, dict(rows))


def stayed(migration_id: UUID, *, user: Any, limit: int = 100) -> list[Stayed]:
    """The first instances that stayed where they were, with the reasons."""
    rows = migration_of(migration_id, user=user).instances.filter(state=MigratedInstance.State.REFUSED).order_by("pk")
    return [Stayed(row.instance_id, tuple(told(problem) for problem in row.problems)) for row in rows[:limit]]
