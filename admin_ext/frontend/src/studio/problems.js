// What is wrong with the drawing, numbered in the list and on the elements, with a mend where one click can do it.
import { getBusinessObject } from "bpmn-js/lib/util/ModelUtil";
import { inTurn } from "./draft.js";
import { icon, make } from "./make.js";
import { t } from "./words.js";

/** A list of thousands helps nobody: the first ones are shown, the worst before the others, and how many more there are. */
const MOST = 100;

const SIGNS = { error: ["red", "error"], block: ["amber", "block"], warning: ["amber", "warning"] };

export class Problems {
  constructor({ list, head, modeler, context, url, changed }) {
    Object.assign(this, { list, head, modeler, context, url, told: changed, found: [], marked: [] });
    modeler.get("eventBus").on("import.done", () => setTimeout(() => this.mark(), 0));
  }

  async ask() {
    const answer = await inTurn(() => fetch(this.url, { headers: { "X-Requested-With": "fetch" }, redirect: "manual" }));
    if (!answer.ok) return;
    const said = await answer.json();
    this.found = said.findings;
    this.at = said.at;
    this.show();
    this.mark();
    performance.mark("drawing-checked");
    this.told(this.found);
  }

  show() {
    const errors = this.found.filter((one) => one.severity === "error").length;
    const others = this.found.length - errors;
    this.head.replaceChildren(
      errors ? make("span", { class: "tag red" }, icon("error"), errors === 1 ? t("1 error") : t("%(n)s errors", { n: errors })) : "",
      others ? make("span", { class: "tag amber" }, icon("warning"), others === 1 ? t("1 warning") : t("%(n)s warnings", { n: others })) : "",
      make("span", { class: "muted problems-at" }, t("Checked as you draw, %(at)s", { at: this.at })),
    );
    this.list.replaceChildren(...this.found.slice(0, MOST).map((one, index) => this.row(one, index + 1)));
    if (this.found.length > MOST) this.list.append(make("li", { class: "problem muted" }, t("and %(n)s more; mend these first", { n: this.found.length - MOST })));
    if (!this.found.length) this.list.append(make("li", { class: "problem fine" }, icon("check_circle"), make("span", {}, t("Nothing speaks against publishing this drawing."))));
  }

  row(one, number) {
    const [colour] = SIGNS[one.severity];
    const mend = this.mendOf(one);
    const shown = one.element && this.modeler.get("elementRegistry").get(one.element);
    return make(
      "li", { class: `problem ${one.severity}`, "data-code": one.code },
      make("span", { class: `pmark ${colour}`, "aria-label": one.severity === "error" ? t("Error %(n)s", { n: number }) : t("Warning %(n)s", { n: number }), role: "img" }, String(number)),
      make("p", {}, one.sentence, one.severity === "block" ? make("span", { class: "muted" }, ` ${t("A reviewer may let this pass, with a reason.")}`) : ""),
      make("span", { class: "row" },
        mend ? make("button", { type: "button", class: "btn small", onclick: mend.run }, mend.label) : "",
        shown ? make("button", { type: "button", class: "btn small link", onclick: () => this.go(one) }, t("Show")) : ""),
    );
  }

  mark() {
    const overlays = this.modeler.get("overlays");
    const registry = this.modeler.get("elementRegistry");
    const canvas = this.modeler.get("canvas");
    overlays.remove({ type: "problem" });
    for (const [id, name] of this.marked) if (registry.get(id)) canvas.removeMarker(id, name);
    this.marked = [];
    const places = {};
    this.found.slice(0, MOST).forEach((one, index) => {
      const element = registry.get(one.element);
      if (!element || element === canvas.getRootElement()) return;
      const [colour] = SIGNS[one.severity];
      const at = (places[one.element] = (places[one.element] || 0) + 1) - 1;
      const box = make("button", { type: "button", class: `pmark ${colour} on-element`, title: one.sentence, tabindex: "-1", onclick: () => this.go(one) }, String(index + 1));
      const position = element.waypoints ? { top: -10, left: 4 + at * 20 } : { top: -12, right: 10 + at * 22 };
      overlays.add(element, "problem", { position, html: box, show: { minZoom: 0.2 } });
      const name = `has-${colour}`;
      canvas.addMarker(one.element, name);
      this.marked.push([one.element, name]);
    });
  }

  go(one) {
    const element = this.modeler.get("elementRegistry").get(one.element);
    if (!element) return;
    this.modeler.get("canvas").scrollToElement(element, 120);
    this.modeler.get("selection").select(element);
    const field = FIELDS[one.code];
    if (field) this.context.panel.reveal(field);
  }

  mendOf(one) {
    const element = this.modeler.get("elementRegistry").get(one.element);
    if (!element) return null;
    const mend = MENDS[one.code];
    return mend ? mend(element, getBusinessObject(element), this.context) : null;
  }
}

/** The field of the panel that a finding is about. */
const FIELDS = {
  no_limit: "limit", bad_limit: "limit", bad_rung: "ladder", bad_rung_priority: "ladder", rung_order: "ladder", rung_twice: "ladder", rung_empty: "ladder", ladder_without_limit: "limit", bad_duration: "time", unknown_form: "form", unknown_role: "role", task_without_role: "role", unknown_action: "action",
  unknown_decision: "decision", unknown_process: "called", flow_without_condition: "condition", bad_expression: "condition", timer_missing: "time", timer_literal: "time",
  missing_input: "action", bad_priority: "priority", event_unnamed: "messageRef",
};

const lastFlow = (object) => {
  const flows = object.outgoing || [];
  return flows.find((flow) => !flow.conditionExpression) || flows.at(-1);
};

const makeDefault = (element, object, context) => {
  const flow = lastFlow(object);
  if (!flow) return null;
  return { label: t("Make “%(flow)s” the default", { flow: flow.name || flow.targetRef?.name || flow.id }), run: () => context.setDefault(element, flow) };
};

/** Where work most likely goes on from an element that leads nowhere: where the other ways of the gateway before it lead. */
const leadOn = (element, object, { modeler, modeling }) => {
  const others = (element.incoming || []).flatMap((flow) => flow.source.outgoing || []).filter((flow) => flow.target !== element);
  const target = others[0]?.target;
  if (!target) return null;
  const name = getBusinessObject(target).name || target.id;
  return { label: t("Lead on to “%(name)s”", { name }), run: () => modeler.get("bpmnRules").canConnect(element, target) && modeling.connect(element, target) };
};

const MENDS = {
  without_outgoing: leadOn,
  flow_without_condition: (element, object, context) => ({
    label: t("Make this flow the default"), run: () => context.setDefault(element.source, object),
  }),
  no_default: makeDefault,
  all_false: makeDefault,
  no_limit: (element, object, context) => ({ label: context.settings.workingDay ? t("Set a limit of one working day (begun now: %(moment)s)", { moment: context.settings.workingDay }) : t("Set a limit of one working day"), run: () => context.ext.set(element, object, "redraw:Task", { limit: "P1D", limitTime: "working" }) }),
};
