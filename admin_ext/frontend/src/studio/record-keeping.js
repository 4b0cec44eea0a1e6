// Keeps the fields of a record: one save after the other, each with the value that its field began with.
import { post } from "../dom.js";

const AGAIN = [2_000, 5_000, 15_000];
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * `url` answers POST (field, value, began) and GET (all values). `read(name)` and `write(name, values)` are the page's fields,
 * `wrong(name, sentence)` and `clashed(name, clash)` say at a field what became of it. `say(kind, details)` tells the state of
 * all: saving, saved, unsaved, offline, signed_out, closed, restored, others. `then()` comes after what was saved.
 */
export const keepRecord = ({ url, version, names, began, read, write, wrong, clashed, say, then }) => {
  const key = `redraw-record:${version}`;
  const waiting = new Map(); // field -> when it may be saved
  const stuck = new Map(); // field -> the values that were refused or clash
  let saving = null;
  let timer = 0;
  let failures = 0;

  const kept = () => {
    try {
      return JSON.parse(localStorage.getItem(key)) || {};
    } catch {
      return {};
    }
  };
  const keep = (name, values) => {
    try {
      const found = kept();
      if (values) found[name] = { values, began: began[name] || [] };
      else delete found[name];
      if (Object.keys(found).length) localStorage.setItem(key, JSON.stringify(found));
      else localStorage.removeItem(key);
    } catch {
      // The browser keeps nothing (private window, full): the server still does.
    }
  };

  const changed = (name, later) => {
    const values = read(name);
    if (stuck.has(name) && same(stuck.get(name), values)) return;
    if (same(values, began[name] || []) && !stuck.has(name) && !waiting.has(name)) return keep(name, null);
    keep(name, values);
    waiting.set(name, Date.now() + later);
    plan();
  };

  const plan = (later) => {
    clearTimeout(timer);
    if (!waiting.size) return;
    const next = Math.min(...waiting.values());
    timer = setTimeout(run, later ?? Math.max(next - Date.now(), 0));
  };

  const run = async (everything = false) => {
    if (saving) return saving;
    saving = (async () => {
      let done = false;
      for (const [name, at] of [...waiting]) {
        if (!everything && at > Date.now()) continue;
        waiting.delete(name);
        const fine = await save(name);
        if (fine === null) {
          waiting.set(name, 0);
          failures += 1;
          return false;
        }
        done = done || fine;
      }
      failures = 0;
      if (done) then();
      return true;
    })();
    const through = await saving;
    saving = null;
    plan(through ? undefined : AGAIN[Math.min(failures - 1, AGAIN.length - 1)]);
    return through && !waiting.size && !stuck.size;
  };

  /** True when the server has it, false when it is refused, null when there was no answer. */
  const save = async (name) => {
    const values = read(name);
    say("saving", {});
    const body = new FormData();
    body.set("field", name);
    for (const value of values) body.append("value", value);
    for (const value of began[name] || []) body.append("began", value);
    let answer;
    try {
      answer = await post(url, body, { redirect: "manual" });
    } catch {
      say("offline", {});
      return null;
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) {
      say("signed_out", {});
      return null;
    }
    if (answer.status >= 500) {
      say("offline", {});
      return null;
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 403 && said.code === "csrf") {
      say("signed_out", {}); // signed in again as somebody else, or for too long away: the cookie is another one
      return null;
    }
    if (answer.status === 422) return refused(name, values, () => wrong(name, said.error));
    if (answer.status === 409 && said.clash) {
      wrong(name, "");
      stuck.set(name, values);
      clashes.set(name, said.clash);
      clashed(name, said.clash);
      say("unsaved", {});
      return false;
    }
    if (!answer.ok) return refused(name, values, () => say("closed", { sentence: said.error || "" }), true);
    stuck.delete(name);
    clashes.delete(name);
    began[name] = said.values;
    wrong(name, "");
    clashed(name, null);
    if (same(read(name), values)) keep(name, null);
    say(stuck.size ? "unsaved" : "saved", said);
    return true;
  };
  const clashes = new Map();

  const refused = (name, values, show, quiet = false) => {
    stuck.set(name, values);
    show();
    if (!quiet) say("unsaved", {});
    return false;
  };

  const takeMine = (name) => {
    began[name] = clashes.get(name).values;
    stuck.delete(name);
    waiting.set(name, 0);
    return run(true);
  };
  const takeTheirs = (name) => {
    began[name] = clashes.get(name).values;
    write(name, began[name]);
    stuck.delete(name);
    clashes.delete(name);
    clashed(name, null);
    keep(name, null);
    say(stuck.size ? "unsaved" : "saved", {});
  };

  /** What others saved meanwhile comes into the fields that nobody is at. */
  const look = async () => {
    if (saving || waiting.size) return;
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, redirect: "manual" }).catch(() => null);
    if (!answer?.ok || saving || waiting.size) return;
    const { values } = await answer.json();
    let others = false;
    for (const name of names) {
      if (!(name in values) || same(values[name], began[name] || []) || stuck.has(name)) continue;
      if (!same(read(name), began[name] || []) || document.activeElement?.name === name) continue;
      began[name] = values[name];
      write(name, values[name]);
      others = true;
    }
    if (others) {
      say("others", {});
      then();
    }
  };

  /** Brings back what an earlier page could not save any more. */
  const restore = () => {
    const left = Object.entries(kept()).filter(([name]) => names.includes(name));
    for (const [name, { values, began: before }] of left) {
      if (same(values, read(name))) {
        keep(name, null);
        continue;
      }
      began[name] = before;
      write(name, values);
      waiting.set(name, 0);
    }
    if (!waiting.size) return;
    say("restored", {});
    run(true);
  };

  addEventListener("pagehide", () => waiting.size && run(true));
  addEventListener("focus", () => waiting.size && run(true)); // back from signing in
  document.addEventListener("visibilitychange", () => document.hidden && waiting.size && run(true));
  const flush = async () => {
    clearTimeout(timer);
    if (saving) await saving;
    return waiting.size ? run(true) : !stuck.size;
  };
  restore();
  return { changed, flush, look, takeMine, takeTheirs, isSaved: () => !waiting.size && !saving && !stuck.size };
};
