// The panel on the right: everything that can be said of the chosen element, in tabs; each change is one step of the undo.
import { make } from "./make.js";
import { t } from "./words.js";
import { sectionsFor } from "./properties.js";

export class Panel {
  constructor(root, modeler, context) {
    this.root = root;
    this.modeler = modeler;
    this.context = context;
    this.tab = "general";
    this.element = null;
    this.count = 0;
    const bus = modeler.get("eventBus");
    bus.on("selection.changed", ({ newSelection }) => this.choose(newSelection.length === 1 ? newSelection[0] : null, newSelection.length));
    bus.on("elements.changed", ({ elements }) => {
      // With nothing chosen the panel shows the root, whose changes count as well.
      if (elements.includes(this.shown()) || (this.element && !modeler.get("elementRegistry").get(this.element.id))) this.refresh();
    });
    bus.on("import.done", () => this.choose(null, 0));
  }

  choose(element, count) {
    const chosen = element?.type === "label" ? element.labelTarget : element;
    this.several = count > 1;
    if (chosen === this.element && chosen) return;
    this.element = chosen;
    this.render();
  }

  /** The root of the page stands for its process (or the only pool's). */
  shown() {
    const canvas = this.modeler.get("canvas");
    return this.element || canvas.getRootElement();
  }

  refresh() {
    if (this.element && !this.modeler.get("elementRegistry").get(this.element.id)) this.element = null;
    if (this.root.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) {
      this.stale = true; // what is being typed is not taken away; the panel is renewed when the field is left
      return;
    }
    this.render();
  }

  render() {
    this.stale = false;
    const focused = document.activeElement?.closest?.("[data-field]")?.dataset.field;
    const inside = this.root.contains(document.activeElement);
    const element = this.shown();
    this.root.replaceChildren();
    if (!element?.businessObject) return; // nothing is open yet
    if (this.several) {
      this.root.append(make("p", { class: "muted panel-note" }, t("Several elements are chosen. Choose one to see what it says.")));
      return;
    }
    const { title, kind, sections } = sectionsFor(element, this.context);
    const tabs = sections.filter((section) => section.fields.length);
    const open = tabs.find((section) => section.key === this.tab) || tabs[0];
    this.root.append(
      make("header", { class: "panel-head" }, make("h2", { translate: "no" }, title || t("Without a name")), make("p", { class: "muted" }, kind)),
      make(
        "div",
        { class: "panel-tabs", role: "tablist", "aria-label": t("Properties") },
        tabs.map((section) =>
          make("button", {
            type: "button", role: "tab", class: "panel-tab", id: `tab-${section.key}`, "aria-selected": String(section === open), "aria-controls": "panel-body",
            tabindex: section === open ? "0" : "-1",
            onclick: () => this.open(section.key),
            onkeydown: (event) => this.along(event, tabs, section),
          }, section.label),
        ),
      ),
      make("div", { class: "panel-body", role: "tabpanel", id: "panel-body", "aria-labelledby": open ? `tab-${open.key}` : null }, open ? open.fields.map((field) => this.field(field)) : []),
    );
    if (inside && focused) this.root.querySelector(`[data-field="${CSS.escape(focused)}"] :is(input, textarea, select, button)`)?.focus();
  }

  open(key, focus = false) {
    this.tab = key;
    this.render();
    if (focus) this.root.querySelector(`#tab-${key}`)?.focus();
  }

  /** Brings a field into sight: the problem list leads here. */
  reveal(fieldKey) {
    const { sections } = sectionsFor(this.shown(), this.context);
    const section = sections.find((one) => one.fields.some((field) => field.key === fieldKey));
    if (!section) return;
    this.open(section.key);
    this.root.querySelector(`[data-field="${CSS.escape(fieldKey)}"] :is(input, textarea, select)`)?.focus();
  }

  along(event, tabs, section) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.open(tabs[(tabs.indexOf(section) + step + tabs.length) % tabs.length].key, true);
  }

  field(field) {
    this.count += 1;
    const id = `field-${this.count}`;
    const wrap = make("div", { class: `pf pf-${field.type}`, "data-field": field.key });
    if (field.type === "note") {
      wrap.append(make("p", { class: "muted", translate: "no" }, field.text));
      return wrap;
    }
    if (field.type === "button") {
      wrap.append(make("button", { type: "button", class: "btn small", onclick: field.run }, field.label));
      return wrap;
    }
    if (field.type === "answer") {
      const said = make("p", { class: "muted pf-help", role: "status" });
      wrap.append(said);
      field.ask().then((text) => { said.textContent = text; });
      return wrap;
    }
    if (field.type === "checks") {
      wrap.append(this.checks(field, id));
      return wrap;
    }
    if (field.type === "list") {
      wrap.append(...this.list(field));
      return wrap;
    }
    const input = this.input(field, id);
    const label = make("label", { for: id }, field.label, field.required ? make("span", { class: "muted" }, ` ${t("(needed)")}`) : null);
    const hint = field.hint ? make("span", { class: "muted pf-kind" }, field.hint) : null;
    if (field.type === "check") wrap.append(make("div", { class: "row" }, input, label));
    else wrap.append(make("div", { class: "row apart" }, label, hint), input);
    if (field.options) wrap.append(make("datalist", { id: `${id}-options` }, field.options.map(([key, text]) => make("option", { value: key }, text))));
    if (field.help) {
      wrap.append(make("p", { class: "muted pf-help", id: `${id}-help` }, field.help));
      input.setAttribute("aria-describedby", `${id}-help`);
    }
    if (field.link) wrap.append(make("a", { href: field.link.url, target: field.link.blank ? "_blank" : null }, field.link.label));
    if (field.feel && this.context.feel) this.context.feel(input, field);
    return wrap;
  }

  input(field, id) {
    const value = field.get() ?? "";
    const put = (given) => {
      if (given !== (field.get() ?? "")) field.set(given);
    };
    const common = { id, class: "pf-input", onblur: () => this.stale && setTimeout(() => this.refresh(), 0) };
    if (field.type === "choice") {
      const options = field.choices.some(([key]) => key === value) ? field.choices : [...field.choices, [value, value]];
      return make(
        "select", { ...common, onchange: (event) => put(event.target.value) },
        options.map(([key, label]) => make("option", { value: key, selected: key === value }, label)),
      );
    }
    if (field.type === "check") {
      return make("input", { ...common, class: "", type: "checkbox", checked: Boolean(value), onchange: (event) => field.set(event.target.checked) });
    }
    const events = { onchange: (event) => put(event.target.value), spellcheck: field.feel ? "false" : null, placeholder: field.placeholder || null, autocomplete: "off" };
    if (field.type === "text" && !field.feel) return make("input", { ...common, ...events, type: "text", value: String(value), list: field.options ? `${id}-options` : null });
    const area = make("textarea", { ...common, ...events, rows: String(field.rows || 1), class: "pf-input", translate: field.feel ? "no" : null });
    area.value = value;
    return area;
  }

  /** Several of a few, stored as words with commas between them. */
  checks(field, id) {
    const chosen = () => String(field.get() || "").split(",").map((word) => word.trim()).filter(Boolean);
    const put = (key, on) => {
      const others = chosen().filter((word) => word !== key);
      field.set((on ? [...others, key] : others).join(","));
    };
    return make(
      "fieldset", { class: "pf-checks" }, make("legend", {}, field.label),
      field.choices.map(([key, label], index) =>
        make("div", { class: "row" },
          make("input", { type: "checkbox", id: `${id}-${index}`, checked: chosen().includes(key), onchange: (event) => put(key, event.target.checked) }),
          make("label", { for: `${id}-${index}` }, label)),
      ),
    );
  }

  list(field) {
    const rows = field.items().map((item, index) =>
      make(
        "div", { class: "pf-row", "data-row": String(index) },
        ...item.fields.map((inner) => this.field({ ...inner, key: `${field.key}.${index}.${inner.key}` })),
        item.remove ? make("button", { type: "button", class: "btn small link", onclick: item.remove, "aria-label": t("Remove line %(n)s", { n: index + 1 }) }, t("Remove")) : null,
      ),
    );
    return [
      make("h3", {}, field.label),
      field.help ? make("p", { class: "muted pf-help" }, field.help) : "",
      ...rows,
      field.add ? make("button", { type: "button", class: "btn small", onclick: field.add.run }, field.add.label) : "",
    ];
  }
}

