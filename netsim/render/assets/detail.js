// The pane beside the view: a workload with what it opens and accepts, a pair with its verdict's reasons, a policy.
const MOST_LISTED = 60;
const TRUTHS = ['denied', 'allowed', 'unknown'];
const truth = at => make('strong', {class: `truth is-${TRUTHS[at]}`}, TRUTHS[at]);

const policyText = (id, rules) => {
  const policy = D.policies[id];
  if (!policy.text) return make('p', {class: 'where'}, `${policy.name}, ${policy.where}`);
  const spans = policy.rules.filter(([rule]) => rules.includes(rule)).map(rule => rule[4]);
  const lines = policy.text.split('\n').map((line, at) => {
    const hit = spans.some(([first, last]) => first <= at && at <= last);
    return make(hit ? 'mark' : 'span', {}, line + '\n');
  });
  const cited = policy.rules.filter(([rule]) => rules.includes(rule)).map(([rule, , , where]) => `${rule} at ${where}`);
  return make('details', {class: 'text', open: true},
    make('summary', {}, policy.name, make('span', {class: 'where'}, ` ${cited.join(', ') || policy.where}`)),
    make('pre', {tabindex: '0', 'aria-label': `${policy.name}, as written`}, lines));
};

const reasons = (direction, side) => make('div', {class: 'side'}, make('h5', {}, direction),
  make('ul', {}, D.sides[side].map(([text, policy, , misses]) => make('li', {}, text,
    policy >= 0 ? [' ', policyButton(policy, 'policy')] : null,
    misses.length ? make('ul', {}, misses.map(miss => make('li', {class: 'miss'}, miss))) : null))));

const parts = grounds => {
  const [beside, ...classes] = D.grounds[grounds];
  const cited = new Map();
  for (const [, , egress, ingress] of classes) {
    for (const side of [egress, ingress]) {
      for (const [, policy, rule] of D.sides[side]) {
        if (policy < 0) continue;
        if (!cited.has(policy)) cited.set(policy, []);
        if (rule) cited.get(policy).push(rule);
      }
    }
  }
  return [
    beside ? make('p', {}, beside) : null,
    ...classes.map(([verdict, traffic, egress, ingress]) => make('section', {class: 'part'},
      make('h4', {}, truth(verdict), ` ${traffic}`), reasons('egress', egress), reasons('ingress', ingress))),
    ...[...cited].map(([policy, rules]) => policyText(policy, rules)),
  ];
};

// Why nothing is allowed, where the page does not hold each pair's reasons: who isolates either end.
const untold = (from, to) => {
  const isolating = (node, direction) => GOVERNING[node].filter(id => D.policies[id].isolates.includes(direction));
  const list = (title, node, direction) => make('div', {class: 'side'}, make('h5', {}, title), make('ul', {},
    isolating(node, direction).map(id => make('li', {}, policyButton(id), ` isolates its ${direction}`)),
    isolating(node, direction).length ? null : make('li', {}, 'no NetworkPolicy isolates it')));
  return [
    make('h4', {}, truth(0), ' everything'),
    list(`egress of ${NODES[from].name}`, from, 'egress'), list(`ingress of ${NODES[to].name}`, to, 'ingress'),
    make('p', {}, 'A page about so many workloads holds the reasons of what is allowed alone. Ask for the rest: '),
    isLive() ? make('p', {}, make('button', {type: 'button', onclick: () => askAbout('query', {from: NODES[from].name, to: NODES[to].name})}, 'Ask netsim why'))
      : make('pre', {tabindex: '0'}, `netsim reach … --explain --from '${NODES[from].name}' --to '${NODES[to].name}'`),
  ];
};

const direction = (from, to) => {
  const change = changeOf.get(`${from} ${to}`);
  const rows = pairOf(from, to);
  const none = isKnown(from) && isKnown(to) && !NODES[from].block && !NODES[to].block
    ? untold(from, to) : [make('p', {}, D.deniedTold ? 'Nothing is listed.' : 'Nothing of this is in the listing.')];
  return make('section', {}, make('h3', {}, nodeButton(from), ' → ', nodeButton(to)),
    change ? make('p', {class: `change is-${change.change}`}, make('strong', {}, `${change.change}: `), change.what) : null,
    change ? make('ul', {}, change.because.map(line => make('li', {}, line))) : null,
    rows.length ? rows.flatMap(row => parts(row.grounds)) : none);
};
const isKnown = node => NODES[node].pods > 0;

const ends = (title, edges, other, toEnd) => make('section', {}, make('h3', {}, `${title} (${number(edges.length)})`),
  make('ul', {class: 'ends'}, edges.slice(0, MOST_LISTED).map(edge => make('li', {},
    nodeButton(edge[other]), ` ${told(edge)} `, pairButton(edge.from, edge.to)))),
  edges.length > MOST_LISTED ? make('p', {}, `and ${number(edges.length - MOST_LISTED)} more: `,
    make('button', {type: 'button', class: 'link', onclick: () => narrow(toEnd)}, 'list them under Connections')) : null);

const DETAILS = {
  node(id) {
    const node = NODES[id];
    const narrowed = dir => ({text: node.name.toLowerCase(), dir});
    return [
      make('h2', {}, node.name),
      node.labels ? make('p', {class: 'labels'}, node.labels.split(',').map(label => make('code', {}, label))) : null,
      node.pods > 1 ? make('p', {}, counted(node.pods, 'pod')) : null,
      make('p', {}, make('button', {type: 'button', onclick: () => lookAt({highlight: -1, node: id})}, 'Follow what it reaches, hop by hop'),
        isLive() && node.pods ? [' ', make('button', {type: 'button', onclick: () => askAbout('blast', {from: node.name})}, 'Ask what falls with it')] : null),
      node.block ? null : make('p', {}, 'Policies: ', GOVERNING[id].length
        ? GOVERNING[id].flatMap((policy, at) => [at ? ', ' : '', policyButton(policy)])
        : 'none selects it: everything that others permit is allowed'),
      ends('Ingress: may connect to it', IN[id], 'from', narrowed('in')),
      ends('Egress: it may connect to', OUT[id], 'to', narrowed('out')),
    ];
  },
  pair([from, to]) {
    return [make('h2', {}, 'Why'), direction(from, to), make('hr'), direction(to, from)];
  },
  policy(id) {
    const policy = D.policies[id];
    return [
      make('h2', {}, policy.name),
      make('p', {class: 'where'}, policy.where, policy.tier === 'network policy' ? '' : ` · ${policy.tier} tier, priority ${policy.priority}`),
      make('p', {}, policy.isolates.length ? `Isolates ${policy.isolates.join(' and ')}: what no rule allows is denied.` : 'Isolates nothing.'),
      make('h3', {}, `Subjects (${number(policy.subjects.length)})`),
      policy.subjects.length
        ? make('ul', {class: 'ends'}, policy.subjects.slice(0, MOST_LISTED).map(node => make('li', {}, nodeButton(node))),
          policy.subjects.length > MOST_LISTED ? make('li', {}, `and ${number(policy.subjects.length - MOST_LISTED)} more`) : null)
        : make('p', {class: 'gap'}, 'It selects nobody: it does nothing.'),
      make('h3', {}, 'Effects'),
      make('ul', {}, policy.rules.map(([rule, name, action, where]) => make('li', {}, `${rule}${name ? ` "${name}"` : ''} (${where}): ${action}s; `,
        RESTS[id].get(rule) ? `${counted(RESTS[id].get(rule), 'row')} of this page rest on it`
          : make('span', {class: 'gap'}, 'no row of this page rests on it'))),
        policy.rules.length ? null : make('li', {}, 'it has no rule')),
      policyText(id, []),
    ];
  },
  highlight(at) {
    const {title, steps} = followed();
    return [make('h2', {}, title), make('ol', {}, steps.map(step => make('li', {}, step))),
      make('p', {}, make('button', {type: 'button', onclick: () => lookAt(at === -1 ? {node: S.looked.node} : {})}, 'Stop following'))];
  },
};

// What is followed on the map: [from, to] of each hop, and what happens in words.
const followed = () => {
  const {highlight, node} = S.looked;
  if (highlight === undefined) return null;
  if (highlight >= 0) return D.highlights[highlight];
  const {hops, rounds} = hopsFrom(node);
  const steps = rounds.map((end, at) => {
    const own = hops.slice(at ? rounds[at - 1] : 0, end).map(([, to]) => NODES[to].name);
    return `${own.slice(0, 12).join(', ')}${own.length > 12 ? ` and ${number(own.length - 12)} more` : ''}`;
  });
  return {title: `Reachable from ${NODES[node].name}, hop by hop`, start: node, hops,
    steps: steps.length ? [...steps, `${counted(hops.length, 'end')} in all, by the network alone: no identity, no exploit is asked about`] : ['nothing']};
};

const drawDetail = () => {
  const pane = document.getElementById('detail');
  const kind = ['highlight', 'pair', 'policy', 'node'].find(name => S.looked[name] !== undefined);
  pane.replaceChildren(...(kind ? DETAILS[kind](S.looked[kind]) : [make('h2', {}, 'Details'),
    make('p', {class: 'empty'}, 'Choose a workload, a pair or a policy to see what it opens and accepts, and why.')]).filter(Boolean));
  pane.scrollTop = 0;
};
