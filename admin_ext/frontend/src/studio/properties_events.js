// Fields of events: what is waited for or sent, by name, time or condition.
import { is, isAny } from "bpmn-js/lib/util/ModelUtil";
import { attribute, section } from "./properties.js";
import { moment } from "./properties_time.js";
import { pairs } from "./properties_work.js";
import { t } from "./words.js";

export const eventSections = (element, object, context) => {
  if (!isAny(element, ["bpmn:Event", "bpmn:ReceiveTask", "bpmn:SendTask"])) return [];
  const definitions = object.eventDefinitions || [];
  const fields = definitions.flatMap((definition) => fieldsOf(element, object, definition, context));
  if (isAny(element, ["bpmn:ReceiveTask", "bpmn:SendTask"])) fields.push(named(element, object, object, "messageRef", "bpmn:Message", t("Message"), context));
  if (is(element, "bpmn:BoundaryEvent")) {
    fields.push({ key: "interrupting", type: "check", label: t("Ends the step it sits on"), get: () => object.cancelActivity !== false, set: (on) => context.modeling.updateProperties(element, { cancelActivity: on }) });
  }
  const messages = definitions.some((definition) => isAny(definition, ["bpmn:MessageEventDefinition", "bpmn:SignalEventDefinition"])) || is(element, "bpmn:ReceiveTask");
  const throwing = isAny(element, ["bpmn:EndEvent", "bpmn:IntermediateThrowEvent"]);
  if (messages && !throwing) fields.push(...correlation(element, object, context));
  if (messages && throwing) fields.push(pairs(element, object, context, "redraw:Payload", "payload", t("What it carries"), t("Add a value")));
  return fields.length ? [section("event", t("Event"), fields)] : [];
};

const fieldsOf = (element, object, definition, context) => {
  if (is(definition, "bpmn:TimerEventDefinition")) return timer(element, definition, context);
  if (is(definition, "bpmn:MessageEventDefinition")) return [named(element, object, definition, "messageRef", "bpmn:Message", t("Message"), context)];
  if (is(definition, "bpmn:SignalEventDefinition")) return [named(element, object, definition, "signalRef", "bpmn:Signal", t("Signal"), context)];
  if (is(definition, "bpmn:ErrorEventDefinition")) return [named(element, object, definition, "errorRef", "bpmn:Error", t("Error"), context, "errorCode")];
  if (is(definition, "bpmn:EscalationEventDefinition")) return [named(element, object, definition, "escalationRef", "bpmn:Escalation", t("Escalation"), context, "escalationCode")];
  if (is(definition, "bpmn:LinkEventDefinition")) return [{ key: "link", type: "text", label: t("Link"), get: () => definition.name, set: (value) => context.ext.change(element, [[definition, { name: value }]]) }];
  if (is(definition, "bpmn:ConditionalEventDefinition")) {
    return [{
      key: "condition", type: "area", rows: 2, feel: "expression", label: t("Condition"), hint: "FEEL", get: () => definition.condition?.body,
      set: (value) => context.ext.change(element, [[definition, { condition: context.ext.make("bpmn:FormalExpression", { body: value }, definition) }]]),
    }];
  }
  return [];
};

const TIMES = ["timeDuration", "timeDate", "timeCycle"];

const timer = (element, definition, context) => {
  const kind = TIMES.find((name) => definition[name]) || "timeDuration";
  const put = (name, body) => context.ext.change(element, [[definition, { ...Object.fromEntries(TIMES.map((other) => [other, undefined])), [name]: context.ext.make("bpmn:FormalExpression", { body }, definition) }]]);
  return [
    { key: "timerKind", type: "choice", label: t("When"), choices: [["timeDuration", t("After a time")], ["timeDate", t("At a moment")], ["timeCycle", t("Again and again")]], get: () => kind, set: (name) => put(name, definition[kind]?.body || "") },
    { key: "time", type: "area", feel: "duration", label: t("Time"), hint: t("FEEL or ISO 8601"), placeholder: "P1D", get: () => definition[kind]?.body, set: (value) => put(kind, value) },
    { key: "counted", type: "choice", label: t("Counted in"), choices: [["calendar", t("Calendar time")], ["working", t("Working time")]], get: () => definition.get("redraw:time") || "calendar", set: (value) => context.ext.change(element, [[definition, { "redraw:time": value }]]) },
    moment(() => definition[kind]?.body, () => definition.get("redraw:time") || "calendar", () => [], context),
  ];
};

/** A message, signal, error or escalation by its name (or code); the same name is the same thing. */
const named = (element, object, owner, reference, type, label, context, code = null) => ({
  key: reference, type: "text", label, required: true, help: code ? t("Its code.") : t("Its name; the same name everywhere is the same message."),
  get: () => (code ? owner[reference]?.[code] : owner[reference]?.name),
  set: (value) => {
    const definitions = context.modeler.getDefinitions();
    const roots = definitions.get("rootElements");
    let found = roots.find((root) => root.$type === type && (code ? root[code] : root.name) === value);
    const steps = [];
    if (value && !found) {
      found = context.moddle.create(type, { id: context.moddle.ids.nextPrefixed(`${type.split(":")[1]}_`), name: value, ...(code ? { [code]: value } : {}) });
      found.$parent = definitions;
      steps.push([definitions, { rootElements: [...roots, found] }]);
    }
    context.ext.change(element, [...steps, [owner, { [reference]: value ? found : undefined }]]);
  },
});

const correlation = (element, object, context) => {
  const ours = (name) => attribute(context, element, object, "redraw:Correlation", name);
  return [
    { key: "correlationKey", type: "area", feel: "expression", label: t("Only with this key"), hint: "FEEL", ...ours("key") },
    { key: "correlationResult", type: "text", label: t("What comes with it is kept as"), ...ours("result") },
    is(element, "bpmn:StartEvent") ? { key: "correlationSubject", type: "choice", label: t("What it is about"), choices: [["", t("Nothing in particular")], ...context.settings.subjects], ...ours("subject") } : null,
  ].filter(Boolean);
};
