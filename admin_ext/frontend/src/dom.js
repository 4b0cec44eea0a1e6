// The few helpers that the modules share.
export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

/** Whether the person is typing, so that single-letter keys must keep quiet. */
export const typing = (event) => {
  const target = event.target;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
};

const cookie = (name) => {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
};

/** POST form data as the signed-in person; resolves to the response. */
export const post = (url, body, options = {}) =>
  fetch(url, {
    method: "POST",
    body,
    credentials: "same-origin",
    headers: { "X-CSRFToken": cookie("csrftoken"), "X-Requested-With": "fetch", ...(options.headers || {}) },
    keepalive: options.keepalive || false,
    redirect: options.redirect || "follow",
  });

let bubble;
/** Say something small at the foot of the page for a moment. */
export const toast = (words) => {
  bubble?.remove();
  bubble = document.createElement("div");
  bubble.className = "toast";
  bubble.setAttribute("role", "status");
  bubble.textContent = words;
  document.body.append(bubble);
  const mine = bubble;
  setTimeout(() => mine.remove(), 4000);
};
