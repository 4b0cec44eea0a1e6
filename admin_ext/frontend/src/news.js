// New work shows as a quiet pill. One conditional request now and then, only while the page is looked
// at; mostly it is answered 304. What fails is asked again ever more slowly.
import { one } from "./dom.js";

const EVERY = 30_000;
const SLOWEST = 300_000;
const SOONEST = 5_000;

export const startNews = () => {
  const pill = one("[data-news]");
  if (!pill) return;
  let mark = "";
  let pause = EVERY;
  let timer;
  let asked = 0;

  const ask = async () => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") return;
    asked = Date.now();
    try {
      const answer = await fetch(pill.dataset.news, {
        credentials: "same-origin",
        cache: "no-store",
        headers: mark ? { "If-None-Match": mark } : {},
      });
      if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
      pause = EVERY;
      if (answer.status !== 304) {
        mark = answer.headers.get("ETag") || "";
        const { n, words } = await answer.json();
        pill.hidden = n === 0;
        one("[data-news-words]", pill).textContent = words;
      }
    } catch {
      // Out of reach for now: the page goes on, the next question comes later.
      pause = Math.min(SLOWEST, pause * 2);
    }
    timer = setTimeout(ask, pause);
  };

  timer = setTimeout(ask, EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - asked > SOONEST) ask();
  });
};
