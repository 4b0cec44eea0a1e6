"""Loading and evaluating a decision model: requirement graphs, business knowledge models, decision services, imports
(DMN 1.5, chapters 6, 7 and 10.4). A Decisions object never changes after load() and may be shared by threads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from processes.feel import DEFAULT, Clock, Diagnostic, Limits
from processes.feel import types as ft
from processes.feel.errors import Fault, LimitReached
from processes.feel.runtime import Native, Run, Site
from processes.feel.values import admit
from processes.marked import Sentence, say

from . import model as m
from .boxed import BoxedFunction, Boxes
from .errors import DmnError
from .itemtypes import Types, base_name
from .reader import read
from .state import Code, Scope, State
from .trace import DecisionResult

Element: TypeAlias = m.InputData | m.Decision | m.Knowledge | m.Service


@dataclass(frozen=True, slots=True)
class InputInfo:
    """An input data element: its name, type as written, allowed values as written (FEEL unary tests), and the built-in
    type below its own (number, string, date ...; empty where there is none)."""

    name: str
    type: str
    allowed: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True)
class OutputInfo:
    """An output of a decision."""

    name: str
    type: str
    allowed: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class DecisionInfo:
    """What a caller needs to know of a decision; hit_policy is empty when it is no table."""

    id: str
    name: str
    question: str
    hit_policy: str
    inputs: tuple[InputInfo, ...]
    outputs: tuple[OutputInfo, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """An element with what it needs, ready to run. path is the name under which another element sees it: one name,
    or an import's name and a name."""

    key: tuple[str, str]
    element: Element
    wanted: ft.Type
    code: Code | None
    needs: tuple[tuple[tuple[str, ...], tuple[str, str]], ...]


@dataclass
class _Evaluation:
    """One evaluation over the whole graph: the values found so far."""

    decisions: Decisions
    state: State
    context: Mapping[str, Any]
    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    busy: set[tuple[str, str]] = field(default_factory=set)

    def scope(self, node: Node) -> Scope:
        """The names that the logic of an element sees."""
        scope: Scope = {}
        for path, key in node.needs:
            if len(path) == 1:
                scope[path[0]] = self.value(key)
            else:
                scope.setdefault(path[0], {})[path[1]] = self.value(key)
        return scope

    def value(self, key: tuple[str, str]) -> Any:
        """The value of any element."""
        if key in self.values:
            return self.values[key]
        node = self.decisions.nodes[key]
        if not node.needs:  # so it cannot need itself
            found = self.values[key] = self.compute(node)
            return found
        if key in self.busy:
            if isinstance(node.element, m.Knowledge):
                return _Late(self, key)
            raise DmnError("cycle", say("“%(name)s” needs itself; remove the cycle.", name=node.element.name), node.element.id)
        self.busy.add(key)
        try:
            found = self.compute(node)
        finally:
            self.busy.discard(key)
        self.values[key] = found
        return found

    def compute(self, node: Node) -> Any:
        element = node.element
        if isinstance(element, m.InputData):
            return self.given(element, node.wanted)
        if isinstance(element, m.Knowledge):
            return self.knowledge(node, element)
        if isinstance(element, m.Service):
            return self.service(node, element)
        return self.decision(node, element)

    def given(self, element: m.InputData | m.Decision, wanted: ft.Type) -> Any:
        name = element.variable.name
        if name not in self.context:
            self.state.run.fail(Site(name, 0), say("No value was given for “%(name)s”; give one, if it may be null.", name=name), None, "missing-input")
            return None
        try:
            value = admit(self.context[name])
        except Fault as fault:
            self.state.run.fail(Site(name, 0), fault.reason, None, fault.code)
            return None
        return self.state.bind(value, wanted, name)

    def decision(self, node: Node, element: m.Decision) -> Any:
        if node.code is None:  # a decision made elsewhere: its value comes with the inputs
            return self.given(element, node.wanted)
        scope = self.scope(node)
        self.state.forget()
        value = self.state.bind(node.code(self.state, scope), node.wanted, element.name)
        self.state.record(element.id, element.name, "decision", value)
        return value

    def knowledge(self, node: Node, element: m.Knowledge) -> Any:
        if node.code is None:
            return None
        function = node.code(self.state, self.scope(node))
        if isinstance(function, BoxedFunction):
            inner = function.body
            name, wanted = element.name, node.wanted

            def body(state: State, scope: Scope) -> Any:
                outer = (state.policy, state.inputs, state.rules)
                state.forget()
                value = state.bind(inner(state, scope), wanted, name)
                state.record(element.id, name, "knowledge", value)
                state.policy, state.inputs, state.rules = outer
                return value

            function.body = body
            function.scope = {element.variable.name: function, **function.scope}
        return function

    def service(self, node: Node, element: m.Service) -> Native:
        parameters = self.decisions.parameters(node)
        names = tuple(name for name, _, _ in parameters)
        types = tuple(wanted for _, _, wanted in parameters)

        def run(_: Run, arguments: list[Any]) -> Any:
            inner = _Evaluation(self.decisions, self.state, {})
            inner.values = {key: value for (_, key, _), value in zip(parameters, arguments, strict=True)}
            return self.outputs(inner, node, element)

        return Native(element.name, names, types, run)

    def outputs(self, inner: _Evaluation, node: Node, element: m.Service) -> Any:
        keys = [self.decisions.resolve(node.key[0], href, element.id) for href in element.outputs]
        outer = (self.state.policy, self.state.inputs, self.state.rules)
        values = {self.decisions.nodes[key].element.variable.name: inner.value(key) for key in keys}
        value = next(iter(values.values())) if len(values) == 1 else values
        value = self.state.bind(value, node.wanted, element.name)
        self.state.forget()
        self.state.record(element.id, element.name, "service", value)
        self.state.policy, self.state.inputs, self.state.rules = outer
        return value


class _Late(Native):
    """A business knowledge model inside itself, for recursion: found when it is called."""

    def __init__(self, evaluation: _Evaluation, key: tuple[str, str]) -> None:
        element = evaluation.decisions.nodes[key].element
        logic = element.logic if isinstance(element, m.Knowledge) else None
        names = tuple(parameter.name for parameter in logic.parameters) if isinstance(logic, m.FunctionBox) else ()
        super().__init__(
            element.name, names, (ft.ANY,) * len(names),
            lambda run, values: evaluation.values[key].invoke(run, values, (), Site(element.name, 0)),
        )


class Decisions:
    """A loaded model. Immutable; make it with load()."""

    def __init__(
        self, definitions: m.Definitions, others: Mapping[str, m.Definitions], indexed: bool = True
    ) -> None:
        self._indexed = indexed
        self.name = definitions.name
        self.namespace = definitions.namespace
        self.nodes: dict[tuple[str, str], Node] = {}
        self._files: dict[str, m.Definitions] = {**others, definitions.namespace: definitions}
        self._types: dict[str, Types] = {}
        self._asked: dict[str, Node] = {}  # by the names asked for: what find() gives for them
        for namespace, file in self._files.items():
            for element in file.elements.values():
                self.nodes[namespace, element.id] = self._node(namespace, file, element)

    # -- building -------------------------------------------------------------------------------------------------

    def _types_of(self, namespace: str, trail: tuple[str, ...] = ()) -> Types:
        if namespace not in self._types:
            if namespace in trail:
                raise DmnError("import-cycle", say("The models import each other in a circle; remove one of the imports."), namespace)
            file = self._files[namespace]
            imported = {
                item.name: self._types_of(item.namespace, (*trail, namespace))
                for item in file.imports if item.namespace in self._files
            }
            self._types[namespace] = Types(file.items, imported)
        return self._types[namespace]

    def resolve(self, namespace: str, href: str, element: str) -> tuple[str, str]:
        """The element that a reference means: “#id”, or “namespace#id” for an imported one."""
        where, _, identity = href.rpartition("#")
        file = self._files.get(where or namespace)
        if file is None or identity not in file.elements:
            raise DmnError("dangling", say("“%(element)s” refers to “%(href)s”, which does not exist.", element=element, href=href), element)
        return (where or namespace), identity

    def _path(self, namespace: str, key: tuple[str, str]) -> tuple[str, ...]:
        element = self._files[key[0]].elements[key[1]]
        name = element.variable.name or element.name
        if key[0] == namespace:
            return (name,)
        alias = next((item.name for item in self._files[namespace].imports if item.namespace == key[0]), "")
        return (alias, name) if alias else (name,)

    def _needs(self, namespace: str, element: Element) -> tuple[tuple[tuple[str, ...], tuple[str, str]], ...]:
        hrefs: tuple[str, ...] = ()
        if isinstance(element, m.Decision):
            hrefs = (*element.requires, *element.knowledge)
        elif isinstance(element, m.Knowledge):
            hrefs = element.knowledge
        keys = [self.resolve(namespace, href, element.id) for href in hrefs if href]
        return tuple((self._path(namespace, key), key) for key in keys)

    def _node(self, namespace: str, file: m.Definitions, element: Element) -> Node:
        types = self._types_of(namespace)
        needs = self._needs(namespace, element)
        names = self._names(types, needs)
        wanted = types.reference(element.variable.type)
        code = None
        if isinstance(element, m.Decision) and element.logic is not None:
            boxes = Boxes(types, frozenset(names | {element.variable.name}), element.name, self._indexed)
            code = boxes.compile(element.logic)
        elif isinstance(element, m.Knowledge):
            if isinstance(wanted, ft.FunctionOf):
                wanted = wanted.result
            if element.logic is not None:
                boxes = Boxes(types, frozenset(names | {element.variable.name}), element.name, self._indexed)
                code = boxes.compile(element.logic)
                if element.logic.type and wanted is ft.ANY:
                    wanted = types.reference(element.logic.type)
        elif isinstance(element, m.Service) and isinstance(wanted, ft.FunctionOf):
            wanted = wanted.result
        return Node((namespace, element.id), element, wanted, code, needs)

    def parameters(self, node: Node) -> list[tuple[str, tuple[str, str], ft.Type]]:
        """The parameters of a decision service: its input data, then its input decisions (10.4)."""
        element = node.element
        if not isinstance(element, m.Service):
            raise TypeError(f"{element.id} is no decision service.")
        found = []
        for href in (*element.input_data, *element.input_decisions):
            key = self.resolve(node.key[0], href, element.id)
            other = self.nodes[key]
            found.append((other.element.variable.name, key, other.wanted))
        return found

    @staticmethod
    def _names(types: Types, needs: Iterable[tuple[tuple[str, ...], tuple[str, str]]]) -> set[str]:
        return {name for path, _ in needs for name in path} | types.names()

    # -- reading --------------------------------------------------------------------------------------------------

    def types_of(self, node: Node) -> Types:
        """The types that the type references of an element mean."""
        return self._types_of(node.key[0])

    def names_of(self, node: Node) -> frozenset[str]:
        """The names that the expressions of an element are read with."""
        return frozenset(self._names(self.types_of(node), node.needs) | {node.element.variable.name})

    def scope_of(self, node: Node) -> dict[str, str]:
        """The names that stand for values of other elements there, with the references of their types; empty where
        an element of another file gives the value."""
        return {
            path[0]: self.nodes[key].element.variable.type if key[0] == node.key[0] else "" for path, key in node.needs
        }

    def find(self, name: str) -> Node:
        """The decision, service, knowledge model or input of that name or id; this file's own come first."""
        own = [node for key, node in self.nodes.items() if key[0] == self.namespace]
        rest = [node for key, node in self.nodes.items() if key[0] != self.namespace]
        for group in (own, rest):
            for node in group:
                if name == node.key[1]:
                    return node
            matches = [node for node in group if name in (node.element.name, node.element.variable.name)]
            matches.sort(key=lambda node: not isinstance(node.element, (m.Decision, m.Service)))
            if matches:
                return matches[0]
        raise DmnError("unknown-decision", say("The model “%(name)s” has no decision “%(decision)s”; check its name.", name=self.name, decision=name), name)

    @property
    def decisions(self) -> tuple[DecisionInfo, ...]:
        """All decisions and services of this file, in its order."""
        return tuple(
            self._info(node) for key, node in self.nodes.items()
            if key[0] == self.namespace and isinstance(node.element, (m.Decision, m.Service))
        )

    def _info(self, node: Node) -> DecisionInfo:
        element = node.element
        logic = element.logic if isinstance(element, m.Decision) else None
        policy, wanted = "", element.variable.type
        outputs: tuple[OutputInfo, ...] = (OutputInfo(element.name, wanted, self._allowed(node, wanted)),)
        if isinstance(logic, m.TableBox):
            policy = logic.hit_policy + logic.aggregation
            outputs = tuple(
                OutputInfo(
                    output.name or element.name, output.type or element.variable.type,
                    output.allowed.text if output.allowed else self._allowed(node, output.type),
                    output.default.text if output.default else "",
                )
                for output in logic.outputs
            )
        question = element.question if isinstance(element, m.Decision) else ""
        return DecisionInfo(element.id, element.name, question, policy, self.inputs(element.id), outputs)

    def _allowed(self, node: Node, type_name: str) -> str:
        return str(self._types_of(node.key[0]).enumeration(type_name))

    def inputs(self, name: str) -> tuple[InputInfo, ...]:
        """The input data that a decision needs, directly or through others, in the order of the requirements."""
        found: dict[tuple[str, str], InputInfo] = {}
        seen: set[tuple[str, str]] = set()
        queue = [self.find(name)]
        while queue:
            node = queue.pop()
            if node.key in seen:
                continue
            seen.add(node.key)
            element = node.element
            if isinstance(element, m.Service):
                queue.extend(self.nodes[key] for _, key, _ in reversed(self.parameters(node)))
            if isinstance(element, m.InputData) or (isinstance(element, m.Decision) and node.code is None):
                wanted = element.variable.type
                found[node.key] = InputInfo(
                    element.variable.name, wanted, self._allowed(node, wanted), base_name(node.wanted)
                )
            queue.extend(self.nodes[key] for _, key in reversed(node.needs))
        return tuple(found.values())

    # -- evaluating -----------------------------------------------------------------------------------------------

    def evaluate(
        self, name: str, context: Mapping[str, Any] | None = None, *, limits: Limits = DEFAULT,
        clock: Clock | None = None, tz: dt.tzinfo | None = None,
    ) -> DecisionResult:
        """The value of a decision or decision service, by name or id.

        context: values of the input data by name (for a service also of its input decisions). Raises DmnError for an
        unknown name; everything that goes wrong in the evaluation is null with a diagnostic.
        """
        node = self._asked.get(name) or self._asked.setdefault(name, self.find(name))
        state = State(Run(limits, clock, tz))
        evaluation = _Evaluation(self, state, context or {})
        value = None
        try:
            value = self._start(evaluation, node)
        except (LimitReached, Fault) as stop:
            self._stop(state, name, stop.reason)
        except RecursionError:
            self._stop(state, name, say("The evaluation is nested too deeply; split it into named parts."))
        return DecisionResult(value, tuple(state.run.diagnostics), tuple(state.trace))

    def _start(self, evaluation: _Evaluation, node: Node) -> Any:
        element = node.element
        if not isinstance(element, m.Service):
            return evaluation.value(node.key)
        inner = _Evaluation(self, evaluation.state, evaluation.context)
        for _, key, wanted in self.parameters(node):
            other = self.nodes[key].element
            if not isinstance(other, m.InputData | m.Decision):
                raise TypeError(f"{other.id} is no input of a decision service.")
            inner.values[key] = evaluation.given(other, wanted)
        return evaluation.outputs(inner, node, element)

    def _stop(self, state: State, name: str, reason: Sentence) -> None:
        kept = state.run.diagnostics[: state.run.limits.diagnostics - 1]
        state.run.diagnostics = [*kept, Diagnostic(name, 0, reason, None, "limit")]


def load(
    xml: bytes | str, *, imports: Mapping[str, bytes | str] | None = None, indexed: bool = True
) -> Decisions:
    """The decision model in a file, compiled.

    imports: the files it imports, by any key (namespace or file name); which file is which is read from the files.
    indexed: without it every rule of a table is asked in turn, which gives the same and takes longer (to compare).
    Raises DmnError when a file is no decision model or something in it cannot be read.
    """
    main = read(xml)
    others: dict[str, m.Definitions] = {}
    for data in (imports or {}).values():
        other = read(data)
        if other.namespace != main.namespace:
            others[other.namespace] = other
    for file in (main, *others.values()):
        for item in file.imports:
            foreign = "DMN" not in item.namespace and item.namespace not in others and item.namespace != main.namespace
            if foreign and item.namespace and _used(file, item.namespace):
                raise DmnError(
                    "missing-import", say("The model “%(name)s” imports “%(imported)s”, which was not given; add that file.", name=file.name, imported=item.name), item.name
                )
    return Decisions(main, others, indexed)


def _used(file: m.Definitions, namespace: str) -> bool:
    """Whether a file refers to elements of a namespace."""
    for element in file.elements.values():
        hrefs: tuple[str, ...] = ()
        if isinstance(element, m.Decision):
            hrefs = (*element.requires, *element.knowledge)
        elif isinstance(element, m.Knowledge):
            hrefs = element.knowledge
        elif isinstance(element, m.Service):
            hrefs = (*element.outputs, *element.input_data, *element.input_decisions)
        if any(href.rpartition("#")[0] == namespace for href in hrefs):
            return True
    return False
