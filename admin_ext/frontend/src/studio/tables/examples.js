// The examples of a decision as a table of typed fields; each is run by the server at every change.
import { icon, make } from "../make.js";
import { t } from "./words.js";

const TYPES = { date: "date", time: "time", datetime: "datetime-local" };

const choice = (label, value, options, changed) => {
  const known = options.some(([key]) => key === value);
  return make("select", { class: "input", "aria-label": label, onchange: (event) => changed(event.target.value) },
    (known ? options : [...options, [value, value]]).map(([key, word]) => make("option", { value: key, selected: key === value }, word)));
};

const fieldFor = (field, label, value, none, changed) => {
  if (field.kind === "choice") return choice(label, value, [["", none], ...field.choices], changed);
  if (field.kind === "boolean") return choice(label, value, [["", none], ["true", t("yes")], ["false", t("no")]], changed);
  const type = TYPES[field.kind] || "text";
  return make("input", { class: "input", type, value, "aria-label": label, autocomplete: "off", translate: "no", step: type === "text" ? undefined : "1",
    inputmode: field.kind === "number" ? "decimal" : undefined, placeholder: type === "text" ? none : undefined, oninput: (event) => changed(event.target.value) });
};

export class Examples {
  constructor(box, { inputs, outputs, rows, changed }) {
    Object.assign(this, { box, inputs, outputs, rows, changed });
    this.draw();
  }

  replace(rows) {
    this.rows = rows;
    this.draw();
  }

  add() {
    const last = this.rows[this.rows.length - 1];
    this.rows.push({ note: "", given: { ...(last?.given || {}) }, expected: {}, stored: null, decision: "" });
    this.draw();
    this.box.querySelector("tbody tr:last-child input, tbody tr:last-child select")?.focus();
    this.changed();
  }

  remove(at) {
    this.rows.splice(at, 1);
    this.draw();
    this.changed();
  }

  draw() {
    if (!this.rows.length) {
      this.box.replaceChildren(make("p", { class: "card-body muted" }, t("There are no examples yet. Say what must come out for some inputs; it is tried at once, and again before every publication.")));
      return;
    }
    const heads = [t("No."), t("What it shows"), ...this.inputs.map((field) => field.label)];
    const head = make("tr", {}, heads.map((text) => make("th", {}, text)), this.outputs.map((field) => make("th", { class: "out" }, field.label)), make("th", {}, ""));
    const table = make("table", { class: "data" }, make("thead", {}, head), make("tbody", {}, this.rows.map((row, at) => this.row(row, at))));
    this.box.replaceChildren(make("div", { class: "scroll-x", tabindex: 0, role: "group", "aria-label": t("Examples") }, table));
  }

  row(row, at) {
    const set = (part, name) => (value) => {
      row[part][name] = value;
      this.changed();
    };
    const number = t("Example %(n)s", { n: at + 1 });
    const cells = row.decision
      ? [make("td", { colspan: this.inputs.length + this.outputs.length, class: "muted" }, t("This example asks another decision of the file (%(name)s); only its note can be changed here.", { name: row.decision }))]
      : [
          ...this.inputs.map((field) => make("td", {}, fieldFor(field, `${number}, ${t("Given: %(label)s", { label: field.label })}`, row.given[field.name] || "", t("no value"), set("given", field.name)))),
          ...this.outputs.map((field) => make("td", { class: "out" }, fieldFor(field, `${number}, ${t("Expected: %(label)s", { label: field.label })}`, row.expected[field.name] || "", t("not asked"), set("expected", field.name)))),
        ];
    const note = make("input", { class: "input", value: row.note, "aria-label": `${number}, ${t("What it shows")}`, oninput: (event) => {
      row.note = event.target.value;
      this.changed();
    } });
    const state = make("td", { class: "num", "data-state": "" }, `${at + 1}`);
    const remove = make("button", { type: "button", class: "btn small", "aria-label": `${t("Remove this example")}: ${at + 1}`, title: t("Remove this example"), onclick: () => this.remove(at) }, icon("delete"));
    return make("tr", {}, state, make("td", { class: "shows" }, note), cells, make("td", {}, remove));
  }

  /** Show what each example gave; `wrong` are sentences by number for rows that cannot be read. */
  results(results, wrong) {
    const lines = this.box.querySelectorAll("tbody tr");
    let at = 0;
    lines.forEach((line, place) => {
      const bad = wrong[place + 1];
      const result = bad && !this.rows[place].stored ? null : results[at++];
      const sentence = bad || (result && !result.holds ? result.sentence : "");
      const holds = !bad && result?.holds;
      line.className = sentence ? "fails" : "";
      const state = line.querySelector("[data-state]");
      const sign = icon(holds ? "check_circle" : "cancel");
      sign.classList.add(holds ? "ok" : "bad");
      state.replaceChildren(`${place + 1} `, ...(result || bad ? [sign, make("span", { class: "sr" }, holds ? t("Holds") : t("Does not hold"))] : []));
      line.querySelector(".shows .why")?.remove();
      if (sentence) line.querySelector("td.shows").append(make("div", { class: "why", translate: "no" }, sentence));
    });
  }
}
