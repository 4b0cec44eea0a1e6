// Copy and paste between drawings: what was copied lies in this browser, for the next tab and the next process too.
const KEY = "redraw-clipboard";

/** Gives back moddle elements where JSON has left plain objects; ids are made anew by the paste itself. */
const reviver = (moddle) => {
  const made = {};
  return (key, value) => {
    if (!value || typeof value !== "object" || typeof value.$type !== "string") return value;
    if (value.id && made[value.id]) return made[value.id];
    const { $type, ...attributes } = value;
    let revived;
    try {
      revived = moddle.create($type, attributes);
    } catch {
      return undefined; // an element of another tool that this drawing does not know
    }
    if (value.id) made[value.id] = revived;
    return revived;
  };
};

export const startClipboard = (modeler) => {
  const bus = modeler.get("eventBus");
  const clipboard = modeler.get("clipboard");
  const moddle = modeler.get("moddle");
  bus.on("copyPaste.elementsCopied", ({ tree }) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(tree));
    } catch {
      // Too large for the browser's store: it can still be pasted in this tab.
    }
  });
  bus.on("copyPaste.pasteElements", 2000, (event) => {
    if (!clipboard.isEmpty()) return;
    const kept = localStorage.getItem(KEY);
    if (kept) event.tree = JSON.parse(kept, reviver(moddle));
  });
  const paste = () => {
    const kept = localStorage.getItem(KEY);
    if (clipboard.isEmpty() && kept) clipboard.set(JSON.parse(kept, reviver(moddle)));
  };
  addEventListener("focus", paste);
  paste();
};
