// Where does everything stand? The same as `layout.py`, line by line and to the last pixel: read that one; `parity.mjs` compares.
//
// `_name` there is `#name` here, `a // b` is `div(a, b)`, a place is a spot, and tuples are arrays. Numbers stay whole and below
// 2 ** 53. A spread list is never long where it becomes arguments, of which an engine takes only so many.

export const place = (() => {
  const SPACING = { cross: 24, flow: 32, wire: 12, pad: 12, title: 20 };
  const FAR = 2 ** 40;
  const DEEP = 1, HIGH = 2;

  const div = (a, b) => Math.floor(a / b);
  const zeros = (n) => new Array(n).fill(0);
  const lists = (n) => Array.from({ length: n }, () => []);
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  const most = (numbers, least) => numbers.reduce((a, b) => (b > a ? b : a), least);
  const least = (numbers) => numbers.reduce((a, b) => (b < a ? b : a));
  const numbers = (a, b) => a - b;
  const inTurn = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const push = (map, key, value) => (map.has(key) ? map.get(key).push(value) : map.set(key, [value]));

  class Part {
    constructor(items) {
      this.items = items;
      this.nets = [];
      this.rows = [];
      this.entries = [];
      this.exits = [];
      this.start = [];
      this.end = [];
      this.lanes = 0;
      this.bridges = new Map();
      this.flow = this.cross = 0;
    }
  }

  class Net {
    constructor(source, origin) {
      this.source = source;
      this.origin = origin;
      this.part = null;
      this.targets = new Map();
      this.way = [];
      this.long = false;
      this.lane = this.out = -1;
      this.back = new Map();
    }
  }

  class Layout {
    constructor(sizes, wires, frameOf, frames, sideways, spacing, wrap) {
      this.count = sizes.length;
      this.thin = sizes.length + frames.length;
      Object.assign(this, { wires, frames, sideways, spacing, wrap });
      this.around = [...frameOf, ...frames.map(([parent]) => parent)];
      this.flow = [...sizes.map((size) => size[sideways ? 0 : 1]), ...zeros(frames.length)];
      this.cross = [...sizes.map((size) => size[sideways ? 1 : 0]), ...zeros(frames.length)];
      this.tail = [...sizes.map((size) => size[2] ?? 0), ...zeros(frames.length)];
      this.rankOf = zeros(this.thin);
      this.at = zeros(this.thin);
      this.x = zeros(this.thin);
      this.y = zeros(this.thin);
      this.into = lists(this.thin);
      this.out = lists(this.thin);
      this.above = lists(this.thin);
      this.below = lists(this.thin);
      this.ends = zeros(wires.length);
      this.ports = new Map();
      this.nesting = this.#nesting();
      [this.incoming, this.depth, this.height, this.reading] = this.#read();
      this.pieces = this.#split();
      this.first = this.#first();
      this.parts = this.#parts();
    }

    // The page is last in lists of frames: at -1 in Python, at their length here.
    level(frame) {
      return frame < 0 ? this.frames.length : frame;
    }

    #nesting() {
      const nesting = [...this.frames.map(() => -1), 0];
      for (let frame of range(this.frames.length)) {
        const way = [];
        while (nesting[this.level(frame)] < 0) {
          way.push(frame);
          frame = this.frames[frame][0];
        }
        for (const inner of way.reverse()) nesting[inner] = nesting[this.level(this.frames[inner][0])] + 1;
      }
      return nesting;
    }

    #read() {
      const { count, wires } = this;
      const incoming = lists(count), used = new Array(count).fill(false);
      for (const w of range(wires.length).sort((a, b) => wires[a][2] - wires[b][2])) {
        incoming[wires[w][1]].push(w);
        used[wires[w][0]] = true;
      }
      const order = [], state = zeros(count);
      for (const output of [...range(count).filter((i) => !used[i]), ...range(count)]) {
        const stack = [output];
        while (stack.length) {
          const box = stack[stack.length - 1];
          if (state[box] === 0) {
            state[box] = 1;
            for (let k = incoming[box].length - 1; k >= 0; k--) {
              const operand = wires[incoming[box][k]][0];
              if (state[operand] === 0) stack.push(operand);
            }
          } else {
            stack.pop();
            if (state[box] === 1) {
              state[box] = 2;
              order.push(box);
            }
          }
        }
      }
      const depth = zeros(count), height = zeros(count), reading = zeros(count);
      order.forEach((box, i) => {
        reading[box] = i;
        for (const w of incoming[box]) depth[box] = Math.max(depth[box], depth[wires[w][0]] + 1);
      });
      for (const box of order.reverse()) {
        for (const w of incoming[box]) height[wires[w][0]] = Math.max(height[wires[w][0]], height[box] + 1);
      }
      return [incoming, depth, height, reading];
    }

    #item(level) {
      this.around.push(level);
      for (const list of [this.flow, this.cross, this.tail, this.rankOf, this.at, this.x, this.y]) list.push(0);
      for (const list of [this.above, this.below, this.into, this.out]) list.push([]);
      return this.x.length - 1;
    }

    #portKey(frame, source, out) {
      return (frame * this.count + source) * 2 + (out ? 1 : 0);
    }

    #port(frame, source, out) {
      const key = this.#portKey(frame, source, out);
      if (!this.ports.has(key)) this.ports.set(key, this.#item(frame));
      return this.ports.get(key);
    }

    #split() {
      const nets = new Map(), pieces = lists(this.wires.length);

      const piece = (level, w, a, b) => {
        const [source, target] = this.wires[w], key = (level + 1) * this.count + source;
        if (!nets.has(key)) {
          nets.set(key, new Net(source, a));
          this.out[a].push(nets.get(key));
        }
        const net = nets.get(key);
        if (!net.targets.has(b)) {
          net.targets.set(b, 0);
          this.into[b].push(net);
        }
        net.targets.set(b, net.targets.get(b) | (this.depth[target] === this.depth[source] + 1 ? DEEP : 0)
          | (this.height[source] === this.height[target] + 1 ? HIGH : 0));
        return [net, b];
      };

      for (const box of range(this.count).sort((a, b) => this.reading[a] - this.reading[b])) {
        for (const w of this.incoming[box]) {
          let a = this.wires[w][0], b = box;
          const inward = [];
          while (this.around[a] !== this.around[b]) {
            const outer = this.around[a], inner = this.around[b];
            if (this.nesting[this.level(outer)] >= this.nesting[this.level(inner)]) {
              pieces[w].push(piece(outer, w, a, this.#port(outer, this.wires[w][0], true)));
              a = this.count + outer;
            } else {
              inward.push(piece(inner, w, this.#port(inner, this.wires[w][0], false), b));
              b = this.count + inner;
            }
          }
          pieces[w].push(piece(this.around[a], w, a, b), ...inward.reverse());
        }
      }
      return pieces;
    }

    // ---- rows

    rank(level) {
      for (const part of this.parts[this.level(level)]) {
        this.#ranks(part);
        this.#ways(part);
      }
    }

    #first() {
      const first = [...this.reading, ...new Array(this.x.length - this.count).fill(FAR)];
      for (let i = 0; i < this.count; i++) {
        let frame = this.around[i];
        while (frame >= 0 && first[this.count + frame] > first[i]) {
          first[this.count + frame] = first[i];
          frame = this.frames[frame][0];
        }
      }
      return first;
    }

    #parts() {
      const inside = lists(this.frames.length + 1);
      for (const item of range(this.x.length).sort((a, b) => this.first[a] - this.first[b])) {
        inside[this.level(this.around[item])].push(item);
      }
      return inside.map((items) => this.#hanging(items));
    }

    #hanging(items) {
      const parts = [], seen = new Set(), passed = new Set(), ported = [];
      for (const item of items) {
        if (seen.has(item)) continue;
        seen.add(item);
        const found = [item];
        for (const other of found) {
          for (const net of [...this.out[other], ...this.into[other]]) {
            for (const end of passed.has(net) ? [] : [net.origin, ...net.targets.keys()]) {
              if (!seen.has(end)) {
                seen.add(end);
                found.push(end);
              }
            }
            passed.add(net);
          }
        }
        if (found.some((i) => i >= this.thin)) for (const i of found) ported.push(i);
        else parts.push(found);
      }
      return [...(ported.length ? [ported] : []), ...parts].map((part) =>
        new Part(part.sort((a, b) => this.first[a] - this.first[b] || a - b)));
    }

    #ranks(part) {
      const { rankOf: rank, into, out } = this;
      part.entries = part.items.filter((i) => i >= this.thin && !into[i].length);
      part.exits = part.items.filter((i) => i >= this.thin && !out[i].length);
      const order = this.#forward(part.items), turn = new Map(order.map((item, i) => [item, i])), loose = new Map();
      for (const i of order) {
        const before = into[i].filter((net) => turn.get(net.origin) < turn.get(i));
        const own = before.filter((net) => net.targets.size === 1);
        const port = i >= this.thin;
        rank[i] = before.length ? most(before.map((net) => rank[net.origin] + 1), 0)
          : part.entries.length && !(port && !into[i].length) ? 1 : 0;
        loose.set(i, !port && before.length === into[i].length && own.length >= Math.min(1, before.length) && before.every((net) =>
          loose.get(net.origin) && (net.targets.size === 1 || !into[net.origin].length)));
      }
      let last = most(order.map((i) => rank[i]), 0);
      if (part.exits.length) {
        last = most(order.filter((i) => i < this.thin || !into[i].length).map((i) => rank[i]), 0) + 1;
        for (const i of part.exits) rank[i] = last;
      }
      for (const i of order.reverse()) {
        if (loose.get(i)) {
          const users = out[i].flatMap((net) => [...net.targets.keys()].filter((t) => turn.get(t) > turn.get(i)));
          if (users.length) rank[i] = least(users.map((t) => rank[t])) - 1;
        }
      }
      part.rows = lists(last + 1);
    }

    #forward(items) {
      const missing = new Map(items.map((i) => [i, this.into[i].length]));
      const head = items.filter((i) => !missing.get(i));
      for (const i of head) {
        for (const net of this.out[i]) {
          for (const target of net.targets.keys()) {
            missing.set(target, missing.get(target) - 1);
            if (!missing.get(target)) head.push(target);
          }
        }
      }
      if (head.length === items.length) return head;
      const core = items.filter((i) => missing.get(i) > 0);
      const left = new Map(core.map((i) => [i, sum(this.out[i].map((net) =>
        [...net.targets.keys()].filter((t) => missing.get(t) > 0).length))]));
      const rest = core.filter((i) => !left.get(i));
      for (const i of rest) {
        for (const net of this.into[i]) {
          if (left.has(net.origin)) {
            left.set(net.origin, left.get(net.origin) - 1);
            if (!left.get(net.origin)) rest.push(net.origin);
          }
        }
      }
      return [...head, ...core.filter((i) => left.get(i) > 0), ...rest.reverse()];
    }

    #ways(part) {
      const rank = this.rankOf;
      part.nets = part.items.flatMap((i) => this.out[i]);
      const length = part.nets.map((net) => sum([...net.targets.keys()].map((t) => Math.max(0, rank[t] - rank[net.origin] - 1))));
      let total = sum(length);
      const limit = 8 * part.items.length + 400;
      for (const k of range(length.length).sort((a, b) => length[b] - length[a])) {
        if (total <= limit) break;
        part.nets[k].long = true;
        total -= length[k];
      }
      for (const net of part.nets) {
        if (!net.long) {
          let previous = net.origin;
          const far = most([...net.targets.keys()].map((t) => rank[t]), 0);
          for (let r = rank[net.origin] + 1; r < far; r++) {
            const item = this.#item(this.around[net.origin]);
            rank[item] = r;
            net.way.push(item);
            this.#join(previous, item);
            previous = item;
          }
        }
      }
      for (const i of part.items) {
        for (const net of this.out[i]) net.part = part;
        for (const net of this.into[i]) {
          if (!this.inLane(net, i)) this.#join(this.hop(net, i), i);
        }
      }
    }

    #join(a, b) {
      this.below[a].push(b);
      this.above[b].push(a);
    }

    inLane(net, target) {
      const distance = this.rankOf[target] - this.rankOf[net.origin];
      return distance < 1 || (net.long && distance > 1);
    }

    hop(net, target) {
      const distance = this.rankOf[target] - this.rankOf[net.origin];
      return distance === 1 ? net.origin : net.way[distance - 2];
    }

    // ---- order

    arrange(level) {
      for (const part of this.parts[this.level(level)]) {
        this.#firstOrder(part);
        this.#sweep(part);
        for (const row of part.rows) {
          for (const item of row) if (this.count <= item && item < this.thin) this.#orderPorts(item);
        }
      }
    }

    #firstOrder(part) {
      part.entries.sort((a, b) => this.at[a] - this.at[b]);
      part.exits.sort((a, b) => this.at[a] - this.at[b]);
      const seen = new Set();
      for (const output of [...part.exits, ...part.items.filter((i) => !this.below[i].length)]) {
        const stack = [output];
        while (stack.length) {
          const item = stack[stack.length - 1];
          if (!seen.has(item)) {
            seen.add(item);
            for (let k = this.above[item].length - 1; k >= 0; k--) {
              if (!seen.has(this.above[item][k])) stack.push(this.above[item][k]);
            }
          } else {
            stack.pop();
            if (this.at[item] >= 0) {
              this.at[item] = -1;
              part.rows[this.rankOf[item]].push(item);
            }
          }
        }
      }
      if (part.entries.length) part.rows[0] = part.entries;
      if (part.exits.length) part.rows[part.rows.length - 1] = part.exits;
      this.#number(part.rows);
    }

    #number(rows) {
      for (const row of rows) row.forEach((item, i) => { this.at[item] = i; });
    }

    #sweep(part) {
      const rows = part.rows, size = sum(rows.map((row) => row.length));
      const low = part.entries.length ? 1 : 0, high = rows.length - (part.exits.length ? 1 : 0);
      let best = rows.map((row) => row.slice()), fewest = this.crossings(rows), idle = 0;
      for (let sweep = 0; sweep < (size < 400 ? 24 : size < 4000 ? 8 : 4); sweep++) {
        if (fewest === 0 || idle === 4) break;
        if (sweep % 2 === 0) for (let r = low; r < high; r++) this.#sort(rows[r], this.above);
        else for (let r = high - 1; r >= low; r--) this.#sort(rows[r], this.below);
        if (size < 400) this.#swap(rows, low, high);
        const found = this.crossings(rows);
        idle += 1;
        if (found < fewest) [best, fewest, idle] = [rows.map((row) => row.slice()), found, 0];
      }
      part.rows = best;
      this.#number(best);
    }

    #sort(row, towards) {
      const at = this.at, key = new Map();
      for (const i of row) {
        if (towards[i].length) key.set(i, div(sum(towards[i].map((o) => at[o])) * 1000, towards[i].length));
      }
      if (key.size < 2) return;
      const sorted = [...key.keys()].sort((a, b) => key.get(a) - key.get(b));
      let next = 0;
      row.forEach((item, i) => { if (key.has(item)) row[i] = sorted[next++]; });
      row.forEach((item, i) => { at[item] = i; });
    }

    #swap(rows, low, high) {
      const at = this.at;
      for (let round = 0; round < 4; round++) {
        let better = false;
        for (const row of rows.slice(low, high)) {
          for (let i = 0; i < row.length - 1; i++) {
            const a = row[i], b = row[i + 1];
            if (this.#between(b, a) < this.#between(a, b)) {
              [row[i], row[i + 1]] = [b, a];
              [at[b], at[a]] = [i, i + 1];
              better = true;
            }
          }
        }
        if (!better) break;
      }
    }

    #between(a, b) {
      const at = this.at;
      let total = 0;
      for (const towards of [this.above, this.below]) {
        const right = towards[b].map((o) => at[o]).sort(numbers);
        for (const o of towards[a]) {
          const spot = at[o];
          for (const other of right) {
            if (other >= spot) break;
            total += 1;
          }
        }
      }
      return total;
    }

    crossings(rows) {
      const at = this.at;
      let total = 0;
      for (const row of rows) {
        const passed = [];
        for (const item of row) {
          const spots = this.below[item].map((o) => at[o]).sort(numbers);
          for (const spot of spots) total += passed.length - bisect(passed, spot);
          for (const spot of spots) passed.splice(bisect(passed, spot), 0, spot);
        }
      }
      return total;
    }

    #orderPorts(item) {
      const frame = item - this.count, port = (net, out) => this.ports.get(this.#portKey(frame, net.source, out));
      const come = this.into[item].map((net) =>
        [this.inLane(net, item) ? FAR : this.at[this.hop(net, item)], this.reading[net.source], port(net, false)]);
      const go = this.out[item].map((net) => {
        const next = [...net.targets.keys()].filter((t) => this.rankOf[t] === this.rankOf[item] + 1);
        const near = [...net.way.slice(0, 1), ...next].map((t) => this.at[t]);
        return [near.length ? div(sum(near) * 1000, near.length) : FAR, this.reading[net.source], port(net, true)];
      });
      for (const ports of [come.sort(inTurn), go.sort(inTurn)]) ports.forEach((entry, i) => { this.at[entry[2]] = i; });
    }

    // ---- places

    measure(level) {
      for (const part of this.parts[this.level(level)]) {
        this.#across(part);
        this.#lanes(part);
        this.#along(part, level);
      }
      this.#pack(level);
    }

    offset(item, source, out) {
      if (this.count <= item && item < this.thin) {
        return this.x[this.ports.get(this.#portKey(item - this.count, source, out))] - div(this.cross[item], 2);
      }
      return 0;
    }

    leaves(net) {
      return this.x[net.origin] + this.offset(net.origin, net.source, true);
    }

    comes(net, target) {
      if (this.inLane(net, target)) return net.lane;
      return this.rankOf[target] === this.rankOf[net.origin] + 1 ? this.leaves(net) : this.x[this.hop(net, target)];
    }

    apart(a, b) {
      const thin = (a >= this.thin ? 1 : 0) + (b >= this.thin ? 1 : 0);
      const between = [this.spacing.cross, div(this.spacing.cross + this.spacing.wire, 2), this.spacing.wire][thin];
      return this.cross[a] - div(this.cross[a], 2) + between + div(this.cross[b], 2);
    }

    #across(part) {
      const { x, cross } = this, rows = part.rows;
      const [up, down] = this.#pulls(part), line = this.#lines(part, up, down);
      const straight = new Set([...line.keys(), ...[...line.values()].map(([a]) => a)]);
      const packed = [];
      for (const row of rows) {
        const starts = zeros(row.length);
        for (let k = 1; k < row.length; k++) starts[k] = starts[k - 1] + this.apart(row[k - 1], row[k]);
        row.forEach((item, k) => { x[item] = starts[k]; });
        packed.push(starts);
      }
      const size = sum(rows.map((row) => row.length));
      for (let sweep = 0; sweep < (size < 400 ? 8 : 4); sweep++) {
        const towards = sweep % 2 === 0 ? up : down;
        for (const r of sweep % 2 === 0 ? range(rows.length) : range(rows.length).reverse()) {
          const row = rows[r];
          const wishes = row.map((i) => (towards.has(i) ? middle(towards.get(i).map(([o, d]) => x[o] + d)) : x[i]));
          const weights = row.map((i) => (!towards.has(i) ? 1 : straight.has(i) && i < this.thin ? 256 : 16));
          settled(wishes, weights, packed[r]).forEach((spot, k) => { x[row[k]] = spot; });
        }
      }
      this.#straighten(part, up, down, line);
      const items = rows.flat();
      const left = least(items.map((i) => x[i] - div(cross[i], 2)));
      for (const item of items) x[item] -= left;
      part.cross = most(items.map((i) => x[i] - div(cross[i], 2) + cross[i]), 0);
    }

    #pulls(part) {
      const up = [new Map(), new Map(), new Map()], down = [new Map(), new Map()];
      for (const net of part.nets) {
        let shift = this.offset(net.origin, net.source, true), previous = net.origin, high = 0;
        const port = net.origin >= this.thin ? 1 : 0;
        for (const [target, mark] of net.targets) {
          if (this.inLane(net, target)) continue;
          const near = this.rankOf[target] === this.rankOf[net.origin] + 1;
          const delta = (near ? shift : 0) - this.offset(target, net.source, false);
          const hop = this.hop(net, target);
          push(up[mark & DEEP ? 1 + port : 0], target, [hop, delta]);
          push(down[mark & HIGH && (near || hop === net.way[net.way.length - 1]) ? 1 : 0], hop, [target, -delta]);
          high = near || !(mark & HIGH) ? high : 1;
        }
        for (const item of net.way) {
          up[0].set(item, [[previous, shift]]);
          push(down[previous === net.origin ? high : 1], previous, [item, -shift]);
          [previous, shift] = [item, 0];
        }
      }
      return [new Map([...up[0], ...up[1], ...up[2]]), new Map([...down[0], ...down[1]])];
    }

    #lines(part, up, down) {
      const line = new Map();
      for (const row of part.rows) {
        const kept = [];
        for (const a of row) {
          for (const [b, delta] of down.get(a) ?? []) {
            const thin = a >= this.thin && b >= this.thin;
            if (up.get(b)[0][0] !== a || !(thin || (down.get(a).length === 1 && up.get(b).length === 1))) continue;
            while (kept.length && thin && this.at[b] < kept[kept.length - 1][0] && !kept[kept.length - 1][2]) line.delete(kept.pop()[1]);
            if (!kept.length || this.at[b] > kept[kept.length - 1][0]) {
              kept.push([this.at[b], b, thin]);
              line.set(b, [a, -delta]);
            }
          }
        }
      }
      return line;
    }

    #straighten(part, up, down, line) {
      const block = new Map(), inner = new Map(), members = [];
      for (const row of part.rows) {
        for (const i of row) {
          if (line.has(i)) {
            const [a, delta] = line.get(i);
            block.set(i, block.get(a));
            inner.set(i, inner.get(a) + delta);
            members[block.get(i)].push(i);
          } else {
            block.set(i, members.length);
            inner.set(i, 0);
            members.push([i]);
          }
        }
      }
      const left = lists(members.length), right = lists(members.length);
      for (const row of part.rows) {
        for (let k = 1; k < row.length; k++) {
          const p = row[k - 1], q = row[k], distance = this.apart(p, q) + inner.get(p) - inner.get(q);
          right[block.get(p)].push([block.get(q), distance]);
          left[block.get(q)].push([block.get(p), distance]);
        }
      }
      const order = range(members.length).filter((b) => !left[b].length), missing = left.map((pairs) => pairs.length);
      for (const b of order) {
        for (const [c] of right[b]) {
          missing[c] -= 1;
          if (!missing[c]) order.push(c);
        }
      }
      const wish = members.map((items) => middle(items.map((i) => this.x[i] - inner.get(i))));
      const low = wish.slice(), high = wish.slice(), backwards = order.slice().reverse();
      for (const b of order) for (const [a, distance] of left[b]) low[b] = Math.max(low[b], low[a] + distance);
      for (const b of backwards) for (const [c, distance] of right[b]) high[b] = Math.min(high[b], high[c] - distance);
      const x = low.map((p, b) => div(p + high[b], 2));
      const pulls = members.map((items, b) => items.flatMap((i) => balanced(up.get(i) ?? [], down.get(i) ?? [])
        .filter(([o]) => block.get(o) !== b).map(([o, d]) => [block.get(o), inner.get(o) + d - inner.get(i)])));
      for (let sweep = 0; sweep < (block.size < 400 ? 8 : 4); sweep++) {
        for (const b of sweep % 2 ? order : backwards) {
          if (pulls[b].length) {
            let want = middle(pulls[b].map(([o, d]) => x[o] + d));
            if (want > x[b]) for (const [c, distance] of right[b]) want = Math.min(want, x[c] - distance);
            if (want < x[b]) for (const [a, distance] of left[b]) want = Math.max(want, x[a] + distance);
            x[b] = want;
          }
        }
      }
      for (const [i, b] of block) this.x[i] = x[b] + inner.get(i);
    }

    #lanes(part) {
      const starts = lists(part.rows.length + 1), ends = lists(part.rows.length + 2);
      for (const net of part.nets) {
        const heights = [...net.targets.keys()].filter((t) => this.inLane(net, t)).map((t) => this.rankOf[t]);
        if (heights.length) {
          const gaps = [this.rankOf[net.origin] + 1, ...heights];
          starts[least(gaps)].push([net, most(gaps, 0)]);
        }
      }
      const free = [], edge = part.cross + this.spacing.wire;
      starts.forEach((nets, gap) => {
        for (const lane of ends[gap]) free.push(lane);
        for (const [net, last] of nets) {
          if (!free.length) {
            free.push(edge + this.spacing.wire * part.lanes);
            part.lanes += 1;
          }
          net.lane = free.pop();
          ends[last + 1].push(net.lane);
        }
      });
      part.cross += this.spacing.wire * part.lanes;
    }

    #along(part, level) {
      const bend = this.#ends(part), wire = this.spacing.wire, rows = part.rows;
      const out = zeros(rows.length), back = zeros(rows.length);
      for (const net of part.nets) {
        const lanes = [...net.targets.keys()].filter((t) => this.inLane(net, t));
        if (lanes.length) net.out = out[this.rankOf[net.origin]] += wire;
        for (const t of lanes) net.back.set(t, back[this.rankOf[t]] += wire);
      }
      const head = this.#head(level);
      let y = part.entries.length ? 0 : head;
      rows.forEach((row, r) => {
        y += back[r];
        part.start.push(y);
        const length = most(row.map((i) => this.flow[i]), 0);
        for (const i of row) {
          const room = length - this.flow[i];
          this.y[i] = y + (!this.above[i].length ? room : !this.below[i].length ? 0 : div(room, 2));
        }
        y = most(row.map((i) => this.y[i] + this.flow[i] + this.tail[i]), y);
        part.end.push(y);
        y += out[r];
        if (r + 1 < rows.length) {
          const entry = r === 0 && part.entries.length > 0;
          if (entry || (r + 2 === rows.length && part.exits.length)) {
            y += (entry ? head : this.spacing.pad) + (bend[r] ? this.#slope(bend[r]) : 0);
          } else {
            y += this.#slope(bend[r]);
          }
        }
      });
      part.flow = y;
      for (const net of part.nets) {
        net.out += part.end[this.rankOf[net.origin]];
        for (const [t, distance] of net.back) net.back.set(t, part.start[this.rankOf[t]] - distance);
      }
      if (level < 0 && this.wrap > 0 && this.wrap < part.flow && !part.lanes) this.#fold(part);
    }

    #fold(part) {
      const wire = this.spacing.wire, rows = part.rows, passing = lists(rows.length + 1);
      for (const net of part.nets) {
        const r = this.rankOf[net.origin];
        for (let k = r; k <= r + net.way.length; k++) passing[k + 1].push(net);
      }
      let cross = 0, first = 0, top = part.start[0], r = 0;
      part.flow = 0;
      while (r < rows.length) {
        r = first + 1;
        while (r < rows.length && part.end[r] - part.start[first] <= this.wrap) r += 1;
        if (r < rows.length) {
          let cut = r;
          for (let k = r; k > first + div(r - first, 2); k--) if (passing[k].length < passing[cut].length) cut = k;
          r = cut;
        }
        const items = rows.slice(first, r).flat();
        const left = least(items.map((i) => this.x[i] - div(this.cross[i], 2)));
        this.#shift(part, first, r, top - part.start[first], cross - left);
        const edge = most(items.map((i) => this.x[i] - div(this.cross[i], 2) + this.cross[i]), 0);
        const nets = passing[r].map((net) => [-this.passes(net, r - 1), net.source, net]).sort(inTurn);
        top = wire * nets.length + this.spacing.flow;
        nets.forEach(([, source], k) => {
          part.bridges.set(r * this.count + source, [part.end[r - 1] + wire * (k + 1), edge + wire * (k + 1), wire * (k + 1)]);
        });
        part.flow = Math.max(part.flow, part.end[r - 1] + wire * nets.length);
        part.cross = edge;
        [cross, first] = [edge + wire * nets.length + this.spacing.cross, r];
      }
    }

    #shift(part, first, stop, flow, cross) {
      for (let r = first; r < stop; r++) {
        part.start[r] += flow;
        part.end[r] += flow;
        for (const i of part.rows[r]) {
          this.y[i] += flow;
          this.x[i] += cross;
          if (i < this.count) for (const w of this.incoming[i]) this.ends[w] += cross;
        }
      }
    }

    passes(net, row) {
      const distance = row - this.rankOf[net.origin];
      return distance ? this.x[net.way[distance - 1]] : this.leaves(net);
    }

    #slope(bend) {
      return Math.max(this.spacing.flow, Math.min(div(bend, 4), 3 * this.spacing.flow));
    }

    #head(level) {
      return level < 0 ? 0 : this.spacing.pad + (this.sideways ? 0 : this.spacing.title);
    }

    #ends(part) {
      const bend = zeros(part.rows.length + 1);
      for (const net of part.nets) {
        let x = this.leaves(net), r = this.rankOf[net.origin];
        for (const item of net.way) {
          bend[r] = Math.max(bend[r], Math.abs(x - this.x[item]));
          [x, r] = [this.x[item], r + 1];
        }
        for (const t of net.targets.keys()) {
          if (t >= this.count && !this.inLane(net, t)) {
            r = this.rankOf[t] - 1;
            bend[r] = Math.max(bend[r], Math.abs(this.comes(net, t) - this.x[t] - this.offset(t, net.source, false)));
          }
        }
      }
      for (const box of part.items) {
        if (box < this.count && this.incoming[box].length) {
          const x = this.x[box], near = div(3 * this.cross[box], 8), side = div(this.cross[box], 4);
          const netOf = (w) => this.pieces[w][this.pieces[w].length - 1][0];
          const come = this.incoming[box].map((w, k) => [this.comes(netOf(w), box), k, w]).sort(inTurn);
          const n = come.length;
          const wishes = come.map(([c]) => (Math.abs(c - x) <= near ? c : n === 1 ? x : c < x ? x - side : x + side));
          const weights = come.map(([c]) => (Math.abs(c - x) <= near ? 256 : 1));
          const gap = Math.max(0, Math.min(this.spacing.wire, div(div(this.cross[box], 2) - 2, Math.max(1, n - 1))));
          const first = x - div(this.cross[box], 2) + 1, last = first + this.cross[box] - 2;
          settled(wishes, weights, range(n).map((i) => gap * i)).forEach((end, i) => {
            const [c, , w] = come[i];
            this.ends[w] = Math.max(first + i * gap, Math.min(last - (n - 1 - i) * gap, end));
            if (!this.inLane(netOf(w), box)) {
              bend[this.rankOf[box] - 1] = Math.max(bend[this.rankOf[box] - 1], Math.abs(c - this.ends[w]));
            }
          });
        }
      }
      return bend;
    }

    #pack(level) {
      const parts = this.parts[this.level(level)], spacing = this.spacing;
      const pad = level < 0 ? 0 : spacing.pad, head = this.#head(level);
      const side = pad + (this.sideways && level >= 0 ? spacing.title : 0);
      const area = sum(parts.map((part) => (part.flow + spacing.flow) * (part.cross + spacing.cross)));
      let limit = 1;
      while (limit * limit < area) limit += div(limit, 8) + 1;
      limit = most(parts.map((part) => part.flow), limit);
      let flow = head, cross = side, width = 0, total = head;
      for (const part of parts) {
        const ported = part.entries.length + part.exits.length > 0;
        if (width && flow + part.flow - head > limit) [flow, cross, width] = [head, cross + width + spacing.cross, 0];
        this.#move(part, ported ? 0 : flow - head, cross);
        width = Math.max(width, part.cross);
        total = Math.max(total, flow - head + part.flow + (part.exits.length ? 0 : pad));
        flow = ported ? limit + head : flow + part.flow - head + spacing.flow;
      }
      cross += width + pad;
      if (level < 0) {
        this.size = [total, cross];
        return;
      }
      const title = this.frames[level][1] + 2 * pad;
      if (this.sideways) {
        total = Math.max(total, title);
      } else if (cross < title) {
        for (const part of parts) this.#move(part, 0, div(title - cross, 2));
        cross = title;
      }
      for (const part of parts) {
        if (part.exits.length) {
          part.start[part.start.length - 1] = part.end[part.end.length - 1] = total;
          for (const i of part.exits) this.y[i] = total;
        }
      }
      this.flow[this.count + level] = Math.max(total, head + pad);
      this.cross[this.count + level] = cross;
    }

    #move(part, flow, cross) {
      this.#shift(part, 0, part.rows.length, flow, cross);
      for (const [key, [out, lane, back]] of part.bridges) part.bridges.set(key, [out + flow, lane + cross, back + flow]);
      for (const net of part.nets) {
        net.lane += cross;
        net.out += flow;
        for (const [t, y] of net.back) net.back.set(t, y + flow);
      }
    }

    // ---- points

    route(net, target, end) {
      const { part, origin } = net;
      let x = this.leaves(net), r = this.rankOf[origin];
      const points = [[this.y[origin] + this.flow[origin], x], [part.end[r], x]];
      if (this.inLane(net, target)) {
        const back = net.back.get(target);
        points.push([net.out, x], [net.out, net.lane], [back, net.lane], [back, end]);
      } else {
        for (const item of net.way.slice(0, this.rankOf[target] - r - 1)) {
          r = this.rankOf[item];
          points.push(...this.#bridge(net, r, x, this.x[item]), [part.start[r], this.x[item]], [part.end[r], this.x[item]]);
          x = this.x[item];
        }
        points.push(...this.#bridge(net, r + 1, x, end));
      }
      return [...points, [part.start[this.rankOf[target]], end], [this.y[target], end]];
    }

    #bridge(net, row, a, b) {
      const bridge = net.part.bridges.get(row * this.count + net.source);
      if (!bridge) return [];
      const [out, lane, back] = bridge;
      return [[out, a], [out, lane], [back, lane], [back, b]];
    }

    placement(levels) {
      const corner = [...this.frames, 0].map(() => [0, 0]);
      const cornerOf = (item) => corner[this.level(this.around[item])];
      for (const level of levels.slice(1)) {
        const i = this.count + level, [flow, cross] = cornerOf(i);
        corner[level] = [flow + this.y[i], cross + this.x[i] - div(this.cross[i], 2)];
      }
      const places = range(this.thin).map((i) => {
        const flow = cornerOf(i)[0] + this.y[i], cross = cornerOf(i)[1] + this.x[i] - div(this.cross[i], 2);
        return this.sideways ? [flow, cross, this.flow[i], this.cross[i]] : [cross, flow, this.cross[i], this.flow[i]];
      });
      const wires = this.pieces.map((pieces, w) => {
        const points = [];
        for (const [net, target] of pieces) {
          const end = target < this.count ? this.ends[w] : this.x[target] + this.offset(target, net.source, false);
          const [flow, cross] = cornerOf(target);
          for (const [a, b] of this.route(net, target, end)) points.push([flow + a, cross + b]);
        }
        const line = simple(points);
        return this.sideways ? line : line.map(([y, x]) => [x, y]);
      });
      const [width, height] = this.sideways ? this.size : [this.size[1], this.size[0]];
      return { boxes: places.slice(0, this.count), frames: places.slice(this.count), wires, width, height };
    }
  }

  function middle(places) {
    const n = places.length;
    return n === 1 ? places[0] : div(2 * sum(places) + n, 2 * n);
  }

  function balanced(up, down) {
    if (up.length > 1 && down.length <= 1) return up;
    return down.length > 1 && up.length <= 1 ? down : [...up, ...down];
  }

  function settled(wishes, weights, starts) {
    if (wishes.length === 1) return wishes;
    const blocks = [];
    wishes.forEach((wish, i) => {
      let spot = wish - starts[i], total = spot * weights[i], heavy = weights[i], n = 1;
      while (blocks.length && blocks[blocks.length - 1][0] > spot) {
        const [, t, h, m] = blocks.pop();
        [total, heavy, n] = [total + t, heavy + h, n + m];
        spot = div(2 * total + heavy, 2 * heavy);
      }
      blocks.push([spot, total, heavy, n]);
    });
    const levels = blocks.flatMap(([spot, , , n]) => new Array(n).fill(spot));
    return levels.map((level, i) => level + starts[i]);
  }

  function simple(points) {
    const line = [];
    for (const p of points) {
      while (line.length > 1) {
        const [a, b] = line.slice(-2);
        if ((b[0] - a[0]) * (p[1] - b[1]) !== (b[1] - a[1]) * (p[0] - b[0])) break;
        line.pop();
      }
      const last = line[line.length - 1];
      if (!last || last[0] !== p[0] || last[1] !== p[1]) line.push(p);
    }
    return line;
  }

  function bisect(sorted, value) {
    let low = 0, high = sorted.length;
    while (low < high) {
      const half = (low + high) >> 1;
      if (value < sorted[half]) high = half;
      else low = half + 1;
    }
    return low;
  }

  return function place(sizes, wires, frameOf, frames, direction = "TB", wrap = 0, spacing = SPACING) {
    const layout = new Layout(sizes, wires, frameOf, frames, direction === "LR", spacing, wrap);
    const nesting = (frame) => layout.nesting[layout.level(frame)];
    const levels = [-1, ...range(frames.length)].sort((a, b) => nesting(a) - nesting(b));
    for (const level of levels) layout.rank(level);
    for (const level of levels) layout.arrange(level);
    for (const level of levels.slice().reverse()) layout.measure(level);
    return layout.placement(levels);
  };
})();
