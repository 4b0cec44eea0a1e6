// What can be said of an element: which fields its panel has, where each is read from and how it is set.
import { getBusinessObject, is, isAny } from "bpmn-js/lib/util/ModelUtil";
import { eventSections } from "./properties_events.js";
import { timeSections } from "./properties_time.js";
import { workSections } from "./properties_work.js";
import { t } from "./words.js";

export const KINDS = [
  ["bpmn:UserTask", "Task for a person"], ["bpmn:ServiceTask", "Step that the software does"], ["bpmn:BusinessRuleTask", "Decision by a table"],
  ["bpmn:SendTask", "Step that sends something"], ["bpmn:ReceiveTask", "Step that waits for a message"], ["bpmn:ScriptTask", "Step that computes"],
  ["bpmn:ManualTask", "Work outside the software"], ["bpmn:CallActivity", "Another process"], ["bpmn:AdHocSubProcess", "Steps in any order"],
  ["bpmn:Transaction", "Transaction"], ["bpmn:SubProcess", "Sub-process"], ["bpmn:Task", "Step"], ["bpmn:ExclusiveGateway", "Choice of one way"], ["bpmn:ParallelGateway", "All ways at once"],
  ["bpmn:InclusiveGateway", "Choice of one or more ways"], ["bpmn:EventBasedGateway", "Whatever happens first"], ["bpmn:ComplexGateway", "So many of the ways"],
  ["bpmn:StartEvent", "Start"], ["bpmn:EndEvent", "End"], ["bpmn:BoundaryEvent", "Event at a step"], ["bpmn:IntermediateCatchEvent", "Event that is waited for"],
  ["bpmn:IntermediateThrowEvent", "Event that is sent"], ["bpmn:SequenceFlow", "Flow"], ["bpmn:MessageFlow", "Message flow"], ["bpmn:Association", "Association"],
  ["bpmn:Lane", "Lane"], ["bpmn:Participant", "Process"], ["bpmn:Process", "Process"], ["bpmn:Collaboration", "Process"], ["bpmn:TextAnnotation", "Note"],
  ["bpmn:Group", "Group"], ["bpmn:DataObjectReference", "Data"], ["bpmn:DataStoreReference", "Data store"],
];

/** What an element is called in the studio. */
export const kindOf = (element) => t((KINDS.find(([type]) => is(element, type)) || ["", "Element"])[1]);

/** The process that a pool, or the page itself, stands for. */
export const processOf = (element) => {
  const object = getBusinessObject(element);
  if (is(object, "bpmn:Process")) return object;
  if (is(object, "bpmn:Participant")) return object.processRef;
  if (is(object, "bpmn:Collaboration")) return object.participants?.map((part) => part.processRef).find(Boolean);
  return null;
};

/** A FEEL text of ours begins with "=": the field shows it as it stands. */
export const attribute = (context, element, owner, type, name) => ({
  get: () => context.ext.first(owner, type)?.get(name),
  set: (value) => context.ext.set(element, owner, type, { [name]: value }),
});

export const sectionsFor = (element, context) => {
  const object = getBusinessObject(element);
  const process = processOf(element);
  const general = section("general", t("General"), process && !is(element, "bpmn:Lane") ? processFields(element, process, context) : generalFields(element, object, context));
  const sections = [general];
  if (process) sections.push(section("measures", t("Measures"), measureFields(element, process, context)));
  if (process && !is(element, "bpmn:Lane")) sections.push(...timeSections(element, object, process, context));
  if (is(element, "bpmn:Lane")) general.fields.push(laneField(element, object, context));
  if (is(element, "bpmn:SequenceFlow")) general.fields.push(...flowFields(element, object, context));
  if (isAny(element, ["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway", "bpmn:ComplexGateway", "bpmn:Activity"])) general.fields.push(...defaultField(element, object, context));
  sections.push(...workSections(element, object, context), ...timeSections(element, object, null, context), ...eventSections(element, object, context));
  if (is(element, "bpmn:FlowNode")) sections.push(section("customer", t("Customer"), customerFields(element, object, context)));
  return { title: (process || object).name || "", kind: kindOf(element), sections };
};

export const section = (key, label, fields) => ({ key, label, fields: fields.filter(Boolean) });

const texts = (element, owner, type, key, label, context, rows = 3, help = "") =>
  context.languages.map(([code, language]) => ({
    key: `${key}.${code}`, type: "area", rows, label: `${label} (${language})`, help: code === context.languages[0][0] ? help : "",
    get: () => context.ext.text(owner, type, code), set: (value) => context.ext.setText(element, owner, type, code, value),
  }));

const nameFields = (element, owner, context) => {
  const others = context.languages.filter(([code]) => code !== context.language);
  return [
    { key: "name", type: "area", rows: 2, label: t("Name"), get: () => owner.name, set: (value) => context.rename(element, owner, value) },
    ...others.map(([code, language]) => ({
      key: `label.${code}`, type: "text", label: t("Name in %(language)s", { language }),
      get: () => context.ext.text(owner, "redraw:Label", code), set: (value) => context.ext.setText(element, owner, "redraw:Label", code, value),
    })),
  ];
};

const documentation = (element, owner, context) => ({
  key: "documentation", type: "area", rows: 3, label: t("Documentation"), get: () => owner.get("documentation")?.[0]?.text,
  set: (value) => {
    const parts = value ? [context.ext.make("bpmn:Documentation", { text: value }, owner)] : [];
    context.ext.change(element, [[owner, { documentation: parts }]]);
  },
});

const generalFields = (element, object, context) => {
  if (is(element, "bpmn:TextAnnotation")) {
    return [{ key: "text", type: "area", rows: 4, label: t("Text"), get: () => object.text, set: (value) => context.modeling.updateProperties(element, { text: value }) }];
  }
  return [...nameFields(element, object, context), documentation(element, object, context), { key: "id", type: "note", text: t("Id: %(id)s", { id: object.id }) }];
};

const processFields = (element, process, context) => {
  const ours = (name) => attribute(context, element, process, "redraw:Process", name);
  return [
    ...nameFields(element, process, context),
    { key: "subject", type: "choice", label: t("What it is about"), choices: [["", t("Nothing in particular")], ...context.settings.subjects], ...ours("subject") },
    { key: "businessKey", type: "area", feel: "expression", label: t("Number or key"), hint: "FEEL", ...ours("businessKey") },
    { key: "title", type: "area", feel: "expression", label: t("Title of a case"), hint: "FEEL", ...ours("title") },
    { key: "startRoles", type: "checks", label: t("Who may start it"), choices: context.settings.roles, ...ours("startRoles") },
    { key: "priority", type: "area", feel: "expression", label: t("Priority (0 to 100)"), ...ours("priority") },
    ...texts(element, process, "redraw:Purpose", "purpose", t("What it is for"), context),
    documentation(element, process, context),
    {
      key: "variables", type: "list", label: t("Variables with a value at the start"),
      items: () => context.ext.all(process, "redraw:Variable").map((variable, index, all) => ({
        fields: [
          { key: "name", type: "text", label: t("Name"), get: () => variable.get("name"), set: (value) => context.ext.change(element, [[variable, { name: value }]]) },
          { key: "default", type: "area", feel: "expression", label: t("Value"), get: () => variable.get("default"), set: (value) => context.ext.change(element, [[variable, { default: value }]]) },
        ],
        remove: () => context.ext.replace(element, process, "redraw:Variable", all.filter((other) => other !== variable)),
      })),
      add: { label: t("Add a variable"), run: () => context.ext.replace(element, process, "redraw:Variable", [...context.ext.all(process, "redraw:Variable"), context.ext.make("redraw:Variable", { name: "", default: "" })]) },
    },
  ];
};

const measureFields = (element, process, context) => {
  const all = () => context.ext.all(process, "redraw:Measure");
  const keys = [...new Set(all().map((measure) => measure.key))];
  return [{
    key: "measures", type: "list", label: t("What we aim at"), help: t("A duration such as P2D, or a number such as 0.3 for 30 %."),
    items: () => keys.map((key) => ({
      fields: [
        { key: "target", type: "text", label: t("Target"), get: () => all().find((m) => m.key === key)?.target, set: (value) => context.ext.change(element, all().filter((m) => m.key === key).map((m) => [m, { target: value }])) },
        ...context.languages.map(([code, language]) => ({
          key: `text.${code}`, type: "area", rows: 2, label: language, get: () => all().find((m) => m.key === key && m.lang === code)?.body,
          set: (value) => {
            const found = all().find((m) => m.key === key && m.lang === code);
            if (found) context.ext.change(element, [[found, { body: value }]]);
            else context.ext.replace(element, process, "redraw:Measure", [...all(), context.ext.make("redraw:Measure", { key, lang: code, target: all().find((m) => m.key === key)?.target, body: value })]);
          },
        })),
      ],
      remove: () => context.ext.replace(element, process, "redraw:Measure", all().filter((m) => m.key !== key)),
    })),
    add: { label: t("Add a measure"), run: () => context.ext.replace(element, process, "redraw:Measure", [...all(), context.ext.make("redraw:Measure", { key: fresh(keys, "measure"), lang: "en", target: "", body: "" })]) },
  }];
};

const fresh = (taken, word) => {
  let number = 1;
  while (taken.includes(`${word}_${number}`)) number += 1;
  return `${word}_${number}`;
};

const laneField = (element, lane, context) => ({
  key: "role", type: "choice", label: t("Role of the tasks in it"), choices: [["", t("No role: the software does it")], ...context.settings.roles],
  ...attribute(context, element, lane, "redraw:Lane", "role"),
});

const flowFields = (element, flow, context) => {
  const source = flow.sourceRef;
  if (!source || !isAny(source, ["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway", "bpmn:ComplexGateway", "bpmn:Activity"])) return [];
  const isDefault = source.get("default") === flow;
  return [
    { key: "isDefault", type: "check", label: t("Taken when no other condition holds (default)"), get: () => isDefault, set: (on) => context.setDefault(element.source, on ? flow : undefined) },
    !isDefault && {
      key: "condition", type: "area", rows: 2, feel: "expression", label: t("Condition"), hint: "FEEL", get: () => flow.conditionExpression?.body,
      set: (value) => context.modeling.updateProperties(element, { conditionExpression: value ? context.ext.make("bpmn:FormalExpression", { body: value }, flow) : undefined }),
    },
  ].filter(Boolean);
};

const defaultField = (element, object, context) => {
  const flows = object.outgoing || [];
  if (flows.length < 2) return [];
  return [{
    key: "default", type: "choice", label: t("When no condition holds"), choices: [["", t("Nothing: it stops with an incident")], ...flows.map((flow) => [flow.id, flow.name || t("to “%(name)s”", { name: flow.targetRef?.name || flow.targetRef?.id || "" })])],
    get: () => object.get("default")?.id || "", set: (id) => context.setDefault(element, flows.find((flow) => flow.id === id)),
  }];
};

const customerFields = (element, object, context) => texts(element, object, "redraw:Customer", "customer", t("What the customer does, sees or waits for"), context);

export { documentation, texts };
