// Fields of steps: who does it and until when, with which form and guidance, or which action or table the software uses.
import { is, isAny } from "bpmn-js/lib/util/ModelUtil";
import { post } from "../dom.js";
import { attribute, section, texts } from "./properties.js";
import { t } from "./words.js";

export const workSections = (element, object, context) => {
  const found = [];
  if (is(element, "bpmn:UserTask")) {
    found.push(section("who", t("Who"), who(element, object, context)), section("form", t("Form"), form(element, object, context)));
    found.push(section("guidance", t("Guidance"), guidance(element, object, context)));
  }
  if (is(element, "bpmn:BusinessRuleTask")) found.push(section("work", t("Table"), decision(element, object, context)));
  else if (isAny(element, ["bpmn:ServiceTask", "bpmn:SendTask"])) found.push(section("work", t("Action"), action(element, object, context)));
  if (is(element, "bpmn:ScriptTask")) found.push(section("work", t("Computes"), script(element, object, context)));
  if (is(element, "bpmn:CallActivity")) found.push(section("work", t("Calls"), call(element, object, context)));
  if (is(element, "bpmn:ReceiveTask")) found.push(section("work", t("Message"), []));
  if (is(object.loopCharacteristics, "bpmn:MultiInstanceLoopCharacteristics")) found.push(section("loop", t("For each"), loop(element, object, context)));
  return found;
};

const who = (element, object, context) => {
  const ours = (name) => attribute(context, element, object, "redraw:Task", name);
  const lane = laneRole(object, context);
  const others = context.elements("bpmn:UserTask").filter((other) => other !== object);
  return [
    { key: "role", type: "text", label: t("Role"), hint: lane ? t("from the lane: %(role)s", { role: lane }) : "", options: context.settings.roles, placeholder: lane, help: t("A role, or = and a FEEL expression that gives one."), ...ours("role") },
    { key: "assignee", type: "area", feel: "expression", label: t("Person"), hint: "FEEL", help: t("Empty: anybody in the role may take it."), ...ours("assignee") },
    { key: "scope", type: "choice", label: t("Of which place"), choices: [["", t("As the record says")], ["branch", t("The record’s branch")], ["team", t("The record’s team")], ["any", t("Any place")]], ...ours("scope") },
    { key: "method", type: "choice", label: t("How it is given"), choices: [["", t("Offered to all")], ["offer", t("Offered to all")], ["round_robin", t("In turn")], ["least_load", t("Who has the least")], ["account_manager", t("The customer’s own person")], ["previous", t("Who did it before")]], ...ours("method") },
    { key: "fourEyes", type: "choice", label: t("Four eyes: not who did"), choices: [["", t("Nobody is excluded")], ...others.map((other) => [other.id, other.name || other.id])], ...ours("fourEyes") },
    { key: "priority", type: "area", feel: "expression", label: t("Priority (0 to 100)"), ...ours("priority") },
    { key: "grants", type: "choice", label: t("Rights on the record while it is open"), choices: [["", t("None")], ["view", t("See it")], ["view,change", t("See and change it")]], ...ours("grants") },
    { key: "costRate", type: "text", label: t("Cost of an hour"), ...ours("costRate") },
  ];
};

const laneRole = (object, context) => {
  const lane = (object.get("lanes") || [])[0] || context.laneOf(object);
  return lane ? context.ext.first(lane, "redraw:Lane")?.get("role") || "" : "";
};

const form = (element, object, context) => {
  const ours = attribute(context, element, object, "redraw:Task", "form");
  const key = ours.get();
  return [
    {
      key: "form", type: "choice", label: t("Form"), choices: [["", t("No form: done with one button")], ...context.settings.forms], ...ours,
      link: key && context.settings.formUrl ? { url: context.settings.formUrl.replace("FORM", key), label: t("Open the form"), blank: true } : null,
    },
    ...(key ? [] : [["approval", t("New form: yes or no, with a reason")], ["empty", t("New empty form")]].map(([kind, label]) =>
      ({ key: `new-form-${kind}`, type: "button", label, run: () => makeForm(kind, object, ours, context) }))),
    { key: "icon", type: "text", label: t("Icon"), ...attribute(context, element, object, "redraw:Task", "icon") },
  ];
};

/** Makes a form for the step and binds it. */
const makeForm = async (kind, object, ours, context) => {
  const body = new FormData();
  body.set("kind", kind);
  body.set("step", object.name || "");
  const answer = await post(context.settings.newFormUrl, body);
  const said = await answer.json();
  if (!answer.ok) return context.announce(said.error);
  context.settings.forms.push([said.form, said.form]);
  ours.set(said.form);
  return context.announce(said.said);
};

const guidance = (element, object, context) => {
  const holder = () => context.ext.first(object, "redraw:Checklist");
  const items = () => holder()?.get("items") || [];
  const put = (after) => {
    if (!holder()) context.ext.replace(element, object, "redraw:Checklist", [context.ext.make("redraw:Checklist", { items: after })]);
    else if (after.length) context.ext.change(element, [[holder(), { items: after }]]);
    else context.ext.remove(element, object, "redraw:Checklist");
  };
  const setText = (item, code, body) => {
    const found = item.get("texts").find((part) => (part.lang || "en") === code);
    if (found) context.ext.change(element, [[found, { body }]]);
    else context.ext.change(element, [[item, { texts: [...item.get("texts"), context.ext.make("redraw:Text", { lang: code, body }, item)] }]]);
  };
  return [
    ...texts(element, object, "redraw:Guidance", "guidance", t("Guidance"), context, 5),
    {
      key: "checklist", type: "list", label: t("Checklist"),
      items: () => items().map((item) => ({
        fields: context.languages.map(([code, language]) => ({
          key: code, type: "area", rows: 2, label: language, get: () => item.get("texts").find((part) => (part.lang || "en") === code)?.body, set: (value) => setText(item, code, value),
        })),
        remove: () => put(items().filter((other) => other !== item)),
      })),
      add: {
        label: t("Add a line"),
        run: () => {
          const taken = items().map((item) => item.key);
          let number = items().length + 1;
          while (taken.includes(`line_${number}`)) number += 1;
          put([...items(), context.ext.make("redraw:Item", { key: `line_${number}`, texts: [] })]);
        },
      },
    },
  ];
};

const inputsOf = (element, owner, context, label) => {
  const put = (inputs) => context.ext.change(element, [[owner, { inputs }]]);
  return {
    key: "inputs", type: "list", label,
    items: () => (owner.get("inputs") || []).map((input) => ({
      fields: [
        { key: "name", type: "text", label: t("Input"), get: () => input.get("name"), set: (value) => context.ext.change(element, [[input, { name: value }]]) },
        { key: "value", type: "area", rows: 2, feel: "expression", label: t("Value"), hint: "FEEL", get: () => input.get("value"), set: (value) => context.ext.change(element, [[input, { value }]]) },
      ],
      remove: () => put(owner.get("inputs").filter((other) => other !== input)),
    })),
    add: { label: t("Add an input"), run: () => put([...(owner.get("inputs") || []), context.ext.make("redraw:Input", { name: "", value: "= " }, owner)]) },
  };
};

const decision = (element, object, context) => {
  const ours = (name) => attribute(context, element, object, "redraw:Decision", name);
  const key = ours("key").get();
  const owner = context.ext.first(object, "redraw:Decision");
  return [
    { key: "decision", type: "choice", label: t("Decision"), required: true, choices: [["", t("Choose a decision")], ...context.settings.decisions], ...ours("key"),
      link: key && context.settings.decisionUrl ? { url: context.settings.decisionUrl.replace("DECISION", key), label: t("Open the table"), blank: true } : null },
    { key: "result", type: "text", label: t("The answer is kept as"), ...ours("result") },
    { key: "binding", type: "choice", label: t("Which version"), choices: [["pinned", t("The one published with this process")], ["latest", t("Always the newest published")]], get: () => ours("binding").get() || "pinned", set: ours("binding").set },
    { key: "inner", type: "text", label: t("Decision inside the file"), ...ours("decision") },
    owner ? inputsOf(element, owner, context, t("What it is asked with")) : null,
  ];
};

const action = (element, object, context) => {
  const ours = (name) => attribute(context, element, object, "redraw:Action", name);
  const owner = context.ext.first(object, "redraw:Action");
  const known = context.settings.actions.find((one) => one.name === ours("name").get());
  return [
    { key: "action", type: "choice", label: t("Action"), required: true, help: known?.help || "", choices: [["", t("Choose what is done")], ...context.settings.actions.map((one) => [one.name, one.label])], ...ours("name") },
    ...(known && owner ? known.params.map((param) => parameter(element, owner, param, context)) : []),
    known || owner ? { key: "result", type: "text", label: t("The result is kept as"), ...ours("result") } : null,
    known?.background ? { key: "retries", type: "text", label: t("How often it is tried"), placeholder: "3", ...ours("retries") } : null,
    known?.background ? { key: "backoff", type: "text", label: t("Wait before trying again"), placeholder: "PT1M", ...ours("backoff") } : null,
    known?.background ? { key: "timeout", type: "text", label: t("It may take"), placeholder: "PT5M", ...ours("timeout") } : null,
    owner && !known ? inputsOf(element, owner, context, t("Inputs")) : null,
    is(element, "bpmn:SendTask") ? payload(element, object, context) : null,
  ];
};

/** One declared input of an action: empty means its default; what begins with "=" is FEEL. */
const parameter = (element, owner, param, context) => {
  const find = () => (owner.get("inputs") || []).find((input) => input.get("name") === param.name);
  const set = (value) => {
    const found = find();
    const inputs = owner.get("inputs") || [];
    if (found && value) context.ext.change(element, [[found, { value }]]);
    else if (found) context.ext.change(element, [[owner, { inputs: inputs.filter((input) => input !== found) }]]);
    else if (value) context.ext.change(element, [[owner, { inputs: [...inputs, context.ext.make("redraw:Input", { name: param.name, value }, owner)] }]]);
  };
  const shared = { key: `input.${param.name}`, label: param.label, help: param.help, required: param.required, get: () => find()?.get("value"), set };
  const literal = !String(find()?.get("value") || "").startsWith("=");
  if (param.type === "choice" && param.choices.length && literal) return { ...shared, type: "choice", choices: [["", param.default ? t("Default: %(value)s", { value: param.default }) : "–"], ...param.choices] };
  return { ...shared, type: "area", rows: param.type === "text" ? 2 : 1, feel: "expression", hint: param.type, placeholder: param.default ? String(param.default) : "" };
};

const script = (element, object, context) => [
  { key: "script", type: "area", rows: 6, feel: "expression", label: t("FEEL expression"), get: () => object.script, set: (value) => context.modeling.updateProperties(element, { script: value, scriptFormat: object.scriptFormat || "feel" }) },
  { key: "scriptResult", type: "text", label: t("The result is kept as"), get: () => object.get("redraw:result"), set: (value) => context.modeling.updateProperties(element, { "redraw:result": value || undefined }) },
];

const pairs = (element, object, context, type, key, label, addLabel) => ({
  key, type: "list", label,
  items: () => context.ext.all(object, type).map((pair, index, all) => ({
    fields: [
      { key: "name", type: "text", label: t("Name"), get: () => pair.get("name"), set: (value) => context.ext.change(element, [[pair, { name: value }]]) },
      { key: "value", type: "area", rows: 2, feel: "expression", label: t("Value"), hint: "FEEL", get: () => pair.get("value"), set: (value) => context.ext.change(element, [[pair, { value }]]) },
    ],
    remove: () => context.ext.replace(element, object, type, all.filter((other) => other !== pair)),
  })),
  add: { label: addLabel, run: () => context.ext.replace(element, object, type, [...context.ext.all(object, type), context.ext.make(type, { name: "", value: "= " })]) },
});

const payload = (element, object, context) => pairs(element, object, context, "redraw:Payload", "payload", t("What it carries"), t("Add a value"));

const call = (element, object, context) => {
  const ours = (name) => attribute(context, element, object, "redraw:Call", name);
  return [
    { key: "called", type: "choice", label: t("Process"), required: true, choices: [["", t("Choose a process")], ...context.settings.processes], get: () => object.calledElement, set: (value) => context.modeling.updateProperties(element, { calledElement: value || undefined }) },
    { key: "binding", type: "choice", label: t("Which version"), choices: [["latest", t("Always the newest published")], ["fixed", t("A version of its own number")]], get: () => ours("binding").get() || "latest", set: ours("binding").set },
    ours("binding").get() === "fixed" ? { key: "version", type: "text", label: t("Version"), ...ours("version") } : null,
    { key: "callSubject", type: "area", feel: "expression", label: t("What it is about"), hint: "FEEL", ...ours("subject") },
    pairs(element, object, context, "redraw:In", "in", t("What goes in"), t("Add a value")),
    pairs(element, object, context, "redraw:Out", "out", t("What comes back"), t("Add a value")),
  ];
};

const loop = (element, object, context) => {
  const owner = object.loopCharacteristics;
  const ours = (name) => ({ get: () => owner.get(`redraw:${name}`), set: (value) => context.ext.change(element, [[owner, { [`redraw:${name}`]: value || undefined }]]) });
  return [
    { key: "collection", type: "area", feel: "expression", label: t("Once for each of"), hint: "FEEL", ...ours("collection") },
    { key: "loopElement", type: "text", label: t("Which is called"), ...ours("element") },
    { key: "output", type: "text", label: t("The results are kept as"), ...ours("output") },
    { key: "outputElement", type: "area", feel: "expression", label: t("Result of each"), hint: "FEEL", ...ours("outputElement") },
    {
      key: "completion", type: "area", feel: "expression", label: t("Enough when"), hint: "FEEL", get: () => owner.completionCondition?.body,
      set: (value) => context.ext.change(element, [[owner, { completionCondition: value ? context.ext.make("bpmn:FormalExpression", { body: value }, owner) : undefined }]]),
    },
  ];
};

export { pairs };
