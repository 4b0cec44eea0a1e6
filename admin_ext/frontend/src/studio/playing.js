// Trying a drawing with tokens, and playing the way into a trap that the check of soundness found.
import { all, one } from "../dom.js";
import { make } from "./make.js";
import { t, translate } from "./words.js";

/** The simulation brings its few words in English only. */
const inOurWords = (container) => {
  const turn = () => {
    for (const node of all("[title]", container)) {
      if (!node.closest(".bts-toggle-mode, .bts-palette, .bts-log, .bts-notifications, .bts-context-pad, .bts-set-animation-speed, .bts-scope-filter, .bts-token-count")) continue;
      const said = translate(node.title);
      if (said !== node.title) node.title = said;
    }
    for (const node of all(".bts-notifications .bts-text, .bts-log .bts-text, .bts-toggle-mode, .bts-log .bts-header, .bts-log .bts-placeholder", container)) {
      for (const part of node.childNodes) {
        if (part.nodeType !== Node.TEXT_NODE) continue;
        const text = part.textContent.trim();
        const said = translate(text);
        if (text && said !== text) part.textContent = part.textContent.replace(text, said);
      }
    }
  };
  new MutationObserver(turn).observe(container, { childList: true, subtree: true, attributes: true, attributeFilter: ["title"] });
  turn();
};

export const startSimulation = (modeler, button, announce) => {
  const container = one(".djs-container");
  inOurWords(container.parentElement);
  modeler.get("toggleMode")._palette = one("#steps"); // it hides the modeler's own palette, which this page has not
  button.addEventListener("click", () => modeler.get("toggleMode").toggleMode());
  modeler.get("eventBus").on("tokenSimulation.toggleMode", ({ active }) => {
    button.setAttribute("aria-pressed", String(active));
    document.documentElement.classList.toggle("simulating", active);
    announce(active ? t("Trying with tokens: nothing is stored. Click a start to send a token.") : t("Back to drawing."));
  });
};

const STEP = 700;

/** Shows tokens at the elements of each state in turn; `path` is a list of lists of element ids. */
export const playPath = async (modeler, path, announce) => {
  const overlays = modeler.get("overlays");
  const registry = modeler.get("elementRegistry");
  const quick = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const [index, ids] of path.entries()) {
    overlays.remove({ type: "token" });
    for (const id of ids) {
      const element = registry.get(id);
      if (!element) continue;
      const position = element.waypoints ? middle(element) : { top: -10, left: -10 };
      overlays.add(element, "token", { position, html: make("span", { class: "played-token", "aria-hidden": "true" }) });
    }
    const last = registry.get(ids.at(-1));
    if (last) modeler.get("canvas").scrollToElement(last, 120);
    if (!quick || index === path.length - 1) await new Promise((resolve) => setTimeout(resolve, quick ? 0 : STEP));
  }
  announce(t("This is where it stands still."));
  return () => overlays.remove({ type: "token" });
};

const middle = (edge) => {
  const [from, to] = edge.waypoints;
  const left = Math.min(...edge.waypoints.map((point) => point.x));
  const top = Math.min(...edge.waypoints.map((point) => point.y));
  return { left: (from.x + to.x) / 2 - left - 8, top: (from.y + to.y) / 2 - top - 8 };
};
