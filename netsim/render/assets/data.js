// The data of the page, and the questions that the views ask of it. Every text of it is the input's own: it reaches the
// page by `textContent` alone.
const D = JSON.parse(document.getElementById('data').textContent);
const SPACES = D.nodes.namespaces;
const NODES = D.nodes.all.map(([name, space, labels, pods, spot, block], id) =>
  ({id, name, space, labels, pods, spot, block, search: `${name} ${labels}`.toLowerCase()}));
const OUTSIDE = 'outside';

const decoded = (flat, width) => {
  const rows = [];
  for (let at = 0; at < flat.length; at += width) rows.push(flat.slice(at, at + width));
  return rows;
};
const EDGES = decoded(D.edges, 5).map(([from, to, traffic, unknown, grounds], id) =>
  ({id, from, to, traffic, unknown, grounds}));
const DENIED = decoded(D.denied, 3).map(([from, to, grounds]) => ({from, to, grounds}));

const byPair = new Map();
for (const row of [...EDGES, ...DENIED]) {
  const key = `${row.from} ${row.to}`;
  if (!byPair.has(key)) byPair.set(key, []);
  byPair.get(key).push(row);
}
const pairOf = (from, to) => byPair.get(`${from} ${to}`) || [];

const OUT = NODES.map(() => []), IN = NODES.map(() => []);
for (const edge of EDGES) {
  OUT[edge.from].push(edge);
  IN[edge.to].push(edge);
}

// How many ports a traffic holds, on a scale of four: for the eye, never for counting.
const PORTS = D.traffics.map(([, ranges]) => ranges.reduce((sum, [, first, last]) => sum + last - first + 1, 0));
D.mostPorts = 3 * 65535;
const heatOf = ports => ports === 0 ? 0 : ports <= 2 ? 1 : ports <= 20 ? 2 : ports < 65535 ? 3 : 4;
const HEATS = ['nothing', '1 or 2 ports', 'up to 20 ports', 'more', 'every port of a protocol'];

const told = edge => {
  const unknown = D.traffics[edge.unknown][0];
  return [D.traffics[edge.traffic][0], unknown && `unknown: ${unknown}`].filter(Boolean).join('; ');
};
const spaceName = node => node.space < 0 ? OUTSIDE : SPACES[node.space];

// What changed, by pair.
const CHANGES = D.diff ? D.diff.rows.map(([change, from, to, what, risks, because], id) =>
  ({id, change, from, to, what, risks, because})) : [];
const changeOf = new Map(CHANGES.map(row => [`${row.from} ${row.to}`, row]));

// Whether something is an end of rows, and not only of what is followed: an account, a Secret, a node's kubelet.
const isEnd = ({id, pods}) => pods > 0 || OUT[id].length > 0 || IN[id].length > 0 || CHANGES.some(row => row.from === id || row.to === id);
const ENDS = NODES.filter(isEnd);

// Which connections rest on which policy.
const RESTS = D.policies.map(() => new Map());
const policiesOf = D.grounds.map(([, ...parts]) => {
  const found = new Set();
  for (const [truth, , egress, ingress] of parts) {
    if (truth === 0) continue;
    for (const side of [egress, ingress]) {
      for (const [, policy, rule] of D.sides[side]) if (policy >= 0) found.add(`${policy} ${rule}`);
    }
  }
  return [...found].map(key => [Number(key.split(' ')[0]), key.slice(key.indexOf(' ') + 1)]);
});
for (const edge of EDGES) {
  for (const [policy, rule] of policiesOf[edge.grounds]) {
    RESTS[policy].set(rule, (RESTS[policy].get(rule) || 0) + 1);
  }
}
const GOVERNING = NODES.map(() => []);
D.policies.forEach((policy, id) => policy.subjects.forEach(node => GOVERNING[node].push(id)));

// The filters.
const F = {text: '', space: '', dir: '', port: null};

// `443`, `53/UDP`, `8000-8080`: [protocol or '', first, last]; null for none; undefined for what is no port.
const portOf = text => {
  const trimmed = text.trim();
  if (!trimmed) return null;
  const found = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(trimmed);
  if (!found) return undefined;
  const first = Number(found[1]), last = Number(found[2] || found[1]);
  if (first < 1 || last > 65535 || first > last) return undefined;
  return [(found[3] || '').toUpperCase(), first, last];
};
const meets = (traffic, [protocol, first, last]) => D.traffics[traffic][1].some(([own, low, high]) =>
  (!protocol || protocol === own) && low <= last && first <= high);

const spaceIs = node => F.space === '' || spaceName(node) === F.space;
const textIs = node => F.text === '' || node.search.includes(F.text);
const fits = node => spaceIs(node) && textIs(node);
const passes = (from, to) => {
  switch (F.dir) {
    case 'in': return fits(to);
    case 'out': return fits(from);
    case 'self': return from.space === to.space && (fits(from) || fits(to)) && spaceIs(from);
    case 'cross': return from.space !== to.space && (fits(from) || fits(to));
    default: return fits(from) || fits(to);
  }
};
const isShown = edge => passes(NODES[edge.from], NODES[edge.to])
  && (!F.port || meets(edge.traffic, F.port) || meets(edge.unknown, F.port));
const isFiltered = () => F.text !== '' || F.space !== '' || F.dir !== '' || F.port !== null;
let SHOWN = EDGES;
const filter = () => { SHOWN = isFiltered() ? EDGES.filter(isShown) : EDGES; };
const shownChanges = () => CHANGES.filter(row => passes(NODES[row.from], NODES[row.to]));

// Hop by hop, what may be reached from a node: [from, to] by the first way found, nearest first.
const hopsFrom = start => {
  const seen = new Set([start]), hops = [], rounds = [];
  let edge = [start];
  while (edge.length) {
    const next = [];
    for (const at of edge) {
      for (const row of OUT[at]) {
        if (!isShown(row) && isFiltered()) continue;
        if (seen.has(row.to)) continue;
        seen.add(row.to);
        hops.push([at, row.to]);
        if (!NODES[row.to].block) next.push(row.to);
      }
    }
    if (hops.length > (rounds.length ? rounds[rounds.length - 1] : 0)) rounds.push(hops.length);
    edge = next;
  }
  return {hops, rounds};
};
