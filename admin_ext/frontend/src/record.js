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

// The theme's scroll areas call themselves in English; the page's title says what is in them.
const scrollable = () => {
  for (const box of all(".simplebar-content-wrapper")) box.setAttribute("aria-label", document.title);
};

export const startRecord = () => {
  if (!document.body.classList.contains("own")) window.addEventListener("load", scrollable);
  if (!one("#content-main form")) return;
  // The theme makes these fields when jQuery is ready; what is registered later runs after it.
  window.django?.jQuery?.(() => name(document));
  document.addEventListener("formset:added", (event) => setTimeout(() => name(event.target)));
};
