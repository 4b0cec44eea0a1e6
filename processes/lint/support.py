"""Elements that are legal BPMN but cannot be run here (yet), by the element table."""

from __future__ import annotations

from collections.abc import Iterator

from processes.bpmn.elements import rows_of
from processes.bpmn.model import Activity, FlowNode, Model, Task
from processes.lint.problems import Look, Problem
from processes.marked import mark

_FOREIGN = mark("an expression in another language")
_FEEL = mark("Write it in FEEL.")


def check(look: Look) -> Iterator[Problem | None]:
    """Each element whose row is not executable, each foreign expression, each step with nothing to do."""
    model = look.model
    for node in model.nodes.values():
        for row in rows_of(model, node):
            if not row.executable:
                yield look.problem(
                    "not_executable", node.id, what=row.label, instead=row.instead, key=row.key
                )
        yield from _foreign(look, model, node)
        if isinstance(node, Task):
            yield _idle(look, node)
    for flow in model.flows.values():
        if flow.condition is not None and flow.condition.is_foreign and flow.condition.text:
            yield look.problem("not_executable", flow.id, what=_FOREIGN, instead=_FEEL, key="expression",
                               name=flow.name or look.name(flow.source), related=(flow.source,))  # fmt: skip


def _foreign(look: Look, model: Model, node: FlowNode) -> Iterator[Problem | None]:
    texts = [getattr(d, "body", None) for d in getattr(node, "definitions", ())]
    texts += [getattr(d, "condition", None) for d in getattr(node, "definitions", ())]
    if isinstance(node, Activity) and node.loop is not None:
        texts += [node.loop.cardinality, node.loop.completion_condition, node.loop.loop_condition]
    texts += [getattr(node, name, None) for name in ("activation_condition", "completion_condition")]
    if any(e is not None and e.text.strip().startswith(("${", "#{")) for e in texts):
        yield look.problem("not_executable", node.id, what=_FOREIGN, instead=_FEEL, key="expression")


def _idle(look: Look, node: Task) -> Problem | None:
    if node.kind in ("serviceTask", "sendTask") and node.action is None:
        what, instead = mark("it has no action"), mark("Choose the action that it is to do.")
    elif node.kind == "businessRuleTask" and node.decision is None:
        what, instead = mark("it has no decision"), mark("Choose the decision table that it is to ask.")
    elif node.kind == "scriptTask" and (node.script is None or not node.script.text):
        what, instead = mark("it has no script"), mark("Write its FEEL expression.")
    else:
        return None
    return look.problem("not_executable", node.id, what=what, instead=instead, key=node.kind)
