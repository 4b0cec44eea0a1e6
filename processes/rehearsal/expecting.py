"""What a process test expects of a run, and in whole sentences where a run went another way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from processes import feel
from processes.bpmn.model import Model
from processes.bpmn.model import Task as TaskElement
from processes.catalog import selectors as catalog
from processes.catalog.models import DecisionEvaluation, ProcessVersion
from processes.rehearsal.playing import instance_of
from processes.rehearsal.showing import way
from processes.runtime.models import ProcessInstance, Task
from processes.spoken import gettext as _

Expected = Mapping[str, Any]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Miss:
    """Where a run differs from what was expected: the element, and the sentence."""

    element: str
    sentence: str


# --- what was ------------------------------------------------------------------------------------------------
def outcome_of(instance: ProcessInstance) -> dict[str, Any]:
    """What a run came to, as a test keeps it: way, answers of tables, end, and the variables that matter."""
    matter = words_read(instance.version)
    still = Task.objects.stored().open().human().filter(process=instance.pk).order_by("created", "pk")
    return {
        "path": [passed.element for passed in way(instance)],
        "open": list(still.values_list("node_id", flat=True)),
        "decisions": [
            {"element": row.element, "decision": row.decision_version.definition.key, "outcome": row.outcome}
            for row in DecisionEvaluation.objects.filter(instance=instance.pk)
            .select_related("decision_version__definition").order_by("at", "pk")
        ],
        "end": instance.end_node or None,
        "outcome": instance.outcome or None,
        "variables": {
            name: value for name, value in instance.data.items() if name in matter and _is_plain(value)
        },
    }  # fmt: skip


def words_read(version: ProcessVersion) -> set[str]:
    """Names that conditions and tables of a version read."""
    model = catalog.model_of(version)
    texts = [flow.condition.feel for flow in model.flows.values() if flow.condition is not None]
    for node in model.nodes.values():
        if isinstance(node, TaskElement) and node.decision is not None:
            texts += [pair.value for pair in node.decision.inputs]
    return {word for text in texts for word in _WORD.findall(text)}


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) or value is None


# --- and what should have been -------------------------------------------------------------------------------
def compared(instance_id: Any, expected: Expected, *, stopped: Miss | None = None) -> Miss | None:
    """The first thing in which a run differs, None when it is as expected. `stopped` is why a step could not be done."""
    instance = instance_of(instance_id)
    model = catalog.model_of(instance.version)
    was = outcome_of(instance)
    went_wrong = any(a != b for a, b in zip(expected.get("path", ()), was["path"], strict=False))
    return (
        _failed(instance)
        or (stopped if not went_wrong else None)
        or _way(model, was, expected, ended=not instance.is_open)
        or stopped
        or _decisions(model, was["decisions"], expected.get("decisions", ()))
        or _end(model, was, expected)
        or _variables(was["variables"], expected.get("variables", {}))
    )


def _way(model: Model, was: Mapping[str, Any], expected: Expected, *, ended: bool) -> Miss | None:
    wanted, got = list(expected.get("path", ())), list(was["path"])
    alike = next((n for n, (a, b) in enumerate(zip(wanted, got, strict=False)) if a != b), min(len(wanted), len(got)))
    if alike == len(wanted) == len(got):
        return None
    before = _(" after “%(step)s”") % {"step": _name(model, got[alike - 1])} if alike else ""
    went = got[alike] if alike < len(got) else next(iter(was["open"]), "")
    if alike < len(wanted):
        should = _("Expected “%(step)s”%(before)s, ") % {"step": _name(model, wanted[alike]), "before": before}
        at = wanted[alike]
    else:
        should = _("Expected nothing more%(before)s, ") % {"before": before}
        at = went
    if went and went != at:
        return Miss(at, should + _("but the process went on to “%(step)s”.") % {"step": _name(model, went)})
    if went:
        waits = _("but “%(step)s” was still open.") if alike < len(wanted) else _("but “%(step)s” came as well.")
        return Miss(at, should + waits % {"step": _name(model, went)})
    return Miss(at, should + (_("but the process had ended.") if ended else _("but nothing more happened.")))


def not_open(instance_id: Any, step: Mapping[str, Any]) -> Miss:
    """A step that should be done is not open: which it is, after what, and what is open in its place."""
    instance = instance_of(instance_id)
    version = catalog.current_version(step["process"]) if step.get("process") else instance.version
    rows = Task.objects.stored().open().human().filter(process__root=instance_id).order_by("created", "pk")
    still = ", ".join(f"“{row}”" for row in rows) or _("nothing")
    element = str(step.get("element") or "")
    said = {"step": _name(catalog.model_of(version), element), "open": still}
    return Miss(element, _("Expected “%(step)s” to be open, but what is open is %(open)s.") % said)


def _failed(instance: ProcessInstance) -> Miss | None:
    row = Task.objects.stored().incidents().filter(process__root=instance.pk).order_by("created", "pk").first()
    if row is None:
        return None
    return Miss(row.node_id, _("“%(step)s” failed: %(why)s") % {"step": str(row), "why": row.failed_because})


def _decisions(model: Model, was: Sequence[Any], wanted: Sequence[Any]) -> Miss | None:
    for number, should in enumerate(wanted):
        if number >= len(was) or was[number]["element"] != should["element"]:
            return Miss(should["element"], _("Expected “%(step)s” to be decided, but it was not.")
                        % {"step": _name(model, should["element"])})  # fmt: skip
        if not _answers(was[number]["outcome"], should["outcome"]):
            return Miss(should["element"], _("Expected “%(step)s” to answer %(wanted)s, but it answered %(was)s.")
                        % {"step": _name(model, should["element"]),
                           **_differing(should["outcome"], was[number]["outcome"])})  # fmt: skip
    return None


def _answers(was: Any, wanted: Any) -> bool:
    """Whether an answer is the one expected; of a context only the parts that are named count."""
    if isinstance(wanted, Mapping) and isinstance(was, Mapping):
        return all(was.get(name) == part for name, part in wanted.items())
    return bool(was == wanted) or wanted == {}


def _end(model: Model, was: Mapping[str, Any], expected: Expected) -> Miss | None:
    if was["end"] != expected.get("end"):
        wanted, got = expected.get("end"), was["end"]
        if wanted and got:
            text = _("Expected the end “%(wanted)s”, but it ended at “%(was)s”.")
        else:
            text = _("Expected the end “%(wanted)s”, but the process still runs.") if wanted else _("Expected the process to run on, but it ended at “%(was)s”.")
        return Miss(got or wanted or "", text % {"wanted": _name(model, wanted or ""), "was": _name(model, got or "")})
    if sorted(was["open"]) != sorted(expected.get("open", ())):
        names = {"wanted": _listed(model, expected.get("open", ())), "was": _listed(model, was["open"])}
        return Miss(next(iter(was["open"]), ""), _("Expected to wait at %(wanted)s, but it waits at %(was)s.") % names)
    return None


def _variables(was: Mapping[str, Any], wanted: Mapping[str, Any]) -> Miss | None:
    for name, value in wanted.items():
        if was.get(name) != value:
            said = {"name": name, "wanted": _said(value), "was": _said(was.get(name))}
            return Miss("", _("Expected “%(name)s” to be %(wanted)s in the end, but it was %(was)s.") % said)
    return None


# --- words ---------------------------------------------------------------------------------------------------
def _name(model: Model, element: str) -> str:
    return model.name_of(element, get_language() or "en") if element else ""


def _listed(model: Model, elements: Sequence[str]) -> str:
    return ", ".join(f"“{_name(model, element)}”" for element in elements) or _("nothing")


def _differing(wanted: Any, was: Any) -> dict[str, str]:
    """Both answers; of contexts only the parts that differ."""
    if isinstance(wanted, Mapping) and isinstance(was, Mapping):
        names = [name for name in wanted if wanted.get(name) != was.get(name)]
        wanted, was = ({name: side.get(name) for name in names} for side in (wanted, was))
    return {"wanted": _said(wanted), "was": _said(was)}


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_said(part)}" for name, part in value.items())
    return _("nothing") if value is None else feel.to_text(feel.from_json(value))
