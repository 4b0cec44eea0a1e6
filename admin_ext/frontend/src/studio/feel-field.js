// A field for an expression: paints its parts, offers the names in scope while one types, says what is wrong with it.
// It stays the textarea that it is, so without script, and for whoever reads a form, nothing changes.
//
//   feelField(textarea, { names, check, kind })
//     names: () => Promise of what redraw:studio_names answers, { names: [{name, type, label, ...}], words: {...} }
//     check: (text) => Promise of what redraw:studio_feel answers, { ok, error, unknown }
//     kind:  expression | unary | duration | value | template
import { all, one } from "../dom.js";

const WAIT = 350;
const AGAIN = 3000;
const MOST = 60;
const WORD = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]*)*$/u;
const QUOTED = /([\p{L}_][\p{L}\p{N}_.]*)\s*(?:=|!=|in)\s*\(?(?:\s*"[^"]*"\s*,)*\s*"([^"]*)$/u;
const PARTS = new RegExp(
  [
    String.raw`(?<text>@?"(?:[^"\\]|\\.)*"?)`,
    String.raw`(?<word>\b(?:if|then|else|and|or|not|in|for|return|some|every|satisfies|between|instance of|function|true|false|null)\b)`,
    String.raw`(?<number>\b\d+(?:\.\d+)?\b)`,
    String.raw`(?<call>\b[\p{L}_][\p{L}\p{N}_ ]*(?=\())`,
  ].join("|"),
  "gu",
);
const ICONS = {
  text: "notes", number: "numbers", boolean: "toggle_on", date: "event", datetime: "schedule", time: "schedule", choice: "sell",
  user: "person", money: "payments", list: "list", context: "folder_open", any: "data_object",
};
let count = 0;

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

/** Offsets of the server count characters, those of the browser half of some of them. */
const unit = (text, at) => Array.from(text).slice(0, at).join("").length;

/** The part before the caret that is an expression; null where the text is meant as it stands. */
const within = (before, kind) => {
  if (kind === "template") {
    const open = before.lastIndexOf("{{");
    return open < 0 || before.indexOf("}}", open) >= 0 ? null : before.slice(open + 2);
  }
  if (kind === "duration" || kind === "value") return before.trimStart().startsWith("=") ? before : null;
  return before;
};

/** What could stand at the caret: { from, options: [{insert, name, type, label}] }. */
export const offers = (before, kind, names) => {
  const code = within(before, kind);
  if (code === null) return null;
  const quoted = QUOTED.exec(code);
  if (quoted) {
    const known = names.find((item) => item.name === quoted[1]);
    const options = (known?.choices || [])
      .filter((choice) => choice.value.toLowerCase().startsWith(quoted[2].toLowerCase()))
      .map((choice) => ({ insert: `${choice.value}"`, name: `"${choice.value}"`, type: "choice", label: choice.label }));
    return { from: before.length - quoted[2].length, options, closes: true };
  }
  if ((code.match(/"/g) || []).length % 2) return null;
  const typed = (WORD.exec(code) || [""])[0];
  const dot = typed.lastIndexOf(".");
  const head = typed.slice(0, dot + 1);
  const rest = typed.slice(dot + 1).toLowerCase();
  const fits = names.filter((item) => item.name.startsWith(head) && !item.name.slice(head.length).includes("."));
  const score = (item) => {
    const own = item.name.slice(head.length).toLowerCase();
    if (own.startsWith(rest)) return 0;
    return own.includes(rest) || item.label.toLowerCase().includes(rest) ? 1 : 2;
  };
  const options = fits
    .map((item) => [score(item), item])
    .filter(([points]) => points < 2)
    .sort((a, b) => a[0] - b[0])
    .map(([, item]) => ({ ...item, insert: item.name.slice(head.length), name: item.name.slice(head.length) }));
  return { from: before.length - rest.length, options };
};

/** Fill `into` with the text in painted parts; `marks` are [from, to] that are wrong. */
const paint = (into, text, kind, marks) => {
  into.replaceChildren();
  const codes = [];
  if (kind === "template") for (const found of text.matchAll(/\{\{(.*?)(\}\}|$)/gs)) codes.push([found.index, found.index + found[0].length]);
  else if (within(text, kind) !== null) codes.push([0, text.length]);
  const kinds = new Array(text.length).fill("");
  for (const [from, to] of codes) {
    for (const found of text.slice(from, to).matchAll(PARTS)) {
      const name = Object.keys(found.groups).find((key) => found.groups[key] !== undefined);
      kinds.fill(`is-${name}`, from + found.index, from + found.index + found[0].length);
    }
  }
  for (const [from, to] of marks) for (let at = from; at < Math.min(to, text.length); at++) kinds[at] += " is-wrong";
  for (let at = 0; at < text.length; ) {
    let end = at + 1;
    while (end < text.length && kinds[end] === kinds[at]) end++;
    into.append(kinds[at] ? element("span", kinds[at], text.slice(at, end)) : text.slice(at, end));
    at = end;
  }
  into.append("\n");
};

export const feelField = (textarea, { names, check, kind = "expression" }) => {
  const id = `feel-${++count}`;
  const box = element("div", "feel");
  const back = element("div", "feel-paint");
  back.setAttribute("aria-hidden", "true");
  back.translate = false;
  const popup = element("div", "feel-popup");
  popup.hidden = true;
  const list = element("ul", "plain");
  list.id = `${id}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", textarea.getAttribute("aria-label") || one(`label[for="${textarea.id}"]`)?.textContent || "FEEL");
  const foot = element("div", "feel-foot");
  foot.setAttribute("aria-hidden", "true");
  popup.append(list, foot);
  const said = element("p", "feel-said");
  said.id = `${id}-said`;
  said.setAttribute("role", "status");
  textarea.replaceWith(box);
  box.append(back, textarea, popup);
  box.after(said);
  textarea.classList.add("feel-text");
  textarea.spellcheck = false;
  textarea.autocapitalize = "off";
  textarea.setAttribute("role", "combobox");
  textarea.setAttribute("aria-autocomplete", "list");
  textarea.setAttribute("aria-haspopup", "listbox");
  textarea.setAttribute("aria-controls", list.id);
  textarea.setAttribute("aria-expanded", "false");
  textarea.setAttribute("aria-describedby", [textarea.getAttribute("aria-describedby"), said.id].filter(Boolean).join(" "));

  let marks = [];
  let offered = null;
  let place = 0;
  let turn = 0;
  let waiting;

  const draw = () => {
    paint(back, textarea.value, kind, marks);
    back.scrollTop = textarea.scrollTop;
    const lines = Math.min(Math.max(textarea.value.split("\n").length, Math.ceil(textarea.value.length / 44), 1), 8);
    textarea.rows = lines;
  };

  const close = () => {
    popup.hidden = true;
    offered = null;
    textarea.setAttribute("aria-expanded", "false");
    textarea.removeAttribute("aria-activedescendant");
  };

  const mark = (index) => {
    const rows = all("li", list);
    place = (index + rows.length) % rows.length;
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === place)));
    textarea.setAttribute("aria-activedescendant", rows[place].id);
    rows[place].scrollIntoView({ block: "nearest" });
  };

  const open = async () => {
    const mine = ++turn;
    const known = await names();
    if (mine !== turn || document.activeElement !== textarea) return;
    const before = textarea.value.slice(0, textarea.selectionStart);
    offered = offers(before, kind, known.names);
    if (!offered?.options.length || textarea.selectionStart !== textarea.selectionEnd) return close();
    const shown = offered.options.slice(0, MOST);
    list.replaceChildren(
      ...shown.map((item, index) => {
        const row = element("li");
        row.id = `${id}-${index}`;
        row.setAttribute("role", "option");
        row.title = [known.words.types[item.type], item.source].filter(Boolean).join(" · ");
        const icon = element("span", "icon", ICONS[item.type] || ICONS.any);
        icon.setAttribute("aria-hidden", "true");
        const name = element("b", "", item.name);
        name.translate = false;
        row.append(icon, name, element("span", "cut", item.label || item.source || ""), element("small", "", known.words.types[item.type] || ""));
        row.addEventListener("mousedown", (event) => {
          event.preventDefault();
          place = index;
          take();
        });
        return row;
      }),
    );
    foot.replaceChildren(element("span", "", `↵ ${known.words.take}`), element("span", "", `Esc ${known.words.close}`),
      element("span", "count", known.words.count.replace("{n}", offered.options.length)));
    popup.hidden = false;
    textarea.setAttribute("aria-expanded", "true");
    mark(0);
  };

  const take = () => {
    const item = offered.options[place];
    const caret = textarea.selectionStart;
    const after = offered.closes && textarea.value[caret] === '"' ? caret + 1 : caret;
    textarea.setRangeText(item.insert, offered.from, after, "end");
    close();
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
    if (item.type === "context") {
      textarea.setRangeText(".", textarea.selectionStart, textarea.selectionEnd, "end");
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  const tell = (found) => {
    const wrong = [found.error, ...found.unknown].filter(Boolean);
    marks = wrong.map((item) => [unit(textarea.value, item.from), unit(textarea.value, item.to)]);
    said.textContent = wrong[0]?.sentence || "";
    said.classList.toggle("is-error", Boolean(found.error));
    textarea.setAttribute("aria-invalid", String(Boolean(found.error)));
    draw();
  };

  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    if (!textarea.isConnected) return;
    if (!textarea.value.trim()) return tell({ error: null, unknown: [] });
    const found = await check(textarea.value);
    if (mine !== asked) return;
    if (found) tell(found);
    else waiting = setTimeout(ask, AGAIN); // no answer: the connection, not the text
  };

  textarea.addEventListener("input", (event) => {
    marks = [];
    draw();
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
    const before = textarea.value.slice(0, textarea.selectionStart);
    if (event.inputType?.startsWith("delete") && popup.hidden) return;
    if (/[\p{L}\p{N}_."]$/u.test(before) && !/(^|[^\p{L}\p{N}_.])\d+\.?\d*$/u.test(before)) open();
    else close();
  });
  textarea.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      open();
    } else if (!popup.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      mark(place + (event.key === "ArrowDown" ? 1 : -1));
    } else if (!popup.hidden && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      take();
    } else if (!popup.hidden && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  textarea.addEventListener("click", close);
  textarea.addEventListener("scroll", () => (back.scrollTop = textarea.scrollTop));
  textarea.addEventListener("blur", () => {
    turn++;
    close();
  });
  draw();
  queueMicrotask(ask); // when it stands in the page
  return { box, said, refresh: () => (draw(), ask()) };
};

/** The two questions of a field, to the server, about an element or a form of a version. */
export const feelAsks = ({ namesUrl, checkUrl, version, element: about = "", form = "", post }) => {
  let known;
  const place = { version, ...(form ? { form } : { element: about }) };
  const names = () => {
    known ||= fetch(`${namesUrl}?${new URLSearchParams(place)}`, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .catch(() => ((known = undefined), { names: [], words: { types: {}, take: "", close: "", count: "" } }));
    return known;
  };
  const checker = (kind, also = () => []) => async (text) => {
    const body = new URLSearchParams({ ...place, text, kind });
    for (const name of also()) body.append("also", name);
    const answer = await post(checkUrl, body).catch(() => null);
    return answer?.ok ? answer.json() : null;
  };
  return { names, checker, forget: () => (known = undefined) };
};
