// The kinds of component that the product runs: what they are called, what a new one looks like, which go into one another.
import { t } from "../words.js";

export const KINDS = [
  { type: "textfield", icon: "short_text", name: t("Line of text"), group: "input" },
  { type: "textarea", icon: "notes", name: t("Text of several lines"), group: "input" },
  { type: "number", icon: "numbers", name: t("Number or amount"), group: "input" },
  { type: "datetime", icon: "event", name: t("Day or time"), group: "input", more: { subtype: "date" } },
  { type: "checkbox", icon: "check_box", name: t("Tick"), group: "input" },
  { type: "select", icon: "arrow_drop_down_circle", name: t("One of a list"), group: "choice" },
  { type: "radio", icon: "radio_button_checked", name: t("One of a few"), group: "choice" },
  { type: "checklist", icon: "checklist", name: t("Some of a list"), group: "choice" },
  { type: "text", icon: "article", name: t("Words to read"), group: "shown" },
  { type: "group", icon: "select_all", name: t("Group of fields"), group: "shown" },
  { type: "separator", icon: "horizontal_rule", name: t("Line between"), group: "shown" },
  { type: "spacer", icon: "height", name: t("Gap"), group: "shown" },
];
export const GROUPS = [["input", t("To fill in")], ["choice", t("To choose from")], ["shown", t("To read")]];
export const INPUTS = ["textfield", "textarea", "number", "datetime", "checkbox", "select", "radio", "checklist"];
export const CHOOSING = ["select", "radio", "checklist"];
const SIMILAR = [["textfield", "textarea"], ["select", "radio", "checklist"]];

export const kindOf = (type) => KINDS.find((kind) => kind.type === type);
export const isInput = (raw) => INPUTS.includes(raw?.type);
/** The kinds a field may become without losing what it holds. */
export const similar = (type) => (SIMILAR.find((kinds) => kinds.includes(type)) || [type]).map(kindOf);

const option = (n) => ({ label: `Choice ${n}`, value: `choice_${n}`, properties: { "label:zh-hans": `选项 ${n}` } });

/** A new component of a kind. */
export const fresh = (type, key) => {
  const kind = kindOf(type);
  if (type === "separator" || type === "spacer") return { type };
  if (type === "text") return { type, text: "What to know here", properties: { "text:zh-hans": "在此说明" } };
  if (type === "group") return { type, label: "Group", components: [], properties: { "label:zh-hans": "分组" } };
  return {
    type, key, label: "New field", ...kind.more, ...(CHOOSING.includes(type) ? { values: [option(1), option(2)] } : {}),
    properties: { "label:zh-hans": "新字段" },
  };
};

const BY_TYPE = { text: "textfield", number: "number", money: "number", boolean: "checkbox", date: "datetime", datetime: "datetime", choice: "select", user: "select", list: "checklist" };

/** A field for a field of the record: its type, words and choices come from there, and what may only be read is read only. */
export const bound = (record, key) => {
  const type = BY_TYPE[record.type] || "textfield";
  const made = { type, key, label: record.labels.en };
  if (type === "datetime") made.subtype = record.type;
  if (record.choices.length) {
    made.values = record.choices.map((choice) => ({ label: choice.labels.en, value: choice.value, properties: { "label:zh-hans": choice.labels["zh-hans"] } }));
  }
  if (!record.writable) made.readonly = true;
  made.properties = { "label:zh-hans": record.labels["zh-hans"], bind: record.name };
  if (record.type === "user") made.properties.choices = "people:";
  return made;
};
