// Keeps a draft: saves itself a moment after the last change, and until the server has it what was typed lies in this
// browser too. What others did meanwhile is brought in and told.
import { post } from "../dom.js";

const PREFIX = "redraw-draft";
const AFTER = 500;
const PULSE = 10_000;
const LIVING = 3_000;
const AGAIN = [2_000, 5_000, 15_000];

let turn = Promise.resolve();
/** One request of an editor after the other: a save is judged before the next question is asked. */
export const inTurn = (ask) => {
  const mine = turn.then(ask, ask);
  turn = mine.catch(() => {});
  return mine;
};

const stored = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};
const store = (key, value) => {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The browser keeps nothing (private window, full): the server still does.
  }
};
const newId = () => Math.random().toString(36).slice(2, 10);

/**
 * `url` answers GET (content and revision) and POST (save), `pulseUrl` who else is there; `part` is the part's name.
 * `read()` gives the text as it is now, `replaced(text, {others, conflicts})` shows another one. `say(kind, details)` tells the
 * state: saving, saved, offline, signed_out, closed, refused, merged, restored, present. With `rewrites` the editor writes files
 * in its own manner, and the server is told what it wrote before the change, so that only the change is taken over.
 */
export const keepDraft = ({ url, pulseUrl, version, part, revision, read, replaced, say, rewrites = false, later = AFTER }) => {
  const mine = `${PREFIX}:${version}:${part}:`;
  const key = mine + newId();
  const state = { revision, changed: false, saving: null, timer: 0, failed: 0, sent: null, origin: null };
  const ready = (async () => {
    if (rewrites) state.origin = await read();
  })();

  const save = async (prefer = "theirs", text = null, base = state.revision, origin = state.origin) => {
    clearTimeout(state.timer);
    state.changed = text !== null && state.changed;
    const content = text === null ? await read() : text;
    store(key, { content, revision: base, origin, at: Date.now() });
    say("saving", {});
    const body = new FormData();
    body.set("part", part);
    body.set("revision", base);
    body.set("prefer", prefer);
    body.set("content", content);
    if (origin) body.set("origin", origin);
    let answer;
    try {
      answer = await inTurn(() => post(url, body, { redirect: "manual" }));
    } catch {
      return failed("offline");
    }
    if (answer.type === "opaqueredirect" || answer.status === 403) return failed("signed_out");
    if (answer.status >= 500) return failed("offline");
    const said = await answer.json();
    if (!answer.ok) {
      say(answer.status === 409 ? "closed" : "refused", { sentence: said.error });
      return false;
    }
    state.failed = 0;
    state.sent = { content, revision: base, origin };
    if (said.merged && state.changed) {
      // More was typed meanwhile: the next save still begins from the old revision and brings everything together.
      return true;
    }
    state.revision = said.revision;
    if (rewrites && text === null) state.origin = content;
    if (said.merged) {
      await show(said.content, said);
      say("merged", said);
    }
    if (!state.changed) localStorage.removeItem(key);
    say("saved", said);
    return true;
  };

  const show = async (content, said) => {
    await replaced(content, said);
    if (rewrites) state.origin = await read();
  };

  const failed = (kind) => {
    state.changed = true;
    say(kind, {});
    state.timer = setTimeout(run, AGAIN[Math.min(state.failed, AGAIN.length - 1)]);
    state.failed += 1;
    return false;
  };

  const run = async () => {
    if (state.saving) {
      await state.saving;
      if (!state.changed) return;
    }
    state.saving = save();
    await state.saving;
    state.saving = null;
    if (state.changed && !state.failed) state.timer = setTimeout(run, later);
  };

  // A browser that dies between two saves has at least kept the text.
  const keep = async () => {
    if (state.changed) store(key, { content: await read(), revision: state.revision, origin: state.origin, at: Date.now() });
  };

  const changed = () => {
    state.changed = true;
    clearTimeout(state.timer);
    clearTimeout(state.keeping);
    state.keeping = setTimeout(keep, later / 4);
    state.timer = setTimeout(run, later);
  };

  /** Saves at once what is not saved yet; resolves when the server has it. */
  const flush = async () => {
    clearTimeout(state.timer);
    if (state.saving) await state.saving;
    if (state.changed) await run();
  };

  /** Where both changed a place: puts what was sent last in place of what stands. */
  const takeMine = async () => {
    if (!state.sent) return;
    await flush();
    await save("mine", state.sent.content, state.sent.revision, state.sent.origin);
  };

  /** Brings back what an earlier page could not save any more. */
  const restore = async () => {
    const found = Object.keys(localStorage).filter((name) => name.startsWith(mine) && name !== key);
    for (const name of found) {
      const left = stored(name);
      if (left && Date.now() - left.at <= LIVING) setTimeout(restore, LIVING); // another tab may just be saving it
      if (left && Date.now() - left.at > LIVING) {
        const done = await save("theirs", left.content, left.revision, left.origin);
        if (done) {
          localStorage.removeItem(name);
          const now = await look();
          if (now) {
            state.revision = now.revision;
            await show(now.content, { others: [], conflicts: [] });
            say("restored", { at: left.at });
          }
        }
      }
    }
  };

  const look = async () => {
    const answer = await inTurn(() => fetch(`${url}?part=${encodeURIComponent(part)}`, { headers: { "X-Requested-With": "fetch" }, redirect: "manual" }));
    return answer.ok ? answer.json() : null;
  };

  const pulse = async () => {
    try {
      const answer = await inTurn(() => fetch(`${pulseUrl}?part=${encodeURIComponent(part)}`, { headers: { "X-Requested-With": "fetch" }, redirect: "manual" }));
      if (!answer.ok) return;
      const said = await answer.json();
      say("present", said);
      if (said.revision > state.revision && !state.changed && !state.saving) {
        const now = await look();
        if (now && !state.changed && !state.saving && now.revision > state.revision) {
          state.revision = now.revision;
          await show(now.content, { others: now.others || [], conflicts: [] });
          say("merged", now);
        }
      }
    } catch {
      // The next pulse tells; saving says itself when it cannot.
    }
  };

  setInterval(pulse, PULSE);
  addEventListener("pagehide", () => {
    if (state.changed) run();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && state.changed) run();
  });
  const begun = ready.then(restore).then(pulse);
  return { changed, flush, takeMine, ready: begun, pulse, isSaved: () => !state.changed && !state.saving };
};
