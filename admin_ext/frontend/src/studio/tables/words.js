// The words of the page and of dmn-js, which writes places as { name }.
import { t, translate as plain } from "../words.js";

export { t };

export const translate = (text, values = {}) => plain(text).replace(/{\s*(\w+)\s*}/g, (whole, name) => (name in values ? values[name] : whole));
