// Runs before the first paint: puts the colour scheme that the person chose on the page. The
// theme of the record pages keeps the choice under the same key, as a JSON string.
const kept = window.localStorage.getItem("adminTheme");
const choice = kept ? kept.replaceAll('"', "") : "auto";
const dark = choice === "dark" || (choice === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.classList.add(dark ? "dark" : "light");
if (window.localStorage.getItem("sidebarOpen") === "0") {
  document.documentElement.classList.add("sidebar-closed");
}
