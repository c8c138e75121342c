// The views that are tables: connections, findings, what changes, policies.
const connections = () => sortable({
  label: `Connections${isFiltered() ? ' that pass the filters' : ''}`,
  rows: SHOWN, state: tableState('connections'), empty: 'No connection passes the filters.',
  columns: [
    {head: 'From', key: row => NODES[row.from].name, cell: row => nodeButton(row.from), rowHead: true},
    {head: 'To', key: row => NODES[row.to].name, cell: row => nodeButton(row.to)},
    {head: 'Traffic', key: row => told(row), cell: row => told(row), class: 'traffic'},
    {head: 'Ports', key: row => PORTS[row.traffic], cell: row => portsTold(PORTS[row.traffic]), class: 'number'},
    ...(D.diff ? [{head: 'Change', key: row => changeIn(row), cell: row => changeIn(row)}] : []),
    {head: 'Reasons', cell: row => pairButton(row.from, row.to)},
  ],
});
const portsTold = ports => ports === D.mostPorts ? 'all' : number(ports);
const changeIn = row => {
  const change = changeOf.get(`${row.from} ${row.to}`);
  return change ? `${MARKS[change.change]} ${change.change}` : '';
};

const entries = () => sortable({
  label: 'Ways in from outside', rows: D.entries, state: tableState('entries'), empty: '',
  columns: [
    ['Enters by', 0], ['Via', 1], ['From', 2], ['To', 3], ['Traffic', 4],
  ].map(([head, at]) => ({head, key: row => row[at], cell: row => row[at], rowHead: at === 0}))
    .concat([{head: 'Policies', key: row => row[5], cell: row => row[5] === 0 ? 'blocked by policy' : TRUTHS[row[5]]}]),
});

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];
const findings = () => {
  const state = tableState('findings');
  state.least = state.least === undefined ? SEVERITIES.length - 1 : state.least;
  const rows = D.findings.filter(row => row[2] <= state.least && row.join(' ').toLowerCase().includes(F.text));
  const choice = make('select', {onchange: event => { state.least = Number(event.target.value); redraw(); document.getElementById('severity').focus(); }, id: 'severity'},
    SEVERITIES.map((name, at) => make('option', {value: at, selected: state.least === at}, at === 4 ? 'all' : `${name} and worse`)));
  return make('div', {}, make('p', {}, make('label', {}, 'Severity ', choice)), sortable({
    label: `Findings: ${number(rows.length)} of ${number(D.findings.length)}`, rows, state,
    empty: D.findings.length ? 'No finding passes the filters.' : 'Nothing was found.',
    columns: [
      {head: 'Severity', key: row => row[2], cell: row => make('span', {class: `severity is-${row[1]}`}, row[1]), rowHead: true},
      {head: 'Code', key: row => row[0], cell: row => row[0]},
      {head: 'Object', key: row => row[3], cell: row => row[3]},
      {head: 'Finding', key: row => row[4], cell: row => finding(row), class: 'found'},
      {head: 'Where', key: row => row[7], cell: row => make('span', {class: 'where'}, row[7])},
    ],
  }));
};
const finding = ([code, , , , message, why, hint, , evidence]) => {
  const [title, description, help] = D.checks[code] || ['', '', ''];
  const facts = evidence.map(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]);
  return [make('div', {}, message), make('details', {}, make('summary', {}, title || 'more'),
    make('p', {}, why || description), make('p', {}, hint || help), facts.length ? make('dl', {}, facts) : null)];
};

const changes = () => make('div', {}, make('p', {class: 'lead'}, D.diff.headline), sortable({
  label: 'What changes, the gravest first', rows: shownChanges(), state: tableState('changes'),
  empty: CHANGES.length ? 'No change passes the filters.' : 'No connection differs.',
  columns: [
    {head: 'Change', key: row => row.change, cell: row => make('strong', {class: 'change'}, row.change), rowHead: true},
    {head: 'From', key: row => NODES[row.from].name, cell: row => nodeButton(row.from)},
    {head: 'To', key: row => NODES[row.to].name, cell: row => nodeButton(row.to)},
    {head: 'Traffic', key: row => row.what, cell: row => row.what, class: 'traffic'},
    {head: 'Risks', key: row => row.risks.join(), cell: row => row.risks.join(', ')},
    {head: 'Because', cell: row => row.because.length ? make('ul', {}, row.because.map(line => make('li', {}, line))) : ''},
    {head: 'Reasons', cell: row => pairButton(row.from, row.to)},
  ],
}), D.diff.others.map(([title, lines]) => make('section', {}, make('h3', {}, title), make('ul', {}, lines.map(line => make('li', {}, line))))));

const policies = () => sortable({
  label: 'Policies', state: tableState('policies'),
  rows: D.policies.map((policy, id) => ({...policy, id, rests: [...RESTS[id].values()].reduce((a, b) => a + b, 0)}))
    .filter(row => (F.space === '' || row.namespace === F.space) && `${row.name} ${row.where}`.toLowerCase().includes(F.text)),
  empty: D.policies.length ? 'No policy passes the filters.' : 'The input holds no policy: nothing denies a connection.',
  columns: [
    {head: 'Policy', key: row => row.name, cell: row => policyButton(row.id), rowHead: true},
    {head: 'Subjects', key: row => row.subjects.length, class: 'number', cell: row => row.subjects.length ? number(row.subjects.length) : make('span', {class: 'gap'}, '0: does nothing')},
    {head: 'Isolates', key: row => row.isolates.join(), cell: row => row.isolates.join(', ') || 'nothing'},
    {head: 'Rules', key: row => row.rules.length, class: 'number', cell: row => number(row.rules.length)},
    {head: 'Rows that rest on it', key: row => row.rests, class: 'number', cell: row => number(row.rests)},
    ...(D.policies.some(policy => policy.tier !== 'network policy') ? [{head: 'Tier', key: row => row.tier, cell: row => row.tier}] : []),
    {head: 'Where', key: row => row.where, cell: row => make('span', {class: 'where'}, row.where)},
  ],
});
