"""The examples of a decision as rows of fields, and rows that were edited as examples again.

A field that still says what it said keeps its stored value, however it is written; a note is changed in the language in
use alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from processes import feel, ports
from processes.decision_studio.fields import Field, shown, value_of
from processes.errors import Invalid
from processes.spoken import gettext as _

NULL = "null"
"""What is written where no value is expected; an empty field expects nothing."""
MOST = 500


@dataclass(frozen=True, slots=True)
class Row:
    """An example: its note in the language in use, texts by the names of inputs and outputs, and as it is stored."""

    note: str
    given: Mapping[str, str]
    expected: Mapping[str, str]
    stored: Mapping[str, Any]
    decision: str = ""


def rows_of(examples: Sequence[Mapping[str, Any]], inputs: Sequence[Field], outputs: Sequence[Field]) -> list[Row]:
    """The examples as rows."""
    return [_row(example, inputs, outputs) for example in examples]


def _row(example: Mapping[str, Any], inputs: Sequence[Field], outputs: Sequence[Field]) -> Row:
    given = {field.name: shown(field, example.get("in", {}).get(field.name)) for field in inputs}
    expected = {field.name: _expected(field, example) for field in outputs}
    return Row(ports.text(example.get("note")), given, expected, example, str(example.get("decision") or ""))


def _expected(field: Field, example: Mapping[str, Any]) -> str:
    out = example.get("out")
    if field.name:
        out = out if isinstance(out, Mapping) else {}
        return (shown(field, out[field.name]) or NULL) if field.name in out else ""
    return NULL if out is None else shown(field, out)


def examples_from(rows: Any, inputs: Sequence[Field], outputs: Sequence[Field]) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """The examples that edited rows are, and what is wrong in a row by its number from 1; a row in which something is
    wrong stays as it was stored. Invalid for what are no rows."""
    if not isinstance(rows, list) or len(rows) > MOST or not all(isinstance(row, dict) for row in rows):
        raise Invalid(_("These are no examples. Reload the page."))
    found, wrong = [], {}
    for number, row in enumerate(rows, 1):
        try:
            found.append(_example(row, inputs, outputs))
        except Invalid as error:
            wrong[number] = error.sentence
            if row.get("stored"):
                found.append(dict(row["stored"]))
    return found, wrong


def _example(row: Mapping[str, Any], inputs: Sequence[Field], outputs: Sequence[Field]) -> dict[str, Any]:
    kept = row.get("stored")
    stored: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
    if stored.get("decision"):
        return _noted(dict(stored), stored, row)  # asks another decision of the file: its fields are not shown
    before = _row(stored, inputs, outputs) if stored else None
    made = dict(stored)
    given = dict(stored.get("in", {}))
    for field in inputs:
        text = _typed(row, "given", field)
        if before is None or text != before.given[field.name]:
            given[field.name] = feel.to_json(value_of(field, text))
    made["in"] = given
    made["out"] = _out(row, stored, before, outputs)
    return _noted(made, stored, row)


def _typed(row: Mapping[str, Any], part: str, field: Field) -> str:
    texts = row.get(part)
    return str(texts.get(field.name) or "") if isinstance(texts, Mapping) else ""


def _out(row: Mapping[str, Any], stored: Mapping[str, Any], before: Row | None, outputs: Sequence[Field]) -> Any:
    if [field.name for field in outputs] == [""]:
        text = _typed(row, "expected", outputs[0])
        if before is not None and text == before.expected[""]:
            return stored.get("out")
        return None if text.strip() == NULL else feel.to_json(value_of(outputs[0], text))
    out = dict(stored["out"]) if isinstance(stored.get("out"), Mapping) else {}
    for field in outputs:
        text = _typed(row, "expected", field)
        if before is not None and text == before.expected[field.name]:
            continue
        out.pop(field.name, None)
        if text.strip():
            out[field.name] = None if text.strip() == NULL else feel.to_json(value_of(field, text))
    return out


def _noted(made: dict[str, Any], stored: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    note, old = str(row.get("note") or "").strip(), stored.get("note")
    if note == ports.text(old):
        return made
    language = get_language() or "en"
    if isinstance(old, Mapping):
        made["note"] = {**old, language: note}
    else:
        made["note"] = {**({"en": old} if old else {}), language: note}
    return {"note": made.pop("note"), **made}


__all__ = ["MOST", "NULL", "Row", "examples_from", "rows_of"]
