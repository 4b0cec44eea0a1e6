// The work itself: drafts save themselves, fields that depend on others are asked of the
// server again, c completes, and the telephone's three tabs switch.
import { all, one, post, typing } from "./dom.js";

const remember = (form) => new URLSearchParams(new FormData(form)).toString();

export const startTask = () => {
  const work = one("[data-work]");
  if (!work) return;
  tabs(work);
  const form = one("form[data-task-form]", work);
  if (form) {
    drafts(form);
    checks(form);
    guard(form);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event) || one("dialog[open]")) return;
    const button = { c: "[data-complete]", s: "[data-dialog=snooze]", d: "[data-dialog=delegate]", m: "[data-dialog=comment]", l: "[data-dialog=log]" }[event.key];
    const target = button && one(button, work);
    if (target) {
      event.preventDefault();
      target.click();
    }
  });
};

const tabs = (work) => {
  const buttons = all("[data-tab-to]", work);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      work.dataset.tab = button.dataset.tabTo;
      for (const other of buttons) other.setAttribute("aria-selected", String(other === button));
    });
  }
};

const drafts = (form) => {
  const state = one("[data-saved]");
  let last = remember(form);
  let timer;
  let stopped = false;

  const save = async (leaving) => {
    const now = remember(form);
    if (stopped || now === last || !form.dataset.draftUrl) return;
    last = now;
    const answer = await post(form.dataset.draftUrl, new URLSearchParams(now), { keepalive: leaving === true });
    if (!answer.ok) {
      if (state) state.textContent = state.dataset.failed;
      return;
    }
    const { at, fields } = await answer.json();
    if (state) state.textContent = at;
    if (fields) refresh(form, fields);
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 900);
  });
  form.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 60);
  });
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
};

// The server says which fields are asked for now; the page only shows and hides them.
const refresh = (form, fields) => {
  for (const box of all("[data-field]", form)) {
    const rule = fields[box.dataset.field];
    if (!rule) continue;
    box.hidden = rule.hidden;
    for (const input of all("input, select, textarea", box)) input.disabled = rule.hidden;
    const star = one("[data-required]", box);
    if (star) star.hidden = !rule.required;
  }
};

const checks = (form) => {
  const boxes = all("[data-checklist] input[type=checkbox]", form);
  const said = one("[data-check-count]", form);
  const bar = one("[data-check-bar]", form);
  const count = () => {
    const done = boxes.filter((box) => box.checked).length;
    if (said) said.textContent = said.dataset.words.replace("{done}", done).replace("{all}", boxes.length);
    if (bar) bar.style.width = `${boxes.length ? (100 * done) / boxes.length : 0}%`;
  };
  for (const box of boxes) box.addEventListener("change", count);
};

// One press is one completion: the button rests while the answer is on its way.
const guard = (form) => {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });
};
