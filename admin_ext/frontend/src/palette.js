// Search everywhere: Ctrl-K or / opens it, the server answers with what this person may see.
import { one, typing } from "./dom.js";

export const startPalette = () => {
  const dialog = one("#palette");
  if (!dialog) return;
  const field = one("input", dialog);
  const list = one("#palette-results", dialog);
  const none = one("#palette-none", dialog);
  let place = -1;
  let asked = 0;
  let waiting;

  const links = () => Array.from(list.querySelectorAll("a"));
  const mark = (index) => {
    const found = links();
    place = found.length ? (index + found.length) % found.length : -1;
    found.forEach((link, at) => {
      link.classList.toggle("on", at === place);
      link.setAttribute("aria-selected", String(at === place));
    });
    if (place >= 0) {
      found[place].scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", found[place].id);
    }
  };

  const show = (groups) => {
    list.replaceChildren();
    let count = 0;
    for (const group of groups) {
      const head = document.createElement("li");
      head.className = "head";
      head.setAttribute("role", "presentation");
      head.textContent = group.label;
      list.append(head);
      for (const hit of group.hits) {
        const item = document.createElement("li");
        item.setAttribute("role", "presentation");
        const link = document.createElement("a");
        link.href = hit.url;
        link.id = `hit-${count++}`;
        link.setAttribute("role", "option");
        const icon = document.createElement("span");
        icon.className = "icon";
        icon.setAttribute("aria-hidden", "true");
        icon.textContent = hit.icon;
        const title = document.createElement("span");
        title.className = "cut";
        title.textContent = hit.title;
        const detail = document.createElement("small");
        detail.className = "cut";
        detail.textContent = hit.detail;
        link.append(icon, title, detail);
        item.append(link);
        list.append(item);
      }
    }
    none.hidden = count > 0;
    mark(0);
  };

  const ask = async () => {
    const turn = ++asked;
    const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(field.value)}`, { credentials: "same-origin" });
    if (answer.ok && turn === asked) show((await answer.json()).groups);
  };

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    field.select();
    ask();
  };

  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-palette]")) open();
  });
  document.addEventListener("keydown", (event) => {
    const chord = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !typing(event) && !event.ctrlKey && !event.metaKey;
    if (chord || slash) {
      event.preventDefault();
      open();
    }
  });
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 160);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(place + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && place >= 0) {
      event.preventDefault();
      window.location.assign(links()[place].href);
    }
  });
};
