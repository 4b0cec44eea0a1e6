// What was found, in words, beside the table; a gap has a button that adds a rule for it.
import { icon, make } from "../make.js";
import { t } from "./words.js";

const line = (severity, word, sentence, ...more) =>
  make("li", { class: severity }, icon(severity === "error" ? "error" : "warning"), make("span", {}, make("b", {}, word), " ", sentence, ...more));

/** Draw what was found into `box`; `addRule(table, cells)` and `goTo(table, rule)` lead into the table. */
export const drawFindings = (box, look, sheets, { addRule, goTo }) => {
  const name = (number) => sheets.find((sheet) => sheet.table === number)?.label || "";
  const many = look.tables.length > 1 || sheets.length > 1;
  const lines = [];
  for (const cell of look.cells) {
    const text = cell.rule ? t("Rule %(n)s", { n: cell.rule }) : name(cell.table);
    lines.push(line("error", many && cell.rule ? `${name(cell.table)}, ${text}` : text, cell.sentence,
      cell.rule ? make("button", { type: "button", class: "btn small", onclick: () => goTo(cell.table, cell.rule) }, icon("my_location"), t("Rule %(n)s", { n: cell.rule })) : null));
  }
  look.tables.forEach((table, number) => {
    for (const finding of table.findings) {
      const more = finding.example ? make("span", { class: "muted" }, " ", t("For example: %(example)s", { example: finding.example })) : null;
      const buttons = [];
      if (finding.cells) buttons.push(make("button", { type: "button", class: "btn small", onclick: () => addRule(number, finding.cells) }, icon("add"), t("Add a rule for this gap")));
      for (const rule of finding.rules.slice(0, 3)) buttons.push(make("button", { type: "button", class: "btn small link", onclick: () => goTo(number, rule) }, t("Rule %(n)s", { n: rule })));
      lines.push(line(finding.severity, finding.word, finding.sentence, more, buttons.length ? make("span", { class: "row wrap" }, buttons) : null));
    }
  });
  const parts = [];
  if (look.problem && !look.cells.length) parts.push(make("p", { class: "bad" }, look.problem));
  if (lines.length) parts.push(make("ul", { class: "plain dec-finds" }, lines));
  if (look.problem) parts.push(make("p", { class: "muted small" }, t("Gaps and overlaps are shown again when every cell can be read.")));
  if (!look.problem && !lines.length) parts.push(make("p", { class: "row" }, icon("check_circle"), t("Nothing was found: no gaps, no overlaps, no idle rules.")));
  box.replaceChildren(...parts);
};
