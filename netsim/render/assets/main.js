// The page: its tabs, its filters, and what follows from a choice.
const VIEWS = [
  ['diff', 'Changes', changes, Boolean(D.diff)],
  ['matrix', 'Matrix', matrix, true],
  ['connections', 'Connections', () => make('div', {}, connections(), D.entries.length ? entries() : null), true],
  ['map', 'Map', map, true],
  ['findings', 'Findings', findings, true],
  ['policies', 'Policies', policies, true],
  ['ask', 'Ask', () => ask(), isLive()],
].filter(view => view[3]);

const panel = document.getElementById('panel');
redraw = () => {
  const [name, , view] = VIEWS.find(([key]) => key === S.view);
  if (M.cy) { M.cy.destroy(); M.cy = null; }
  panel.replaceChildren(view());
  panel.setAttribute('aria-labelledby', `tab-${name}`);
  document.getElementById('shown').textContent = isFiltered() ? `${counted(SHOWN.length, 'row')} of ${number(EDGES.length)}` : '';
};

const show = name => {
  S.view = name;
  for (const [key] of VIEWS) {
    const tab = document.getElementById(`tab-${key}`);
    tab.setAttribute('aria-selected', String(key === name));
    tab.tabIndex = key === name ? 0 : -1;
  }
  redraw();
};

lookAt = looked => {
  const followedBefore = S.looked.highlight !== undefined;
  S.looked = looked;
  drawDetail();
  if (S.view !== 'map' && looked.highlight !== undefined) show('map');
  else if (S.view === 'map') {
    const isHidden = looked.node !== undefined && (!M.cy || !M.cy.$(`#n${looked.node}`).length || D.edges.length / 5 > MOST_ARROWS);
    if (followedBefore || looked.highlight !== undefined || isHidden) {
      if (looked.node !== undefined && NODES[looked.node].space >= 0) M.open.add(NODES[looked.node].space);
      redraw();
    } else emphasise();
  }
  if (window.matchMedia('(max-width: 60rem)').matches) document.getElementById('detail').focus();
};

const tabs = document.getElementById('tabs');
tabs.append(...VIEWS.map(([key, title]) => make('button', {
  type: 'button', role: 'tab', id: `tab-${key}`, 'aria-controls': 'panel', onclick: () => show(key),
}, title, key === 'findings' && D.findings.length ? ` (${number(D.findings.length)})` : '')));
tabs.addEventListener('keydown', event => {
  const at = VIEWS.findIndex(([key]) => key === S.view);
  const next = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: VIEWS.length - 1}[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const [key] = VIEWS[(next + VIEWS.length) % VIEWS.length];
  show(key);
  document.getElementById(`tab-${key}`).focus();
});

const field = name => document.getElementById(`f-${name}`);
const narrow = ({text = '', space = '', dir = '', view = 'connections'}) => {
  field('text').value = text;
  field('ns').value = space;
  field('dir').value = dir;
  read();
  show(view);
};
const read = () => {
  const port = portOf(field('port').value);
  field('port').setAttribute('aria-invalid', String(port === undefined));
  document.getElementById('f-port-error').textContent = port === undefined ? 'a port is 443, 53/UDP or 8000-8080' : '';
  Object.assign(F, {text: field('text').value.trim().toLowerCase(), space: field('ns').value, dir: field('dir').value, port: port || null});
  for (const state of Object.values(S.tables)) state.page = 0;
  filter();
};
let waiting;
const later = () => { clearTimeout(waiting); waiting = setTimeout(() => { read(); redraw(); }, 150); };
document.getElementById('filters').addEventListener('input', event => {
  if (event.target.id !== 'f-node') { later(); return; }
  const found = NODES.find(node => node.name === event.target.value);
  if (found) lookAt({node: found.id});
});
document.getElementById('filters').addEventListener('submit', event => event.preventDefault());
document.getElementById('filters').addEventListener('reset', () => setTimeout(() => { read(); redraw(); }));

field('ns').append(...[...SPACES].sort().map(name => make('option', {value: name}, name)),
  ...(ENDS.some(node => node.space < 0) ? [make('option', {value: OUTSIDE}, OUTSIDE)] : []));
document.getElementById('everyone').append(...ENDS.map(node => make('option', {value: node.name})));

const {summary} = D;
document.getElementById('summary').textContent = [
  `${counted(summary.endpoints, 'workload')} in ${counted(SPACES.length, 'namespace')}`, counted(summary.policies, 'policy'),
  counted(summary.connections, 'connection') + (summary.connections === EDGES.length ? '' : `, in ${counted(EDGES.length, 'row')}`), summary.unknown ? `${number(summary.unknown)} unknown` : null,
  D.findings.length ? counted(D.findings.length, 'finding') : null, D.diff ? D.diff.headline : null,
].filter(Boolean).join(' · ');
const notes = [...D.assumptions.map(text => `assumption: ${text}`), ...D.warnings.map(text => `warning: ${text}`)];
document.getElementById('assumptions').append(...notes.map(text => make('li', {}, text)));
document.querySelector('#notes summary').textContent = `Assumptions and warnings (${number(notes.length)})`;

// Colours of the map come from the style sheet, which follows the system's scheme.
DARK.addEventListener('change', () => { if (S.view === 'map') redraw(); });

// On paper: every table, whole pages of them, instead of the one view of the screen.
window.addEventListener('beforeprint', () => {
  const sections = VIEWS.filter(([key]) => !['map', 'ask', S.view].includes(key)).map(([, title, view]) => make('section', {class: 'printed'}, make('h2', {}, title), view()));
  panel.append(...sections);
});
window.addEventListener('afterprint', () => panel.querySelectorAll('.printed').forEach(section => section.remove()));

drawDetail();
show(D.diff ? 'diff' : isLive() && !D.edges.length ? 'ask' : 'matrix');
