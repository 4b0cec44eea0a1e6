// The number of unread notices in the menu: asked once for a page, and not again within half a minute.
import { one } from "./dom.js";

const AGAIN = 30_000;
const KEY = "redraw-notices";

export const startNotices = async () => {
  const mark = one("[data-notices]");
  if (!mark) return;
  const show = (n) => {
    mark.hidden = !n;
    mark.textContent = n > 99 ? "99+" : String(n);
  };
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    // A browser that keeps nothing is asked every time.
  }
  if (kept && kept.who === mark.dataset.who && Date.now() - kept.at < AGAIN && !mark.dataset.fresh) return show(kept.n);
  const answer = await fetch(mark.dataset.notices, { credentials: "same-origin" });
  if (!answer.ok) return undefined;
  const { n } = await answer.json();
  show(n);
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ n, at: Date.now(), who: mark.dataset.who }));
  } catch {
    // As above.
  }
  return undefined;
};
