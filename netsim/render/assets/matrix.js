// The matrix: namespace by namespace, and workload by workload within two namespaces. A row opens, a column accepts.
const MOST_SIDE = 120;

// Sums by pair of groups: {rows, ports, unknown, change}.
const sums = (edges, groupOf) => {
  const found = new Map();
  for (const edge of edges) {
    const from = groupOf(NODES[edge.from]), to = groupOf(NODES[edge.to]);
    if (from === null || to === null) continue;
    const key = `${from} ${to}`;
    const cell = found.get(key) || {count: 0, ports: 0, unknown: false, first: edge};
    cell.count += 1;
    cell.ports = Math.max(cell.ports, PORTS[edge.traffic]);
    cell.unknown = cell.unknown || (PORTS[edge.traffic] === 0 && PORTS[edge.unknown] > 0);
    found.set(key, cell);
  }
  return found;
};

// A table that arrow keys walk through, of which one cell is in the order of the Tab key.
const gridOf = ({label, rows, columns, cell}) => {
  const body = rows.map((row, y) => make('tr', {}, make('th', {scope: 'row'}, row.name),
    columns.map((column, x) => {
      const {text, heat, title, act, mark} = cell(row, column);
      return make('td', {
        class: `heat-${heat}${mark ? ` is-${mark}` : ''}${act ? ' acts' : ''}`, tabindex: x === 0 && y === 0 ? '0' : '-1',
        'aria-label': title, title, 'data-x': x, 'data-y': y, onclick: act,
        onkeydown: event => { if (act && (event.key === 'Enter' || event.key === ' ')) { event.preventDefault(); act(); } },
      }, text);
    })));
  const table = make('table', {class: 'matrix', role: 'grid', 'aria-label': label, onkeydown: event => walk(event, table)},
    make('thead', {}, make('tr', {}, make('th', {scope: 'col', class: 'corner'}, 'opens ↓  accepts →'),
      columns.map(column => make('th', {scope: 'col'}, make('span', {}, column.name))))),
    make('tbody', {}, body));
  return make('div', {class: 'scroll'}, table);
};
const STEPS = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]};
const walk = (event, table) => {
  const at = event.target.closest('td'), step = STEPS[event.key];
  if (!at || !step) return;
  const next = table.querySelector(`[data-x="${Number(at.dataset.x) + step[0]}"][data-y="${Number(at.dataset.y) + step[1]}"]`);
  if (!next) return;
  event.preventDefault();
  at.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
};

const legend = () => make('p', {class: 'legend', role: 'note'}, 'Shade: ',
  HEATS.slice(1).map((text, at) => [make('span', {class: `swatch heat-${at + 1}`, 'aria-hidden': 'true'}, '  '), ` ${text}  `]),
  ' and · for nothing, ? for unknown');

const marked = (from, to) => {
  const found = CHANGES.filter(row => from(NODES[row.from]) && to(NODES[row.to])).map(row => row.change);
  return ['added', 'changed', 'removed'].find(change => found.includes(change));
};

const matrix = () => {
  const {from, to} = S.inside || {};
  return from === undefined ? byNamespace() : byWorkload(from, to);
};

const byNamespace = () => {
  const groups = [...SPACES.map((name, id) => ({id, name})), ...(ENDS.some(node => node.space < 0) ? [{id: -1, name: OUTSIDE}] : [])];
  const found = sums(SHOWN, node => node.space);
  const live = new Set([...found.keys()].flatMap(key => key.split(' ').map(Number)));
  const kept = isFiltered() || groups.length > MOST_SIDE ? groups.filter(group => live.has(group.id)) : groups;
  const shown = kept.slice(0, MOST_SIDE);
  return make('div', {},
    make('h2', {}, 'Namespace by namespace'),
    make('p', {}, `A number counts rows from workloads of the one to workloads of the other. Choose a cell to open it.`),
    kept.length > shown.length ? make('p', {class: 'note'}, `The first ${MOST_SIDE} of ${number(kept.length)} namespaces are shown: filter to see others.`) : null,
    legend(),
    gridOf({label: 'Matrix, namespace by namespace', rows: shown, columns: shown, cell: (row, column) => {
      const sum = found.get(`${row.id} ${column.id}`);
      const mark = CHANGES.length ? marked(node => node.space === row.id, node => node.space === column.id) : undefined;
      const change = mark ? ` ${MARKS[mark]}` : '';
      if (!sum) return {text: `·${change}`, heat: 0, mark, title: `${row.name} to ${column.name}: nothing${mark ? `, ${mark}` : ''}`, act: () => open(row.id, column.id)};
      return {text: `${number(sum.count)}${sum.unknown ? '?' : ''}${change}`, heat: heatOf(sum.ports), mark,
        title: `${row.name} to ${column.name}: ${counted(sum.count, 'row')}, at most ${HEATS[heatOf(sum.ports)]}${mark ? `, some ${mark}` : ''}`,
        act: () => open(row.id, column.id)};
    }}));
};
const open = (from, to) => { S.inside = {from, to}; redraw(); document.getElementById('back').focus(); };

const short = text => text.length <= 12 ? text.replace(/^TCP /, '') : `${text.slice(0, 11).replace(/^TCP /, '')}…`;
const byWorkload = (from, to) => {
  const nameOf = space => space < 0 ? OUTSIDE : SPACES[space];
  const inSpace = space => ENDS.filter(node => node.space === space);
  const edges = SHOWN.filter(edge => NODES[edge.from].space === from && NODES[edge.to].space === to);
  const found = sums(edges, node => node.id);
  const own = (space, end) => {
    const all = inSpace(space);
    const live = new Set(edges.map(edge => edge[end]));
    return all.length > MOST_SIDE || isFiltered() ? all.filter(node => live.has(node.id)) : all;
  };
  const rows = own(from, 'from'), columns = own(to, 'to');
  const left = rows.length > MOST_SIDE || columns.length > MOST_SIDE;
  return make('div', {},
    make('p', {}, make('button', {type: 'button', id: 'back', onclick: () => { S.inside = undefined; redraw(); }}, '← every namespace')),
    make('h2', {}, `${nameOf(from)} → ${nameOf(to)}, workload by workload`),
    left ? make('p', {class: 'note'}, `${number(rows.length)} by ${number(columns.length)} is more than the ${MOST_SIDE} by ${MOST_SIDE} shown: filter by text to see others.`) : null,
    legend(),
    gridOf({label: 'Matrix, workload by workload', rows: rows.slice(0, MOST_SIDE).map(shortened), columns: columns.slice(0, MOST_SIDE).map(shortened), cell: (row, column) => {
      const sum = found.get(`${row.id} ${column.id}`);
      const change = changeOf.get(`${row.id} ${column.id}`);
      const mark = change && change.change;
      const title = `${row.full} to ${column.full}: ${sum ? told(sum.first) : 'nothing'}${mark ? `, ${mark}` : ''}`;
      const act = row.id === column.id ? undefined : () => lookAt({pair: [row.id, column.id]});
      if (!sum) return {text: (row.id === column.id ? '' : '·') + (mark ? ` ${MARKS[mark]}` : ''), heat: 0, mark, title, act};
      const text = short(sum.unknown ? '?' : D.traffics[sum.first.traffic][0]);
      return {text: text + (mark ? ` ${MARKS[mark]}` : ''), heat: heatOf(sum.ports), mark, title, act};
    }}));
};
const shortened = node => ({id: node.id, full: node.name, name: node.space < 0 ? node.name : node.name.slice(node.name.indexOf('/') + 1)});
