"""Drawings small enough to stand beside an assertion.

    sketch("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", Fork="parallelGateway", Join="parallelGateway")

A path names elements and the flows between them: `->`, `-{condition}->`, and `-else->` for the default flow. An
element is a start event, end event or user task by its name, or what the keyword of its name says: a tag, or what
the functions here give. Flows are called `F_<source>_<target>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

_ARROW = re.compile(r"\s*(?:-(?:\{(.*?)\}|(else)))?->\s*")
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:redraw="urn:redraw-crm:bpmn:1" id="D"'
    ' targetNamespace="urn:t">'
)


@dataclass(frozen=True)
class Element:
    """An element by its tag, its attributes, what we add to it, what stands in it, and what it needs of the file."""

    tag: str
    attributes: tuple[tuple[str, str], ...] = ()
    ours: str = ""
    inner: str = ""
    root: str = ""

    def xml(self, name: str, default: str) -> str:
        """The element under a name, with the flow that is its default."""
        given = dict(self.attributes) | ({"default": default} if default else {})
        text = "".join(f" {key}={quoteattr(value)}" for key, value in given.items())
        ours = f"<bpmn:extensionElements>{self.ours}</bpmn:extensionElements>" if self.ours else ""
        return f'<bpmn:{self.tag} id="{name}" name="{name}"{text}>{ours}{self.inner.replace("@", name)}</bpmn:{self.tag}>'


def element(tag: str, *, ours: str = "", inner: str = "", root: str = "", **attributes: str) -> Element:
    """Any element; `@` in what stands inside becomes its name."""
    return Element(tag, tuple(attributes.items()), ours, inner, root)


def formal(tag: str, text: str) -> str:
    """A formal expression."""
    return f'<bpmn:{tag} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{tag}>'


# --- events ------------------------------------------------------------------------------------------------------
CATCH, THROW, START, END = "intermediateCatchEvent", "intermediateThrowEvent", "startEvent", "endEvent"


def _event(tag: str, inner: str, *, root: str = "", ours: str = "", on: str = "", beside: bool = False) -> Element:
    if not on:
        return element(tag, inner=inner, root=root, ours=ours)
    interrupting = {"cancelActivity": "false"} if beside else {}
    return element("boundaryEvent", inner=inner, root=root, ours=ours, attachedToRef=on, **interrupting)


def timer(text: str, tag: str = CATCH, *, kind: str = "timeDuration", on: str = "", beside: bool = False) -> Element:
    """A timer; on the border of the activity `on`, beside it (not interrupting) or in its place."""
    inner = f'<bpmn:timerEventDefinition id="@_d">{formal(kind, text)}</bpmn:timerEventDefinition>'
    return _event(tag, inner, on=on, beside=beside)


def named(kind: str, name: str, tag: str = CATCH, *, key: str = "", on: str = "", beside: bool = False) -> Element:
    """A message, signal, error or escalation of a name."""
    code = f' {kind}Code="{name}"' if kind in ("error", "escalation") else ""
    ours = f'<redraw:correlation key="{key}"/>' if key else ""
    reference = f' {kind}Ref="{kind}_{name}"' if name else ""
    return _event(
        tag, f'<bpmn:{kind}EventDefinition id="@_d"{reference}/>', ours=ours, on=on, beside=beside,
        root=f'<bpmn:{kind} id="{kind}_{name}" name="{name}"{code}/>' if name else "",
    )  # fmt: skip


def message(name: str, tag: str = CATCH, **more: object) -> Element:
    """A message event."""
    return named("message", name, tag, **more)  # type: ignore[arg-type]


def signal(name: str, tag: str = CATCH, **more: object) -> Element:
    """A signal event."""
    return named("signal", name, tag, **more)  # type: ignore[arg-type]


def error(name: str, tag: str = END, **more: object) -> Element:
    """An error end, or an error event on a border; without a name it takes every error."""
    return named("error", name, tag, **more)  # type: ignore[arg-type]


def conditional(text: str, tag: str = CATCH, *, on: str = "", beside: bool = False) -> Element:
    """Waits for a condition."""
    inner = f'<bpmn:conditionalEventDefinition id="@_d">{formal("condition", text)}</bpmn:conditionalEventDefinition>'
    return _event(tag, inner, on=on, beside=beside)


def plain(kind: str, tag: str, *, on: str = "", name: str = "") -> Element:
    """An event whose definition says no more than its kind (and a link's name)."""
    given = f' name="{name}"' if name else ""
    return _event(tag, f'<bpmn:{kind}EventDefinition id="@_d"{given}/>', on=on)


def several(tag: str, *parts: Element, parallel: bool = False, on: str = "") -> Element:
    """An event with the definitions of several."""
    attributes = ({"parallelMultiple": "true"} if parallel else {}) | ({"attachedToRef": on} if on else {})
    inner = "".join(part.inner.replace("@_d", f"@_d{number}") for number, part in enumerate(parts))
    return element(tag, inner=inner, root="".join(part.root for part in parts), **attributes)


# --- activities ----------------------------------------------------------------------------------------------------
def user(*, on_loop: str = "", **ours: str) -> Element:
    """A user task with attributes of ours."""
    given = "".join(f" {key}={quoteattr(value)}" for key, value in ours.items())
    return element("userTask", ours=f"<redraw:task{given}/>" if given else "", inner=on_loop)


def service(action: str, tag: str = "serviceTask", *, result: str = "", retries: str = "", **inputs: str) -> Element:
    """A task that runs an action."""
    given = "".join(f" {key}={quoteattr(value)}" for key, value in (("result", result), ("retries", retries)) if value)
    parts = "".join(f"<redraw:input name={quoteattr(name)} value={quoteattr(value)}/>" for name, value in inputs.items())
    return element(tag, ours=f'<redraw:action name="{action}"{given}>{parts}</redraw:action>')


def script(text: str, *, result: str = "") -> Element:
    """A script task in FEEL."""
    made = element("scriptTask", inner=f"<bpmn:script>{escape(text)}</bpmn:script>")
    return replace(made, attributes=(("redraw:result", result),)) if result else made


def call(key: str, *, tag_inner: str = "", **outputs: str) -> Element:
    """A call activity; `outputs` say which variables it brings."""
    parts = "".join(f"<redraw:out name={quoteattr(name)} value={quoteattr(value)}/>" for name, value in outputs.items())
    return element("callActivity", ours=parts, inner=tag_inner, calledElement=key)


def for_each(collection: str, *, item: str = "item", output: str = "", enough: str = "", sequential: bool = False) -> str:
    """A multi-instance marker."""
    given = f' redraw:collection="= {collection}" redraw:element="{item}"' + (f' redraw:output="{output}"' if output else "")
    inner = formal("completionCondition", enough) if enough else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"{given}>{inner}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )  # fmt: skip


def again_while(condition: str, *, before: bool = False, most: int | None = None) -> str:
    """A loop marker."""
    given = f' testBefore="{str(before).lower()}"' + (f' loopMaximum="{most}"' if most is not None else "")
    return f"<bpmn:standardLoopCharacteristics{given}>{formal('loopCondition', condition)}</bpmn:standardLoopCharacteristics>"


def looped(what: Element, marker: str) -> Element:
    """An activity with a loop marker."""
    return replace(what, inner=what.inner + marker)


def sub(*paths: str, tag: str = "subProcess", more: dict[str, str] | None = None, **elements: Element | str) -> Element:
    """A sub-process with its own drawing inside."""
    body, root = _body(paths, elements)
    return Element(tag, tuple((more or {}).items()), inner=body, root=root)


# --- the whole -------------------------------------------------------------------------------------------------------
def sketch(
    *paths: str, key: str = "deal", process: str = "", beside: str = "", root: str = "", **elements: Element | str
) -> str:
    """A file with one process. `process` is what we add to it, `beside` XML inside it, `root` XML beside it."""
    body, needed = _body(paths, elements)
    extension = f"<bpmn:extensionElements>{process}</bpmn:extensionElements>" if process else ""
    needs = "".join(dict.fromkeys(re.findall(r"<bpmn:\w+ [^>]*/>", needed)))
    return (
        f'{_HEAD}{needs}<bpmn:process id="{key}" name="{key}" isExecutable="true">{extension}{body}{beside}'
        f"</bpmn:process>{root}</bpmn:definitions>"
    )


def _body(paths: tuple[str, ...], elements: dict[str, Element | str]) -> tuple[str, str]:
    names: dict[str, None] = {}
    flows: list[str] = []
    defaults: dict[str, str] = {}
    for path in paths:
        parts = _ARROW.split(path.strip())
        names |= dict.fromkeys(parts[::3])
        for at in range(0, len(parts) - 3, 3):
            source, condition, default, target = parts[at : at + 4]
            flow = f"F_{source}_{target}"
            if default:
                defaults[source] = flow
            inner = formal("conditionExpression", condition) if condition else ""
            flows.append(f'<bpmn:sequenceFlow id="{flow}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>')
    names |= dict.fromkeys(elements)
    made = {name: _made(elements.get(name) or _by_name(name)) for name in names}
    body = "".join(one.xml(name, defaults.get(name, "")) for name, one in made.items())
    return body + "".join(flows), "".join(one.root for one in made.values())


def _made(given: Element | str) -> Element:
    return element(given) if isinstance(given, str) else given


def _by_name(name: str) -> str:
    return START if name.startswith("Start") else END if name.startswith("End") else "userTask"
