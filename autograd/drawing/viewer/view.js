/* What is to be seen?

The boxes, frames and wires of a graph as it is shown: the same, in the same order and with the same words, as `view.py` and
`boxes.py` find in Python, which this follows function by function. Nothing here knows where anything stands.

Read next: `camera.js`. */

const BOX = 0, LEAF = 1, SHAPE = 2;
const SHOWN = 0, BEFORE = 1, AFTER = 2, APART = 3;

/** '1,234 operations'. */
export function count(n, noun) {
  return `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;
}

const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
const leavesText = (n) => count(n, 'leaf').replace('leafs', 'leaves');

/** The view {style, direction, boxes, frames, wires, outputs} of a graph with these options. */
export function viewOf(graph, options) {
  const { nodes } = graph, circuit = options.style === 'circuit';
  const chips = chipsShown(graph, options);
  const outer = closedAround(graph, options.open);
  const hosts = hostsOf(graph, chips);
  const units = unitsOf(graph, chips, outer, hosts);
  const stubs = stubsOf(graph, chips, units, options.only);
  const badges = badgesOf(graph, units);
  const hidden = new Array(nodes.length).fill(0);
  chips.forEach((chip, i) => { if (chip === SHAPE) hidden[hosts[i]]++; });

  const shown = new Set(units.filter((unit, i) => stubs[i] === SHOWN));
  const frames = framesOf(graph, options.open, outer, shown);
  const frameOf = new Map([[-1, -1], ...frames.map((frame, place) => [frame.group, place])]);
  const frameAt = (k) => frameOf.has(k) ? frameOf.get(k) : -1;
  const boxes = [], places = new Map();
  if (stubs.includes(BEFORE)) {
    places.set(-BEFORE, 0);
    boxes.push(stubBox(graph, stubs, BEFORE, 'before'));
  }
  nodes.forEach((node, i) => {
    const unit = units[i];
    if (unit < 0 || places.has(unit) || stubs[i] !== SHOWN || (unit !== i && unit < nodes.length)) return;
    let box;
    if (unit >= nodes.length) {
      const k = unit - nodes.length;
      box = groupBox(graph, k, frameAt(graph.groups[k].parent), options.color, badges.get(unit) || []);
    } else {
      const frame = frameAt(graph.of[i]);
      if (options.constants && !circuit) boxes.push(...constantBoxes(node, i, frame));
      box = circuit ? circuitBox(graph, i, badges.get(i) || []) : nodeBox(graph, i, frame, chips, hidden[i], options, badges.get(i) || []);
    }
    places.set(unit, boxes.length);
    boxes.push(box);
  });
  for (const [stub, side] of [[AFTER, 'after'], [APART, 'elsewhere']]) {
    if (stubs.includes(stub)) {
      places.set(-stub, boxes.length);
      boxes.push(stubBox(graph, stubs, stub, side));
    }
  }
  if (graph.unreached.boxes.length && !options.only && !circuit) {
    frames.push({ id: 'u', group: -1, title: 'not reached by the loss', label: count(graph.unreached.count, 'parameter'), parent: -1 });
    boxes.push(...graph.unreached.boxes.map((box) => ({ ...blank, ...box, frame: frames.length - 1 })));
  }
  const where = units.map((unit, i) => unit < 0 ? -1 : places.get(stubs[i] === SHOWN ? unit : -stubs[i]));
  return {
    style: circuit ? 'circuit' : 'boxes', direction: options.direction !== 'auto' ? options.direction : circuit ? 'LR' : 'TB',
    boxes, frames, wires: wiresOf(graph, chips, boxes, where, places), outputs: [...new Set(graph.outputs.map((output) => where[output]))],
  };
}

// ---- what stands for what

function chipsShown(graph, options) {
  if (options.style === 'circuit') return graph.nodes.map(() => BOX);
  return options.constants ? graph.chips.map((chip) => chip === SHAPE ? BOX : chip) : graph.chips;
}

function closedAround(graph, open) {
  const found = [];
  graph.groups.forEach((group, k) => {
    const outer = group.parent >= 0 ? found[group.parent] : -1;
    found.push(outer >= 0 ? outer : open.has(k) ? -1 : k);
  });
  return found;
}

function hostsOf(graph, chips) {
  const hosts = graph.nodes.map((_, i) => i);
  for (let i = hosts.length - 1; i >= 0; i--) {
    for (const { source } of graph.nodes[i].operands) if (source >= 0 && chips[source] === SHAPE) hosts[source] = hosts[i];
  }
  return hosts;
}

/** Numbers for what will be a box: i for node i, the number of nodes + k for the closed group k, -1 for the chip of a leaf. */
function unitsOf(graph, chips, outer, hosts) {
  return chips.map((chip, i) => {
    const k = graph.of[i];
    return chip === LEAF ? -1 : k >= 0 && outer[k] >= 0 ? chips.length + outer[k] : hosts[i];
  });
}

function stubsOf(graph, chips, units, only) {
  const stubs = new Array(units.length).fill(SHOWN);
  if (!only) return stubs;
  const asked = new Set(only.filter((i) => i >= 0 && i < units.length).map((i) => units[i]));
  units.forEach((unit, i) => { if (unit >= 0 && !asked.has(unit)) stubs[i] = APART; });
  units.forEach((_, i) => {
    if (stubs[i] !== APART) return;
    const after = ({ source }) => source >= 0 && chips[source] !== LEAF && (stubs[source] === SHOWN || stubs[source] === AFTER);
    if (graph.nodes[i].operands.some(after)) stubs[i] = AFTER;
  });
  for (let i = units.length - 1; i >= 0; i--) {
    if (stubs[i] !== SHOWN && stubs[i] !== BEFORE) continue;
    for (const { source } of graph.nodes[i].operands) if (source >= 0 && units[source] >= 0 && stubs[source] !== SHOWN) stubs[source] = BEFORE;
  }
  return stubs;
}

function framesOf(graph, open, outer, shown) {
  const { groups, nodes } = graph;
  const used = groups.map(() => false);
  nodes.forEach((_, i) => { if (graph.of[i] >= 0 && shown.has(i)) used[graph.of[i]] = true; });
  for (let k = groups.length - 1; k >= 0; k--) {
    if (groups[k].parent >= 0 && (used[k] || shown.has(nodes.length + k))) used[groups[k].parent] = true;
  }
  const frames = [], frameOf = new Map([[-1, -1]]);
  groups.forEach((group, k) => {
    if (!used[k] || outer[k] >= 0) return;
    frameOf.set(k, frames.length);
    frames.push({ id: `g${k}`, group: k, title: group.title, label: group.label, parent: frameOf.get(group.parent) });
  });
  return frames;
}

function badgesOf(graph, units) {
  const found = new Map();
  for (const { kind, node } of graph.problems) {
    if (node < 0 || node >= units.length || units[node] < 0) continue;
    const before = found.get(units[node]) || [];
    if (!before.includes(kind)) found.set(units[node], [...before, kind]);
  }
  return found;
}

// ---- wires

function origin(graph, chips, source) {
  while (chips[source] === SHAPE) source = graph.nodes[source].operands.find((operand) => operand.source >= 0).source;
  return source;
}

function wiresOf(graph, chips, boxes, where, places) {
  const found = [], joined = new Map(), constants = new Map();
  const before = places.has(-BEFORE) ? places.get(-BEFORE) : -1, stubs = new Set([...places].flatMap(([unit, place]) => unit < 0 ? [place] : []));
  boxes.forEach((box, place) => { if (box.id[0] === 'c') constants.set(box.id, place); });
  graph.nodes.forEach((node, i) => {
    const target = where[i];
    if (chips[i] === SHAPE || !node.operands.length || target === before) return;
    const single = boxes[target].node >= 0;
    const labels = single ? labelsOf(graph, node) : [];
    node.operands.forEach((operand, slot) => {
      let source;
      if (operand.source >= 0) source = where[origin(graph, chips, operand.source)];
      else if (single && constants.has(`c${i}_${slot}`)) source = constants.get(`c${i}_${slot}`);
      if (source === undefined || source < 0 || source === target || (stubs.has(source) && stubs.has(target))) return;
      const key = `${source},${target},${single ? slot : -1}`;
      if (joined.has(key)) joined.get(key).count++;
      else {
        const wire = { source, target, slot, label: labels.length ? labels[slot] : '', count: 1 };
        joined.set(key, wire);
        found.push(wire);
      }
    });
  });
  return found;
}

function labelsOf(graph, node) {
  if (graph.ops.get(node.op).commutative || node.operands.filter(({ source }) => source >= 0).length < 2) return [];
  return node.operands.map(({ label }) => label.endsWith(']') ? label.slice(label.indexOf('[') + 1, -1) : label.length <= 2 ? label : '');
}

// ---- boxes

const blank = { lines: [], chips: [], frame: -1, node: -1, group: -1, ops: 0, value: '', gradient: '', badges: [], about: '', shade: -1 };

const kindOf = (graph, i) => graph.results.has(i) && graph.nodes[i].kind === 'op' ? 'loss' : graph.nodes[i].kind;

function circuitBox(graph, i, badges) {
  const { title, kind, value, gradient } = graph.nodes[i];
  return { ...blank, id: `n${i}`, kind: kindOf(graph, i), title, node: i, ops: kind === 'op' ? 1 : 0, value, gradient, badges, about: aboutNode(graph, i) };
}

function nodeBox(graph, i, frame, chips, hidden, options, badges) {
  const node = graph.nodes[i], paint = graph.paint[options.color], lines = [...node.lines];
  const amount = paint ? paint.text(i) : '';
  if (amount && !lines.includes(amount)) lines.push(amount);
  if (node.error) lines.push(node.error);
  const told = node.state !== 'not computed' || (graph.known && node.kind === 'parameter');
  return { ...blank, id: `n${i}`, kind: kindOf(graph, i), title: node.title, lines, chips: chipsIn(graph, i, chips, options.constants), frame, node: i,
    ops: (node.kind === 'op' ? 1 : 0) + hidden, gradient: told ? node.gradient : '', badges, about: aboutNode(graph, i), shade: paint ? paint.shade(i) : -1 };
}

function chipsIn(graph, i, chips, constants) {
  const found = [];
  graph.nodes[i].operands.forEach((operand, slot) => {
    if (operand.source < 0) {
      if (operand.text.endsWith(']') && !constants) found.push({ node: -1, kind: 'constant', text: operand.text, slot });
      return;
    }
    const way = [];
    let source = operand.source;
    while (chips[source] === SHAPE) {
      const { op, options, operands } = graph.nodes[source];
      way.push({ node: source, kind: 'op', text: [op, ...options].join(' '), slot });
      source = operands.find((one) => one.source >= 0).source;
    }
    const leaf = graph.nodes[source];
    if (chips[source] === LEAF) found.push({ node: source, kind: leaf.kind, text: `${leaf.name} ${leaf.type}`, slot });
    found.push(...way.reverse());
  });
  return found;
}

function groupBox(graph, k, frame, color, badges) {
  const group = graph.groups[k], paint = graph.paint[color];
  const lines = [group.label, ...group.lines].filter(Boolean);
  const about = `${group.title}: ${lines.join('; ')}`;
  const amount = paint ? paint.groupText(k) : '';
  if (amount && !lines.includes(amount)) lines.push(amount);
  return { ...blank, id: `g${k}`, kind: 'group', title: group.title, lines, frame, group: k, ops: group.ops, badges, about,
    shade: paint ? paint.groupShade(k) : -1 };
}

function constantBoxes(node, i, frame) {
  return node.operands.flatMap(({ source, text }, slot) => source < 0 && text.endsWith(']')
    ? [{ ...blank, id: `c${i}_${slot}`, kind: 'constant', title: text, frame, about: `constant ${text}` }] : []);
}

function stubBox(graph, stubs, stub, side) {
  const left = graph.nodes.filter((_, i) => stubs[i] === stub);
  const ops = left.filter((node) => node.kind === 'op').length;
  const what = [ops && count(ops, 'operation'), left.length - ops && leavesText(left.length - ops)].filter(Boolean).join(' and ');
  return { ...blank, id: `m${stub}`, kind: 'more', title: `+${grouped(ops || left.length)} more`, lines: [what, side], ops,
    about: `${what} ${side}, not shown` };
}

/** One sentence with everything. */
export function aboutNode(graph, i) {
  const node = graph.nodes[i];
  if (node.kind !== 'op') return `${node.kind} ${node.name}: ${node.type}`;
  const operands = node.operands.map(({ source, text }) => source >= 0 ? graph.nodes[source].name : text);
  return `${node.name}: ${node.type} = ${[node.op, ...operands, ...node.options].join(' ')}${node.kept ? `; ${node.kept}` : ''}`
    + (node.path ? `; in ${node.path} ${node.scope}` : '');
}
