// A drawing in its frame: fitted while its words stay readable, else scrolled; larger and smaller by buttons.
import { all, one } from "./dom.js";

const READABLE = 0.7;
const STEPS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1, 1.25, 1.5, 2];

const start = (card) => {
  const frame = one(".drawing", card);
  const picture = one("svg", frame);
  if (!picture) return;
  const width = picture.viewBox.baseVal.width;
  const fitted = () => Math.min(1, (frame.clientWidth - 24) / width);
  let zoom = Math.max(READABLE, fitted());

  const show = () => {
    const middle = (frame.scrollLeft + frame.clientWidth / 2) / (frame.scrollWidth || 1);
    picture.style.width = `${Math.round(width * zoom)}px`;
    one("[data-zoom-shown]", card).textContent = `${Math.round(100 * zoom)} %`;
    frame.scrollLeft = middle * frame.scrollWidth - frame.clientWidth / 2;
  };

  for (const button of all("[data-zoom]", card)) {
    button.addEventListener("click", () => {
      if (button.dataset.zoom === "fit") zoom = fitted();
      else if (button.dataset.zoom === "in") zoom = STEPS.find((step) => step > zoom + 0.01) || zoom;
      else zoom = [...STEPS].reverse().find((step) => step < zoom - 0.01) || zoom;
      show();
    });
  }
  show();

  // Where the work stands is in sight at once.
  const here = one(".rd-active", picture);
  frame.scrollLeft = 0;
  if (here) {
    const mark = here.getBoundingClientRect();
    const box = frame.getBoundingClientRect();
    frame.scrollLeft = mark.left - box.left - frame.clientWidth / 2;
  }
};

export const startDrawings = () => all("[data-drawing]").forEach(start);
