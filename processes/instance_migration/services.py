"""Migrations begun, carried on in the background part by part, stopped and taken back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from processes import ports
from processes.bpmn.model import Model
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.errors import AlreadyDone, Invalid, LockTimeout, NotAllowed, NotFound
from processes.inbox.supervision import answers_for
from processes.instance_migration import moving, planning, rehearsing
from processes.instance_migration.assessing import Problem
from processes.instance_migration.models import MigratedInstance, Migration
from processes.instance_migration.planning import Plan
from processes.runtime import jobs
from processes.runtime.failures import technical
from processes.runtime.flow import flow_of
from processes.runtime.models import ProcessInstance
from processes.runtime.services import demand_reason
from processes.spoken import gettext as _
from processes.spoken import kept

log = logging.getLogger(__name__)

PART = 50
"""How many instances one background call moves."""
ATTEMPTS = 3
"""How often an instance is tried that somebody else works on at the time."""


@dataclass(frozen=True, slots=True)
class Way:
    """From which version to which, with the plan between them."""

    source: ProcessVersion
    target: ProcessVersion
    old: Model
    new: Model
    plan: Plan


def way(
    key: str, source: int, target: int, *, user: Any, changes: Mapping[str, str] | None = None,
    restart: Iterable[str] = (),
) -> Way:  # fmt: skip
    """The plan between two versions of a process, for who answers for it.

    NotFound for versions there are not, Invalid for a target that nothing may run on, NotRunnable for one that does
    not compile.
    """
    old, new = catalog.version(key, source), catalog.version(key, target)
    _demand(old, user)
    if old.pk == new.pk:
        raise Invalid(_("Choose two different versions; the instances are on this one already."))
    if new.is_open:
        raise Invalid(_("Version %(n)s is not published; publish it before instances are moved to it.") % {"n": new.number})
    flow_of(new.pk)
    models = catalog.model_of(old), catalog.model_of(new)
    return Way(old, new, *models, planning.plan(*models, changes=changes, restart=restart))


def rehearse(found: Way) -> rehearsing.Rehearsal:
    """What the migration would do. Nothing is written."""
    return rehearsing.rehearse(found.source, found.old, found.new, found.plan)


def begin(
    key: str, source: int, target: int, *, user: Any, reason: str, changes: Mapping[str, str] | None = None,
    restart: Iterable[str] = (),
) -> Migration:  # fmt: skip
    """Move all running instances of a version in the background. Invalid while another migration moves them."""
    found = way(key, source, target, user=user, changes=changes, restart=restart)
    with ports.audit().acting(user=user, action="process.migrate"), transaction.atomic():
        try:
            with transaction.atomic():
                migration = Migration.objects.create(
                    source=found.source, target=found.target, changes=dict(changes or {}), restart=sorted(restart),
                    reason=demand_reason(reason), created_by=user,
                )  # fmt: skip
        except IntegrityError as error:
            raise Invalid(
                _("Instances of version %(n)s are being moved already. Wait until that has ended, or stop it.")
                % {"n": found.source.number}
            ) from error
        running = ProcessInstance.objects.running().filter(version=found.source).order_by("pk")
        MigratedInstance.objects.bulk_create(
            (MigratedInstance(migration=migration, instance_id=pk) for pk in running.values_list("pk", flat=True)),
            batch_size=500,
        )
        _next_part(migration, 0)
    return migration


def _next_part(migration: Migration, number: int) -> None:
    jobs.enqueue("processes.instance_migration.services.go_on", str(migration.pk), number, key=f"migration:{migration.pk}:{number}")


def go_on(migration_id: str, number: int) -> None:
    """Move the next instances of a migration, each in a transaction of its own, and ask for the part after it.

    Called in the background, perhaps twice: what was moved is known from its row.
    """
    migration = (
        Migration.objects.select_related("source__definition", "target__definition", "created_by").get(pk=UUID(migration_id))
    )
    if migration.state != Migration.State.RUNNING:
        return
    old, new = catalog.model_of(migration.source), catalog.model_of(migration.target)
    plan = planning.plan(old, new, changes=migration.changes, restart=migration.restart)
    waiting = migration.instances.filter(state=MigratedInstance.State.WAITING)
    for row in waiting.order_by("attempts", "pk")[:PART]:
        _move(row, migration, old, plan)
    with transaction.atomic():
        if waiting.exists():
            _next_part(migration, number + 1)
        else:
            Migration.objects.filter(pk=migration.pk, state=Migration.State.RUNNING).update(
                state=Migration.State.DONE, finished_at=ports.now()
            )


def _move(row: MigratedInstance, migration: Migration, old: Model, plan: Plan) -> None:
    """Move one instance and remember what became of it, in one transaction."""
    try:
        with (
            ports.audit().acting(user=migration.created_by, action="instance.migrate", instance=row.instance_id),
            transaction.atomic(),
        ):
            before = moving.move(
                row.instance_id, plan, source=old, target=flow_of(migration.target_id),
                source_version=migration.source_id, user=migration.created_by,
            )  # fmt: skip
            _note(row, MigratedInstance.State.MOVED, before=before)
    except moving.Stays as stays:
        if any(problem.kind == "wait" for problem in stays.problems) and row.attempts + 1 < ATTEMPTS:
            _later(row)
        else:
            _note(row, MigratedInstance.State.REFUSED, problems=[_stored(problem) for problem in stays.problems])
    except AlreadyDone:
        _note(row, MigratedInstance.State.ENDED)
    except LockTimeout as error:
        if row.attempts + 1 < ATTEMPTS:
            _later(row)
        else:
            _note(row, MigratedInstance.State.REFUSED, problems=[_stored(Problem("wait", "", error.sentence))])
    except Exception as error:  # one instance that nobody foresaw must not keep the others
        log.exception("Moving the instance %s failed", row.instance_id)
        _note(row, MigratedInstance.State.REFUSED, problems=[_stored(Problem("cannot", "", technical(error).sentence))])


def _note(row: MigratedInstance, state: str, **values: Any) -> None:
    MigratedInstance.objects.filter(pk=row.pk).update(state=state, at=ports.now(), **values)


def _later(row: MigratedInstance) -> None:
    MigratedInstance.objects.filter(pk=row.pk).update(attempts=row.attempts + 1)


def _stored(problem: Problem) -> dict[str, Any]:
    return {"kind": problem.kind, "element": problem.element, **kept(problem.sentence)}


def stop(migration_id: UUID, *, user: Any) -> Migration:
    """Move no more instances; those that were moved stay moved. AlreadyDone when it has ended."""
    migration = migration_of(migration_id, user=user)
    with ports.audit().acting(user=user, action="process.migrate.stop"):
        stopped = Migration.objects.filter(pk=migration.pk, state=Migration.State.RUNNING).update(
            state=Migration.State.STOPPED, finished_at=ports.now()
        )
    if not stopped:
        raise AlreadyDone(_("This migration has ended already."))
    return migration_of(migration_id, user=user)


def undo(migration_id: UUID, instance_id: UUID, *, user: Any) -> None:
    """Put one moved instance back on the version it came from, as it was. Invalid, with the reason, when it has gone on
    since; AlreadyDone when it has ended."""
    migration = migration_of(migration_id, user=user)
    row = migration.instances.filter(instance=instance_id, state=MigratedInstance.State.MOVED).first()
    if row is None:
        raise NotFound(_("This migration has not moved that process instance, or it was taken back already."))
    old, new = catalog.model_of(migration.source), catalog.model_of(migration.target)
    plan = planning.plan(old, new, changes=migration.changes, restart=migration.restart)
    try:
        with ports.audit().acting(user=user, action="instance.migrate.undo", instance=instance_id), transaction.atomic():
            moving.put_back(
                instance_id, row.before, plan, source=flow_of(migration.source_id), target_version=migration.target_id,
                user=user,
            )  # fmt: skip
            _note(row, MigratedInstance.State.BACK)
    except moving.Stays as stays:
        raise Invalid(stays.problems[0].sentence) from stays


def migration_of(migration_id: UUID, *, user: Any) -> Migration:
    """A migration, for who answers for its process."""
    found = Migration.objects.select_related("source__definition", "target__definition").filter(pk=migration_id).first()
    if found is None:
        raise NotFound(_("There is no such migration."))
    _demand(found.source, user)
    return found


def _demand(version: ProcessVersion, user: Any) -> None:
    if not answers_for(version.definition, user):
        raise NotAllowed(_("Only the owner of the process or an administrator may do this."))
