// The inbox by keyboard: j and k move, Enter opens, x selects, c completes, ? shows all keys.
import { all, one, typing } from "./dom.js";

export const startInbox = () => {
  const list = one("[data-inbox]");
  if (!list) return;
  const tasks = () => all("a.task", list);
  const current = () => tasks().findIndex((task) => task === document.activeElement);
  const opened = () => tasks().findIndex((task) => task.hasAttribute("aria-current"));

  const move = (by) => {
    const rows = tasks();
    if (!rows.length) return;
    const from = current() >= 0 ? current() : opened();
    const to = Math.min(rows.length - 1, Math.max(0, from + by));
    rows[to].focus();
    rows[to].scrollIntoView({ block: "nearest" });
  };

  const pick = () => {
    const row = tasks()[current() >= 0 ? current() : opened()];
    if (!row) return;
    const on = row.classList.toggle("picked");
    row.setAttribute("data-picked", on ? "1" : "");
    paint();
  };

  const bar = one("#picked-bar");
  const paint = () => {
    if (!bar) return;
    const ids = tasks().filter((task) => task.classList.contains("picked")).map((task) => task.dataset.task);
    bar.hidden = ids.length === 0;
    one("[data-picked-count]", bar).textContent = String(ids.length);
    for (const field of all("input[name=tasks]", bar)) field.value = ids.join(",");
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event) || one("dialog[open]")) return;
    const act = { j: () => move(1), k: () => move(-1), x: pick, "?": () => one("#keys")?.showModal() }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  // The row that is open is in sight, also far down the list.
  const row = tasks()[opened()];
  if (row) {
    const box = row.getBoundingClientRect();
    if (box.top < 0 || box.bottom > window.innerHeight) row.scrollIntoView({ block: "center" });
  }
};
