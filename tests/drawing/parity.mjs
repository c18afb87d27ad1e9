// Do layout/ and layout.js agree to the last pixel? (V13) Usage: node parity.mjs FILE, with what Python was given and what it made of it.
import { readFileSync } from "node:fs";
import { place } from "../../autograd/drawing/viewer/layout.js";

let wrong = 0;
for (const [name, graph] of Object.entries(JSON.parse(readFileSync(process.argv[2], "utf8")))) {
  const start = performance.now();
  const found = place(graph.sizes, graph.wires, graph.frame_of, graph.frames, graph.direction, graph.wrap);
  const milliseconds = Math.round(performance.now() - start);
  if (graph.sizes.length > 900) console.log(`${name}: ${graph.sizes.length} boxes, ${milliseconds} ms`);
  for (const key of ["boxes", "frames", "wires", "width", "height"]) {
    if (JSON.stringify(found[key]) !== JSON.stringify(graph.placement[key])) {
      const k = Array.isArray(found[key]) ? found[key].findIndex((f, i) => JSON.stringify(f) !== JSON.stringify(graph.placement[key][i])) : "";
      console.error(`${name}: ${key} ${k} differ: ${JSON.stringify(found[key][k] ?? found[key])} here, `
        + `${JSON.stringify(graph.placement[key][k] ?? graph.placement[key])} in Python`);
      wrong += 1;
      break;
    }
  }
}
process.exit(wrong ? 1 : 0);
