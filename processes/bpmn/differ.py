"""What has changed between two drawings, element by element, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from processes.bpmn.model import Model
from processes.marked import Sentence, say, word

_SILENT = frozenset({"line", "incoming", "outgoing", "boundaries", "children", "lanes", "nodes", "scope", "id",
                     "process"})  # fmt: skip
_WORDS = {
    "name": word("name"), "labels": word("translations"), "documentation": word("documentation"), "kind": word("kind"),
    "lane": word("lane"), "guidance": word("guidance"), "customer": word("customer’s side"), "default": word("default flow"),
    "loop": word("repetition"), "task": word("who and when"), "action": word("action"), "decision": word("decision"),
    "correlation": word("correlation"), "payload": word("payload"), "checklist": word("checklist"), "called": word("called process"),
    "call": word("call"), "definitions": word("event"), "attached_to": word("activity it sits on"),
    "is_interrupting": word("whether it interrupts"), "condition": word("condition"), "source": word("source"),
    "target": word("target"), "role": word("role"), "ext": word("process settings"), "measures": word("measures"),
    "purpose": word("purpose"), "is_executable": word("whether it is executable"), "is_default": word("whether it is the default"),
}  # fmt: skip

_OF_THE_FILE = {
    "label": "labels", "conditionExpression": "condition", "calledElement": "called", "sourceRef": "source", "targetRef": "target",
    "attachedToRef": "attached_to", "cancelActivity": "is_interrupting", "isExecutable": "is_executable", "measure": "measures",
    "process": "ext", "timerEventDefinition": "definitions", "timeDuration": "definitions", "timeDate": "definitions",
    "timeCycle": "definitions", "messageRef": "definitions", "signalRef": "definitions", "errorRef": "definitions",
    "multiInstanceLoopCharacteristics": "loop", "standardLoopCharacteristics": "loop",
}  # fmt: skip


def word_for(name: str) -> str:
    """What people call a field of the model, an attribute or a tag; the name itself where there is no word for it."""
    return _WORDS.get(_OF_THE_FILE.get(name, name), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `kind` is "added", "removed", "changed" or "moved"; `fields` names what changed, each
    with its old and new value; `sentence` says it."""

    kind: str
    element: str
    element_kind: str
    name: str
    sentence: Sentence
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


def diff(a: Model, b: Model) -> list[Change]:
    """The changes that lead from `a` to `b`, elements being the same when their ids are."""
    return [*_tables(a, b), *_moves(a, b)]


def _tables(a: Model, b: Model) -> Iterator[Change]:
    for name in ("processes", "lanes", "nodes", "flows", "participants", "message_flows", "data", "artifacts",
                 "named"):  # fmt: skip
        before, after = getattr(a, name), getattr(b, name)
        for key, old in before.items():
            if key not in after:
                yield _change("removed", a, key, old, say("%(what)s was taken out.", what=_called(a, key, old)))
        for key, new in after.items():
            if key not in before:
                yield _change("added", b, key, new, say("%(what)s was added.", what=_called(b, key, new)))
            else:
                yield from _compared(b, key, before[key], new)


def _compared(b: Model, key: str, old: Any, new: Any) -> Iterator[Change]:
    changed = {
        name: (getattr(old, name, None), getattr(new, name, None))
        for name in dict.fromkeys([f.name for f in fields(old)] + [f.name for f in fields(new)])
        if name not in _SILENT and _plain(getattr(old, name, None)) != _plain(getattr(new, name, None))
    }
    if changed:
        if set(changed) == {"name"}:
            sentence = say("“%(before)s” is now called “%(name)s”.", before=old.name, name=new.name)
        else:
            sentence = say("%(what)s has changed: %(fields)s.", what=_called(b, key, new), fields=_listed(changed))
        yield _change("changed", b, key, new, sentence, changed)


def _moves(a: Model, b: Model) -> Iterator[Change]:
    for key, shape in b.shapes.items():
        old = a.shapes.get(key)
        element = b.find(key)
        if old is not None and element is not None and old.bounds != shape.bounds:
            moved = {"bounds": (old.bounds, shape.bounds)}
            yield _change("moved", b, key, element, say("%(what)s was moved.", what=_called(b, key, element)), moved)
    for key, edge in b.edges.items():
        before = a.edges.get(key)
        element = b.find(key)
        if before is not None and element is not None and before.waypoints != edge.waypoints:
            moved_edge = {"waypoints": (before.waypoints, edge.waypoints)}
            yield _change(
                "moved", b, key, element, say("%(what)s runs differently.", what=_called(b, key, element)), moved_edge
            )


def _plain(value: Any) -> Any:
    """A value without its line numbers, which move whenever something above is edited."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name != "line"}
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return value


def _listed(changed: Iterable[str]) -> str:
    words = list(dict.fromkeys(_WORDS.get(name, name.replace("_", " ")) for name in changed))
    found = words[0]
    for other in words[1:]:
        found = say("%(these)s, %(other)s", these=found, other=other)
    return found


def _called(model: Model, key: str, element: Any) -> Sentence:
    ends = [getattr(element, "source", ""), getattr(element, "target", "")]
    if all(ends) and not getattr(element, "name", ""):
        return say("The flow from “%(source)s” to “%(target)s”",
                   source=model.name_of(ends[0]), target=model.name_of(ends[1]))  # fmt: skip
    return say("“%(text)s”", text=model.name_of(key))


def _change(
    kind: str,
    model: Model,
    key: str,
    element: Any,
    sentence: Sentence,
    changed: Mapping[str, tuple[Any, Any]] | None = None,
) -> Change:
    return Change(
        kind=kind,
        element=key,
        element_kind=getattr(element, "kind", type(element).__name__),
        name=model.name_of(key),
        sentence=sentence,
        fields=dict(changed or {}),
    )
