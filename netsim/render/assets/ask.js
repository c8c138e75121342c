// The page of `netsim explore` alone: questions to the netsim that serves it. Answers come as text, and stay text.
const QUESTIONS = {
  query: {title: 'May one reach the other, and why?', needs: ['from', 'to'], takes: ['from', 'to', 'port']},
  blast: {title: 'What falls if this is taken?', needs: ['from'], takes: ['from']},
  paths: {title: 'How would an attacker get there?', needs: ['from', 'to'], takes: ['from', 'to']},
};
const FIELDS = {
  from: ['From', 'shop/web, internet, 10.0.0.7'],
  to: ['To', 'data/postgres, cluster-admin'],
  port: ['Port', '5432, 53/UDP; every port if empty'],
};
const A = {question: 'query', from: '', to: '', port: '', told: '', failed: false, turn: 0};

const put = async () => {
  const {needs, takes} = QUESTIONS[A.question];
  const missing = needs.filter(name => !A[name].trim());
  const turn = ++A.turn;
  if (missing.length) Object.assign(A, {told: `Say ${missing.map(name => `"${FIELDS[name][0]}"`).join(' and ')}.`, failed: true});
  else {
    Object.assign(A, {told: 'asking…', failed: false});
    answer();
    const fields = takes.filter(name => A[name].trim()).map(name => [name, A[name].trim()]);
    try {
      const reply = await fetch(`api/${A.question}?${new URLSearchParams(fields)}`, {credentials: 'omit', redirect: 'error'});
      const {text, error, hint} = await reply.json();
      if (turn !== A.turn) return;
      Object.assign(A, {told: text || [error, hint && `hint: ${hint}`].filter(Boolean).join('\n'), failed: !reply.ok});
    } catch {
      Object.assign(A, {told: 'netsim does not answer: is `netsim explore` still running?', failed: true});
    }
  }
  answer();
};
const answer = () => {
  const pane = document.getElementById('answer');
  if (!pane) return;
  pane.textContent = A.told;
  pane.classList.toggle('failed', A.failed);
};

const askAbout = (question, fields) => {
  Object.assign(A, {from: '', to: '', port: ''}, fields, {question});
  show('ask');
  put();
};
const ask = () => {
  const line = name => make('label', {}, `${FIELDS[name][0]} `, make('input', {
    id: `a-${name}`, value: A[name], placeholder: FIELDS[name][1], size: 34, autocomplete: 'off', list: name === 'port' ? undefined : 'everyone',
    oninput: event => { A[name] = event.target.value; },
  }));
  const choice = make('select', {id: 'a-question', onchange: event => { A.question = event.target.value; redraw(); document.getElementById('a-question').focus(); }},
    Object.entries(QUESTIONS).map(([name, {title}]) => make('option', {value: name, selected: name === A.question}, title)));
  return make('div', {class: 'ask'}, make('h2', {}, 'Ask'),
    make('form', {'aria-label': 'Question', onsubmit: event => { event.preventDefault(); put(); }},
      make('label', {}, 'Question ', choice), QUESTIONS[A.question].takes.map(line), make('button', {type: 'submit'}, 'Ask')),
    make('pre', {id: 'answer', tabindex: '0', role: 'status', 'aria-live': 'polite', 'aria-label': 'Answer', class: A.failed ? 'failed' : ''}, A.told));
};
