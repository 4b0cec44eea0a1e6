// The line over the drawing: saved or not, who else is here, what was merged, and whether it may be submitted.
import { one } from "../dom.js";
import { icon, make } from "./make.js";
import { t } from "./words.js";

const clock = (at = new Date()) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });

export const startStatus = (announce) => {
  const saved = one("#draft-state");
  const others = one("#draft-others");
  const notes = one("#draft-notes");
  const submit = one("#draft-submit");

  const state = (symbol, text, colour = "") => {
    saved.className = `draft-state ${colour}`;
    saved.replaceChildren(icon(symbol), make("span", {}, text));
  };

  const note = (colour, text, ...more) => {
    const line = make("div", { class: `note ${colour}`, role: "status" }, make("span", {}, text), ...more);
    line.append(make("button", { type: "button", class: "btn small link", onclick: () => line.remove() }, t("Close")));
    notes.append(line);
    announce(text);
  };

  const say = (kind, said, takeMine) => {
    if (kind === "saving") state("cloud_upload", t("Saving ..."));
    if (kind === "saved") {
      state("cloud_done", t("Saved %(at)s", { at: said.at }));
      one("#signed-out")?.remove();
    }
    if (kind === "offline") state("cloud_off", t("Not saved yet: no connection. What you changed is kept in this browser."), "bad");
    if (kind === "signed_out") {
      state("lock", t("Not saved yet: you are signed out. What you changed is kept in this browser."), "bad");
      if (!one("#signed-out")) saved.after(make("a", { id: "signed-out", href: "/admin/login/", target: "_blank", class: "btn small" }, t("Sign in again")));
    }
    if (kind === "closed" || kind === "refused") {
      state("error", t("Not saved"), "bad");
      note("error", said.sentence);
    }
    if (kind === "restored") note("success", t("What you changed at %(at)s and what could not be saved then is back.", { at: clock(said.at) }));
    if (kind === "merged" && said.conflicts?.length) conflict(said, takeMine);
    else if (kind === "merged") note("success", said.others?.length ? t("%(who)s changed this at the same time. Both changes are in it now.", { who: said.others.join(", ") }) : t("This was changed elsewhere at the same time. Both changes are in it now."));
    if (kind === "present") {
      others.replaceChildren(...said.others.map(([name]) => make("span", { class: "draft-other", title: name }, make("span", { class: "avatar", "aria-hidden": "true" }, initials(name)), make("span", {}, t("%(who)s is here", { who: name })))));
    }
  };

  const conflict = (said, takeMine) => {
    const who = said.others.join(", ") || t("Somebody else");
    const lines = said.conflicts.map((one) => make("li", {}, make("b", {}, one.called || one.element), " ", one.what, ": ", t("theirs “%(theirs)s”, yours “%(mine)s”", one)));
    const take = make("button", { type: "button", class: "btn small", onclick: (event) => {
      event.target.closest(".note").remove();
      takeMine();
    } }, t("Take mine"));
    note("warning", t("%(who)s changed the same places. Theirs stands now, yours is kept; everything else of both is in.", { who }), make("ul", {}, lines), take);
  };

  const found = (findings) => {
    const errors = findings.filter((finding) => finding.severity === "error").length;
    if (!submit) return;
    const reason = one("#submit-reason");
    submit.setAttribute("aria-disabled", String(errors > 0));
    reason.textContent = errors === 0 ? "" : errors === 1 ? t("mend 1 error first") : t("mend %(n)s errors first", { n: errors });
  };

  submit?.addEventListener("click", (event) => {
    if (submit.getAttribute("aria-disabled") === "true") event.preventDefault();
  });

  return { say, found };
};

const initials = (name) => name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase();
