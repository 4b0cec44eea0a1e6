// Builds what the browser gets into ../static: one bundle and one style sheet of our own, the studio's editors (each loaded on
// its own page only), and the strict-CSP build of Alpine in the place where the theme looks for its own (this app
// stands before the theme in INSTALLED_APPS, so its file wins).
import { build } from "esbuild";
import { existsSync } from "node:fs";
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
for (const name of ["drawing", "tables", "forms"]) {
  const entry = path.join(here, `src/studio/${name}.js`);
  if (existsSync(entry)) await build({ ...studio, plugins: name === "forms" ? [withoutPanel] : [], entryPoints: [entry], outfile: path.join(out, `redraw/studio-${name}.js`) });
}
