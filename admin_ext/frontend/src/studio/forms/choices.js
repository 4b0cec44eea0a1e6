// The choices of a field: a value and what it is called in each language, to be added, ordered and taken away.
import { icon, make } from "../make.js";
import { t } from "../words.js";
import { changed } from "./document.js";

/** A list of choices; `take(values)` gets the new ones. What the list does not know of a choice stays in it. */
export const choicesEditor = (values, take) => {
  const rows = make("ol", { class: "plain fpp-choices" });
  let now = [...values];

  const put = (next, focus) => {
    now = next;
    take(now);
    draw();
    if (focus !== undefined) rows.children[focus]?.querySelector("input")?.focus();
  };
  const input = (index, path, label, lang) => {
    const stored = path.reduce((found, name) => found?.[name], now[index]);
    const control = make("input", { class: "input", "aria-label": t("%(what)s of choice %(n)s", { what: label, n: index + 1 }), placeholder: label, lang, translate: "no" });
    control.value = stored ?? "";
    control.addEventListener("change", () => {
      now = now.map((one, at) => (at === index ? changed(one || {}, path, control.value || undefined) : one));
      take(now);
    });
    return control;
  };
  const act = (name, symbol, run, disabled) => make("button", { type: "button", class: "btn small link", "aria-label": name, title: name, disabled, onclick: run }, icon(symbol));
  const swapped = (index, by) => {
    const next = [...now];
    [next[index], next[index + by]] = [next[index + by], next[index]];
    return next;
  };

  const draw = () => {
    rows.replaceChildren(...now.map((_, index) => make("li", {},
      make("div", { class: "fpp-choice" }, input(index, ["label"], "English", "en"), input(index, ["properties", "label:zh-hans"], "中文", "zh-hans"), input(index, ["value"], t("Value"))),
      make("div", { class: "fpp-choice-acts" },
        act(t("Move choice %(n)s up", { n: index + 1 }), "arrow_upward", () => put(swapped(index, -1), index - 1), index === 0),
        act(t("Move choice %(n)s down", { n: index + 1 }), "arrow_downward", () => put(swapped(index, 1), index + 1), index === now.length - 1),
        act(t("Remove choice %(n)s", { n: index + 1 }), "close", () => put(now.filter((_one, at) => at !== index), Math.max(index - 1, 0)))))));
  };
  const free = () => {
    for (let n = now.length + 1; ; n++) if (!now.some((one) => one?.value === `choice_${n}`)) return n;
  };
  const add = make("button", { type: "button", class: "btn small", onclick: () => {
    const n = free();
    put([...now, { label: `Choice ${n}`, value: `choice_${n}`, properties: { "label:zh-hans": `选项 ${n}` } }], now.length);
  } }, icon("add"), t("Add a choice"));
  draw();
  return make("div", {}, rows, add);
};
