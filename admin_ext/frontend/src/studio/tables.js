// The table of a decision's draft: dmn-js, what is found in it while it changes, examples beside it, and two drafts (the file
// and its examples) that keep themselves.
import "diagram-js/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import "dmn-js-shared/assets/css/dmn-js-shared.css";
import "dmn-js-decision-table/assets/css/dmn-js-decision-table.css";
import "dmn-js-decision-table/assets/css/dmn-js-decision-table-controls.css";
import "dmn-js-literal-expression/assets/css/dmn-js-literal-expression.css";
import "dmn-js-drd/assets/css/dmn-js-drd.css";
import "../../css/studio-tables.css";
import { all, one, post } from "../dom.js";
import { keepDraft } from "./draft.js";
import { make } from "./make.js";
import { startStatus } from "./status.js";
import { openEditor } from "./tables/editor.js";
import { Examples } from "./tables/examples.js";
import { drawFindings } from "./tables/findings.js";
import { showMarks } from "./tables/marks.js";
import { t } from "./tables/words.js";

const LATER = 400;
const APART = 3_000;
const NOTHING = { problem: "", cells: [], tables: [], results: [] };
const data = JSON.parse(one("#studio-tables-data").textContent);
const canvas = one("[data-canvas]");
const announce = (text) => {
  one("#studio-says").textContent = text;
};

const state = { base: data.base, sheets: data.sheets, look: data.look || NOTHING, wrong: {}, missed: {}, asked: 0, timer: 0, quiet: false };
const drafts = {};

const changed = (part) => {
  if (state.quiet) return;
  if (drafts[part]) drafts[part].changed();
  else state.missed[part] = true;
  clearTimeout(state.timer);
  state.timer = setTimeout(check, LATER);
};

const manager = openEditor(canvas, () => changed("dmn"));
const examples = new Examples(one("[data-examples]"), { inputs: data.inputs, outputs: data.outputs, rows: data.rows, changed: () => changed("examples") });
const form = async () => (await manager.saveXML()).xml;

// --- views -----------------------------------------------------------------------------------------------------------
const openSheet = () => state.sheets.find((sheet) => sheet.id === manager.getActiveView()?.id);
const viewOf = (id) => manager.getViews().find((view) => view.id === id);

const show = async (id) => {
  state.shown = id;
  if (manager.getActiveView()?.id !== id) await manager.open(viewOf(id));
  drawTabs();
  draw();
};

const drawTabs = () => {
  const active = manager.getActiveView()?.id;
  const tab = (id, label) => make("button", { type: "button", "aria-pressed": String(id === active), onclick: () => show(id) }, label);
  const graph = manager.getViews().find((view) => view.type === "drd");
  const tabs = state.sheets.map((sheet) => tab(sheet.id, viewOf(sheet.id)?.element.name || sheet.label));
  if (graph && state.sheets.length > 1) tabs.push(tab(graph.id, t("Diagram")));
  one("[data-sheets]").replaceChildren(...tabs);
};

const openForm = async (xml) => {
  const before = manager.getActiveView()?.id;
  state.quiet = true;
  try {
    await manager.importXML(xml, { open: false });
    const first = state.sheets.find((sheet) => sheet.id === before) || state.sheets[0];
    if (first) await manager.open(viewOf(first.id));
    drawTabs();
  } finally {
    setTimeout(() => {
      state.quiet = false;
    });
  }
};

// The diagram opens tables too.
manager.on("views.changed", ({ activeView }) => {
  if (!activeView || state.shown === activeView.id) return;
  state.shown = activeView.id;
  drawTabs();
  draw();
});

// --- what is found ---------------------------------------------------------------------------------------------------
const check = async () => {
  const turn = (state.asked += 1);
  one("[data-found]").setAttribute("aria-busy", "true");
  try {
    const answer = await post(data.url.look, JSON.stringify({ base: state.base, form: await form(), rows: examples.rows }));
    const said = await answer.json();
    if (turn !== state.asked) return;
    if (answer.ok) {
      state.look = said.look;
      state.wrong = said.wrong;
    } else {
      state.look = { ...NOTHING, problem: said.error };
    }
    draw();
  } catch (error) {
    announce(t("This could not be checked: %(reason)s", { reason: error.message }));
  } finally {
    if (turn === state.asked) one("[data-found]").removeAttribute("aria-busy");
  }
};

const draw = () => {
  const sheet = openSheet();
  drawFindings(one("[data-found]"), state.look, state.sheets, { addRule, goTo });
  examples.results(state.look.results, state.wrong);
  const table = state.look.tables[sheet?.table];
  const rules = new Map((table?.rules || []).map((rule) => [rule.number, { examples: rule.examples, findings: table.findings.filter((finding) => finding.rules.includes(rule.number)) }]));
  showMarks(rules, Boolean(table));
  markCells(sheet);
  polish();
};

const markCells = (sheet) => {
  all("[data-problem]", canvas).forEach((cell) => {
    cell.removeAttribute("data-problem");
    cell.removeAttribute("title");
  });
  const rules = manager.getActiveView()?.element.decisionLogic?.rule || [];
  for (const problem of state.look.cells) {
    if (problem.table !== sheet?.table || !problem.rule) continue;
    const rule = rules[problem.rule - 1];
    const entry = rule && [...(rule.inputEntry || []), ...(rule.outputEntry || [])][problem.column];
    const cell = entry && one(`td[data-element-id="${CSS.escape(entry.id)}"]`, canvas);
    cell?.setAttribute("data-problem", problem.sentence);
    cell?.setAttribute("title", problem.sentence);
  }
};

// What dmn-js writes without asking for a translation, and what is code and not words.
const polish = () => {
  for (const [title, words] of [["Move Input", t("Move input column")], ["Move Output", t("Move output column")], ["Remove item", t("Remove this value")]]) all(`[title="${title}"]`, canvas).forEach((found) => found.setAttribute("title", words));
  all("[aria-label='Decision table context menu']").forEach((found) => found.setAttribute("aria-label", t("Decision table context menu")));
  all("tbody, .input-variable, .output-variable, .input-expression, .output-name, textarea, .content-editable, .dms-list-component .item", canvas).forEach((found) => found.setAttribute("translate", "no"));
};

const rowOf = (number) => one(`td[data-rule="${number}"]`, canvas)?.parentElement;

const goTo = async (table, rule) => {
  const sheet = state.sheets.find((found) => found.table === table);
  if (sheet) await show(sheet.id);
  const row = rowOf(rule);
  row?.scrollIntoView({ block: "center" });
  one(".content-editable", row)?.focus();
};

const addRule = async (table, cells) => {
  const sheet = state.sheets.find((found) => found.table === table);
  if (!sheet) return;
  await show(sheet.id);
  const viewer = manager.getActiveViewer();
  const modeling = viewer.get("modeling");
  const root = viewer.get("sheet").getRoot();
  const row = modeling.addRow({ type: "dmn:DecisionRule" }, root.rows.length);
  cells.forEach((text, at) => modeling.editCell(row.cells[at].businessObject, text));
  announce(t("The rule is added. Fill in its answer."));
  setTimeout(() => {
    const line = rowOf(root.rows.length);
    line?.scrollIntoView({ block: "center" });
    one("td.output-cell .content-editable", line)?.focus();
  });
};

// --- drafts ----------------------------------------------------------------------------------------------------------
const keep = (part, read, replaced) => {
  const status = startStatus(announce);
  const draft = keepDraft({
    url: data.url.save, pulseUrl: data.url.pulse, version: data.draft, part, revision: data.revisions[part], read, replaced,
    say: (kind, said) => status.say(kind, said, () => draft.takeMine()),
  });
  drafts[part] = draft;
  if (state.missed[part]) draft.changed();
  return draft.ready;
};

const start = async () => {
  try {
    await openForm(data.xml);
  } catch (error) {
    canvas.replaceChildren(make("p", { class: "card-body bad", role: "alert" }, t("The table could not be opened: %(reason)s", { reason: error.message })));
    return;
  }
  if (data.look) draw();
  else await check();
  await keep("dmn", async () => JSON.stringify({ base: state.base, form: await form() }), async (text) => {
    const shown = JSON.parse(text);
    Object.assign(state, { base: shown.base, sheets: shown.sheets });
    await openForm(shown.form);
    await check();
  });
  // Apart, so that the two do not ask the server at the same moment for ever.
  await new Promise((done) => setTimeout(done, APART));
  await keep("examples", async () => JSON.stringify({ base: state.base, rows: examples.rows }), async (text) => {
    examples.replace(JSON.parse(text).rows);
    await check();
  });
};

let polishing = 0;
new MutationObserver(() => {
  cancelAnimationFrame(polishing);
  polishing = requestAnimationFrame(polish);
}).observe(canvas, { childList: true, subtree: true });
one("[data-add-example]").addEventListener("click", () => examples.add());
one("[data-undo]").addEventListener("click", () => manager.getActiveViewer()?.get("commandStack", false)?.undo());
one("[data-redo]").addEventListener("click", () => manager.getActiveViewer()?.get("commandStack", false)?.redo());
start();
