// Drawings: at their natural size in a frame that scrolls; made smaller and larger by buttons and keys, moved by dragging.
import { all, one } from "./dom.js";

const LEAST = 0.25;
const MOST = 2;
const STEP = 1.25;

const start = (frame) => {
  const svg = one("svg", frame);
  const tools = one("[data-zoom]", frame.closest("section") || document);
  const wide = svg?.viewBox.baseVal.width;
  if (!svg || !wide) return;
  const said = tools && one("output", tools);
  let scale = 1;

  const show = (wanted) => {
    const next = Math.min(MOST, Math.max(LEAST, wanted));
    const middle = [(frame.scrollLeft + frame.clientWidth / 2) / scale, (frame.scrollTop + frame.clientHeight / 2) / scale];
    scale = next;
    svg.style.width = `${Math.round(wide * scale)}px`;
    frame.scrollLeft = middle[0] * scale - frame.clientWidth / 2;
    frame.scrollTop = middle[1] * scale - frame.clientHeight / 2;
    if (said) said.textContent = `${Math.round(scale * 100)} %`;
  };
  const fit = () => show((frame.clientWidth - 24) / wide);

  if (tools) {
    tools.hidden = false;
    for (const button of all("[data-zoom-by]", tools)) {
      button.addEventListener("click", () => show(scale * STEP ** Number(button.dataset.zoomBy)));
    }
    one("[data-zoom-fit]", tools).addEventListener("click", fit);
  }
  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { "+": () => show(scale * STEP), "-": () => show(scale / STEP), 0: () => show(1) }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  let held;
  frame.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    held = [event.clientX + frame.scrollLeft, event.clientY + frame.scrollTop];
    frame.setPointerCapture(event.pointerId);
    frame.classList.add("held");
  });
  frame.addEventListener("pointermove", (event) => {
    if (!held) return;
    frame.scrollLeft = held[0] - event.clientX;
    frame.scrollTop = held[1] - event.clientY;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    frame.addEventListener(name, () => {
      held = undefined;
      frame.classList.remove("held");
    });
  }

  // Where the work stands, or most of the time passes, is in sight, also far to the right.
  const here = all("[data-element]", svg).find((node) => node.dataset.element === frame.dataset.look) || one(".rd-active", svg);
  if (here) {
    const box = here.getBoundingClientRect();
    const around = frame.getBoundingClientRect();
    frame.scrollLeft += box.left + box.width / 2 - around.left - frame.clientWidth / 2;
    frame.scrollTop += box.top + box.height / 2 - around.top - frame.clientHeight / 2;
  }
};

export const startDrawings = () => {
  for (const frame of all("[data-drawing]")) start(frame);
};
