"""Imports from upload to report: read, preview, load part by part in the background, take back.

A run keeps how far it is with each part it has written, so that a worker that dies is followed by one that goes on
behind the last part; two workers at once cannot take the same part, since the run is locked for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, models, router, transaction
from django.db.models.deletion import Collector
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from crm_core.integration import mappings, staging
from crm_core.integration.definitions import Column, Definition, definition
from crm_core.integration.mapping import ColumnMapping, best_for, clean, from_json, guess, shipped
from crm_core.integration.models import ImportedRow, ImportRun, SavedMapping
from crm_core.integration.reading import ENCODINGS, Table, Unreadable, read_table, refuse_at_sight
from crm_core.integration.resource import resource_for
from crm_core.integration.values import UNTOLD, Style
from crm_core.kernel.access.authority import allow
from processes import api, ports
from processes.errors import Invalid

PART = 500
"""Rows that are checked at a time."""
LOADED = 250
"""Rows that are loaded in one transaction."""
PAUSE = 0.12
"""Seconds between two of them on SQLite."""
SHOWN = 60
MOST_PROBLEMS = 500
AT_ONCE_BYTES, AT_ONCE_ROWS = 256 * 1024, 300
"""What is read and checked while its person waits; larger files are in the background."""
FIRST_LOOK = 2000
"""Rows that are checked before the preview is shown."""
SLICE = 60.0
"""Seconds for which one background call works on a file before it asks for the next one: much shorter than its lease."""
SILENT = timedelta(seconds=40)
"""After how long without a finished part a file counts as left alone."""
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
    """The first rows of a file, and what the `counted` first rows would do."""

    columns: list[str] = field(default_factory=list)
    rows: list[PreviewRow] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("new", "update", "skip", "invalid"), 0))
    repairs: dict[str, int] = field(default_factory=dict)
    counted: int = 0


def upload(*, data: bytes, name: str, by: Any, wanted: str = "") -> ImportRun:
    """Take in a file. A small one is read and checked at once, a large one in the background; nothing is loaded.

    `wanted` says what its rows are (default: told by the columns). Raises Denied, Unreadable with a sentence.
    """
    allow(by, "add", ImportRun)
    refuse_at_sight(data)
    table = read_table(data) if len(data) <= AT_ONCE_BYTES else None
    with transaction.atomic():
        run = _kept(data, name, by)
        run.definition = wanted
        run.save()
        if table is None:
            _soon("read", run)
        else:
            _take_in(run, table)
    return run


def take_whole(*, data: bytes, name: str, by: Any) -> ImportRun:
    """Take in a file that is to be loaded at once, without looking at what that would do. Raises as `upload` does."""
    allow(by, "add", ImportRun)
    table = read_table(data)
    run = _kept(data, name, by)
    _stage(run, table)
    _choose_for(run, table)
    run.state = State.UPLOADED
    run.save()
    return run


def _kept(data: bytes, name: str, by: Any) -> ImportRun:
    run = ImportRun(file_name=name[:200], user=by, created_at=ports.now())
    run.file.save(f"{ports.now():%Y%m%d%H%M%S}.dat", ContentFile(data), save=False)
    return run


def read(run_id: int, *_more: Any) -> None:
    """Read an uploaded file in the background; one that is no table is refused with its sentence on its page."""
    run = ImportRun.objects.select_related("user").get(pk=run_id)
    if run.state != State.READING or run.staged:
        return
    with translation.override(run.user.language if run.user is not None else settings.LANGUAGE_CODE):
        try:
            table = _table_of(run)
        except Unreadable as refused:
            _refuse(run, refused.sentence)
            return
        with transaction.atomic():
            run = ImportRun.objects.select_for_update(of=("self",)).select_related("user").get(pk=run_id)
            if run.state == State.READING and not run.staged:
                _take_in(run, table)


def _refuse(run: ImportRun, sentence: str) -> None:
    ImportRun.objects.filter(pk=run.pk, state=State.READING).update(
        state=State.FAILED, message=sentence[:500], finished_at=ports.now()
    )


def _table_of(run: ImportRun, encoding: str = "") -> Table:
    with run.file.open("rb") as file:
        return read_table(file.read(), encoding)


def _take_in(run: ImportRun, table: Table) -> None:
    """Keep a table's rows, choose what they are (unless said) and which column is which, and check them."""
    _stage(run, table)
    _choose_for(run, table)
    run.save()
    _check_anew(run)


def _choose_for(run: ImportRun, table: Table) -> None:
    kept = mappings.fitting(run.user, table.headers, run.definition)
    chosen = mappings.mapping_of(kept) if kept is not None else shipped(table.headers) or best_for(table.headers)
    if run.definition and run.definition != chosen.definition:
        chosen = guess(definition(run.definition), table.headers)
    run.definition, run.mapping = chosen.definition, chosen.as_json()


def _stage(run: ImportRun, table: Table) -> None:
    run.staged.save(f"{ports.now():%Y%m%d%H%M%S}.rows", ContentFile(staging.written(table)), save=False)
    run.headers, run.total = table.headers, len(table.rows)
    run.encoding, run.delimiter = table.encoding[:20], table.separator[:2]
    run.styles = {header: [style.dates, style.decimals] for header, style in staging.styles(table).items()}


@transaction.atomic
def choose(
    *, run: ImportRun, wanted: str, columns: Mapping[str, str], by: Any, dates: str = "", encoding: str = "",
    start_flows: bool = False,
) -> ImportRun:  # fmt: skip
    """Say what the rows are, which column is which and what begins with the rows; only before the file is loaded.

    Unknown columns are left out. `dates` is the order of day and month where the file does not tell ("dmy", "mdy");
    `encoding` reads a text anew. Raises Invalid, Unreadable with a sentence; nothing has changed then.
    """
    allow(by, "change", run)
    run = _locked(run)
    _must_be_waiting(run)
    target = definition(wanted)
    if encoding and encoding != run.encoding and encoding in ENCODINGS and run.encoding:
        _stage(run, _table_of(run, encoding))
    known = {column.name for column in target.columns}
    kept = {name: header for name, header in columns.items() if name in known and header in run.headers}
    if target.key != run.definition and not kept:
        kept = guess(target, run.headers).columns
    run.definition = target.key
    run.mapping = {**run.mapping, "columns": kept, "dates": dates if dates in ("dmy", "mdy") else ""}
    run.options = {**run.options, "start_flows": bool(start_flows and target.starts)}
    run.save()
    _check_anew(run)
    return run


@transaction.atomic
def use_mapping(*, run: ImportRun, kept: SavedMapping, by: Any) -> ImportRun:
    """Read the file by a mapping that was kept; columns that the file does not have are left out."""
    allow(by, "change", run)
    allow(by, "view", kept)
    run = _locked(run)
    _must_be_waiting(run)
    chosen = mappings.mapping_of(kept).as_json()
    chosen["columns"] = {name: header for name, header in chosen["columns"].items() if header in run.headers}
    run.definition, run.mapping = kept.definition, chosen
    run.save()
    _check_anew(run)
    return run


def _locked(run: ImportRun) -> ImportRun:
    return ImportRun.objects.select_for_update(of=("self",)).select_related("user").get(pk=run.pk)


def _must_be_waiting(run: ImportRun) -> None:
    if run.state == State.READING:
        raise Invalid(_("This file is still being read. Wait until its rows are shown."))
    if run.state != State.UPLOADED:
        raise Invalid(_("This file is being loaded, or was loaded already. Upload it again to load it once more."))


def chosen_of(run: ImportRun) -> ColumnMapping:
    """The mapping of a run."""
    return from_json(run.definition, run.mapping)


def missing_columns(run: ImportRun) -> list[Column]:
    """The columns that the rows must have and for which nothing is chosen."""
    chosen = chosen_of(run)
    return [
        column for column in definition(run.definition).columns
        if column.required and column.name not in chosen.columns and column.name not in chosen.fixed
    ]  # fmt: skip


def unsaid_dates(run: ImportRun) -> list[str]:
    """The headers of chosen date columns that do not tell which number is the day."""
    columns, target = chosen_of(run).columns, definition(run.definition)
    dated = [columns[column.name] for column in target.columns if column.kind == "date" and column.name in columns]
    return [header for header in dated if _styles(run).get(header, UNTOLD).dates == "?"]


def _styles(run: ImportRun) -> dict[str, Style]:
    return {header: Style(*told) for header, told in run.styles.items()}


# --- what loading would do -----------------------------------------------------------------------------------
def preview(run: ImportRun, *, by: Any) -> Preview:
    """What loading would do, as far as it was found out. The rows are shown to who uploaded the file alone: they were
    compared with the rights of that person."""
    allow(by, "view", run)
    kept = run.preview
    if not kept:
        return Preview()
    own = by is None or by.pk == run.user_id
    rows = [PreviewRow(*row) for row in kept["rows"]] if own else []
    target = definition(run.definition)
    columns = [column for name in kept["columns"] if (column := target.column(name)) is not None]
    return Preview([str(column.label) for column in columns], rows, kept["counts"], kept["repairs"], run.checked)


def _check_anew(run: ImportRun) -> None:
    """Begin to find out what loading would do: at once for few rows, else in the background."""
    run.preview, run.checked, run.round = {}, 0, run.round + 1
    small = run.total <= AT_ONCE_ROWS
    run.state = State.UPLOADED if small or missing_columns(run) else State.READING
    if small and not missing_columns(run):
        _check_part(run, set())
    run.save()
    if not small and not missing_columns(run):
        _soon("check", run)


def check(run_id: int, number: int, *_more: Any) -> None:
    """Find out what the rows would do, part by part, until all are looked at, the columns were chosen anew or the file
    is loaded. The preview is shown after the first parts."""
    until, seen = monotonic() + SLICE, set[tuple[Any, ...]]()
    while True:
        run = ImportRun.objects.select_related("user").get(pk=run_id)
        if run.round != number or run.state not in (State.READING, State.UPLOADED) or run.checked >= run.total:
            return
        before = run.checked
        with translation.override(run.user.language if run.user is not None else settings.LANGUAGE_CODE):
            _check_part(run, seen)
        state = State.UPLOADED if run.checked >= min(FIRST_LOOK, run.total) else run.state
        with transaction.atomic():
            same = ImportRun.objects.filter(pk=run_id, round=number, checked=before, state=run.state)
            if not same.update(preview=run.preview, checked=run.checked, state=state, advanced_at=ports.now()):
                return
            if run.checked < run.total and monotonic() > until:
                _soon("check", run, run.checked)
                return


def _check_part(run: ImportRun, seen: set[tuple[Any, ...]]) -> None:
    target, chosen = definition(run.definition), chosen_of(run)
    shown = _columns(target, chosen)
    kept = run.preview or {
        "columns": list(shown),
        "rows": [], "counts": {"new": 0, "update": 0, "skip": 0, "invalid": 0}, "repairs": {}, "position": 0,
    }  # fmt: skip
    table, kept["position"] = _part_of(run, kept["position"], PART)
    part = clean(table, chosen, styles=_styles(run))
    for name, times in part.repairs.items():
        kept["repairs"][name] = kept["repairs"].get(name, 0) + times
    wanted = len(kept["rows"]) < SHOWN
    result = resource_for(target, shown, differences=wanted)(part.rows, by=run.user, seen=seen).run(dry=True)
    for row, found in zip(part.rows, result.rows, strict=True):
        what = "invalid" if row.errors or found.errors else str(found.import_type)
        kept["counts"][what] += 1
        if len(kept["rows"]) < SHOWN or (what == "invalid" and len(kept["rows"]) < 2 * SHOWN):
            sentences = list(row.errors.values()) or [str(error.error) for error in found.errors]
            cells = [] if sentences else [str(cell) for cell in found.diff or []] or [_cell(row.values.get(name)) for name in shown]
            kept["rows"].append([row.line, what, cells, sentences])
    run.preview, run.checked = kept, run.checked + len(part.rows)


def _part_of(run: ImportRun, position: int, most: int) -> tuple[Table, int]:
    with run.staged.open("rb") as file:
        return staging.part(file, run.headers, position, most)


def go_on(run: ImportRun) -> bool:
    """Have another worker take over a file whose worker has been silent for a while: it has most likely died, and the
    queue would give its work to another one only when the lease ends. Asked for by the page that watches; a worker that
    was only slow does no harm, since parts are taken one by one. True when somebody was asked."""
    call = {State.QUEUED: "load", State.RUNNING: "load", State.READING: "check" if run.staged else "read"}.get(State(run.state))
    now, last = ports.now(), run.advanced_at or run.started_at or run.created_at
    if call is None or now - last < SILENT:
        return False
    with transaction.atomic():
        taken = ImportRun.objects.filter(pk=run.pk, advanced_at=run.advanced_at, state=run.state).update(advanced_at=now)
        if taken:
            _soon(call, run, f"{run.done + run.checked}.{now:%H%M%S}")
    return bool(taken)


def _soon(name: str, run: ImportRun, place: int | str = 0) -> None:
    """Have a worker go on with a run after this transaction; asked for once for each round and place."""
    api.enqueue(f"crm_core.integration.services.{name}", run.pk, run.round, key=f"import.{name}:{run.pk}:{run.round}:{place}")


def _columns(target: Definition, chosen: ColumnMapping) -> list[str]:
    given = {*chosen.columns, *chosen.fixed}
    return [column.name for column in target.columns if column.name in given]


def _cell(value: Any) -> str:
    return escape("" if value is None else str(value))


# --- loading ---------------------------------------------------------------------------------------------------
@transaction.atomic
def queue(*, run: ImportRun, by: Any) -> ImportRun:
    """Load the file in the background. A second click finds it on its way already and changes nothing."""
    allow(by, "change", run)
    run = _locked(run)
    if run.state in (State.QUEUED, State.RUNNING):
        return run
    _must_be_waiting(run)
    if missing := missing_columns(run):
        names = ", ".join(str(column.label) for column in missing)
        raise Invalid(_("These columns are needed: %(names)s. Choose them above.") % {"names": names})
    begin(run)
    _soon("load", run)
    return run


def begin(run: ImportRun) -> None:
    """Set a run to be loaded from its first row on; what its preview showed goes."""
    run.state, run.started_at, run.preview, run.checked = State.QUEUED, ports.now(), {}, 0
    run.save()


def load(run_id: int, *_more: Any) -> None:
    """Load what is left of a run, part by part; each part is one transaction together with how far the run is. After a
    while the next background call goes on, so that none outlives its lease."""
    until = monotonic() + SLICE
    while _load_part(run_id, until):
        _let_others_write()


def _let_others_write() -> None:
    """One part after the other would hold SQLite's only write lock nearly all the time: who waits for it looks every
    tenth of a second and would not find it free."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        sleep(PAUSE)


def _load_part(run_id: int, until: float | None = None) -> bool:
    """One part; true when there is more to do here."""
    with transaction.atomic():
        run = _locked(ImportRun(pk=run_id))
        if run.state not in (State.QUEUED, State.RUNNING):
            return False
        language = run.user.language if run.user is not None else settings.LANGUAGE_CODE
        with (
            ports.audit().acting(user=run.user, action="import", reason=f"{run.definition}: {run.file_name}"[:200]),
            translation.override(language),
        ):
            more = _write_part(run)
        if more and until is not None and monotonic() > until:
            _soon("load", run, run.done)
            return False
    return more


def _write_part(run: ImportRun) -> bool:
    chosen, target = chosen_of(run), definition(run.definition)
    table, position = _part_of(run, run.position, LOADED)
    part = clean(table, chosen, styles=_styles(run))
    kind = resource_for(target, _columns(target, chosen), differences=False)
    resource = kind(part.rows, by=run.user, own=partial(_brought, run))
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
    run.advanced_at = ports.now()
    run.position, run.done, run.state = position, run.done + len(part.rows), State.RUNNING
    if run.done >= run.total or not part.rows:
        run.state, run.finished_at = State.DONE, ports.now()
        transaction.on_commit(partial(run.staged.storage.delete, str(run.staged.name)))
        run.staged = ""
    run.save()
    return run.state == State.RUNNING


def _brought(run: ImportRun, ids: Sequence[int]) -> set[int]:
    """Which of these records the run itself has brought in an earlier part."""
    return set(run.rows.filter(record_id__in=ids).values_list("record_id", flat=True)) if run.created else set()


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
