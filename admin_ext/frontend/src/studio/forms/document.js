// The form as it is stored, and the shadow of it that the canvas works on.
//
// form-js may only know where things stand: each of its components carries the stored one in `raw`, untouched. So whatever
// form-js or the panel does not know survives, and a form that is opened and saved is the form it was.
const CONTAINERS = ["group"];

/** Whether a component holds others. */
export const holds = (raw) => CONTAINERS.includes(raw?.type) && Array.isArray(raw.components);

/** The shadow of a form: { head, schema }. `known` are the types the product runs; all others are shown and left alone. */
export const shadow = (form, known) => {
  let count = 0;
  const one = (raw) => {
    const made = { id: `c${++count}`, type: known.includes(raw?.type) ? raw.type : "other", raw };
    if (made.type === "group") made.components = holds(raw) ? raw.components.map(one) : [];
    return made;
  };
  const components = Array.isArray(form.components) ? form.components.map(one) : [];
  return { head: form, schema: { type: "default", id: "form", components } };
};

/** The form that a shadow stands for. */
export const form = (head, schema) => {
  const one = ({ raw, components }) => (holds(raw) || components?.length ? { ...raw, components: components.map(one) } : raw);
  return Array.isArray(head.components) || schema.components.length ? { ...head, components: schema.components.map(one) } : head;
};

/** A copy of `raw` in which the value at a path ("validate.min", "properties.label:zh-hans") is set; undefined takes it away,
 * and an object that became empty with it. */
export const changed = (raw, path, value) => {
  const [name, ...rest] = path;
  const copy = { ...raw };
  const next = rest.length ? changed(copy[name] && typeof copy[name] === "object" ? copy[name] : {}, rest, value) : value;
  if (next === undefined || (rest.length && !Object.keys(next).length)) delete copy[name];
  else copy[name] = next;
  return copy;
};

/** The value at a path. */
export const at = (raw, path) => path.reduce((found, name) => (found === null || found === undefined ? undefined : found[name]), raw);

/** Every component of a shadow, groups before what is in them, with its place ("2.0"). */
export const walk = function* (schema, around = "") {
  for (const [index, field] of (schema.components || []).entries()) {
    const place = around ? `${around}.${index}` : String(index);
    yield [field, place];
    yield* walk(field, place);
  }
};

/** A text of a component in a language: English stands by itself, others in its properties. */
export const textPath = (name, language) => (language === "en" ? [name] : ["properties", `${name}:${language}`]);
export const said = (raw, name, language) => at(raw, textPath(name, language)) || raw[name] || "";

/** A key that no field has yet. */
export const freeKey = (schema, wish) => {
  const base = wish.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^[^A-Za-z]+/, "") || "field";
  const taken = new Set([...walk(schema)].map(([field]) => field.raw.key));
  for (let n = 1; ; n++) {
    const key = n === 1 ? base : `${base}_${n}`;
    if (!taken.has(key)) return key;
  }
};
