// What can be added: the kinds of component the product runs, and the fields of the record. Dragged onto the canvas, or put
// behind the chosen field with Enter.
import { icon, make } from "../make.js";
import { t } from "../words.js";
import { GROUPS, KINDS } from "./kinds.js";

const entry = (kind, data, symbol, name, note, add) =>
  make("button", {
    type: "button", class: "fp-entry fjs-palette-field fjs-drag-copy", "data-field-type": kind,
    ...Object.fromEntries(Object.entries(data).map(([key, value]) => [`data-${key}`, value])), onclick: () => add({ fieldType: kind, ...data }),
  }, icon(symbol), make("span", { class: "cut", translate: data.bind ? "no" : null, title: note }, name));

const SYMBOLS = { text: "short_text", number: "numbers", money: "payments", boolean: "check_box", date: "event", datetime: "schedule", choice: "sell", user: "person", list: "list" };
const KIND = { text: "textfield", number: "number", money: "number", boolean: "checkbox", date: "datetime", datetime: "datetime", list: "checklist" };

/** Fill the palette. `record` is { label, fields }, `add(data)` puts one on the form. */
export const startPalette = (into, { record, add }) => {
  const groups = GROUPS.map(([key, title]) => make("section", { class: "fp-group" }, make("h3", {}, title),
    make("div", { class: "fp-entries fjs-palette-fields fjs-drag-container fjs-no-drop" },
      KINDS.filter((kind) => kind.group === key).map((kind) => entry(kind.type, {}, kind.icon, kind.name, kind.name, add)))));
  if (!record.fields.length) return into.replaceChildren(...groups);
  const list = make("div", { class: "fp-entries fjs-palette-fields fjs-drag-container fjs-no-drop" });
  const find = make("input", { type: "search", class: "input", "aria-label": t("Find a field of the record"), placeholder: t("Find a field") });
  const show = () => {
    const wanted = find.value.trim().toLowerCase();
    const fits = record.fields.filter((field) => !wanted || `${field.name} ${field.label}`.toLowerCase().includes(wanted));
    list.replaceChildren(...fits.map((field) => entry(field.choices.length ? "select" : KIND[field.type] || "textfield", { bind: field.name },
      SYMBOLS[field.type] || "link", field.label, field.writable ? field.name : `${field.name} · ${t("read only")}`, add)));
  };
  find.addEventListener("input", show);
  show();
  into.replaceChildren(...groups, make("section", { class: "fp-group" }, make("h3", {}, t("From the record: %(record)s", { record: record.label })), find, list));
};
