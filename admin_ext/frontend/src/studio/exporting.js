// The drawing as a picture or a file, made in the browser.
import { one } from "../dom.js";

const give = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

const painted = async (svg) => {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * 2;
  canvas.height = image.height * 2;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
};

const asBlob = (canvas, type) => new Promise((resolve) => canvas.toBlob(resolve, type, 0.95));

/** One page of the picture's own size: the smallest PDF there is (ISO 32000-1, 7.5 and 8.9.5). */
const pdf = async (canvas) => {
  const image = new Uint8Array(await (await asBlob(canvas, "image/jpeg")).arrayBuffer());
  const [wide, high] = [canvas.width / 2, canvas.height / 2].map((pixels) => Math.round(pixels * 0.75));
  const parts = [];
  const places = [];
  let length = 0;
  const put = (part) => {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    parts.push(bytes);
    length += bytes.length;
  };
  const object = (...content) => {
    places.push(length);
    put(`${places.length} 0 obj\n`);
    content.forEach(put);
    put("\nendobj\n");
  };
  const drawing = `q ${wide} 0 0 ${high} 0 0 cm /Drawing Do Q`;
  put("%PDF-1.4\n");
  object("<< /Type /Catalog /Pages 2 0 R >>");
  object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
  object(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${wide} ${high}] /Resources << /XObject << /Drawing 5 0 R >> >> /Contents 4 0 R >>`);
  object(`<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`);
  object(`<< /Type /XObject /Subtype /Image /Width ${canvas.width} /Height ${canvas.height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length ${image.length} >>\nstream\n`, image, "\nendstream");
  const start = length;
  put(`xref\n0 ${places.length + 1}\n0000000000 65535 f \n${places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("")}`);
  put(`trailer\n<< /Size ${places.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
  return new Blob(parts, { type: "application/pdf" });
};

export const startExports = (modeler, name, xml) => {
  const make = {
    svg: async () => new Blob([(await modeler.saveSVG()).svg], { type: "image/svg+xml" }),
    png: async () => asBlob(await painted((await modeler.saveSVG()).svg), "image/png"),
    pdf: async () => pdf(await painted((await modeler.saveSVG()).svg)),
    bpmn: async () => new Blob([await xml()], { type: "application/xml" }),
  };
  for (const [kind, run] of Object.entries(make)) {
    one(`[data-export="${kind}"]`)?.addEventListener("click", async () => give(await run(), `${name}.${kind}`));
  }
};
