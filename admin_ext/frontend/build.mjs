// Builds what the browser gets into ../static: one bundle and one style sheet of our own, the studio's editors (each loaded on
// its own page only), and the strict-CSP build of Alpine in the place where the theme looks for its own (this app
// stands before the theme in INSTALLED_APPS, so its file wins).
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { withoutPanel } from "./without.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(here, "../static");
const common = { bundle: true, minify: true, target: ["es2020"], legalComments: "inline", logLevel: "warning" };
const studio = { ...common, format: "iife", loader: { ".woff2": "file", ".woff": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "dataurl" }, assetNames: "[name]" };

await build({ ...common, entryPoints: [path.join(here, "src/main.js")], outfile: path.join(out, "redraw/redraw.js"), format: "iife" });
await build({ ...common, entryPoints: [path.join(here, "src/theme.js")], outfile: path.join(out, "redraw/theme.js"), format: "iife" });
await build({ ...common, entryPoints: [path.join(here, "css/main.css")], outfile: path.join(out, "redraw/redraw.css"), external: ["/static/*"] });
await build({ ...common, entryPoints: [path.join(here, "src/alpine.js")], outfile: path.join(out, "unfold/js/alpine/alpine.js"), format: "iife" });
// The table editor without dmn-js' own FEEL editor and name resolver: the server's FEEL is the one that decides.
const instead = (file) => () => ({ path: path.join(here, "src/studio/tables", file) });
const plain = { name: "plain-expressions", setup(to) {
  to.onResolve({ filter: /components\/LiteralExpression$/ }, instead("plain-expression.js"));
  to.onResolve({ filter: /^@bpmn-io\/dmn-variable-resolver$/ }, instead("no-resolver.js"));
} };

for (const name of ["drawing", "tables", "forms", "publication"]) {
  const entry = path.join(here, `src/studio/${name}.js`);
  const plugins = { forms: [withoutPanel], tables: [plain] }[name] || [];
  if (existsSync(entry)) await build({ ...studio, plugins, entryPoints: [entry], outfile: path.join(out, `redraw/studio-${name}.js`) });
}

// What was built from what: a test compares it with the files, so that a source that was changed and not built is noticed.
const digest = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
const below = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules")
    .flatMap((entry) => (entry.isDirectory() ? below(path.join(folder, entry.name)) : [path.join(folder, entry.name)]));
const digests = (files, base) => Object.fromEntries(files.map((file) => [path.relative(base, file), digest(file)]).sort());
const built = [...below(path.join(out, "redraw")).filter((file) => /\.(js|css)$/.test(file)), path.join(out, "unfold/js/alpine/alpine.js")];
writeFileSync(path.join(here, "built.json"), `${JSON.stringify({ sources: digests(below(here).filter((file) => !file.endsWith("built.json")), here), built: digests(built, out) }, null, 1)}\n`);
