// What is wrong with the form, asked while it is drawn: in a list, at the field on the canvas, and over what is said of it.
import { all, one, post } from "../../dom.js";
import { icon, make } from "../make.js";
import { settings, t } from "../words.js";

const WAIT = 500;
const sign = (finding) => icon(finding.severity === "error" ? "error" : "warning");

export const startFindings = ({ list, head, canvas, read, panel }) => {
  let found = [];
  let waiting;
  let turn = 0;

  const marks = () => {
    for (const node of all(".fd-canvas [data-id]")) node.classList.remove("ff-wrong", "ff-doubtful");
    for (const finding of found) {
      const field = finding.place && canvas.at(finding.place);
      if (field) one(`.fd-canvas [data-id="${field.id}"]`)?.classList.add(finding.severity === "error" ? "ff-wrong" : "ff-doubtful");
    }
    const here = one("[data-findings]", panel);
    const place = canvas.placeOf(canvas.selected);
    here?.replaceChildren(...found.filter((finding) => finding.place && finding.place === place).map((finding) => make("p", { class: `note ${finding.severity === "error" ? "error" : "amber"}` }, sign(finding), make("span", {}, finding.sentence))));
  };

  const show = () => {
    const errors = found.filter((finding) => finding.severity === "error").length;
    head.replaceChildren(
      ...(errors ? [make("span", { class: "tag red" }, icon("error"), errors === 1 ? t("1 error") : t("%(n)s errors", { n: errors }))] : []),
      ...(found.length > errors ? [make("span", { class: "tag amber" }, icon("warning"), found.length - errors === 1 ? t("1 warning") : t("%(n)s warnings", { n: found.length - errors }))] : []));
    list.replaceChildren(...(found.length ? found.map((finding) => make("li", { class: `problem ${finding.severity}` }, sign(finding), make("span", { class: "grow" }, finding.sentence),
      finding.place ? make("button", { type: "button", class: "btn small link", onclick: () => canvas.select(canvas.at(finding.place)) }, t("Show")) : null))
      : [make("li", { class: "problem good" }, icon("check_circle"), make("span", {}, t("Nothing is wrong with this form.")))]));
    marks();
  };

  const ask = async () => {
    const mine = ++turn;
    const answer = await post(settings.findingsUrl, new URLSearchParams({ version: settings.version, content: read() })).catch(() => null);
    if (!answer?.ok || mine !== turn) return;
    found = (await answer.json()).findings;
    show();
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
  };
  return { ask, soon, marks };
};
