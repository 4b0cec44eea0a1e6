"""Which names the expressions of a process may use: what its drawing sets, its forms ask, its callers give."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from processes import feel, ports
from processes.bpmn import BpmnError
from processes.bpmn.extensions import NAMESPACE
from processes.bpmn.model import Activity, CallActivity, Event, FlowNode, Model, SequenceFlow, Task
from processes.bpmn.xml import read
from processes.catalog import selectors as catalog
from processes.feel import FeelSyntaxError
from processes.inbox.forms import FormSchema
from processes.lint import WARNING
from processes.lint.expressions import expressions_of
from processes.lint.problems import Look
from processes.publication.findings import Finding
from processes.spoken import gettext as _

ALWAYS = frozenset({"task", "user", "instance"})
_VARIABLE = f"{{{NAMESPACE}}}variable"


def names_set(model: Model, forms: Mapping[str, Any]) -> set[str]:
    """The variables that a drawing and its forms set, and the name of its subject. Fields of a form that are
    bound to the record are read there, not as variables."""
    found = set(declared(model)) | ({model.process.ext.subject} - {""})
    for node in model.nodes.values():
        found.update(_of_node(node))
    for schema in forms.values():
        found |= {item.key for item in FormSchema.parse(schema).fields if not item.bind}
    return found - {""}


def names_reached(model: Model, forms: Mapping[str, Any], key: str) -> set[str]:
    """Every name that an expression in the drawing of a process, or in its forms, may use."""
    return set(ALWAYS) | names_set(model, forms) | names_given(key, callers())


def _of_node(node: FlowNode) -> Iterator[str]:
    if isinstance(node, Task):
        if node.decision is not None:
            yield node.decision.result or node.decision.key
        yield node.script_result
    if isinstance(node, Task | Event):
        if node.action is not None:
            yield node.action.result
        if node.correlation is not None:
            yield node.correlation.result
    if isinstance(node, CallActivity):
        yield from (pair.name for pair in node.call.outputs)
    if isinstance(node, Activity) and node.loop is not None:
        yield from (node.loop.ext.element, node.loop.ext.output, "loopCounter")


def names_given(key: str, models: Iterable[Model]) -> set[str]:
    """The variables that callers hand in when they call the process of a key."""
    return {
        pair.name
        for model in models
        for node in model.nodes.values()
        if isinstance(node, CallActivity) and node.called == key
        for pair in node.call.inputs
    }


def callers() -> list[Model]:
    """The drawings of the newest versions in the house."""
    newest: dict[Any, Any] = {}
    versions = catalog.newest_versions()
    for version in versions:
        newest.setdefault(version.definition_id, version)
    found = []
    for version in newest.values():
        try:
            found.append(catalog.model_of(version))
        except BpmnError:  # its own check says so
            continue
    return found


def unknown_names(model: Model, known: Collection[str]) -> Iterator[Finding]:
    """Expressions that use a name which nothing in reach sets: such a name is null at best. What a called
    process gives back is worked out there, among its own names."""
    said: set[tuple[str, str]] = set()
    for found in expressions_of(Look(model=model)):
        if found.where.startswith("out "):
            continue
        try:
            used = {path.split(".")[0] for path in feel.names(found.text, known)}
        except FeelSyntaxError:
            continue  # lint reports it as an error
        for name in sorted(used - set(known)):
            if (found.element, name) in said:
                continue
            said.add((found.element, name))
            yield Finding("unknown_name", found.element, WARNING, _unknown(model, found.element, name, found.where))


def _unknown(model: Model, element: str, name: str, where: str) -> str:
    flow = model.find(element)
    if isinstance(flow, SequenceFlow) and model.name_of(element) == element:
        return _("The flow from “%(source)s” to “%(target)s” uses “%(name)s”, which nothing in this drawing sets.") % {
            "source": model.name_of(flow.source), "target": model.name_of(flow.target), "name": name,
        }  # fmt: skip
    return _("“%(element)s” uses “%(name)s” (%(where)s), which nothing in this drawing sets.") % {
        "element": model.name_of(element), "name": name, "where": where,
    }  # fmt: skip


def subject_fields() -> dict[str, dict[str, bool]]:
    """By subject type its fields, each with whether forms may write it."""
    return {kind.key: {f.name: f.writable for f in kind.fields} for kind in ports.subjects().all()}


def declared(model: Model) -> Iterator[str]:
    """Names that `redraw:variable` gives a value at the start."""
    for element in read(model.source).iter(_VARIABLE):
        yield element.get("name", "")
