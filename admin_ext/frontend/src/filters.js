// Filters that are plain selects send their form as soon as one is chosen.
import { all } from "./dom.js";

export const startFilters = () => {
  for (const select of all("select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
};
