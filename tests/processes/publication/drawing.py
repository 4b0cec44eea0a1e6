"""Small drawings for tests: start, steps in a row, end."""

from __future__ import annotations

from itertools import pairwise

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:redraw="urn:redraw-crm:bpmn:1" id="D"'
    ' targetNamespace="urn:t">{named}<bpmn:process id="{key}" name="{key}" isExecutable="true">'
    "<bpmn:extensionElements>{process}</bpmn:extensionElements>"
)


def drawing(
    *steps: str, key: str = "deal", start: str = '<bpmn:startEvent id="Start" name="Begun">{out}</bpmn:startEvent>',
    process: str = "", named: str = "",
) -> str:  # fmt: skip
    """A process whose `steps` (XML of elements with `{flows}` where their flows go) follow one another."""
    ids = [step.split('id="', 1)[1].split('"', 1)[0] for step in steps]
    row = ["Start", *ids, "End"]
    flows = "".join(
        f'<bpmn:sequenceFlow id="F_{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(row)
    )
    into = {b: f"<bpmn:incoming>F_{a}_{b}</bpmn:incoming>" for a, b in pairwise(row)}
    out = {a: f"<bpmn:outgoing>F_{a}_{b}</bpmn:outgoing>" for a, b in pairwise(row)}
    body = "".join(step.replace("{flows}", into[i] + out[i]) for step, i in zip(steps, ids, strict=True))
    end = f'<bpmn:endEvent id="End" name="Done">{into["End"]}</bpmn:endEvent>'
    return (
        HEAD.format(named=named, key=key, process=process)
        + start.replace("{out}", out["Start"]) + body + end + flows + "</bpmn:process></bpmn:definitions>"
    )  # fmt: skip


def user_task(name: str = "Work", *, role: str = "seller", form: str = "", more: str = "", attributes: str = "") -> str:
    """A user task offered to a role, with a form if one is named."""
    form_attribute = f' form="{form}"' if form else ""
    return (
        f'<bpmn:userTask id="{name}" name="{name}"><bpmn:extensionElements>'
        f'<redraw:label lang="zh-hans">{name}（中）</redraw:label>'
        f'<redraw:task role="{role}" limit="PT8H"{form_attribute} {attributes}/>{more}</bpmn:extensionElements>'
        "{flows}</bpmn:userTask>"
    )


def rule_task(key: str, *inputs: tuple[str, str], result: str = "answer", binding: str = "pinned") -> str:
    """A business rule task that asks a decision."""
    given = "".join(f'<redraw:input name="{name}" value="{value}"/>' for name, value in inputs)
    return (
        f'<bpmn:businessRuleTask id="Ask_{key}" name="Ask"><bpmn:extensionElements><redraw:decision key="{key}"'
        f' decision="{key}" result="{result}" binding="{binding}">{given}</redraw:decision>'
        "</bpmn:extensionElements>{flows}</bpmn:businessRuleTask>"
    )


def table(key: str = "size", small: str = '"small"', limit: int = 10) -> str:
    """A decision table with one number as input: up to the limit `small`, above it "large"."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:redraw="urn:redraw-crm:bpmn:1"
  id="D_{key}" name="{key}" namespace="urn:t:{key}">
  <inputData id="in_n" name="n"><extensionElements><redraw:label lang="en">Number</redraw:label><redraw:label
    lang="zh-hans">数量</redraw:label></extensionElements><variable name="n" typeRef="number"/></inputData>
  <decision id="{key}" name="{key}"><extensionElements><redraw:label lang="en">How large</redraw:label>
    <redraw:label lang="zh-hans">大小</redraw:label></extensionElements><variable name="{key}"/>
    <informationRequirement id="r"><requiredInput href="#in_n"/></informationRequirement>
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input id="i" label="n"><inputExpression typeRef="number"><text>n</text></inputExpression></input>
      <output id="o" name="size" typeRef="string"/>
      <rule id="r1"><inputEntry id="e1"><text>&lt;= {limit}</text></inputEntry><outputEntry id="x1"><text>{small}</text>
        </outputEntry></rule>
      <rule id="r2"><description>Beyond the limit</description><inputEntry id="e2"><text>&gt; {limit}</text></inputEntry>
        <outputEntry id="x2"><text>"large"</text></outputEntry></rule>
    </decisionTable></decision>
</definitions>"""


FORM = {
    "type": "default",
    "id": "f",
    "components": [
        {"type": "text", "text": "It is in {{= thing.place}}."},
        {"type": "textfield", "key": "need", "label": "Need", "validate": {"required": True},
         "properties": {"bind": "thing.need", "label:zh-hans": "需求"}},
        {"type": "radio", "key": "outcome", "label": "Outcome", "validate": {"required": True},
         "values": [{"label": "Yes", "value": "yes"}, {"label": "No", "value": "no"}]},
        {"type": "textarea", "key": "reason", "label": "Why not", "conditional": {"hide": '= outcome != "no"'},
         "properties": {"requiredIf": '= outcome = "no"'}},
        {"type": "number", "key": "amount", "label": "Amount", "defaultValue": 5, "validate": {"min": 1, "max": 9}},
        {"type": "textfield", "key": "place", "label": "Place", "readonly": True, "properties": {"bind": "thing.place"}},
        {"type": "checkbox", "key": "sure", "label": "Sure"},
    ],
}  # fmt: skip
