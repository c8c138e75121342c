// The map: namespaces as boxes, who opens stands left of whom it opens to. Places within a box come with the data.
const MOST_OPEN = 150, MOST_ARROWS = 1500;
const CELL = {width: 176, height: 46}, BOX = {pad: 22, head: 26, gap: 44}, CLOSED = {width: 164, height: 50, letters: 17};
// So many boxes are drawn closer, so that their names can be read without zooming.
const MANY = 30;
const M = {cy: null, open: null, only: Boolean(D.diff)};
const COLOURS = {added: '#1a7f37', removed: '#cf222e', changed: '#bc4c00'};

const DARK = window.matchMedia('(prefers-color-scheme: dark)');
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const shownName = node => node.space < 0 ? node.name.replace(/ except .*/, ' …') : node.pods ? node.name.slice(node.name.indexOf('/') + 1).replace(/\[.*?\]/, '') : node.name.slice(node.name.indexOf('/') + 1);

const cut = (text, most) => text.length > most ? `${text.slice(0, most - 1)}…` : text;

// A namespace that is filtered for is opened: whoever asks for one wants to see into it.
const isOpened = id => M.open.has(id) || F.space === SPACES[id];

// Every box with its size: open ones hold their workloads, closed ones are one node.
const boxes = live => {
  const found = SPACES.map((name, id) => {
    const own = NODES.filter(node => node.space === id && live.has(node.id));
    const isOpen = isOpened(id);
    const columns = isOpen ? [...new Set(own.map(node => node.spot[0]))].sort((a, b) => a - b) : [0];
    const places = new Map();
    columns.forEach((column, x) => own.filter(node => node.spot[0] === column).sort((a, b) => a.spot[1] - b.spot[1])
      .forEach((node, y) => places.set(node.id, [x, y])));
    const rows = Math.max(1, ...[...places.values()].map(([, y]) => y + 1));
    const size = isOpen ? {width: columns.length * CELL.width + BOX.pad, height: rows * CELL.height + BOX.pad + BOX.head} : CLOSED;
    return {id, name, own, isOpen, places, width: size.width, height: size.height};
  }).filter(box => box.own.length);
  for (const side of [0, 1]) {
    const own = NODES.filter(node => node.space < 0 && live.has(node.id) && node.spot[0] === side);
    if (!own.length) continue;
    const box = {id: `out${side}`, name: own.every(node => node.block) ? OUTSIDE : 'outside and cluster', own, isOpen: true, places: new Map(own.map((node, y) => [node.id, [0, y]])),
      width: CELL.width + BOX.pad, height: own.length * CELL.height + BOX.pad + BOX.head};
    if (side) found.push(box); else found.unshift(box);
  }
  return found;
};

const gapOf = found => BOX.gap * (found.length > MANY ? 0.7 : 1);

// Boxes in columns from left to right, each as high as makes the whole about as wide as the place for it.
const packed = found => {
  const gap = gapOf(found), shape = Math.min(1.5, Math.max(0.5, panel.clientWidth / (0.68 * window.innerHeight)));
  const area = found.reduce((sum, box) => sum + (box.width + gap) * (box.height + gap), 0);
  const limit = Math.max(...found.map(box => box.height), Math.sqrt(area / shape));
  const columns = [];
  for (const box of found) {
    const last = columns[columns.length - 1];
    const isSide = typeof box.id === 'string';
    if (last && !isSide && !last.isSide && last.height + box.height + gap <= limit) {
      last.boxes.push(box);
      last.height += box.height + gap;
    } else columns.push({boxes: [box], height: box.height, isSide});
  }
  const places = new Map();
  let left = 0;
  for (const column of columns) {
    const width = Math.max(...column.boxes.map(box => box.width));
    let top = -column.height / 2;
    for (const box of column.boxes) {
      places.set(box.id, {x: left + (width - box.width) / 2, y: top});
      top += box.height + gap;
    }
    left += width + gap * (found.length > MANY ? 1 : 1.6);
  }
  return places;
};

const mapEdges = () => {
  const shown = M.only ? [] : SHOWN.map(edge => ({from: edge.from, to: edge.to, text: told(edge), unknown: PORTS[edge.traffic] === 0}));
  if (!D.diff) return shown;
  const changed = shownChanges();
  const pairs = new Set(changed.map(row => `${row.from} ${row.to}`));
  return [...shown.filter(edge => !pairs.has(`${edge.from} ${edge.to}`)),
    ...changed.map(row => ({from: row.from, to: row.to, text: row.what, change: row.change}))];
};

const elements = () => {
  const edges = mapEdges(), route = followed();
  const hops = route ? route.hops : [];
  const live = new Set(edges.flatMap(edge => [edge.from, edge.to]));
  hops.flat().forEach(id => live.add(id));
  if (!M.only && !isFiltered()) ENDS.forEach(node => { if (node.space >= 0) live.add(node.id); });
  const found = boxes(live);
  const places = packed(found), out = [];
  for (const box of found) {
    const {x, y} = places.get(box.id);
    if (!box.isOpen) {
      out.push({data: {id: `s${box.id}`, space: box.id, label: `${cut(box.name, CLOSED.letters)}\n${counted(box.own.length, 'workload')}`}, classes: 'closed', position: {x: x + box.width / 2, y: y + box.height / 2}});
      continue;
    }
    out.push({data: {id: `s${box.id}`, space: box.id, label: box.name}, classes: typeof box.id === 'string' ? 'space outside' : 'space'});
    for (const node of box.own) {
      const [column, row] = box.places.get(node.id);
      out.push({data: {id: `n${node.id}`, node: node.id, parent: `s${box.id}`, label: shownName(node)}, classes: node.block ? 'node block' : 'node',
        position: {x: x + BOX.pad / 2 + (column + 0.5) * CELL.width, y: y + BOX.head + BOX.pad / 2 + (row + 0.5) * CELL.height}});
    }
  }
  const isClosed = node => node.space >= 0 && !isOpened(node.space);
  const endOf = id => isClosed(NODES[id]) ? `s${NODES[id].space}` : `n${id}`;
  const arrows = new Map();
  for (const edge of edges) {
    const [from, to] = [endOf(edge.from), endOf(edge.to)];
    if (from === to) continue;
    const key = `${from} ${to} ${edge.change || ''}`;
    const known = arrows.get(key);
    if (known) known.count += 1; else arrows.set(key, {...edge, source: from, target: to, count: 1});
  }
  let drawn = [...arrows.values()];
  const all = drawn.length, looked = S.looked.node !== undefined ? endOf(S.looked.node) : null;
  if (all > MOST_ARROWS) drawn = drawn.filter(arrow => arrow.source === looked || arrow.target === looked);
  const shut = found.filter(box => !box.isOpen).length;
  const at = new Map(out.filter(each => each.position).map(each => [each.data.id, each.position]));
  const isAbove = ({source, target}) => Math.abs(at.get(source).x - at.get(target).x) < 1 && Math.abs(at.get(source).y - at.get(target).y) > 1.5 * (shut === found.length ? CLOSED.height + gapOf(found) : CELL.height);
  for (const arrow of drawn) {
    const merged = arrow.count > 1;
    out.push({data: {id: `e${arrow.source} ${arrow.target} ${arrow.change || ''}`, source: arrow.source, target: arrow.target, from: arrow.from, to: arrow.to, merged,
      label: merged ? `${arrow.change ? MARKS[arrow.change] + ' ' : ''}${number(arrow.count)}` : cut(arrow.text, 24), width: merged ? Math.min(7, 1.2 + Math.log10(arrow.count) * 1.6) : 1.2},
      classes: [arrow.change || '', arrow.unknown ? 'unknown' : '', isAbove(arrow) ? 'bow' : '', drawn.length > 60 ? 'quiet' : ''].join(' ')});
  }
  hops.forEach(([from, to], step) => {
    const [source, target] = [endOf(from), endOf(to)];
    if (source !== target) out.push({data: {id: `h${step}`, source, target, from, to, label: ''}, classes: isAbove({source, target}) ? 'hop bow' : 'hop'});
  });
  return {elements: out, all, drawn: drawn.length, shut, boxes: found.filter(box => typeof box.id === 'number').length};
};

const styles = () => [
  {selector: 'node', style: {label: 'data(label)', 'font-size': 12, 'font-family': 'system-ui, sans-serif', color: css('--ink'), 'text-valign': 'center', 'text-halign': 'center', 'text-wrap': 'ellipsis', 'text-max-width': 144, shape: 'round-rectangle', width: 152, height: 30, 'background-color': css('--paper'), 'border-width': 1, 'border-color': css('--faint')}},
  {selector: '.space', style: {shape: 'round-rectangle', 'background-color': css('--soft'), 'border-color': css('--line'), 'text-valign': 'top', 'text-halign': 'center', 'font-weight': 'bold', 'text-margin-y': -4, padding: 12, 'text-max-width': 400}},
  {selector: '.outside', style: {'border-style': 'dashed'}},
  {selector: '.closed', style: {'text-wrap': 'wrap', width: CLOSED.width, height: CLOSED.height, 'font-size': 15, 'text-max-width': CLOSED.width, 'background-color': css('--soft'), 'font-weight': 'bold'}},
  {selector: '.block', style: {'background-color': css('--outside'), 'border-style': 'dashed'}},
  {selector: 'edge', style: {'curve-style': 'bezier', width: 1.2, 'line-color': css('--arrow'), 'target-arrow-color': css('--arrow'), 'target-arrow-shape': 'triangle', 'arrow-scale': 0.9, label: 'data(label)', 'font-size': 10, color: css('--ink'), 'text-background-color': css('--paper'), 'text-background-opacity': 0.85, 'text-background-padding': 1, 'text-rotation': 'autorotate', 'min-zoomed-font-size': 6}},
  // Straight down, it would run through whoever stands between.
  {selector: '.bow', style: {'curve-style': 'unbundled-bezier', 'control-point-distances': [110], 'control-point-weights': [0.5]}},
  {selector: 'edge[width]', style: {width: 'data(width)'}},
  {selector: '.quiet', style: {label: '', 'line-opacity': 0.6}},
  {selector: '.unknown', style: {'line-style': 'dashed', 'line-color': css('--doubt'), 'target-arrow-color': css('--doubt')}},
  ...Object.entries(COLOURS).map(([name]) => ({selector: `.${name}`, style: {'line-color': css(`--${name}`), 'target-arrow-color': css(`--${name}`), color: css(`--${name}`), 'line-style': name === 'removed' ? 'dashed' : 'solid', width: name === 'added' ? 3 : 2}})),
  {selector: '.dim', style: {opacity: 0.14, 'text-opacity': 0.25}},
  {selector: 'node.dim', style: {opacity: 0.55, 'text-opacity': 0.8}},
  {selector: '.lit', style: {label: 'data(label)', 'line-opacity': 1, 'z-index': 9}},
  {selector: 'node.looked', style: {'border-width': 3, 'border-color': css('--accent')}},
  {selector: '.hop', style: {width: 3.5, 'line-color': css('--accent'), 'target-arrow-color': css('--accent'), 'z-index': 10}},
];

// Look: what is chosen stands out, with its arrows; all else fades.
const emphasise = () => {
  const cy = M.cy;
  if (!cy) return;
  cy.elements().removeClass('dim lit looked');
  const route = followed();
  if (route) {
    const hops = cy.edges('.hop');
    cy.elements().not(hops).not('.space').addClass('dim');
    hops.connectedNodes().removeClass('dim');
    cy.$(`#n${route.start}`).removeClass('dim').addClass('looked');
    return;
  }
  const {node, pair} = S.looked;
  const chosen = node !== undefined ? cy.$(`#n${node}`) : pair ? cy.$(`#n${pair[0]}, #n${pair[1]}`) : cy.collection();
  if (!chosen.length) return;
  const arrows = node !== undefined ? chosen.connectedEdges() : chosen.edgesWith(chosen);
  cy.edges().not(arrows).addClass('dim');
  cy.nodes('.node, .closed').not(arrows.connectedNodes()).not(chosen).addClass('dim');
  arrows.addClass('lit');
  chosen.addClass('looked');
};

const map = () => {
  if (!M.open) M.open = new Set(NODES.length <= MOST_OPEN ? SPACES.keys() : []);
  const {elements: found, all, drawn, shut, boxes: total} = elements();
  const says = [];
  if (shut) says.push(`${number(shut)} of ${counted(total, 'namespace')} drawn as one box each, with arrows added up: choose a box to open it`);
  if (all > drawn) says.push(`${number(all)} arrows are too many to draw: ${drawn ? 'those of the chosen workload are shown' : 'choose a workload to see its own'}`);
  const box = make('div', {id: 'map', role: 'img', 'aria-label': `Map of ${counted(drawn, 'arrow')}; the table under Connections holds the same`});
  const button = (text, act) => make('button', {type: 'button', onclick: act}, text);
  const view = make('div', {},
    make('p', {class: 'tools'},
      button('Zoom in', () => zoom(1.3)), button('Zoom out', () => zoom(1 / 1.3)), button('Fit', () => M.cy.fit(undefined, 24)),
      button('Open every namespace', () => { M.open = new Set(SPACES.keys()); redraw(); }),
      button('Close every namespace', () => { M.open = new Set(); redraw(); }),
      D.diff ? make('label', {}, make('input', {type: 'checkbox', id: 'only', checked: M.only, onchange: event => { M.only = event.target.checked; redraw(); }}), ' only what changes') : null,
      D.highlights.length ? make('label', {}, 'Follow ', make('select', {onchange: event => lookAt(event.target.value === '' ? {} : {highlight: Number(event.target.value)})},
        make('option', {value: ''}, 'nothing'), D.highlights.map((each, at) => make('option', {value: at, selected: S.looked.highlight === at}, each.title)))) : null),
    says.length ? make('p', {class: 'note', role: 'status'}, says.join('; '), '.') : null,
    box,
    make('p', {class: 'legend', role: 'note'}, 'An arrow: may open connections of the traffic that it says. Dashed ochre: unknown. ',
      D.diff ? [make('span', {class: 'is-added'}, '+ added (bold) '), make('span', {class: 'is-removed'}, '− removed (dashed) '), make('span', {class: 'is-changed'}, '~ changed ')] : null,
      'Choose a workload for what it opens and accepts, an arrow for why.'));
  requestAnimationFrame(() => draw(box, found));
  return view;
};
const zoom = factor => M.cy.zoom({level: M.cy.zoom() * factor, renderedPosition: {x: M.cy.width() / 2, y: M.cy.height() / 2}});

const draw = (box, found) => {
  if (!box.isConnected) return;
  if (M.cy) M.cy.destroy();
  box.classList.toggle('drawn-dark', DARK.matches);
  M.cy = cytoscape({container: box, elements: found, style: styles(), layout: {name: 'preset', fit: true, padding: 24}, minZoom: 0.05, maxZoom: 3, autoungrabify: true, boxSelectionEnabled: false, textureOnViewport: found.length > 800});
  M.cy.on('tap', 'node', event => {
    const {node, space} = event.target.data();
    if (node !== undefined) lookAt({node});
    else if (typeof space === 'number') { if (M.open.has(space)) M.open.delete(space); else M.open.add(space); redraw(); }
  });
  M.cy.on('tap', 'edge', event => {
    const {from, to, merged} = event.target.data();
    if (!merged) lookAt({pair: [from, to]});
    else { S.inside = {from: NODES[from].space, to: NODES[to].space}; show('matrix'); }
  });
  emphasise();
};
