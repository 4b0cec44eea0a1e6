// The page of a form: the canvas in the middle, what can be added on the left, what is said of a field on the right, and
// the form as it will be met behind the second tab.
import "../../css/studio.css";
import "../../css/forms.css";
import { all, one, post } from "../dom.js";
import { keepDraft } from "./draft.js";
import { feelAsks } from "./feel-field.js";
import { Canvas } from "./forms/canvas.js";
import { freeKey, walk } from "./forms/document.js";
import { startFindings } from "./forms/findings.js";
import { bound, fresh, isInput } from "./forms/kinds.js";
import { startPalette } from "./forms/palette.js";
import { Panel } from "./forms/panel.js";
import { startPreview } from "./forms/preview.js";
import { startStatus } from "./status.js";
import { settings, t } from "./words.js";

const announce = (text) => {
  one("#studio-says").textContent = text;
};

const startViews = (preview) => {
  const buttons = all("[data-view]");
  const show = (name) => {
    for (const button of buttons) button.setAttribute("aria-selected", String(button.dataset.view === name));
    for (const view of all("[data-view-of]")) view.hidden = view.dataset.viewOf !== name;
    if (name === "preview") preview.show();
  };
  for (const [index, button] of buttons.entries()) {
    button.addEventListener("click", () => show(button.dataset.view));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const next = buttons[(index + 1) % buttons.length];
      next.focus();
      show(next.dataset.view);
    });
  }
};

const startEditing = async () => {
  let panel;
  let draft;
  let findings;
  let preview;
  let opening = true;
  // What one types must be in the form before the form is read.
  const written = () => `${JSON.stringify(canvas.read(), null, 2)}`;
  const read = () => (panel.flush(), written());

  const made = (data, schema) => {
    const record = settings.record.fields.find((field) => field.name === data.bind);
    return record ? bound(record, freeKey(schema, record.name.split(".").pop())) : fresh(data.fieldType, freeKey(schema, data.fieldType));
  };
  const add = (data) => {
    panel.flush();
    canvas.add(made(data, canvas.schema));
    announce(t("Added: %(name)s", { name: one("#panel h2")?.textContent || "" }));
  };
  const buttons = () => {
    one("#undo").disabled = !canvas.can.undo;
    one("#redo").disabled = !canvas.can.redo;
  };
  const canvas = new Canvas(one("#canvas"), {
    made,
    changed: () => {
      buttons();
      if (opening) return;
      draft.changed();
      findings.soon();
      preview.soon();
      requestAnimationFrame(findings.marks);
    },
    selected: (field) => {
      panel?.show(field);
      requestAnimationFrame(() => findings?.marks());
    },
  });
  const asks = feelAsks({ namesUrl: settings.namesUrl, checkUrl: settings.feelUrl, version: settings.version, form: settings.form, post });
  const fields = () => [...walk(canvas.schema)].map(([field]) => field.raw).filter(isInput);
  const names = async () => {
    const known = await asks.names();
    const stored = new Set(known.names.map((item) => item.name));
    const more = fields().filter((raw) => raw.key && !stored.has(raw.key)).map((raw) => ({ name: raw.key, type: "any", label: raw.label || "", help: "", kind: "field", source: t("Asked in this form"), choices: [] }));
    return { ...known, names: [...more, ...known.names] };
  };
  panel = new Panel(one("#panel"), { canvas, names, asks: (kind) => asks.checker(kind, () => fields().map((raw) => raw.key).filter(Boolean)) });
  preview = startPreview(one("[data-view-of=preview]"), read);
  findings = startFindings({ list: one("#problems"), head: one("#problems-head"), canvas, read: written, panel: one("#panel") });
  startPalette(one("#palette-fields"), { record: settings.record, add });

  const open = async (text, keep) => {
    opening = true;
    await canvas.open(JSON.parse(text), keep);
    opening = false;
    panel.show(canvas.selected);
    buttons();
    findings.ask();
  };
  const answer = await fetch(`${settings.partUrl}?part=form:${settings.form}`, { headers: { "X-Requested-With": "fetch" } });
  const stored = await answer.json();
  await open(stored.content);
  const status = startStatus(announce);
  draft = keepDraft({
    url: settings.partUrl, pulseUrl: settings.pulseUrl, version: settings.version, part: `form:${settings.form}`, revision: stored.revision, read,
    replaced: async (text) => {
      if (text) await open(text, true);
    },
    say: (kind, said) => status.say(kind, said, () => draft.takeMine()),
  });
  window.studioForm = { draft, open, read };
  one("#undo").addEventListener("click", () => (panel.flush(), canvas.undo(), panel.show(canvas.selected)));
  one("#redo").addEventListener("click", () => (canvas.redo(), panel.show(canvas.selected)));
  startViews(preview);
  await draft.ready;
  document.documentElement.classList.add("studio-ready");
};

if (one("#canvas")) startEditing();
else if (one("form[data-preview]")) startPreview(one("form[data-preview]").closest("section")).show();
