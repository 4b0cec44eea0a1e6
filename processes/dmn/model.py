"""A decision model as it is written (DMN 1.5, chapters 6 to 10): frozen, without anything compiled."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of FEEL with the id of the element that holds it."""

    text: str
    element: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A name with the reference of its type; the reference is empty when none is given."""

    name: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Boxed:
    """Any boxed expression; `type` is its own type reference, `element` its id."""

    element: str
    type: str


@dataclass(frozen=True, slots=True)
class LiteralBox(Boxed):
    text: str


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions of a decision table."""

    element: str
    label: str
    expression: Text
    type: str
    allowed: Text | None


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results of a decision table."""

    element: str
    name: str
    label: str
    type: str
    allowed: Text | None
    default: Text | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of a decision table; annotations are (column, text)."""

    element: str
    number: int
    description: str
    tests: tuple[Text, ...]
    outputs: tuple[Text, ...]
    annotations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TableBox(Boxed):
    """A decision table; hit_policy is one of U A P F R O C, aggregation empty or one of + < > #."""

    hit_policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class ContextBox(Boxed):
    entries: tuple[tuple[Variable, Boxed], ...]
    result: Boxed | None


@dataclass(frozen=True, slots=True)
class RelationBox(Boxed):
    columns: tuple[Variable, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True, slots=True)
class ListBox(Boxed):
    items: tuple[Boxed, ...]


@dataclass(frozen=True, slots=True)
class InvocationBox(Boxed):
    function: Boxed
    bindings: tuple[tuple[Variable, Boxed | None], ...]


@dataclass(frozen=True, slots=True)
class FunctionBox(Boxed):
    """A function definition; kind is FEEL, Java or PMML."""

    kind: str
    parameters: tuple[Variable, ...]
    body: Boxed | None


@dataclass(frozen=True, slots=True)
class ConditionalBox(Boxed):
    condition: Boxed
    then: Boxed
    otherwise: Boxed


@dataclass(frozen=True, slots=True)
class FilterBox(Boxed):
    source: Boxed
    match: Boxed


@dataclass(frozen=True, slots=True)
class IteratorBox(Boxed):
    """for, some or every."""

    kind: str
    variable: str
    source: Boxed
    body: Boxed


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type of the model."""

    name: str
    type: str
    collection: bool
    allowed: Text | None
    constraint: Text | None
    components: tuple[ItemDefinition, ...]
    function: tuple[tuple[Variable, ...], str] | None = None


@dataclass(frozen=True, slots=True)
class InputData:
    id: str
    name: str
    variable: Variable


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision; requirements are references (href) as written."""

    id: str
    name: str
    variable: Variable
    question: str
    allowed_answers: str
    requires: tuple[str, ...]
    knowledge: tuple[str, ...]
    logic: Boxed | None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model."""

    id: str
    name: str
    variable: Variable
    knowledge: tuple[str, ...]
    logic: FunctionBox | None


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service; its members are references."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Import:
    name: str
    namespace: str
    location: str


@dataclass(frozen=True)
class Definitions:
    """One file."""

    name: str
    namespace: str
    imports: tuple[Import, ...]
    items: tuple[ItemDefinition, ...]
    elements: dict[str, InputData | Decision | Knowledge | Service] = field(default_factory=dict)
