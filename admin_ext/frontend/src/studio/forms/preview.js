// The form as it will be met: the server draws it, in a frame as wide as a desk's screen or a telephone's.
import { all, one } from "../../dom.js";

const WAIT = 700;

/** `read()` gives the form's text; without it the stored form is shown. */
export const startPreview = (root, read) => {
  const form = one("form[data-preview]", root);
  const frame = one("iframe", root);
  const hole = one("[data-hole]", root);
  let waiting;
  let shown = false;
  if (innerWidth < 720) all("input[name=width]", form).at(-1).checked = true;

  const fit = () => {
    const width = Number(form.elements.width.value);
    const scale = Math.min(1, hole.clientWidth / (width + 2)); // with its border
    frame.style.width = `${width}px`;
    frame.style.transform = scale < 1 ? `scale(${scale})` : "";
    const body = frame.contentDocument?.body;
    const height = Math.max(360, Math.min(body ? body.scrollHeight + 24 : 640, 1600));
    frame.style.height = `${height}px`;
    hole.style.height = `${Math.ceil(height * scale)}px`;
  };

  // What was entered in the frame is taken along, so that a change of the form or of the role does not empty it.
  const entered = () => {
    const inner = frame.contentDocument && one("form[data-task-form]", frame.contentDocument);
    return inner ? [...new FormData(inner)].filter(([name]) => !name.startsWith("_") && name !== "csrfmiddlewaretoken") : null;
  };

  const show = () => {
    shown = true;
    all("[data-entered]", form).forEach((input) => input.remove());
    const values = entered();
    if (values) {
      for (const [name, value] of [...values, ["_entered", "1"]]) {
        const input = document.createElement("input");
        Object.assign(input, { type: "hidden", name, value });
        input.dataset.entered = "";
        form.append(input);
      }
    }
    if (read) form.elements._schema.value = read();
    form.submit();
  };
  const soon = () => {
    clearTimeout(waiting);
    if (!root.hidden) waiting = setTimeout(show, WAIT);
  };

  form.addEventListener("change", (event) => (event.target.name === "width" ? fit() : show()));
  frame.addEventListener("load", fit);
  new ResizeObserver(fit).observe(hole);
  return { show, soon, once: () => shown || show() };
};
