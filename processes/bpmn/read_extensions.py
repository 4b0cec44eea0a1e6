"""Extension elements and attributes of a BPMN element, as typed objects.

Ours come first. Where ours are absent, the common ones of Camunda (and of its ancestor Activiti) are read
into the same objects, so that an imported drawing needs little work; the file itself stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from processes.bpmn.extensions import (
    ActionExt,
    CallExt,
    ChecklistItem,
    CorrelationExt,
    DecisionExt,
    Measure,
    MultiInstanceExt,
    NamedValue,
    ProcessExt,
    Rung,
    TaskExt,
)
from processes.bpmn.xml import CAMUNDA, OURS, Element, child, children, line_of, number, text_of

_JUEL_PATH = re.compile(r"^[$#]\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}$")


def extensions(element: Element) -> Iterator[Element]:
    """The children of an element's `extensionElements` (of any namespace)."""
    for holder in children(element, "extensionElements"):
        yield from (part for part in holder if isinstance(part.tag, str))


def ours(element: Element, tag: str) -> Iterator[Element]:
    """Our extension elements of one tag."""
    return (part for part in extensions(element) if part.tag == f"{{{OURS}}}{tag}")


def first(element: Element, tag: str) -> Element | None:
    """Our first extension element of one tag, or None."""
    return next(ours(element, tag), None)


def texts(element: Element, tag: str) -> dict[str, str]:
    """The texts of our elements of one tag, by their `lang` (English when they name none)."""
    return {part.get("lang", "en").strip().lower(): text_of(part) for part in ours(element, tag)}


def _getter(element: Element | None) -> Callable[[str], str]:
    """Reads attributes; those of an absent element are empty."""
    return lambda name: "" if element is None else element.get(name, "")


def words(value: str | None) -> tuple[str, ...]:
    """A comma-separated list."""
    return tuple(word for word in (part.strip() for part in (value or "").split(",")) if word)


def camunda(element: Element, name: str) -> str:
    """A Camunda attribute; a simple path `${a.b}` becomes our `= a.b`, other texts stay as they are."""
    for space in CAMUNDA:
        value = element.get(f"{{{space}}}{name}")
        if value is not None:
            return juel(value)
    return ""


def juel(text: str) -> str:
    """Camunda's `${a.b}` as our `= a.b`; what is not a plain path stays, and lint calls it foreign."""
    found = _JUEL_PATH.match(text.strip())
    return f"= {found.group(1)}" if found else text.strip()


def _camunda_children(element: Element, tag: str) -> Iterator[Element]:
    return (part for part in extensions(element) if part.tag in [f"{{{space}}}{tag}" for space in CAMUNDA])


def named_values(parent: Element, tag: str) -> tuple[NamedValue, ...]:
    """Our `name`/`value` children of an extension element."""
    return tuple(
        NamedValue(
            name=part.get("name", "").strip(), value=part.get("value", text_of(part)), line=line_of(part)
        )
        for part in children(parent, tag, space=OURS)
    )


def task_ext(element: Element) -> TaskExt:
    """`redraw:task`, filled up from Camunda's attributes."""
    found = first(element, "task")
    get = _getter(found)
    groups = words(camunda(element, "candidateGroups"))
    due = camunda(element, "dueDate")
    return TaskExt(
        role=(get("role") or (groups[0] if groups else "")).strip(),
        assignee=get("assignee") or camunda(element, "assignee"),
        scope=get("scope") or "",
        method=(get("method") or "").strip(),
        form=(get("form") or camunda(element, "formKey").rpartition(":")[2]).strip(),
        priority=get("priority") or camunda(element, "priority"),
        limit=get("limit") or (due if due.startswith(("P", "=")) else ""),
        limit_time=(get("limitTime") or "calendar").strip(),
        warn=tuple(int(word) for word in words(get("warn")) if word.isdigit()),
        four_eyes=(get("fourEyes") or "").strip(),
        grants=words(get("grants")),
        cost_rate=get("costRate") or "",
        icon=get("icon") or "",
        ladder=ladder_ext(element),
        line=line_of(found if found is not None else element),
    )


def ladder_ext(element: Element) -> tuple[Rung, ...]:
    """The rungs of `redraw:ladder`, in the file's order."""
    found = first(element, "ladder")
    return () if found is None else tuple(
        Rung(
            at=part.get("at", "").strip(), notify=words(part.get("notify")), priority=part.get("priority", "").strip(),
            role=part.get("role", "").strip(), line=line_of(part),
        )
        for part in children(found, "rung", space=OURS)
    )  # fmt: skip


def action_ext(element: Element) -> ActionExt | None:
    """`redraw:action`, or the topic of a Camunda external task as the action's name."""
    found = first(element, "action")
    if found is None:
        topic = camunda(element, "topic")
        return ActionExt(name=topic, line=line_of(element)) if topic else None
    return ActionExt(
        name=found.get("name", "").strip(),
        inputs=named_values(found, "input"),
        retries=number(found, "retries"),
        backoff=found.get("backoff", ""),
        timeout=found.get("timeout", ""),
        result=found.get("result", "").strip(),
        line=line_of(found),
    )


def decision_ext(element: Element) -> DecisionExt | None:
    """`redraw:decision`, or Camunda's `decisionRef`."""
    found = first(element, "decision")
    if found is None:
        key = camunda(element, "decisionRef")
        result = camunda(element, "resultVariable")
        return DecisionExt(key=key, result=result, line=line_of(element)) if key else None
    return DecisionExt(
        key=found.get("key", "").strip(),
        decision=found.get("decision", "").strip(),
        result=found.get("result", "").strip(),
        binding=found.get("binding", "pinned").strip(),
        inputs=named_values(found, "input"),
        line=line_of(found),
    )


def call_ext(element: Element) -> CallExt:
    """`redraw:call`, `redraw:in`, `redraw:out`, or Camunda's binding and mappings."""
    found = first(element, "call")
    inputs = [part for tag in ("in",) for part in ours(element, tag)]
    outputs = list(ours(element, "out"))
    if found is None and not inputs and not outputs:
        return _camunda_call(element)
    return CallExt(
        binding=(found.get("binding", "latest") if found is not None else "latest").strip(),
        version=number(found, "version") if found is not None else None,
        subject=found.get("subject", "") if found is not None else "",
        inputs=_pairs(inputs) + (named_values(found, "in") if found is not None else ()),
        outputs=_pairs(outputs) + (named_values(found, "out") if found is not None else ()),
        line=line_of(found if found is not None else element),
    )


def _pairs(parts: list[Element]) -> tuple[NamedValue, ...]:
    return tuple(
        NamedValue(
            name=part.get("name", "").strip(), value=part.get("value", text_of(part)), line=line_of(part)
        )
        for part in parts
    )


def _camunda_call(element: Element) -> CallExt:
    def mapped(tag: str) -> tuple[NamedValue, ...]:
        found = []
        for part in _camunda_children(element, tag):
            source, formula = part.get("source"), part.get("sourceExpression")
            value = f"= {source}" if source else juel(formula or "")
            if part.get("target") and value:
                found.append(NamedValue(name=part.get("target", ""), value=value, line=line_of(part)))
        return tuple(found)

    version = camunda(element, "calledElementVersion")
    fixed = camunda(element, "calledElementBinding") == "version"
    return CallExt(
        binding="fixed" if fixed else "latest",
        version=int(version) if version.isdigit() else None,
        inputs=mapped("in"),
        outputs=mapped("out"),
        line=line_of(element),
    )


def correlation_ext(element: Element) -> CorrelationExt | None:
    """`redraw:correlation`, or None."""
    found = first(element, "correlation")
    if found is None:
        return None
    return CorrelationExt(
        key=found.get("key", ""),
        result=found.get("result", "").strip(),
        subject=found.get("subject", "").strip(),
        line=line_of(found),
    )


def payload_ext(element: Element) -> tuple[NamedValue, ...]:
    """The `redraw:payload` pairs of a throw event or send task."""
    return _pairs(list(ours(element, "payload")))


def checklist_ext(element: Element) -> tuple[ChecklistItem, ...]:
    """The items of `redraw:checklist`."""
    found = first(element, "checklist")
    if found is None:
        return ()
    return tuple(
        ChecklistItem(
            key=item.get("key", "").strip() or str(number_ + 1),
            texts={
                t.get("lang", "en").strip().lower(): text_of(t) for t in children(item, "text", space=OURS)
            },
        )
        for number_, item in enumerate(children(found, "item", space=OURS))
    )


def process_ext(element: Element) -> ProcessExt:
    """`redraw:process`, or Camunda's `candidateStarterGroups`."""
    found = first(element, "process")
    get = _getter(found)
    return ProcessExt(
        subject=(get("subject") or "").strip(),
        business_key=get("businessKey") or "",
        title=get("title") or "",
        start_roles=words(get("startRoles") or camunda(element, "candidateStarterGroups")),
        priority=get("priority") or "",
        limit=get("limit") or "",
        limit_time=(get("limitTime") or "calendar").strip(),
        ladder=ladder_ext(element),
        line=line_of(found if found is not None else element),
    )


def measures_ext(element: Element) -> tuple[Measure, ...]:
    """The `redraw:measure` elements, those of one key with their texts together."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for part in ours(element, "measure"):
        target, by_language = found.setdefault(part.get("key", "").strip(), (part.get("target", ""), {}))
        by_language[part.get("lang", "en").strip().lower()] = text_of(part)
        found[part.get("key", "").strip()] = (target or part.get("target", ""), by_language)
    return tuple(Measure(key=key, target=target, texts=t) for key, (target, t) in found.items())


def multi_instance_ext(element: Element) -> MultiInstanceExt:
    """Our attributes on `multiInstanceLoopCharacteristics`, or Camunda's."""

    def get(name: str) -> str:
        return element.get(f"{{{OURS}}}{name}", "")

    collection = get("collection")
    if not collection:
        foreign = camunda(element, "collection")
        collection = foreign if not foreign or foreign.startswith(("=", "$", "#")) else f"= {foreign}"
    return MultiInstanceExt(
        collection=collection,
        element=(get("element") or camunda(element, "elementVariable")).strip(),
        output=get("output").strip(),
        output_element=get("outputElement"),
    )


def documentation_of(element: Element) -> str:
    """The text of the element's `documentation` children."""
    return "\n".join(text_of(part) for part in children(element, "documentation"))


def text_child(element: Element, tag: str) -> str:
    """The text of a BPMN child element."""
    return text_of(child(element, tag))
