// Until when: the limit of a step or of the whole process, the moment it comes to, and the ladder of what its passing brings about.
import { is, isAny } from "bpmn-js/lib/util/ModelUtil";
import { attribute, section } from "./properties.js";
import { t } from "./words.js";

const LIMITED = ["bpmn:UserTask", "bpmn:ManualTask", "bpmn:ReceiveTask", "bpmn:CallActivity", "bpmn:SubProcess"];
const WHO = ["assignee", "lead", "owner"];
const SHARES = ["50", "75", "100", "150", "200"];

export const timeSections = (element, object, process, context) => {
  if (process) return [section("time", t("Time"), fields(element, process, "redraw:Process", context))];
  return isAny(element, LIMITED) ? [section("time", t("Time"), fields(element, object, "redraw:Task", context))] : [];
};

const fields = (element, owner, type, context) => {
  const ours = (name) => attribute(context, element, owner, type, name);
  const counted = { get: () => ours("limitTime").get() || "calendar", set: ours("limitTime").set };
  return [
    { key: "limit", type: "area", feel: "duration", label: type === "redraw:Process" ? t("Limit of the process as a whole") : t("Limit"), hint: t("FEEL or ISO 8601"), placeholder: "PT4H", ...ours("limit") },
    { key: "limitTime", type: "choice", label: t("Counted in"), choices: [["working", t("Working time")], ["calendar", t("Calendar time")]], ...counted },
    moment(() => ours("limit").get(), counted.get, () => rungs(owner, context).map((rung) => rung.get("at")), context),
    type === "redraw:Task" ? { key: "warn", type: "text", label: t("Warn at (per cent of the limit)"), placeholder: "50,75", ...ours("warn") } : null,
    ladder(element, owner, context),
  ];
};

/** The moment that a limit comes to when it begins now, as the server works it out. */
export const moment = (limit, time, shares, context) => ({
  key: "moment", type: "answer", ask: () => context.limitMoment(String(limit() || ""), time(), shares()),
});

const rungs = (owner, context) => context.ext.first(owner, "redraw:Ladder")?.get("rungs") || [];

const ladder = (element, owner, context) => {
  const holder = () => context.ext.first(owner, "redraw:Ladder");
  const put = (after) => {
    if (!holder()) context.ext.replace(element, owner, "redraw:Ladder", [context.ext.make("redraw:Ladder", { rungs: after })]);
    else if (after.length) context.ext.change(element, [[holder(), { rungs: after }]]);
    else context.ext.remove(element, owner, "redraw:Ladder");
  };
  const process = is(owner, "bpmn:Process");
  return {
    key: "ladder", type: "list", label: t("Ladder"),
    help: process ? t("For the limit of the process, and for its steps that have no ladder of their own. Without one, the ladder of the house counts.") : t("Without one, the ladder of the process counts, else that of the house."),
    items: () => rungs(owner, context).map((rung) => ({
      fields: rungFields(element, rung, context, is(element, "bpmn:UserTask") || process),
      remove: () => put(rungs(owner, context).filter((other) => other !== rung)),
    })),
    add: {
      label: t("Add a rung"),
      run: () => {
        const taken = rungs(owner, context).map((rung) => rung.get("at"));
        const at = SHARES.find((share) => !taken.includes(share)) || String(Number(taken.at(-1) || 0) + 50);
        put([...rungs(owner, context), context.ext.make("redraw:Rung", { at, notify: "assignee" }, holder())]);
      },
    },
  };
};

const rungFields = (element, rung, context, mayPass) => {
  const plain = (name) => ({ get: () => rung.get(name), set: (value) => context.ext.change(element, [[rung, { [name]: value || undefined }]]) });
  const told = () => String(rung.get("notify") || "").split(",").map((word) => word.trim()).filter(Boolean);
  const tell = (people, roles) => plain("notify").set([...people, ...roles].join(","));
  const people = () => told().filter((word) => WHO.includes(word));
  const roles = () => told().filter((word) => !WHO.includes(word));
  return [
    { key: "at", type: "text", label: t("At per cent of the limit"), ...plain("at") },
    {
      key: "notify", type: "checks", label: t("Tell"), choices: [["assignee", t("Who has it, or may take it")], ["lead", t("Their leads")], ["owner", t("The owner of the process")]],
      get: () => people().join(","), set: (value) => tell(value.split(",").filter(Boolean), roles()),
    },
    { key: "notifyRole", type: "choice", label: t("Tell a role"), choices: [["", t("No role")], ...context.settings.roles], get: () => roles()[0] || "", set: (value) => tell(people(), value ? [value] : []) },
    { key: "priority", type: "text", label: t("Priority: a number, or a step"), placeholder: "+20", ...plain("priority") },
    mayPass ? { key: "role", type: "choice", label: t("Give the work to a role"), choices: [["", t("It stays where it is")], ...context.settings.roles], ...plain("role") } : null,
  ].filter(Boolean);
};
