/* What does the page know of the graph?

What `payload.py` has written, column by column, becomes one object for each node, group, problem and step.

Read next: `view.js`. */

/** The payload of a page, as text, becomes a graph. */
export async function unpacked(text) {
  const base64 = text.trim().replace(/-/g, '+').replace(/_/g, '/').replace(/\./g, 'e').replace(/~/g, 't');
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return graphOf(JSON.parse(await new Response(inflated).text()));
}

/** The graph: {title, caption, notes, options, outputs, nodes, groups, of, chips, paint, ops, unreached, problems, steps}. */
export function graphOf(data) {
  const text = (number) => data.strings[number];
  const texts = (number) => number ? text(number).split('\n') : [];
  const [missing, ...boxes] = data.unreached;
  return {
    title: text(data.title), caption: text(data.caption), notes: data.notes.map(text), outputs: data.outputs, results: new Set(data.outputs), known: data.known,
    options: { ...data.options, open: new Set(data.options.open) }, nodes: nodesOf(data, text, texts), ...groupsOf(data.groups, data.count, text, texts),
    chips: Array.from({ length: data.count }, (_, i) => at(data.chips, i)),
    paint: Object.fromEntries(Object.entries(data.paint).flatMap(([color, columns]) => columns ? [[color, paintOf(columns, text)]] : [])),
    ops: new Map(Object.entries(data.ops).map(([op, [commutative, rules]]) => [op, { commutative, rules: texts(rules) }])),
    unreached: { count: missing, boxes: boxes.map(([id, kind, title, lines, gradient, about]) => ({ id: text(id), kind: text(kind), title: text(title),
      lines: texts(lines), gradient: text(gradient), about: text(about) })) },
    problems: data.problems.map(([kind, node, name, about]) => ({ kind: text(kind), node, name: text(name), text: text(about) })),
    steps: data.steps.map(([kind, node, title, about, values, gradients, lit]) => ({
      kind: text(kind), node, title: text(title), text: text(about), lit,
      values: values.map(([i, known]) => [i, text(known)]), gradients: gradients.map(([i, known]) => [i, text(known)]) })),
  };
}

/** The entry of a column; one with the same value throughout is that value. */
const at = (column, i) => Array.isArray(column) ? column[i] : column;

function paintOf(columns, text) {
  return { shade: (i) => at(columns.nodes, i), text: (i) => text(at(columns.text, i)), groupShade: (k) => at(columns.groups, k),
    groupText: (k) => text(at(columns.groupText, k)), scale: columns.scale.map(text) };
}

const TEXTS = ['op', 'kind', 'type', 'path', 'scope', 'title', 'value', 'gradient', 'kept', 'dtype', 'state', 'line', 'error'];
const NUMBERS = ['bytes', 'keptBytes', 'active', 'seconds', 'backward'];

function nodesOf(data, text, texts) {
  const columns = data.nodes, operands = data.operands;
  const nodes = [];
  let number = 0, slot = 0;
  for (let i = 0; i < data.count; i++) {
    const node = { options: texts(at(columns.options, i)), lines: texts(at(columns.lines, i)), operands: [], uses: [] };
    for (const name of TEXTS) node[name] = text(at(columns[name], i));
    for (const name of NUMBERS) node[name] = at(columns[name], i);
    number += node.kind === 'op' ? 1 : 0;
    node.name = text(at(columns.name, i)) || (node.kind === 'op' ? `%${number}` : '');
    node.values = statsOf(columns.values && columns.values[i], text);
    node.gradients = statsOf(columns.gradients && columns.gradients[i], text);
    for (const end = slot + at(operands.of, i); slot < end; slot++) {
      const source = operands.back[slot] ? i - operands.back[slot] : -1;
      if (source >= 0) nodes[source].uses.push(i);
      node.operands.push({ source, label: text(at(operands.label, slot)), text: text(at(operands.text, slot)) });
    }
    nodes.push(node);
  }
  return nodes;
}

function statsOf(row, text) {
  if (!row) return null;
  const [size, minimum, maximum, mean, rms, nans, infs, zeros, first] = row;
  return { size, minimum, maximum, mean, rms, nans, infs, zeros, first: text(first) };
}

function groupsOf(columns, nodes, text, texts) {
  const groups = [];
  for (let k = 0; k < columns.count; k++) {
    groups.push({ title: text(columns.title[k]), kind: text(columns.kind[k]), label: text(columns.label[k]), parent: columns.parent[k],
      ops: columns.ops[k], lines: texts(columns.lines[k]) });
  }
  return { groups, of: Array.from({ length: nodes }, (_, i) => at(columns.of, i)) };
}
