// The steps that can be added, by what they do: a click and the canvas, a drag, or the Enter key after a chosen element.
import { is } from "bpmn-js/lib/util/ModelUtil";
import { icon, make } from "./make.js";
import { t } from "./words.js";

const task = (type, name, prepare) => ({ type, name, prepare });

/** Groups of what can be added; actions come from the product's registry, the most used ones by name. */
const groupsOf = (settings) => {
  const action = (name) => settings.actions.find((one) => one.name === name);
  const byAction = (name, label, symbol) =>
    action(name) && { key: name, label, icon: symbol, ...task("bpmn:ServiceTask", label, (ext, object) => [ext.make("redraw:Action", { name }, object)]) };
  return [
    [t("Steps"), [
      { key: "ask", label: t("Ask a person"), icon: "person", ...task("bpmn:UserTask", t("Ask a person"), (ext, object) => [ext.make("redraw:Task", { limit: "P1D", limitTime: "working", method: "offer" }, object)]) },
      { key: "approve", label: t("Ask for approval"), icon: "approval", ...task("bpmn:UserTask", t("Approve"), (ext, object) => [ext.make("redraw:Task", { limit: "P1D", limitTime: "working", method: "offer", grants: "view", icon: "approval" }, object)]) },
      { key: "table", label: t("Decide by table"), icon: "table", ...task("bpmn:BusinessRuleTask", t("Decide")) },
      byAction("mail.send", t("Send mail"), "mail"),
      byAction("crm.assign_owner", t("Assign"), "assignment_ind") || byAction("assign.owner", t("Assign"), "assignment_ind"),
      byAction("activity.plan", t("Plan a contact"), "event_upcoming"),
      { key: "action", label: t("Other action"), icon: "settings", ...task("bpmn:ServiceTask", t("Do")) },
      { key: "call", label: t("Another process"), icon: "subdirectory_arrow_right", ...task("bpmn:CallActivity", t("Another process")) },
      { key: "sub", label: t("Sub-process"), icon: "select_all", type: "bpmn:SubProcess", name: t("Sub-process"), isExpanded: true },
    ].filter(Boolean)],
    [t("Ways"), [
      { key: "choice", label: t("One way of several"), icon: "close", type: "bpmn:ExclusiveGateway", name: "" },
      { key: "parallel", label: t("All ways at once"), icon: "add", type: "bpmn:ParallelGateway", name: "" },
      { key: "any", label: t("One or more ways"), icon: "radio_button_unchecked", type: "bpmn:InclusiveGateway", name: "" },
      { key: "first", label: t("Whatever happens first"), icon: "pentagon", type: "bpmn:EventBasedGateway", name: "" },
    ]],
    [t("Events"), [
      { key: "start", label: t("Start"), icon: "circle", type: "bpmn:StartEvent", name: "" },
      { key: "wait", label: t("Wait"), icon: "schedule", type: "bpmn:IntermediateCatchEvent", name: "", eventDefinitionType: "bpmn:TimerEventDefinition" },
      { key: "message", label: t("Wait for a message"), icon: "mark_email_unread", type: "bpmn:IntermediateCatchEvent", name: "", eventDefinitionType: "bpmn:MessageEventDefinition" },
      { key: "end", label: t("End"), icon: "stop_circle", type: "bpmn:EndEvent", name: "" },
    ]],
    [t("Order"), [
      { key: "pool", label: t("Pool"), icon: "table_rows", type: "bpmn:Participant", name: "", participant: true },
      { key: "note", label: t("Note"), icon: "sticky_note_2", type: "bpmn:TextAnnotation", name: "" },
    ]],
  ];
};

export const startSteps = (root, modeler, ext, settings, announce) => {
  const factory = modeler.get("elementFactory");
  const create = modeler.get("create");

  const shapeOf = (step) => {
    if (step.participant) return factory.createParticipantShape();
    const { type, isExpanded, eventDefinitionType } = step;
    const shape = factory.createShape({ type, ...(isExpanded ? { isExpanded } : {}), ...(eventDefinitionType ? { eventDefinitionType } : {}) });
    const object = shape.businessObject;
    if (step.name) object.name = step.name;
    const parts = step.prepare?.(ext, object) || [];
    if (parts.length) {
      const holder = ext.make("bpmn:ExtensionElements", { values: parts }, object);
      for (const part of parts) part.$parent = holder;
      object.extensionElements = holder;
    }
    return shape;
  };

  const begin = (event, step) => create.start(event, shapeOf(step));

  /** The middle of the longest stretch of a flow, where there is most room. */
  const middle = ({ waypoints }) => {
    const stretches = waypoints.slice(1).map((to, at) => ({ from: waypoints[at], to, length: Math.hypot(to.x - waypoints[at].x, to.y - waypoints[at].y) }));
    const { from, to } = stretches.reduce((best, one) => (one.length > best.length ? one : best));
    return { x: Math.round((from.x + to.x) / 2), y: Math.round((from.y + to.y) / 2) };
  };

  /** Enter: behind the chosen element or into the chosen flow, where a person without a mouse wants it. */
  const append = (step) => {
    const chosen = modeler.get("selection").get();
    const source = chosen.length === 1 ? chosen[0] : null;
    if (!source || !modeler.get("elementRegistry").get(source.id) || source.type === "bpmn:Participant") {
      announce(t("Choose an element or a flow first; the new one is put behind it or into it."));
      return;
    }
    const into = is(source, "bpmn:SequenceFlow");
    const shape = into ? modeler.get("modeling").createShape(shapeOf(step), middle(source), source) : modeler.get("autoPlace").append(source, shapeOf(step));
    modeler.get("selection").select(shape);
    announce(t(into ? "Put into the chosen flow: %(label)s" : "Added behind the chosen element: %(label)s", { label: step.label }));
  };

  for (const [label, steps] of groupsOf(settings)) {
    root.append(
      make("h2", { class: "toolbox-title" }, label),
      ...steps.map((step) =>
        make("button", {
          type: "button", class: "tool", draggable: true, "data-step": step.key, title: step.label,
          onclick: (event) => (event.detail === 0 ? append(step) : begin(event, step)),
          ondragstart: (event) => {
            event.preventDefault();
            begin(event, step);
          },
        }, icon(step.icon), make("span", {}, step.label)),
      ),
    );
  }
};
