// What the browser's editor makes of drawings: as it writes them unchanged, and with one element renamed. Read from the
// standard input by node in admin_ext/frontend, where its library lies; the files are the arguments. Prints JSON by file.
import { readFile } from "node:fs/promises";
import { BpmnModdle } from "bpmn-moddle";
import { redraw } from "./src/studio/descriptor.js";

const NAME = "Renamed by the editor";

const named = (elements, wanted) => {
  for (const element of elements || []) {
    if (element.id === wanted) return element;
    const inner = named(element.flowElements, wanted);
    if (inner) return inner;
  }
  return undefined;
};

const made = async (file, wanted) => {
  const moddle = new BpmnModdle({ redraw });
  const { rootElement, warnings } = await moddle.fromXML(await readFile(file, "utf8"));
  const { xml: origin } = await moddle.toXML(rootElement, { format: true });
  if (!wanted) return { origin, changed: origin, warnings: warnings.length };
  const element = named(rootElement.rootElements, wanted);
  if (!element) return { origin, warnings: warnings.length };
  element.name = NAME;
  const { xml: changed } = await moddle.toXML(rootElement, { format: true });
  return { origin, changed, warnings: warnings.length };
};

const found = {};
for (const pair of process.argv.slice(2)) {
  const [file, wanted] = pair.split("\n");
  try {
    found[file] = await made(file, wanted);
  } catch (error) {
    found[file] = { error: error.message };
  }
}
process.stdout.write(JSON.stringify(found));
