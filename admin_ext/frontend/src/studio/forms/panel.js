// What can be said of the chosen field, in the words of the house; every change is one step of the canvas, to be undone there.
import { all, one } from "../../dom.js";
import { feelField } from "../feel-field.js";
import { icon, make } from "../make.js";
import { settings, t } from "../words.js";
import { choicesEditor } from "./choices.js";
import { at, changed, said, textPath } from "./document.js";
import { CHOOSING, fresh, isInput, kindOf, similar } from "./kinds.js";

const LANGUAGES = [["en", "English"], ["zh-hans", "中文"]];
const WAIT = 450;
const number = (text) => (text.trim() !== "" && Number.isFinite(Number(text)) && String(Number(text)) === text.trim() ? Number(text) : text);

export class Panel {
  constructor(into, { canvas, asks, names }) {
    Object.assign(this, { into, canvas, asks, names, field: null, count: 0, waiting: new Map() });
  }

  /** Show a field (null: none). What was being typed for the last one is taken first. */
  show(field) {
    this.flush();
    const before = this.field === field && this.into.contains(document.activeElement) ? document.activeElement.dataset.at : "";
    this.field = field;
    const parts = field ? this.parts(field.raw) : this.nothing();
    this.into.replaceChildren(...parts.filter(Boolean));
    if (before) one(`[data-at="${CSS.escape(before)}"]`, this.into)?.focus();
  }

  /** Take everything that is still being typed. */
  flush() {
    for (const [, [timer, take]] of this.waiting) {
      clearTimeout(timer);
      take();
    }
    this.waiting.clear();
  }

  set(path, value, again = false) {
    if (!this.field) return;
    const raw = changed(this.field.raw, path, value === "" || value === false ? undefined : value);
    this.canvas.edit(this.field, raw);
    if (again) this.show(this.field);
  }

  soon(key, take) {
    clearTimeout(this.waiting.get(key)?.[0]);
    this.waiting.set(key, [setTimeout(() => (this.waiting.delete(key), take()), WAIT), take]);
  }

  // --- single fields --------------------------------------------------------------------------------
  row(label, control, hint, note) {
    const id = `fpp-${++this.count}`;
    control.id = id;
    const help = hint ? make("p", { class: "hint", id: `${id}-h`, translate: /[{:]\S/.test(hint) ? "no" : null }, hint) : null;
    if (help) control.setAttribute("aria-describedby", help.id);
    return make("div", { class: "fpp-row" }, make("div", { class: "fpp-head" }, make("label", { for: id }, label), note ? make("small", { translate: "no" }, note) : null), control, help);
  }

  text(label, path, { hint, note, lines, lang, list, read = String, mono, again } = {}) {
    const stored = at(this.field.raw, path);
    const control = make(lines ? "textarea" : "input", { class: `input ${mono ? "mono" : ""}`, "data-at": path.join("/"), lang, list, rows: lines, translate: "no" });
    control.value = stored === undefined || stored === null ? "" : String(stored);
    const take = () => {
      const value = control.value === "" ? undefined : read(control.value);
      if (value !== at(this.field?.raw, path)) this.set(path, value, again);
    };
    control.addEventListener("input", () => this.soon(path.join("/"), take));
    return this.row(label, control, hint, note);
  }

  texts(label, name, options = {}) {
    return LANGUAGES.map(([language, called]) => this.text(label, textPath(name, language), { ...options, note: called, lang: language }));
  }

  tick(label, path, { hint, again } = {}) {
    const control = make("input", { type: "checkbox", "data-at": path.join("/") });
    control.checked = at(this.field.raw, path) === true;
    control.addEventListener("change", () => this.set(path, control.checked, again));
    return make("div", { class: "fpp-row" }, make("label", { class: "choice" }, control, make("span", {}, label)), hint ? make("p", { class: "hint" }, hint) : null);
  }

  choice(label, value, options, take, { hint, key = label } = {}) {
    const control = make("select", { class: "input", "data-at": key });
    for (const [key_, called] of options) control.append(make("option", { value: key_ }, called));
    control.value = value;
    control.addEventListener("change", () => take(control.value));
    return this.row(label, control, hint);
  }

  /** A condition or a value in FEEL. `bare` is stored with the sign of an expression and shown without it. */
  feel(label, path, { hint, kind = "expression", bare = true, read = (text) => text, lang, note = "FEEL" } = {}) {
    const stored = at(this.field.raw, path);
    const control = make("textarea", { class: "input", rows: 1, "data-at": path.join("/"), lang, translate: "no" });
    const text = stored === undefined || stored === null || stored === true ? "" : String(stored);
    control.value = bare ? text.trim().replace(/^=\s*/, "") : text;
    const take = () => {
      const written = control.value.trim();
      const value = !written ? undefined : bare ? `= ${written.replace(/^=\s*/, "")}` : read(control.value);
      if (value !== at(this.field?.raw, path)) this.set(path, value);
    };
    control.addEventListener("input", () => this.soon(path.join("/"), take));
    const row = this.row(label, control, hint, note);
    feelField(control, { names: this.names, check: this.asks(kind), kind });
    return row;
  }

  // --- the whole ------------------------------------------------------------------------------------
  nothing() {
    return [make("div", { class: "fpp-none" }, icon("ads_click"), make("p", {}, t("Choose a field of the form to say what it is called, what it takes and when it is asked.")))];
  }

  parts(raw) {
    const kind = kindOf(raw?.type);
    if (!kind) return [this.head(raw, t("Something else"), "help"), make("p", { class: "fpp-none" }, t("“%(type)s” is not run here. It is kept as it is.", { type: String(raw?.type) }))];
    return [
      this.head(raw, kind.name, kind.icon),
      make("div", { class: "fpp-findings", "data-findings": "" }),
      ...this.words(raw),
      ...(isInput(raw) ? [this.section(t("What it takes"), this.value(raw))] : []),
      ...(CHOOSING.includes(raw.type) ? [this.section(t("Choices"), this.choices(raw))] : []),
      this.section(t("When it is asked"), this.rules(raw)),
      ...(isInput(raw) ? [this.more(raw)] : []),
    ];
  }

  head(raw, kind, symbol) {
    const act = (name, icon_, run) => make("button", { type: "button", class: "btn small", title: name, "aria-label": name, onclick: () => (this.flush(), run()) }, icon(icon_));
    const name = said(raw || {}, raw?.type === "text" ? "text" : "label", settings.language);
    return make("header", { class: "fpp-title" },
      make("h2", { class: "cut", translate: "no" }, name || raw?.key || kind), make("p", { class: "small muted" }, icon(symbol), kind),
      make("div", { class: "fpp-acts" },
        act(t("Move up"), "arrow_upward", () => this.canvas.move(this.field, -1)), act(t("Move down"), "arrow_downward", () => this.canvas.move(this.field, 1)),
        act(t("Copy this field"), "content_copy", () => this.canvas.copy(this.field)), act(t("Remove this field"), "delete", () => this.canvas.remove(this.field))));
  }

  section(title, rows) {
    return make("section", { class: "fpp-section" }, make("h3", {}, title), rows.flat().filter(Boolean));
  }

  words(raw) {
    if (raw.type === "separator" || raw.type === "spacer") return [];
    if (raw.type === "text") {
      return [this.section(t("Words"), LANGUAGES.map(([language, called]) => this.feel(t("What is read"), textPath("text", language), {
        kind: "template", bare: false, lang: language, note: called, hint: language === "en" ? t("{{= case.severity }} puts a value into the words.") : "" })))];
    }
    return [this.section(t("Words"), [...this.texts(t("Label"), "label"), ...this.texts(t("Help below the field"), "description", { lines: 2 })])];
  }

  value(raw) {
    const record = settings.record;
    const known = record.fields.find((field) => field.name === raw.properties?.bind);
    const options = [["", t("A variable of the process")], ...record.fields.map((field) => [field.name, `${field.label} (${field.name})`])];
    if (raw.properties?.bind && !known) options.push([raw.properties.bind, raw.properties.bind]);
    const kinds = similar(raw.type);
    return [
      this.choice(t("Kept in"), raw.properties?.bind || "", options, (name) => this.bind(name), {
        key: "bind", hint: known && !known.writable ? t("The record lets this be read only.") : known ? "" : t("Later steps know it by its key.") }),
      this.text(t("Key"), ["key"], { mono: true, hint: t("Letters, digits and underscores, beginning with a letter.") }),
      kinds.length > 1 ? this.choice(t("Shown as"), raw.type, kinds.map((kind) => [kind.type, kind.name]), (type) => this.become(type), { key: "type" }) : null,
      raw.type === "datetime" ? this.choice(t("Takes"), raw.subtype || "date", [["date", t("a day")], ["datetime", t("a day and a time")], ["time", t("a time")]], (value) => this.set(["subtype"], value, true), { key: "subtype" }) : null,
      this.feel(t("Begins with"), ["defaultValue"], { kind: "value", bare: false, read: (text) => this.typed(raw, text), hint: t("A value as it stands, or an expression that begins with “=”.") }),
    ];
  }

  typed(raw, text) {
    const plain = text.trim();
    if (raw.type === "checkbox" && /^(true|false)$/.test(plain)) return plain === "true";
    return raw.type === "number" ? number(plain) : plain;
  }

  bind(name) {
    const known = settings.record.fields.find((field) => field.name === name);
    let raw = changed(this.field.raw, ["properties", "bind"], name || undefined);
    if (known && !known.writable) raw = { ...raw, readonly: true };
    if (known?.choices.length && CHOOSING.includes(raw.type) && !raw.properties?.choices) raw = { ...raw, values: this.recordChoices(known) };
    this.canvas.edit(this.field, raw);
    this.show(this.field);
  }

  recordChoices(known) {
    return known.choices.map((choice) => ({ label: choice.labels.en, value: choice.value, properties: { "label:zh-hans": choice.labels["zh-hans"] } }));
  }

  become(type) {
    const raw = { ...this.field.raw, type };
    this.canvas.edit(this.field, CHOOSING.includes(type) && !raw.values && !raw.properties?.choices ? { ...raw, values: fresh(type).values } : raw);
    this.show(this.field);
  }

  choices(raw) {
    const known = settings.record.fields.find((field) => field.name === raw.properties?.bind && field.choices.length);
    const source = this.text(t("Taken from a list of the house"), ["properties", "choices"], { mono: true, list: "choice-sources", again: true,
      hint: t("For instance people:sales_manager. Empty: the choices below.") });
    if (raw.properties?.choices) return [source];
    return [source, choicesEditor(raw.values || [], (values) => this.set(["values"], values.length ? values : undefined)),
      known ? make("button", { type: "button", class: "btn small", onclick: () => this.set(["values"], this.recordChoices(known), true) }, icon("sync"), t("Take the choices of the record")) : null];
  }

  rules(raw) {
    const input = isInput(raw);
    return [
      input ? this.tick(t("Always needed"), ["validate", "required"]) : null,
      input ? this.feel(t("Needed when"), ["properties", "requiredIf"]) : null,
      this.feel(t("Hidden when"), ["conditional", "hide"], { hint: input ? t("What is hidden is not asked, and what was in it is not taken.") : "" }),
      input ? this.tick(t("Always read only"), ["readonly"], { again: true }) : null,
      input && raw.readonly !== true ? this.feel(t("Read only when"), ["readonly"]) : null,
    ];
  }

  more(raw) {
    const whole = (text) => (/^\d+$/.test(text.trim()) ? Number(text) : text);
    const size = (text) => (text.trim().startsWith("=") ? text.trim() : number(text.trim()));
    const text = ["textfield", "textarea"].includes(raw.type);
    const sized = ["number", "datetime"].includes(raw.type);
    const rows = [
      sized ? this.feel(t("At least"), ["validate", "min"], { kind: "value", bare: false, read: size }) : null,
      sized ? this.feel(t("At most"), ["validate", "max"], { kind: "value", bare: false, read: size }) : null,
      raw.type === "number" ? this.text(t("Digits after the point"), ["decimalDigits"], { read: whole }) : null,
      raw.type === "number" ? this.feel(t("Currency"), ["properties", "money"], { kind: "expression", bare: false, hint: t("A name whose value is a currency, such as opportunity.currency.") }) : null,
      raw.type === "datetime" ? this.tick(t("Not in the past"), ["disallowPassedDates"]) : null,
      text ? this.text(t("At least so many characters"), ["validate", "minLength"], { read: whole }) : null,
      text ? this.text(t("At most so many characters"), ["validate", "maxLength"], { read: whole }) : null,
      raw.type === "textfield" ? this.text(t("Must look like"), ["validate", "pattern"], { mono: true, hint: t("A regular expression.") }) : null,
      this.text(t("Explained by the decision"), ["properties", "explain"], { mono: true, hint: t("The key of a decision table: “why?” beside the field tells how it came about.") }),
    ].filter(Boolean);
    const filled = all("input, textarea", make("div", {}, rows)).some((control) => (control.type === "checkbox" ? control.checked : control.value));
    return make("details", { class: "fpp-section fpp-more", open: filled }, make("summary", {}, t("Limits and more")), rows);
  }
}
