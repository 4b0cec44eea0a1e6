"""Rows as a file. Cells that a spreadsheet would run as a formula are defused by the export engine."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from import_export import resources
from import_export.formats import base_formats

LEFT_OUT = frozenset(
    {"search_text", "match_key", "match_key_zh", "segmented", "word_count", "indexed_with", "customer_token",
     "token", "password", "payload", "custom", "key", "idempotency_key"}
)  # fmt: skip
FORMATS: dict[str, type[base_formats.Format]] = {
    "csv": base_formats.CSV,
    "xlsx": base_formats.XLSX,
    "ods": base_formats.ODS,
}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def response(rows: QuerySet, *, kind: str) -> HttpResponse:
    """The rows as csv, xlsx or ods for download; Http404 for another format."""
    if kind not in FORMATS:
        raise Http404(kind)
    model = rows.model
    fields = [field.name for field in model._meta.fields if field.name not in LEFT_OUT]
    resource = resources.modelresource_factory(model=model, resource_class=resources.ModelResource, fields=fields)()
    data: Any = FORMATS[kind]().export_data(resource.export(queryset=rows), escape_formulae=True)
    if kind == "csv":
        # The mark tells spreadsheets that the file is UTF-8; without it Chinese is garbled.
        data = b"\xef\xbb\xbf" + (data.encode() if isinstance(data, str) else data)
    answer = HttpResponse(data, content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{model._meta.model_name}.{kind}"'
    return answer
