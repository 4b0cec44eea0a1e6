"""Where the cases of a replay come from: the decisions that were recorded, or a data set in a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from processes import feel, ports
from processes.catalog.models import DecisionDefinition, DecisionEvaluation
from processes.dmn import InputInfo
from processes.errors import Invalid
from processes.insight.deciding import Case, Recorded
from processes.marked import say
from processes.ports import Subject
from processes.spoken import gettext as _

AT_ONCE = 500
MOST_BYTES = 50 * 1024 * 1024


class Mark(NamedTuple):
    """How far the reading of recorded decisions is: the version, moment and id of the last one read."""

    version: UUID
    at: datetime
    pk: UUID


# --- what was recorded -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class History:
    """The recorded answers of a decision, by whatever version, from `since` up to but without `until`.

    They are read version by version, in the order in which they were given, so that each part is found by an index
    however much was recorded.
    """

    definition: DecisionDefinition
    since: datetime | None = None
    until: datetime | None = None

    def count(self) -> int:
        """How many there are."""
        return self._within(DecisionEvaluation.objects.filter(decision_version__definition=self.definition)).count()

    def part(self, mark: Mark | None, most: int = AT_ONCE) -> list[Case]:
        """The next cases behind a mark, with what figures are grouped by; empty when all were read. One query for
        each version that is begun and one for each kind of record."""
        versions = list(self.definition.versions.order_by("number").values_list("pk", flat=True))
        found: list[Case] = []
        for version in versions[versions.index(mark.version) if mark is not None else 0 :]:
            rows = self._within(DecisionEvaluation.objects.filter(decision_version=version))
            if mark is not None and mark.version == version:
                rows = rows.filter(Q(at__gt=mark.at) | Q(at=mark.at, pk__gt=mark.pk), at__gte=mark.at)
            rows = rows.order_by("at", "pk").defer("rules", "diagnostics")
            found += [_recorded(row) for row in rows[: most - len(found)]]
            if len(found) == most:
                break
        return list(_with_attributes(found))

    def _within(self, rows: QuerySet[DecisionEvaluation]) -> QuerySet[DecisionEvaluation]:
        if self.since is not None:
            rows = rows.filter(at__gte=self.since)
        return rows.filter(at__lt=self.until) if self.until is not None else rows

    def attributes(self) -> list[str]:
        """The names of what figures about these cases are grouped by."""
        every = self._within(DecisionEvaluation.objects.filter(decision_version__definition=self.definition))
        names: dict[str, None] = {}
        for about in every.order_by("subject_type").values_list("subject_type", flat=True).distinct():
            kind = ports.subjects().get(about)
            names |= dict.fromkeys(field.name for field in kind.groups) if kind is not None else {}
        return list(names)

    def cases(self) -> Iterator[Case]:
        """Every case, read part by part."""
        mark: Mark | None = None
        while part := self.part(mark):
            yield from part
            mark = mark_of(part[-1])


def _recorded(row: DecisionEvaluation) -> Case:
    return Case(
        inputs=row.inputs, at=row.at, decision=row.decision, evaluation=row.pk,
        recorded=Recorded(row.decision_version_id, row.outcome),
        subject=Subject(row.subject_type, row.subject_id) if row.subject_id is not None else None,
    )  # fmt: skip


def mark_of(case: Case) -> Mark:
    """The mark behind a recorded case."""
    if case.evaluation is None or case.recorded is None:
        raise ValueError("Only recorded decisions are read by marks.")
    return Mark(case.recorded.version, case.at, case.evaluation)


def _with_attributes(cases: Sequence[Case]) -> Iterator[Case]:
    """The cases with the attributes of the records they are about."""
    ids: dict[str, set[int]] = {}
    for case in cases:
        if case.subject is not None:
            ids.setdefault(case.subject.type, set()).add(case.subject.id)
    known: dict[str, Mapping[int, Mapping[str, str]]] = {}
    for name, wanted in ids.items():
        kind = ports.subjects().get(name)
        known[name] = kind.grouped(sorted(wanted)) if kind is not None else {}
    for case in cases:
        about = case.subject
        attributes = known[about.type].get(about.id, {}) if about is not None else {}
        yield replace(case, attributes=attributes) if attributes else case


# --- a file ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DataSet:
    """The cases of a file, and the names of its columns that are no inputs: figures are grouped by them."""

    cases: tuple[Case, ...]
    attributes: tuple[str, ...]


def from_file(name: str, data: bytes, inputs: Iterable[InputInfo]) -> DataSet:
    """The cases of a file: CSV with a header, or JSON (a list of objects, or one object a line).

    Columns that have the name of an input are inputs. A value that cannot be read makes its line undecided, with the
    reason. Invalid when the file is none of these.
    """
    if len(data) > MOST_BYTES:
        raise Invalid(_("The file “%(name)s” is larger than 50 MB. Split it.") % {"name": name})
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            _("The file “%(name)s” is not UTF-8 (byte %(at)s). Save it as UTF-8.") % {"name": name, "at": error.start}
        ) from error
    rows = list(_json(name, text) if text.lstrip()[:1] in ("[", "{") else _csv(name, text))
    wanted = {info.name: info for info in inputs}
    at = ports.now()
    attributes = {column: None for _number, row in rows for column in row if column not in wanted}
    return DataSet(tuple(_case(number, row, wanted, at) for number, row in rows), tuple(attributes))


def _case(number: int, row: Mapping[str, Any], wanted: Mapping[str, InputInfo], at: datetime) -> Case:
    inputs: dict[str, Any] = {}
    problem = ""
    for name, value in row.items():
        if name in wanted:
            try:
                inputs[name] = feel.to_json(_value(value, wanted[name].base))
            except ValueError as error:
                problem = problem or _("“%(name)s”: %(reason)s") % {
                    "name": name, "reason": getattr(error, "sentence", "") or str(error)
                }  # fmt: skip
    attributes = {name: "" if value is None else str(value) for name, value in row.items() if name not in wanted}
    return Case(inputs=inputs, at=at, number=number, attributes=attributes, problem=problem)


def _value(value: Any, base: str) -> Any:
    """A cell as a FEEL value of the input's type; an empty one is null."""
    if not isinstance(value, str):
        return feel.from_json(value)
    if base in ("string", ""):
        return value
    text = value.strip()
    if not text:
        return None
    if base == "boolean":
        if text.lower() not in ("true", "false"):
            raise feel.NotReadable(say("“%(value)s” is neither true nor false.", value=text[:80]))
        return text.lower() == "true"
    return feel.from_json(text, base)


def _csv(name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if not reader.fieldnames:
            raise Invalid(_("The file “%(name)s” is empty. Its first line names the inputs.") % {"name": name})
        for row in reader:
            if None in row or None in row.values():
                raise Invalid(
                    _("Line %(line)s of “%(name)s” has not as many cells as the first line.")
                    % {"line": reader.line_num, "name": name}
                )
            yield reader.line_num, row
    except csv.Error as error:
        raise Invalid(
            _("Line %(line)s of “%(name)s” is no CSV: %(reason)s")
            % {"line": reader.line_num, "name": name, "reason": str(error)}
        ) from error


def _json(name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    listed = text.lstrip().startswith("[")
    try:
        rows = json.loads(text) if listed else (json.loads(line) for line in text.splitlines() if line.strip())
        for number, row in enumerate(rows, start=1):
            if not isinstance(row, dict):
                raise Invalid(
                    _("Entry %(number)s of “%(name)s” is no object with inputs by name.") % {"number": number, "name": name}
                )
            yield number, row
    except (json.JSONDecodeError, RecursionError) as error:
        raise Invalid(_("The file “%(name)s” is no JSON: %(reason)s") % {"name": name, "reason": str(error)}) from error
