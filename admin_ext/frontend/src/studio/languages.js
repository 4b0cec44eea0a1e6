// Names in the reader's language: the drawing shows and edits `name`, so while it is open the name and its translation
// change places. A file that is opened and saved without a change comes out as it went in.
const SWAPPED = "redraw:Label";

const labels = (owner) => owner.extensionElements?.get("values") || [];

const each = (value, visit, seen = new Set()) => {
  if (!value || typeof value !== "object" || seen.has(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) each(item, visit, seen);
    return;
  }
  if (!value.$type) return;
  seen.add(value);
  visit(value);
  for (const property of value.$descriptor?.properties || []) {
    if (!property.isReference) each(value.get(property.name), visit, seen);
  }
};

/** Lets every element that has a name in `language` show it; its own stands as the translation meanwhile. */
export const show = (definitions, language) => {
  if (language === "en") return;
  each(definitions, (owner) => {
    const found = labels(owner).find((part) => part.$type === SWAPPED && part.lang === language);
    if (!found || owner.name === undefined) return;
    [owner.name, found.body] = [found.body, owner.name];
    found.lang = "en";
    found.$swapped = language;
  });
};

/** The drawing as XML, every name back in its place. */
export const write = async (moddle, definitions, language) => {
  if (language === "en") return (await moddle.toXML(definitions, { format: true })).xml;
  const turned = [];
  each(definitions, (owner) => {
    const found = labels(owner).find((part) => part.$type === SWAPPED && part.lang === "en");
    if (!found || owner.name === undefined) return;
    turned.push([owner, found]);
    [owner.name, found.body] = [found.body, owner.name];
    found.lang = language;
  });
  try {
    return (await moddle.toXML(definitions, { format: true })).xml;
  } finally {
    for (const [owner, found] of turned) {
      [owner.name, found.body] = [found.body, owner.name];
      found.lang = "en";
    }
  }
};
