"""What a version of a process says of itself, readable by anybody: purpose, measures, the tables it asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from processes.bpmn.extensions import Measure
from processes.bpmn.model import FlowNode, Gateway, Model
from processes.bpmn.model import Task as TaskElement
from processes.catalog import selectors as catalog
from processes.catalog.decision_labels import labels_of, note_of, questions_of
from processes.catalog.models import DecisionVersion, ProcessVersion
from processes.dmn.model import Decision, TableBox
from processes.errors import NotFound
from processes.inbox.form_model import Component
from processes.inbox.forms import FormSchema
from processes.spoken import gettext as _


@dataclass(frozen=True)
class Rule:
    """One line of a table: the cells of its inputs and outputs as written, and what is noted beside it by language."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    note: Mapping[str, str]


@dataclass(frozen=True)
class DecisionTable:
    """A decision table as it is written; what it asks and its titles by language."""

    key: str
    number: int
    title: Mapping[str, str]
    question: Mapping[str, str]
    hit_policy: str
    inputs: tuple[Mapping[str, str], ...]
    outputs: tuple[Mapping[str, str], ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class CustomerSide:
    """What a customer does, sees or waits for at one element."""

    node_id: str
    labels: Mapping[str, str]
    text: Mapping[str, str]
    kind: str


@dataclass(frozen=True)
class Asked:
    """One field of a form; `options` are its choices, each by language."""

    key: str
    labels: Mapping[str, str]
    kind: str
    required: bool
    options: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class FormAbout:
    """What a form asks, and at which steps."""

    key: str
    steps: tuple[Mapping[str, str], ...]
    fields: tuple[Asked, ...]


@dataclass(frozen=True)
class About:
    """A version's own words. `customer` is the customer's side in the order of the way; `choices` are the ids of flows
    that leave a choice, whose counts tell which way is taken."""

    purpose: Mapping[str, str]
    measures: tuple[Measure, ...]
    steps: int
    decisions: list[DecisionTable]
    customer: tuple[CustomerSide, ...]
    forms: tuple[FormAbout, ...]
    choices: frozenset[str]


def about_version(version_id: UUID) -> About:
    """Purpose, measures, tables, forms and customer's side of a version; NotFound when there is none."""
    version = ProcessVersion.objects.select_related("definition").defer("tests").filter(pk=version_id).first()
    if version is None:
        raise NotFound(_("There is no such version."))
    model = catalog.model_of(version)
    keys = {
        node.decision.key for node in model.nodes.values() if isinstance(node, TaskElement) and node.decision is not None
    }
    tables: list[DecisionTable] = []
    for key in sorted(keys):
        try:
            found = catalog.decision_version_for(version, key)
        except NotFound:
            continue
        tables += _tables(found)
    process = model.process
    return About(
        process.purpose, process.measures, len(model.nodes), tables, customer_side(model), _forms(version, model), _choices(model)
    )  # fmt: skip


def customer_side(model: Model) -> tuple[CustomerSide, ...]:
    """What the drawing says of the customer, from the start on; what no way from a start leads to comes last."""
    order: dict[str, None] = dict.fromkeys(start.id for start in model.starts_of(model.process.id))
    waiting = list(order)
    while waiting:
        for node_id in model.steps_from(waiting.pop(0)):
            if node_id not in order:
                order[node_id] = None
                waiting.append(node_id)
    ranked = [*order, *(node_id for node_id in model.nodes if node_id not in order)]
    return tuple(
        CustomerSide(node.id, name_of(node), node.customer, node.kind)
        for node in (model.nodes[node_id] for node_id in ranked)
        if node.customer
    )


def name_of(node: FlowNode) -> Mapping[str, str]:
    """The names of an element by language; its id where it has none."""
    return {"en": node.name or node.id, **node.labels}


def _forms(version: ProcessVersion, model: Model) -> tuple[FormAbout, ...]:
    used: dict[str, list[Mapping[str, str]]] = {}
    for node in model.nodes.values():
        if isinstance(node, TaskElement) and node.task.form:
            used.setdefault(node.task.form, []).append(name_of(node))
    return tuple(
        FormAbout(key, tuple(used.get(key, ())), tuple(_asked(item) for item in FormSchema.parse(schema).fields))
        for key, schema in sorted(version.forms.items())
    )


def _asked(item: Component) -> Asked:
    options = tuple(option.labels for option in item.options)
    return Asked(item.key, item.labels, item.kind, item.required or bool(item.required_if), options)


def _choices(model: Model) -> frozenset[str]:
    ways = (node.outgoing for node in model.nodes.values() if isinstance(node, Gateway) and len(node.outgoing) > 1
            and node.kind != "parallelGateway")  # fmt: skip
    return frozenset(flow for flows in ways for flow in flows)


def _tables(version: DecisionVersion) -> list[DecisionTable]:
    words, questions = labels_of(version.dmn), questions_of(version.dmn)

    def named(element: Any, name: str) -> Mapping[str, str]:
        return words.get(element) or words.get(name) or {"en": name}

    found = []
    for node in catalog.decisions_of(version).nodes.values():
        decision = node.element
        if not isinstance(decision, Decision) or not isinstance(decision.logic, TableBox):
            continue
        table = decision.logic
        found.append(
            DecisionTable(
                key=version.definition.key, number=version.number, title=named(decision.id, decision.name),
                question=questions.get(decision.id, {}), hit_policy=table.hit_policy,
                inputs=tuple(named(item.element, item.label or item.expression.text) for item in table.inputs),
                outputs=tuple(named(item.element, item.label or item.name or decision.name) for item in table.outputs),
                rules=tuple(
                    Rule(
                        tuple(cell.text for cell in rule.tests), tuple(cell.text for cell in rule.outputs),
                        note_of(dict(rule.annotations), words.get(rule.element, {})),
                    )
                    for rule in table.rules
                ),
            )
        )  # fmt: skip
    return found


def elements(version_id: UUID) -> list[tuple[str, Mapping[str, str]]]:
    """The named elements of a version that a token may rest on, with their names by language; gateways are left out."""
    model = catalog.model_of(ProcessVersion.objects.defer("forms", "tests", "notes").get(pk=version_id))
    return [
        (node.id, {"en": node.name or node.id, **node.labels}) for node in model.nodes.values()
        if (node.name or node.labels) and not isinstance(node, Gateway) and node.kind not in ("startEvent", "endEvent")
    ]  # fmt: skip
