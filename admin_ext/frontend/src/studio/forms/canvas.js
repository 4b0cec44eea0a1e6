// form-js as a canvas: it draws rows, drags and drops, selects, and undoes. What a component holds is no business of its.
import { FormEditor } from "@bpmn-io/form-js-editor";
import { Default, FormRenderContext, Group } from "@bpmn-io/form-js-viewer";
import { h } from "preact";
import { useContext, useMemo } from "preact/hooks";
import { t, settings } from "../words.js";
import { form as formOf, freeKey, said, shadow, walk } from "./document.js";
import { CHOOSING, isInput, KINDS, kindOf } from "./kinds.js";

const symbol = (name) => h("span", { class: "icon", "aria-hidden": "true", translate: false }, name);

const Marks = ({ raw }) => {
  const properties = raw.properties || {};
  return h("span", { class: "ff-marks" }, [
    properties.bind && h("span", { class: "ff-mark", title: t("Field of the record"), translate: false }, symbol("link"), properties.bind),
    raw.readonly && h("span", { class: "ff-mark" }, symbol("lock"), t("read only")),
    raw.conditional?.hide && h("span", { class: "ff-mark" }, symbol("visibility_off"), t("not always")),
    properties.requiredIf && h("span", { class: "ff-mark" }, symbol("emergency"), t("needed at times")),
  ]);
};

const Mock = ({ raw }) => {
  if (raw.type === "textarea") return h("span", { class: "ff-box tall" });
  if (raw.type === "checkbox") return h("span", { class: "ff-choice" }, symbol("check_box_outline_blank"), t("Yes"));
  if (CHOOSING.includes(raw.type)) {
    const source = raw.properties?.choices;
    const words = source ? [source] : (raw.values || []).map((value) => said(value, "label", settings.language) || String(value?.value));
    if (raw.type === "select") return h("span", { class: "ff-box" }, h("span", { class: "cut", translate: false }, words.join(" · ")), symbol("expand_more"));
    const icon = raw.type === "radio" ? "radio_button_unchecked" : "check_box_outline_blank";
    return h("span", { class: "ff-choices" }, words.slice(0, 6).map((text) => h("span", { class: "ff-choice", translate: false }, symbol(icon), text)));
  }
  return h("span", { class: "ff-box" }, raw.type === "datetime" && symbol(raw.subtype === "time" ? "schedule" : "event"));
};

const Leaf = ({ field }) => {
  const raw = field.raw || {};
  if (raw.type === "separator") return h("hr", { class: "ff-line" });
  if (raw.type === "spacer") return h("div", { class: "ff-gap" });
  if (raw.type === "text") return h("div", { class: "ff-text", translate: false }, said(raw, "text", settings.language) || t("No words yet"), h(Marks, { raw }));
  if (!kindOf(raw.type)) return h("div", { class: "ff-other" }, symbol("help"), t("“%(type)s” is not run here. It is kept as it is.", { type: String(raw?.type) }));
  const help = said(raw, "description", settings.language);
  return h("div", { class: "ff" },
    h("span", { class: "ff-label" }, h("span", { translate: false }, said(raw, "label", settings.language) || raw.key || t("No label")), raw.validate?.required === true && h("b", { class: "req", title: t("needed") }, " *")),
    h(Mock, { raw }), help && h("span", { class: "ff-help", translate: false }, help), h(Marks, { raw }));
};

const Box = (props) => {
  const label = said(props.field.raw, "label", settings.language);
  return h("div", { class: "ff-group" }, h("span", { class: "ff-label", translate: false }, label || t("Group of fields")), h(Marks, { raw: props.field.raw }),
    h(Group, { ...props, field: { ...props.field, label: undefined } }));
};

const Empty = ({ field }) => h("p", { class: "ff-empty" }, symbol("drag_pan"), field.type === "default"
  ? t("Nothing is asked yet. Drag a field here, or choose one on the left and press Enter.") : t("Drag fields in here."));

const Root = (props) => {
  const around = useContext(FormRenderContext);
  const value = useMemo(() => ({ ...around, Empty }), [around]);
  return h(FormRenderContext.Provider, { value }, h(Default, props));
};

const part = (component, type, name, icon) => {
  const made = (props) => h(component, props);
  made.config = { type, keyed: false, name, label: "", group: "basic-input", icon: icon && (() => symbol(icon)), create: (options = {}) => ({ ...options }) };
  return made;
};

class Parts {
  constructor() {
    this._formFields = {};
    for (const kind of KINDS) this._formFields[kind.type] = part(kind.type === "group" ? Box : Leaf, kind.type, kind.name, kind.icon);
    this._formFields.other = part(Leaf, "other", t("Something else"), "help");
    this._formFields.default = part(Root, "default", "", "");
  }
  get(type) {
    return this._formFields[type];
  }
}

class Actions {
  constructor(modeling, formFieldRegistry) {
    this._entries = (field) => ({ delete: { title: t("Remove this field"), action: () => {
      const parent = formFieldRegistry.get(field._parent);
      modeling.removeFormField(field, parent, parent.components.indexOf(field));
    } } });
  }
  getEntries(field) {
    return this._entries(field);
  }
  registerProvider() {}
}
Actions.$inject = ["modeling", "formFieldRegistry"];

class Editor extends FormEditor {
  _getModules() {
    return super._getModules().filter((module) => module && !module.palette && !module.propertiesPanel);
  }
}

/** The canvas in an element. `made(data, schema)` gives the component for what was dragged from the palette. */
export class Canvas {
  constructor(container, { made, changed, selected }) {
    this.editor = new Editor({
      palette: { parent: document.createElement("div") }, propertiesPanel: { parent: document.createElement("div") },
      properties: { ariaLabel: t("The form") },
      additionalModules: [{
        formFields: ["type", Parts], formFieldContextActions: ["type", Actions],
        propertiesPanel: ["value", { attachTo() {} }], palette: ["value", {}],
      }],
    });
    this.head = {};
    this.quiet = true;
    const dragging = this.get("dragging");
    // Fields stand one below the other, as they do at work: a row takes no second one.
    const create = dragging.createDragulaInstance.bind(dragging);
    dragging.createDragulaInstance = (options) => create({ ...options, container: options.container.filter((name) => name !== "fjs-drop-container-horizontal") });
    dragging.createNewField = (element, _row, parent, index) => this.add(made(element.dataset, this.schema), parent, index);
    this.editor.attachTo(container);
    this.container = container;
    this.get("eventBus").on(["commandStack.changed"], () => !this.quiet && changed());
    this.get("eventBus").on("selection.changed", ({ selection }) => selected(selection && selection.type !== "default" ? selection : null));
  }

  get(name) {
    return this.editor.get(name);
  }

  get schema() {
    return this.editor._getState().schema;
  }

  /** Show a form; with `keep` the same place stays selected. */
  async open(form, keep = false) {
    const place = keep && this.placeOf(this.selected);
    const { head, schema } = shadow(form, KINDS.map((kind) => kind.type));
    this.quiet = true;
    this.head = head;
    await this.editor.importSchema(schema);
    this.get("commandStack").clear();
    this.quiet = false;
    this.container.querySelector(".fjs-powered-by")?.setAttribute("translate", "no");
    this.select(place ? this.at(place) : null);
  }

  /** The form as it stands. */
  read() {
    return formOf(this.head, this.schema);
  }

  get selected() {
    const found = this.get("selection").get();
    return found && found.type !== "default" ? found : null;
  }

  select(field) {
    if (field) this.get("selection").set(field);
    else this.get("selection").clear();
  }

  placeOf(field) {
    return field ? [...walk(this.schema)].find(([one]) => one === field)?.[1] : undefined;
  }

  at(place) {
    return [...walk(this.schema)].find(([, where]) => where === place)?.[0] || null;
  }

  /** Put a new component behind the selected one, or where it was dropped. */
  add(raw, parent, index) {
    const near = this.selected;
    const into = parent || (near ? (near.type === "group" ? near : this.parent(near)) : this.schema);
    const where = index ?? (near && near.type !== "group" ? into.components.indexOf(near) + 1 : into.components.length);
    const attrs = { type: kindOf(raw.type) ? raw.type : "other", raw, layout: { row: this.get("formLayouter").nextRowId(), columns: null } };
    if (raw.type === "group") attrs.components = [];
    this.get("modeling").addFormField({ ...attrs, _parent: into.id }, into, where);
  }

  parent(field) {
    return this.get("formFieldRegistry").get(field._parent);
  }

  /** Give a component another content. */
  edit(field, raw) {
    this.get("modeling").editFormField(field, field.type === raw.type || !isInput(raw) ? { raw } : { raw, type: raw.type });
  }

  remove(field) {
    const parent = this.parent(field);
    this.get("modeling").removeFormField(field, parent, parent.components.indexOf(field));
  }

  /** Put a copy behind a component; what has a value gets a key of its own. */
  copy(field, into = this.parent(field), index = into.components.indexOf(field) + 1) {
    const raw = JSON.parse(JSON.stringify(field.raw));
    if (isInput(raw) && raw.key) raw.key = freeKey(this.schema, raw.key);
    if (field.type === "group") raw.components = [];
    this.add(raw, into, index);
    const made = into.components[index];
    for (const [at, child] of (field.components || []).entries()) this.copy(child, made, at);
    this.select(made);
  }

  /** Move a component up or down, out of its group at the ends and into the next one. */
  move(field, by) {
    const parent = this.parent(field);
    const index = parent.components.indexOf(field);
    const next = parent.components[index + by];
    const layouter = this.get("formLayouter");
    const row = layouter.getRowForField(field);
    const go = (target, where) => this.get("modeling").moveFormField(field, parent, target, index, where, row, { id: layouter.nextRowId() });
    if (next?.type === "group" && field.type !== "group") go(next, by > 0 ? 0 : next.components.length);
    else if (next) this.get("modeling").moveFormField(field, parent, parent, index, by > 0 ? index + 2 : index - 1, row, { id: layouter.nextRowId() });
    else if (parent.type !== "default") go(this.parent(parent), this.parent(parent).components.indexOf(parent) + (by > 0 ? 1 : 0));
  }

  undo() {
    this.get("commandStack").undo();
  }

  redo() {
    this.get("commandStack").redo();
  }

  get can() {
    const stack = this.get("commandStack");
    return { undo: stack.canUndo(), redo: stack.canRedo() };
  }
}
