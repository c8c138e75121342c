// Small makers of elements, tables that can be sorted, and what is selected.
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
};
const number = count => count.toLocaleString('en');
const counted = (count, noun) => `${number(count)} ${count === 1 ? noun : noun.endsWith('y') ? noun.slice(0, -1) + 'ies' : noun + 's'}`;
const MARKS = {added: '+', removed: '−', changed: '~'};
const PAGE = 100;

// A name may break after a slash and before a kind, and nowhere else.
const broken = name => name.split(/(?<=[/,])|(?=\[)/).flatMap((part, at) => at ? [make('wbr'), part] : [part]);
const nodeButton = id => make('button', {type: 'button', class: 'link', 'data-node': id, onclick: () => lookAt({node: id})}, broken(NODES[id].name));
const pairButton = (from, to, text = 'why') => make('button', {
  type: 'button', class: 'link', 'aria-label': `${text}: ${NODES[from].name} to ${NODES[to].name}`,
  onclick: () => lookAt({pair: [from, to]}),
}, text);
const policyButton = (id, text) => make('button', {type: 'button', class: 'link', onclick: () => lookAt({policy: id})}, broken(text || D.policies[id].name));

// A table of rows: columns are {head, key, cell, number}. Sorting is by the key; a page holds PAGE rows.
const sortable = ({label, columns, rows, state, empty}) => {
  const holder = make('div', {class: 'table'});
  const draw = () => {
    const sorted = state.by === undefined ? rows : [...rows].sort((a, b) => {
      const one = columns[state.by].key(a), other = columns[state.by].key(b);
      return (one < other ? -1 : one > other ? 1 : 0) * (state.down ? -1 : 1);
    });
    const pages = Math.max(1, Math.ceil(sorted.length / PAGE));
    state.page = Math.min(state.page || 0, pages - 1);
    const part = sorted.slice(state.page * PAGE, (state.page + 1) * PAGE);
    const heads = columns.map((column, at) => make('th', {
      scope: 'col', 'aria-sort': state.by === at ? (state.down ? 'descending' : 'ascending') : undefined,
    }, column.key ? make('button', {type: 'button', class: 'sort', 'data-at': at, onclick: () => {
      state.down = state.by === at && !state.down;
      state.by = at;
      draw();
      holder.querySelector(`[data-at="${at}"]`).focus();
    }}, column.head, make('span', {'aria-hidden': 'true'}, state.by === at ? (state.down ? ' ▼' : ' ▲') : '')) : column.head));
    const table = make('table', {}, make('caption', {}, label),
      make('thead', {}, make('tr', {}, heads)),
      make('tbody', {}, part.map(row => make('tr', {class: row.change ? `is-${row.change}` : undefined}, columns.map((column, at) =>
        make(at === 0 && column.rowHead ? 'th' : 'td', {scope: at === 0 && column.rowHead ? 'row' : undefined, class: column.class}, column.cell(row)))))));
    holder.replaceChildren(table);
    if (!rows.length) holder.append(make('p', {class: 'empty'}, empty));
    if (pages > 1) holder.append(pager(pages, sorted.length));
  };
  const pager = (pages, total) => {
    const go = step => () => { state.page += step; draw(); holder.querySelector('.pager').focus(); };
    const first = state.page * PAGE + 1, last = Math.min(total, first + PAGE - 1);
    return make('p', {class: 'pager', tabindex: '-1'},
      make('button', {type: 'button', disabled: state.page === 0, onclick: go(-1)}, 'Previous'),
      ` rows ${number(first)} to ${number(last)} of ${number(total)} `,
      make('button', {type: 'button', disabled: state.page === pages - 1, onclick: go(1)}, 'Next'));
  };
  draw();
  return holder;
};

// What is looked at: {node}, {pair: [from, to]}, {policy}, {highlight}; and the view.
const S = {view: 'matrix', looked: {}, tables: {}};
const tableState = name => S.tables[name] || (S.tables[name] = {page: 0});
let lookAt, redraw;
// Whether the netsim that made the page is there to be asked: ask.js is on a page of `netsim explore` alone.
const isLive = () => typeof ask === 'function';
