// A line of the list brings its element into view, in both drawings, and marks it for a while.
import { all, one } from "../dom.js";

const LONG = 4000;

const bring = (frame, node) => {
  const box = node.getBoundingClientRect();
  const around = frame.getBoundingClientRect();
  frame.scrollTo({
    left: frame.scrollLeft + box.left + box.width / 2 - around.left - frame.clientWidth / 2,
    top: frame.scrollTop + box.top + box.height / 2 - around.top - frame.clientHeight / 2,
  });
};

const show = (name, drawings) => {
  const found = all("[data-drawing]", drawings)
    .map((frame) => [frame, all("[data-element]", frame).find((node) => node.dataset.element === name)])
    .filter(([, node]) => node);
  for (const node of all(".rd-shown", drawings)) node.classList.remove("rd-shown");
  for (const [frame, node] of found) {
    bring(frame, node);
    node.classList.add("rd-shown");
    setTimeout(() => node.classList.remove("rd-shown"), LONG);
  }
  const last = found.at(-1);
  if (!last) return;
  last[0].closest("section").scrollIntoView({ block: "nearest" });
  last[0].focus({ preventScroll: true });
};

export const startDifference = () => {
  const drawings = one(".diff-drawings");
  if (!drawings) return;
  for (const link of all("[data-show]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(link.dataset.show, drawings);
    });
  }
};
