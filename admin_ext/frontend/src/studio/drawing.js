// The drawing of a draft in the studio: modeler, steps to add, panel, problems, and a draft that keeps itself.
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "diagram-js-minimap/assets/diagram-js-minimap.css";
import "bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css";
import "../../css/studio.css";
import Modeler from "bpmn-js/lib/Modeler";
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";
import simulation from "bpmn-js-token-simulation";
import minimap from "diagram-js-minimap";
import { all, one, post } from "../dom.js";
import { startClipboard } from "./clipboard.js";
import { redraw } from "./descriptor.js";
import { keepDraft } from "./draft.js";
import { startExports } from "./exporting.js";
import { Extensions } from "./extensions.js";
import { feelField } from "./feel-field.js";
import { show, write } from "./languages.js";
import { make } from "./make.js";
import { Panel } from "./panel.js";
import { playPath, startSimulation } from "./playing.js";
import { Problems } from "./problems.js";
import { startStatus } from "./status.js";
import { startSteps } from "./steps.js";
import { settings, t, translate } from "./words.js";

const announce = (text) => {
  one("#studio-says").textContent = text;
};

/** The steps to add stand beside the drawing; what else asks for the modeler's own palette finds an empty one. */
const noPalette = { _update() {}, registerProvider() {}, isOpen: () => false };

const modeler = new Modeler({
  container: one("#canvas"),
  moddleExtensions: { redraw },
  additionalModules: [
    { translate: ["value", translate], paletteProvider: ["value", null], palette: ["value", noPalette] },
    minimap, simulation,
  ],
  textRenderer: { defaultStyle: { fontFamily: "Inter, system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif", fontSize: 12 } },
});
const modeling = modeler.get("modeling");
const ext = new Extensions(modeler);

const context = {
  ext, modeler, modeling, settings, announce, moddle: modeler.get("moddle"), languages: settings.languages, language: settings.language,
  rename: (element, owner, name) => {
    if (getBusinessObject(element) === owner && element.parent) modeling.updateLabel(element, name);
    else ext.change(element, [[owner, { name }]]);
  },
  setDefault: (element, flow) => modeling.updateProperties(element, { default: flow }),
  elements: (type) => modeler.get("elementRegistry").filter((one) => is(one, type) && one.type !== "label").map(getBusinessObject),
  laneOf: (object) => modeler.get("elementRegistry").filter((one) => is(one, "bpmn:Lane")).map(getBusinessObject).find((lane) => (lane.flowNodeRef || []).includes(object)),
};

/** When a limit that begins now is due, in words; nothing where there is none, or where nothing answers. */
context.limitMoment = async (limit, time, shares) => {
  if (!limit.trim()) return "";
  const query = new URLSearchParams({ limit: limit.trim(), time, shares: shares.join(",") });
  const answer = await fetch(`${settings.limitUrl}?${query}`, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  return answer?.ok ? (await answer.json()).text : "";
};

const askNames = () => {
  const element = context.panel.shown();
  const query = new URLSearchParams({ version: settings.version, element: getBusinessObject(element).id });
  return fetch(`${settings.namesUrl}?${query}`, { headers: { "X-Requested-With": "fetch" } }).then((answer) => answer.json());
};

/** Fields for expressions: names of the element's scope, and what is wrong with the text, asked of the server. */
context.feel = (input, field) => {
  let known;
  const kind = field.feel === "duration" ? "duration" : "value";
  feelField(input, {
    kind,
    names: () => (known = known || askNames()),
    check: async (text) => {
      const body = new FormData();
      for (const [name, value] of Object.entries({ version: settings.version, element: getBusinessObject(context.panel.shown()).id, text, kind })) body.set(name, value);
      return (await post(settings.feelUrl, body)).json();
    },
  });
  input.closest(".feel").translate = false;
};

const xml = () => write(modeler.get("moddle"), modeler.getDefinitions(), settings.language);

let opening = false;
const openText = async (text, { keepView = false } = {}) => {
  opening = true;
  const canvas = modeler.get("canvas");
  const view = keepView ? canvas.viewbox() : null;
  const chosen = keepView ? modeler.get("selection").get().map((element) => element.id) : [];
  try {
    const { rootElement, warnings } = await modeler.get("moddle").fromXML(text, "bpmn:Definitions");
    show(rootElement, settings.language);
    await modeler.importDefinitions(rootElement);
    if (view) canvas.viewbox({ x: view.x, y: view.y, width: view.width, height: view.height });
    else {
      canvas.zoom("fit-viewport", "auto");
      if (canvas.zoom() < 0.6) fitStart(canvas);
    }
    const registry = modeler.get("elementRegistry");
    modeler.get("selection").select(chosen.map((id) => registry.get(id)).filter(Boolean));
    return warnings || [];
  } finally {
    opening = false;
  }
};

/** A wide drawing is read from its beginning, at a size that can be read. */
const fitStart = (canvas) => {
  const { inner, outer } = canvas.viewbox();
  const scale = 0.75;
  canvas.viewbox({ x: inner.x - 20, y: inner.y - 20, width: outer.width / scale, height: outer.height / scale });
};

const begin = async () => {
  const panel = new Panel(one("#panel"), modeler, context);
  context.panel = panel;
  const answer = await fetch(`${settings.partUrl}?part=drawing`, { headers: { "X-Requested-With": "fetch" } });
  const stored = await answer.json();
  try {
    await openText(stored.content);
  } catch (error) {
    one("#canvas").replaceChildren(make("p", { class: "note error" }, t("The drawing cannot be shown: %(why)s", { why: error.message })));
    return;
  }
  performance.mark("drawing-stands");
  panel.render();
  startSteps(one("#steps"), modeler, ext, settings, announce);
  const status = startStatus(announce);
  const problems = new Problems({
    list: one("#problems"), head: one("#problems-head"), modeler, context, url: settings.checkUrl,
    changed: (found) => status.found(found),
  });
  const draft = keepDraft({
    url: settings.partUrl, pulseUrl: settings.pulseUrl, version: settings.version, part: "drawing", revision: stored.revision, read: xml, rewrites: true,
    replaced: async (text) => {
      await openText(text, { keepView: true });
    },
    say: (kind, said) => {
      status.say(kind, said, () => draft.takeMine());
      if (kind === "saved" || kind === "merged" || kind === "restored") problems.ask();
    },
  });
  window.studioDraft = draft;
  status.flush = draft.flush;
  modeler.on("commandStack.changed", () => {
    buttons();
    if (opening || modeler.get("commandStack")._stackIdx < -1) return;
    performance.mark("drawing-changed");
    draft.changed();
  });
  startClipboard(modeler);
  startExports(modeler, settings.key, xml);
  startSimulation(modeler, one("#try-tokens"), announce);
  buttons();
  await problems.ask();
  document.documentElement.classList.add("studio-ready");
};

const buttons = () => {
  const stack = modeler.get("commandStack");
  one("#undo").disabled = !stack.canUndo();
  one("#redo").disabled = !stack.canRedo();
};

one("#undo").addEventListener("click", () => modeler.get("commandStack").undo());
one("#redo").addEventListener("click", () => modeler.get("commandStack").redo());
for (const button of all("[data-zoom-by]")) {
  button.addEventListener("click", () => modeler.get("zoomScroll").stepZoom(Number(button.dataset.zoomBy)));
}
one("#zoom-fit").addEventListener("click", () => modeler.get("canvas").zoom("fit-viewport", "auto"));
modeler.on("canvas.viewbox.changed", () => {
  one("#zoom-says").textContent = `${Math.round(modeler.get("canvas").zoom() * 100)} %`;
});
one("#find").addEventListener("click", () => modeler.get("searchPad").toggle());
one("#minimap").addEventListener("click", (event) => {
  modeler.get("minimap").toggle();
  event.currentTarget.setAttribute("aria-pressed", String(modeler.get("minimap").isOpen()));
});
one("#tidy").addEventListener("click", async () => {
  const body = new FormData();
  body.set("content", await xml());
  const answer = await post(settings.layoutUrl, body);
  const said = await answer.json();
  if (!answer.ok) return announce(said.error);
  await openText(said.content);
  window.studioDraft.changed();
  return announce(t("The drawing was laid out anew. Its steps and words are as they were."));
});
one("#soundness").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  announce(t("Looking for traps ..."));
  try {
    await window.studioDraft.flush();
    const answer = await fetch(settings.soundnessUrl, { headers: { "X-Requested-With": "fetch" } });
    const said = await answer.json();
    announce(said.sentence || said.error);
    if (said.path?.length) await playPath(modeler, said.path, (text) => announce(`${said.sentence} ${text}`));
  } finally {
    button.disabled = false;
  }
});

begin();
