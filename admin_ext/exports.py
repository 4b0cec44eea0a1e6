"""Rows as a file. Cells that a spreadsheet would run as a formula get an apostrophe before them."""

from __future__ import annotations

import re
from typing import Any

import tablib
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from import_export import resources

LEFT_OUT = frozenset(
    {"search_text", "match_key", "match_key_zh", "segmented", "word_count", "indexed_with", "customer_token",
     "token", "password", "payload", "custom", "key", "idempotency_key"}
)  # fmt: skip
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def defused(cell: Any) -> Any:
    """A cell that stays what it is in every spreadsheet: text that could be run begins with an apostrophe."""
    if not isinstance(cell, str):
        return cell
    text = _UNWRITABLE.sub("", cell)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def response(rows: QuerySet, *, kind: str) -> HttpResponse:
    """The rows as csv, xlsx or ods for download; Http404 for another format."""
    if kind not in TYPES:
        raise Http404(kind)
    model = rows.model
    fields = [field.name for field in model._meta.fields if field.name not in LEFT_OUT]
    resource = resources.modelresource_factory(model=model, meta_options={"fields": fields})()
    found = resource.export(queryset=rows, force_native_type=kind != "csv")
    table = tablib.Dataset(*([defused(cell) for cell in row] for row in found), headers=found.headers)
    data: Any = table.export(kind)
    if kind == "csv":
        # The mark tells spreadsheets that the file is UTF-8; without it Chinese is garbled.
        data = b"\xef\xbb\xbf" + data.encode()
    answer = HttpResponse(data, content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{model._meta.model_name}.{kind}"'
    return answer
