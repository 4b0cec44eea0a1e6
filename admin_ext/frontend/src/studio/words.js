// The words of the studio come with the page, translated by the server: `t("Saved at %(at)s", {at})`.
import { one } from "../dom.js";

const read = (id) => {
  const found = one(`#${id}`);
  return found ? JSON.parse(found.textContent) : {};
};

export const settings = read("studio-settings");
const words = read("studio-words");

export const t = (text, values = {}) => (words[text] || text).replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? values[name] : whole));

/** What bpmn-js asks for its own texts: places are written as {name} there. */
export const translate = (text, values = {}) => (words[text] || text).replace(/{(\w+)}/g, (whole, name) => (name in values ? values[name] : whole));
