// Record pages: the theme's search fields get the name that stands before them, for screen readers.
import { all, one } from "./dom.js";

const name = (root) => {
  for (const box of all(".select2-selection", root)) {
    const select = box.closest(".select2-container")?.previousElementSibling;
    const label = select && (one(`label[for="${select.id}"]`)?.textContent || select.getAttribute("aria-label") || "").trim();
    if (!label) continue;
    for (const part of [box, ...all("[role=textbox], [role=combobox]", box)]) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", label);
    }
  }
};

export const startRecord = () => {
  if (!one("#content-main form")) return;
  window.addEventListener("load", () => name(document));
  document.addEventListener("formset:added", (event) => setTimeout(() => name(event.target)));
};
