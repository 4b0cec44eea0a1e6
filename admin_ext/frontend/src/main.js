// The bundle of our own pages. Every page works without it; the modules add the keyboard,
// drafts that save themselves, the search palette and progress that moves.
import { startShell } from "./shell.js";
import { startPalette } from "./palette.js";
import { startInbox } from "./inbox.js";
import { startTask } from "./task.js";
import { startProgress } from "./progress.js";
import { startFilters } from "./filters.js";
import { startDrawings } from "./drawing.js";
import { startNews } from "./news.js";
import { startNotices } from "./notices.js";
import { startRecord } from "./record.js";
import { startDifference } from "./studio/difference.js";

document.documentElement.classList.add("js");
const start = () => {
  startShell();
  startPalette();
  startInbox();
  startTask();
  startProgress();
  startFilters();
  startDrawings();
  startNews();
  startNotices();
  startRecord();
  startDifference();
};
if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", start);
} else {
  start();
}
