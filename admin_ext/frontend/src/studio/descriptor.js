// What our own elements in a drawing are called and hold, for the modeler: see docs/reference/elements.md.
const text = (name, ...attributes) => ({
  name,
  superClass: ["Element"],
  properties: [...attributes.map((attribute) => ({ name: attribute, isAttr: true, type: "String" })), { name: "body", isBody: true, type: "String" }],
});
const plain = (name, attributes, ...lists) => ({
  name,
  superClass: ["Element"],
  properties: [
    ...attributes.map((attribute) => ({ name: attribute, isAttr: true, type: "String" })),
    ...lists.map(([property, type]) => ({ name: property, type, isMany: true })),
  ],
});
const attributesOf = (element, ...names) => ({
  name: `${element.replace(":", "")}Of`,
  extends: [element],
  properties: names.map((name) => ({ name, isAttr: true, type: "String" })),
});

export const redraw = {
  name: "Redraw",
  prefix: "redraw",
  uri: "urn:redraw-crm:bpmn:1",
  xml: { tagAlias: "lowerCase" },
  types: [
    text("Label", "lang"),
    text("Purpose", "lang"),
    text("Customer", "lang"),
    text("Guidance", "lang"),
    text("Text", "lang"),
    text("Measure", "key", "lang", "target"),
    plain("Variable", ["name", "default"]),
    plain("Lane", ["role"]),
    plain("Process", ["subject", "businessKey", "title", "startRoles", "priority", "limit", "limitTime"]),
    plain("Task", ["role", "assignee", "scope", "method", "form", "priority", "limit", "limitTime", "warn", "fourEyes", "grants", "costRate", "icon", "stage"]),
    plain("Rung", ["at", "notify", "priority", "role"]),
    plain("Ladder", [], ["rungs", "Rung"]),
    plain("Item", ["key"], ["texts", "Text"]),
    plain("Checklist", [], ["items", "Item"]),
    plain("Input", ["name", "value"]),
    plain("Action", ["name", "retries", "backoff", "timeout", "result"], ["inputs", "Input"]),
    plain("Decision", ["key", "decision", "result", "binding"], ["inputs", "Input"]),
    plain("Call", ["binding", "version", "subject"]),
    plain("In", ["name", "value"]),
    plain("Out", ["name", "value"]),
    plain("Payload", ["name", "value"]),
    plain("Correlation", ["key", "result", "subject"]),
    attributesOf("bpmn:MultiInstanceLoopCharacteristics", "collection", "element", "output", "outputElement"),
    attributesOf("bpmn:TimerEventDefinition", "time"),
    attributesOf("bpmn:ScriptTask", "result"),
  ],
};
