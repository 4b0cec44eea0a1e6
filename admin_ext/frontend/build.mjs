// Builds what the browser gets into ../static: one bundle and one style sheet of our own, and
// the strict-CSP build of Alpine in the place where the theme looks for its own (this app
// stands before the theme in INSTALLED_APPS, so its file wins).
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import path from "node:path";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(here, "../static");
const common = { bundle: true, minify: true, target: ["es2020"], legalComments: "inline", logLevel: "warning" };

await build({ ...common, entryPoints: [path.join(here, "src/main.js")], outfile: path.join(out, "redraw/redraw.js"), format: "iife" });
await build({ ...common, entryPoints: [path.join(here, "src/theme.js")], outfile: path.join(out, "redraw/theme.js"), format: "iife" });
await build({ ...common, entryPoints: [path.join(here, "css/main.css")], outfile: path.join(out, "redraw/redraw.css"), external: ["/static/*"] });
await build({ ...common, entryPoints: [path.join(here, "src/alpine.js")], outfile: path.join(out, "unfold/js/alpine/alpine.js"), format: "iife" });
