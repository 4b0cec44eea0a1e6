"""Rows as a file. Cells that a spreadsheet would run as a formula get an apostrophe before them.

Written column by column from plain values: a library that renders every cell through an object of its own costs
many times what reading the rows does. References stand there by name, as imports take them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import tablib
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from openpyxl import Workbook

from processes.cells import defused

LEFT_OUT = frozenset(
    {"search_text", "match_key", "match_key_zh", "segmented", "word_count", "indexed_with", "customer_token",
     "token", "password", "payload", "custom", "key", "idempotency_key", "said"}
)  # fmt: skip
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
AT_ONCE = 2000
NAMES_AT_ONCE = 500


def response(rows: QuerySet, *, kind: str) -> HttpResponse:
    """The rows as csv, xlsx or ods for download; Http404 for another format."""
    if kind not in TYPES:
        raise Http404(kind)
    fields = [field for field in rows.model._meta.concrete_fields if field.name not in LEFT_OUT]
    headers, cells = [field.name for field in fields], _cells(rows, fields)
    answer = HttpResponse(_WRITERS[kind](headers, cells), content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{rows.model._meta.model_name}.{kind}"'
    return answer


def _cells(rows: QuerySet, fields: list[Any]) -> Iterator[list[Any]]:
    """The rows' cells, defused."""
    names: dict[str, dict[Any, str]] = {field.attname: {} for field in fields if field.is_relation}
    found = rows.values_list(*(field.attname for field in fields)).iterator(chunk_size=AT_ONCE)
    for part in _parts(found):
        for at, field in enumerate(fields):
            if field.is_relation:
                _learn(names[field.attname], field.remote_field.model, {row[at] for row in part})
        reads = [_named(names[field.attname]) if field.is_relation else _READ.get(type(field), defused) for field in fields]
        for row in part:
            yield [None if value is None else read(value) for read, value in zip(reads, row, strict=True)]


def _parts(found: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    part: list[tuple[Any, ...]] = []
    for row in found:
        part.append(row)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _learn(known: dict[Any, str], model: Any, keys: set[Any]) -> None:
    """Read the names of referenced rows that are not known yet."""
    wanted = sorted(keys - known.keys() - {None})
    for start in range(0, len(wanted), NAMES_AT_ONCE):
        rows = model._base_manager.in_bulk(wanted[start : start + NAMES_AT_ONCE])
        known.update({key: str(row) for key, row in rows.items()})


def _named(names: dict[Any, str]) -> Callable[[Any], Any]:
    return lambda key: defused(names.get(key))


def _local(moment: datetime) -> datetime:
    """A moment in the reader's zone, as spreadsheets can hold it."""
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0)


_READ: dict[type[Any], Callable[[Any], Any]] = {
    models.FileField: lambda file: defused(str(file)),
    models.DateTimeField: _local,
    models.JSONField: lambda value: defused(json.dumps(value, ensure_ascii=False)),
    models.UUIDField: str,
}
"""How values become cells; texts are defused, the rest stays what it is."""


def _csv(headers: list[str], cells: Iterable[list[Any]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(headers)
    writer.writerows([int(cell) if isinstance(cell, bool) else cell for cell in row] for row in cells)
    # The mark tells spreadsheets that the file is UTF-8; without it Chinese is garbled.
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _xlsx(headers: list[str], cells: Iterable[list[Any]]) -> bytes:
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    sheet.append(headers)
    for row in cells:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def _ods(headers: list[str], cells: Iterable[list[Any]]) -> bytes:
    plain = ([str(cell) if isinstance(cell, Decimal) else cell for cell in row] for row in cells)
    data: bytes = tablib.Dataset(*plain, headers=headers).export("ods")
    return data


_WRITERS: dict[str, Callable[[list[str], Iterable[list[Any]]], bytes]] = {"csv": _csv, "xlsx": _xlsx, "ods": _ods}
