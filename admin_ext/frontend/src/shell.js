// The frame: side panel, user menu, colour scheme, dialogs, drop-downs that close by themselves.
import { all, one } from "./dom.js";

const root = document.documentElement;
// Where a page needs the whole width the panel lies over it, as it does on small screens.
const wide = () => !document.body.classList.contains("studio") && window.matchMedia("(min-width: 1024px)").matches;

const toggleSide = () => {
  if (wide()) {
    const closed = root.classList.toggle("sidebar-closed");
    window.localStorage.setItem("sidebarOpen", closed ? "0" : "1");
  } else {
    const shown = root.classList.toggle("sidebar-shown");
    if (shown) one("#side a, #side button")?.focus();
  }
  for (const button of all("[data-toggle-side]")) {
    button.setAttribute("aria-expanded", String(wide() ? !root.classList.contains("sidebar-closed") : root.classList.contains("sidebar-shown")));
  }
};

const chooseTheme = (choice) => {
  window.localStorage.setItem("adminTheme", JSON.stringify(choice));
  const dark = choice === "dark" || (choice === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  root.classList.toggle("dark", dark);
  root.classList.toggle("light", !dark);
  markTheme(choice);
};

const markTheme = (choice) => {
  for (const button of all("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
};

export const startShell = () => {
  markTheme((window.localStorage.getItem("adminTheme") || "auto").replaceAll('"', ""));

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    if (target.closest("[data-toggle-side]")) toggleSide();
    const theme = target.closest("[data-theme-choice]");
    if (theme) chooseTheme(theme.dataset.themeChoice);
    const opener = target.closest("[data-dialog]");
    if (opener) {
      event.preventDefault();
      one(`#${opener.dataset.dialog}`)?.showModal();
    }
    const closer = target.closest("[data-close]");
    if (closer) closer.closest("dialog")?.close();
    if (target instanceof HTMLDialogElement) target.close();
    if (target.closest("[data-print]")) window.print();
    const inside = target.closest("details.drop");
    for (const drop of all("details.drop[open]")) {
      if (drop !== inside) drop.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    root.classList.remove("sidebar-shown");
    for (const drop of all("details.drop[open]")) {
      drop.open = false;
      one("summary", drop)?.focus();
    }
  });
};
