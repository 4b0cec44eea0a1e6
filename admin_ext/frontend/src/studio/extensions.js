// Reading and changing our extension elements through the modeler's command stack, so that every change can be undone.
const list = (owner) => owner.extensionElements?.get("values") || [];

export class Extensions {
  constructor(modeler) {
    this.moddle = modeler.get("moddle");
    this.stack = modeler.get("commandStack");
    this.modeling = modeler.get("modeling");
    const modeling = this.modeling;
    this.stack.register("redraw.change", {
      preExecute: ({ element, steps }) => {
        for (const [owner, properties] of steps) modeling.updateModdleProperties(element, owner, properties);
      },
    });
  }

  /** Several changes of one element as one step for the undo; `steps` are [moddle element, properties]. */
  change(element, steps) {
    this.stack.execute("redraw.change", { element, steps });
  }

  make(type, properties, parent) {
    const made = this.moddle.create(type, properties);
    made.$parent = parent;
    return made;
  }

  all(owner, type) {
    return list(owner).filter((part) => part.$type === type);
  }

  first(owner, type) {
    return this.all(owner, type)[0];
  }

  /** Sets attributes of our element of a type; it is made when there is none, and goes when nothing is left in it. */
  set(element, owner, type, properties) {
    const found = this.first(owner, type);
    if (!found) {
      const given = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined && value !== ""));
      if (Object.keys(given).length) this.put(element, owner, [...list(owner), this.make(type, given)]);
      return;
    }
    const after = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, value === "" ? undefined : value]));
    this.change(element, [[found, after]]);
  }

  /** Replaces all extension elements of an owner. */
  put(element, owner, values) {
    const holder = owner.extensionElements || this.make("bpmn:ExtensionElements", { values: [] }, owner);
    for (const value of values) value.$parent = holder;
    const steps = [[holder, { values }]];
    if (!owner.extensionElements) steps.push([owner, { extensionElements: holder }]);
    if (!values.length) steps.push([owner, { extensionElements: undefined }]);
    this.change(element, steps);
  }

  /** Replaces the elements of one type, at the place of the first of them. */
  replace(element, owner, type, parts) {
    const before = list(owner);
    const at = before.findIndex((part) => part.$type === type);
    const others = before.filter((part) => part.$type !== type);
    const place = at < 0 ? others.length : before.slice(0, at).filter((part) => part.$type !== type).length;
    this.put(element, owner, [...others.slice(0, place), ...parts, ...others.slice(place)]);
  }

  remove(element, owner, type) {
    if (this.all(owner, type).length) this.replace(element, owner, type, []);
  }

  /** A text in a language, held by elements of one type (`redraw:label`, `redraw:guidance` ...). */
  text(owner, type, language) {
    return this.all(owner, type).find((part) => (part.lang || "en") === language)?.body || "";
  }

  setText(element, owner, type, language, body) {
    const parts = this.all(owner, type);
    const found = parts.find((part) => (part.lang || "en") === language);
    if (found && body) this.change(element, [[found, { body }]]);
    else if (found) this.replace(element, owner, type, parts.filter((part) => part !== found));
    else if (body) this.replace(element, owner, type, [...parts, this.make(type, { lang: language, body })]);
  }
}
