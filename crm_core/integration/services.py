"""Imports from upload to report: read, preview, load part by part in the background, take back.

A run keeps how far it is with each part it has written, so that a worker that dies is followed by one that goes on
behind the last part; two workers at once cannot take the same part, since the run is locked for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, router, transaction
from django.db.models.deletion import Collector
from django.utils.html import escape
from django.utils.translation import gettext as _

from crm_core.integration.definitions import Definition, definition
from crm_core.integration.mapping import ColumnMapping, best_for, clean, from_json, guess, shipped
from crm_core.integration.models import ImportedRow, ImportRun
from crm_core.integration.reading import Table, read_table
from crm_core.integration.resource import resource_for
from crm_core.kernel.access.authority import allow
from processes import api, ports
from processes.errors import Invalid

PART = 500
SHOWN = 60
MOST_PROBLEMS = 500
State = ImportRun.State


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What a row would do: "new", "update", "skip" or "invalid"; its cells as HTML differences, or its sentences."""

    line: int
    what: str
    cells: list[str]
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file, and what all rows would do."""

    columns: list[str]
    rows: list[PreviewRow]
    counts: dict[str, int] = field(default_factory=dict)
    repairs: dict[str, int] = field(default_factory=dict)
    counted: int = 0


def upload(*, data: bytes, name: str, by: Any, wanted: str = "") -> ImportRun:
    """Take in a file: read it, choose what its rows are (unless said) and which column is which. Nothing is loaded.

    Raises Denied, Unreadable with a sentence.
    """
    allow(by, "add", ImportRun)
    table = read_table(data)
    chosen = shipped(table.headers) or best_for(table.headers)
    if wanted and wanted != chosen.definition:
        chosen = guess(definition(wanted), table.headers)
    run = ImportRun(
        definition=chosen.definition, file_name=name[:200], mapping=chosen.as_json(), encoding=table.encoding[:20],
        delimiter=table.separator[:2], total=len(table.rows), user=by, created_at=ports.now(),
    )  # fmt: skip
    run.file.save(f"{ports.now():%Y%m%d%H%M%S}.dat", ContentFile(data), save=False)
    run.save()
    return run


def table_of(run: ImportRun) -> Table:
    """The table of a run's file."""
    with run.file.open("rb") as file:
        return read_table(file.read())


@transaction.atomic
def choose(*, run: ImportRun, wanted: str, columns: dict[str, str], by: Any) -> ImportRun:
    """Say what the rows are and which column is which. Only before it is loaded; an unknown column is left out."""
    allow(by, "change", run)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    _must_be_waiting(run)
    target = definition(wanted)
    known = {column.name for column in target.columns}
    kept = {name: header for name, header in columns.items() if name in known and header}
    run.definition = target.key
    run.mapping = {**run.mapping, "columns": kept}
    run.save(update_fields=["definition", "mapping"])
    return run


def _must_be_waiting(run: ImportRun) -> None:
    if run.state != State.UPLOADED:
        raise Invalid(_("This file is being loaded, or was loaded already. Upload it again to load it once more."))


def _columns(target: Definition, chosen: ColumnMapping) -> list[str]:
    given = {*chosen.columns, *chosen.fixed}
    return [column.name for column in target.columns if column.name in given]


def preview(run: ImportRun, *, by: Any, most: int = 2000) -> Preview:
    """What loading would do: the first rows one by one, and the counts over up to `most` rows."""
    allow(by, "view", run)
    chosen, table = from_json(run.definition, run.mapping), table_of(run)
    target = definition(run.definition)
    missing = [c for c in target.columns if c.required and c.name not in chosen.columns and c.name not in chosen.fixed]
    shown = _columns(target, chosen)
    counts = {"new": 0, "update": 0, "skip": 0, "invalid": 0}
    if missing:
        return Preview([str(target.column(name).label) for name in shown if target.column(name)], [], counts)  # type: ignore[union-attr]
    rows: list[PreviewRow] = []
    repairs: dict[str, int] = {}
    counted = min(len(table.rows), most)
    for start in range(0, counted, PART):
        part = clean(table, chosen, start, min(start + PART, counted))
        for name, times in part.repairs.items():
            repairs[name] = repairs.get(name, 0) + times
        resource = resource_for(target, shown)(part.rows, by=by)
        result = resource.run(dry=True)
        for row, found in zip(part.rows, result.rows, strict=True):
            what = "invalid" if row.errors or found.errors else str(found.import_type)
            counts[what] = counts.get(what, 0) + 1
            if len(rows) < SHOWN or (what == "invalid" and len(rows) < 2 * SHOWN):
                sentences = list(row.errors.values()) or [str(error.error) for error in found.errors]
                cells = [str(cell) for cell in found.diff or []] or [_cell(row.values.get(name)) for name in shown]
                rows.append(PreviewRow(row.line, what, cells, sentences))
    labels = [str(column.label) for name in shown if (column := target.column(name)) is not None]
    return Preview(labels, rows, counts, repairs, counted)


def _cell(value: Any) -> str:
    return escape("" if value is None else str(value))


@transaction.atomic
def queue(*, run: ImportRun, by: Any) -> ImportRun:
    """Load the file in the background. A second click finds it on its way already and changes nothing."""
    allow(by, "change", run)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state in (State.QUEUED, State.RUNNING):
        return run
    _must_be_waiting(run)
    run.state, run.started_at = State.QUEUED, ports.now()
    run.save(update_fields=["state", "started_at"])
    api.enqueue("crm_core.integration.services.load", run.pk, key=f"import:{run.pk}:0")
    return run


def load(run_id: int, *_more: Any) -> None:
    """Load what is left of a run, part by part; each part is one transaction together with how far the run is."""
    while _load_part(run_id):
        pass


def _load_part(run_id: int) -> bool:
    """One part; true when there is more."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().select_related("user").get(pk=run_id)
        if run.state not in (State.QUEUED, State.RUNNING):
            return False
        with ports.audit().acting(user=run.user, action="import", reason=f"{run.definition}: {run.file_name}"[:200]):
            more = _write_part(run)
    return more


def _write_part(run: ImportRun) -> bool:
    chosen, table = from_json(run.definition, run.mapping), _cached_table(run)
    target = definition(run.definition)
    stop = min(run.done + PART, len(table.rows))
    part = clean(table, chosen, run.done, stop)
    resource = resource_for(target, _columns(target, chosen))(part.rows, by=run.user)
    result = resource.run(dry=False)
    for row, found in zip(part.rows, result.rows, strict=True):
        sentences = list(row.errors.values()) or [str(error.error) for error in found.errors]
        if sentences:
            run.errors += 1
            if len(run.problems) < MOST_PROBLEMS:
                run.problems.append({"line": row.line, "sentences": sentences})
        elif found.import_type == "update":
            run.updated += 1
        elif found.import_type == "skip":
            run.skipped += 1
    run.created += len(resource.created)
    _remember(run, resource.created)
    if target.after is not None:
        target.after(resource.created, run.options, run.user)
    for name, times in part.repairs.items():
        run.repairs[name] = run.repairs.get(name, 0) + times
    run.done, run.state = stop, State.RUNNING
    if stop >= len(table.rows):
        run.state, run.finished_at = State.DONE, ports.now()
        _tables.pop(str(run.file.name), None)
    run.save()
    return run.state == State.RUNNING


_tables: dict[str, Table] = {}
"""The table of a run that is being loaded in this process; read once for all its parts."""


def _cached_table(run: ImportRun) -> Table:
    name = str(run.file.name)
    if name not in _tables:
        _tables.clear()
        _tables[name] = table_of(run)
    return _tables[name]


def _remember(run: ImportRun, created: Sequence[Any]) -> None:
    """Which records a run has written, as they were, so that it can be taken back."""
    ImportedRow.objects.bulk_create(
        [ImportedRow(run=run, record_id=record.pk, version=getattr(record, "version", 0)) for record in created],
        batch_size=1000,
    )


@transaction.atomic
def take_back(*, run: ImportRun, by: Any) -> int:
    """Delete what a run created and nobody has touched since; gives how many records that were.

    Raises Invalid when some of them were changed or are used elsewhere; then nothing is deleted.
    """
    allow(by, "delete", run)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state != State.DONE:
        raise Invalid(_("Only an import that was loaded to its end can be taken back."))
    if run.options.get("start_flows"):
        raise Invalid(_("The file was loaded to begin processes with its records. End those, and close the records instead."))
    model: Any = definition(run.definition).model
    versions = dict(run.rows.values_list("record_id", "version"))
    records = list(model._base_manager.filter(pk__in=versions))
    touched = [record for record in records if getattr(record, "version", 0) != versions[record.pk]]
    if touched:
        raise Invalid(
            _("%(n)d of the records were changed since the import, “%(first)s” among them. Nothing was taken back.")
            % {"n": len(touched), "first": touched[0]}
        )
    _must_be_unused(run, records)
    with ports.audit().acting(user=by, action="import.undo", reason=f"{run.definition}: {run.file_name}"[:200]):
        model._base_manager.filter(pk__in=versions).delete()
    run.state, run.message = State.TAKEN_BACK, _("Taken back: %(n)d records deleted.") % {"n": len(records)}
    run.rows.all().delete()
    run.save(update_fields=["state", "message"])
    return len(records)


def _must_be_unused(run: ImportRun, records: Sequence[Any]) -> None:
    """Raise Invalid when deleting these records would take along, or cut loose, what did not come with them."""
    target, ids = definition(run.definition), {record.pk for record in records}
    collector = Collector(using=router.db_for_write(target.model))
    try:
        collector.collect(records)
    except (models.ProtectedError, models.RestrictedError):
        raise _used() from None
    reached: list[Any] = [*collector.data.values(), *collector.fast_deletes, *(rows for lists in collector.field_updates.values() for rows in lists)]
    for row in (row for rows in reached for row in rows):
        own = type(row) is target.model and row.pk in ids
        came_along = type(row) in target.parts and _stamped(row) <= run.finished_at
        if not (own or came_along or type(row)._meta.auto_created):
            raise _used()


def _stamped(row: Any) -> Any:
    return getattr(row, "created_at", None) or datetime.min.replace(tzinfo=UTC)


def _used() -> Invalid:
    return Invalid(_("Some of the records are used by others already. Nothing was taken back."))
