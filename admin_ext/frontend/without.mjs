// What form-js brings for its own properties panel and for filling forms in: code editors, date pickers, Markdown, its own
// FEEL. The product has all of this elsewhere, so the bundle of the form editor goes without: a quarter of the size.
const PACKAGES = new RegExp(
  "^(@bpmn-io/(feel-editor|feelers-editor|feelin)|@codemirror/.*|@lezer/.*|focus-trap|flatpickr|luxon|marked|dompurify|feelers|lodash/isEqual|big\\.js)$",
);
const NOTHING = `const nothing = new Proxy(function () {}, {
  get: (target, name) => (name === Symbol.toPrimitive ? () => "" : name === "prototype" ? {} : nothing),
  apply: () => nothing,
  construct: () => ({}),
});
module.exports = Object.create(nothing);`;

export const withoutPanel = {
  name: "without-panel",
  setup(build) {
    build.onResolve({ filter: PACKAGES }, (asked) => ({ path: asked.path, namespace: "without" }));
    build.onLoad({ filter: /.*/, namespace: "without" }, () => ({ contents: NOTHING, loader: "js" }));
  },
};
