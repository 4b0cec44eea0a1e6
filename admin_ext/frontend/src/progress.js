// Work in the background: the page asks now and then how far it is, and may be left.
import { one } from "./dom.js";

export const startProgress = () => {
  const waiting = one("[data-reload]"); // something is being prepared that tells no figures
  if (waiting) setTimeout(() => window.location.reload(), Number(waiting.dataset.reload));
  const box = one("[data-progress-url]");
  if (!box) return;
  const bar = one("[data-progress-bar]", box);
  const words = one("[data-progress-words]", box);
  const tick = async () => {
    const answer = await fetch(box.dataset.progressUrl, { credentials: "same-origin" });
    if (!answer.ok) return;
    const { percent, words: said, finished } = await answer.json();
    bar.style.width = `${percent}%`;
    bar.parentElement.setAttribute("aria-valuenow", String(percent));
    words.textContent = said;
    if (finished) {
      window.location.reload();
    } else {
      setTimeout(tick, 1000);
    }
  };
  setTimeout(tick, 700);
};
