// The record of a change: each field saves itself a moment after the last change. Until the server has it, what was typed
// lies in this browser too. What is wrong is said at the field; what somebody else wrote meanwhile is shown beside one's own.
import { all, one, post } from "../dom.js";
import { feelAsks, feelField } from "./feel-field.js";
import { keepRecord } from "./record-keeping.js";

const LATER = { text: 900, chosen: 120 };
const LOOK = 20_000;

const start = () => {
  const form = one("[data-record]");
  if (!form) return;
  const words = JSON.parse(one("#record-words").textContent);
  const controls = (name) => all(`[name="${CSS.escape(name)}"]`, form);
  const box = (name) => one(`[data-field="${CSS.escape(name)}"]`, form);
  const names = all("[data-field]", form).map((found) => found.dataset.field);

  const read = (name) => {
    const found = controls(name);
    if (/^(checkbox|radio)$/.test(found[0]?.type)) return found.filter((control) => control.checked).map((control) => control.value);
    return found[0]?.value ? [found[0].value] : [];
  };
  const write = (name, values) => {
    for (const control of controls(name)) {
      if (/^(checkbox|radio)$/.test(control.type)) control.checked = values.includes(control.value);
      else control.value = values[0] || "";
      control.dispatchEvent(new Event("shown"));
    }
    summed(name);
  };
  /** The line of a group says what is chosen in it. */
  const summed = (name) => {
    const line = one("[data-chosen]", box(name) || form);
    if (!name.startsWith("group_") || !line) return;
    const chosen = controls(name).filter((control) => control.checked).map((control) => control.closest("label").textContent.trim());
    line.textContent = chosen.join(line.dataset.between) || line.dataset.all;
  };

  const state = one("[data-state]");
  const tell = (icon, text, bad = false) => {
    one(".icon", state).textContent = icon;
    one("[data-state-words]", state).textContent = text;
    state.classList.toggle("bad", bad);
  };
  const notes = one("[data-record-notes]");
  const note = (text, link) => {
    notes.hidden = !text;
    const said = one("[data-record-notes-words]", notes);
    said.textContent = text;
    if (link) {
      const way = document.createElement("a");
      way.href = link.href;
      way.target = "_blank";
      way.rel = "noopener";
      way.textContent = link.text;
      said.append(" ", way);
    }
  };
  const wrong = (name, sentence) => {
    const place = one(`#e-${CSS.escape(name)}`);
    place.hidden = !sentence;
    one("[data-error-words]", place).textContent = sentence;
    for (const control of controls(name)) {
      if (sentence) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
    if (sentence) place.closest("details")?.setAttribute("open", "");
  };
  const clashed = (name, clash) => {
    const place = one(":scope > [data-clash]", box(name));
    place.hidden = !clash;
    if (!clash) return;
    one("[data-clash-words]", place).textContent = clash.sentence;
    one("[data-clash-theirs]", place).textContent = clash.theirs;
    one("[data-clash-mine]", place).textContent = clash.mine;
    one("[data-take=mine]", place).onclick = () => record.takeMine(name);
    one("[data-take=theirs]", place).onclick = () => record.takeTheirs(name);
    place.closest("details")?.setAttribute("open", "");
  };

  // --- what follows from the record -----------------------------------------------------------------------
  let asked = 0;
  const refresh = async () => {
    const mine = ++asked;
    const answer = await fetch(form.dataset.liveUrl, { headers: { "X-Requested-With": "fetch" }, redirect: "manual" }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    for (const [part, html] of Object.entries(await answer.json())) {
      const place = one(`[data-live="${part}"]`);
      if (!place || place.contains(document.activeElement)) continue;
      const opened = new DOMParser().parseFromString(html, "text/html");
      place.replaceChildren(...opened.body.childNodes);
    }
    if (running) showing();
    else runTests();
  };

  const record = keepRecord({
    url: form.dataset.recordUrl, version: form.dataset.version, names, began: JSON.parse(form.elements.began.value), read, write, wrong, clashed,
    say: (kind, details) => {
      if (kind === "saving") tell("sync", words.saving);
      if (kind === "saved") tell("cloud_done", details.said || words.saved);
      if (kind === "unsaved") tell("error", words.unsaved, true);
      if (kind === "offline") tell("cloud_off", words.offline, true);
      if (kind === "signed_out") {
        tell("lock", words.signed_out, true);
        note(words.kept, { href: form.dataset.loginUrl, text: words.sign_in });
      }
      if (kind === "closed") {
        tell("lock", details.sentence, true);
        note(details.sentence);
      }
      if (kind === "saved" && one("a", notes)) note(""); // signed in again
      if (kind === "restored") note(words.restored);
      if (kind === "others") note(words.others);
    },
    then: refresh,
  });

  form.addEventListener("input", (event) => {
    const name = event.target.name;
    if (!names.includes(name)) return;
    summed(name);
    record.changed(name, /^(checkbox|radio|select-one)$/.test(event.target.type) ? LATER.chosen : LATER.text);
  });
  form.addEventListener("change", (event) => {
    if (names.includes(event.target.name)) record.changed(event.target.name, LATER.chosen);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    record.flush();
  });
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-submit]") || record.isSaved()) return;
    event.preventDefault(); // what was typed a moment ago goes with it
    if (await record.flush()) event.target.submit();
  });

  // --- the rule --------------------------------------------------------------------------------------------
  const rule = one("[data-feel]", form);
  if (rule) {
    const { namesUrl, feelUrl, version } = form.dataset;
    const asks = feelAsks({ namesUrl, checkUrl: feelUrl, version, element: "pilot:", post });
    const field = feelField(rule, { names: asks.names, check: asks.checker("expression"), kind: "expression" });
    rule.addEventListener("shown", field.refresh);
  }

  // --- tests -----------------------------------------------------------------------------------------------
  let running = false;
  let showing = () => {};
  const runTests = async () => {
    const tests = one("[data-tests]");
    if (!tests || running || document.hidden) return;
    running = true;
    showing = () => {
      if (one("[data-tests]")) one("[data-tests]").hidden = true;
      show(...so);
    };
    let so = [0, 1, ""];
    const show = (done, total, said) => {
      const place = one("[data-running]");
      if (!place) return;
      place.hidden = false;
      one("[data-running-bar]", place).style.width = `${total ? (100 * done) / total : 0}%`;
      one("[role=progressbar]", place).setAttribute("aria-valuenow", String(total ? Math.round((100 * done) / total) : 0));
      if (said) one("[data-running-words]", place).textContent = said;
    };
    showing();
    let left = Number(tests.dataset.waiting);
    let failed = false;
    let why = words.untested;
    while (left > 0 && !failed) {
      const answer = await post(tests.action, new FormData(), { redirect: "manual" }).catch(() => null);
      const said = answer?.status ? await answer.json().catch(() => null) : null;
      failed = !answer?.ok || !said || said.left >= left;
      why = said?.error || why;
      if (!failed) {
        left = said.left;
        so = [said.done, said.total, said.said];
        showing();
      }
    }
    running = false;
    if (!failed) return refresh();
    if (one("[data-tests]")) one("[data-tests]").hidden = false;
    show(0, 1, why);
  };

  runTests();
  setInterval(() => !document.hidden && record.look(), LOOK);
  document.documentElement.classList.add("record-ready");
  window.publicationRecord = record;
};

start();
