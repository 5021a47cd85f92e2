// SPDX-License-Identifier: Apache-2.0
//
// The statement: every change and why. A line opens its explanation.
import {at, get} from '../api.js';
import {show} from '../dialog.js';
import {button, empty, h, heading, icon, renew} from '../dom.js';
import {isMe, news, path, profile} from '../me.js';
import {failed} from '../notices.js';
import {when} from '../post_card.js';
import {board, inside, moment, number, sentence, signed, words} from '../words.js';

const kFirst = 30;
const kMore = 100;

// The lines of one currency or all, the newest first, as far as they were asked
// for. They do not change: new ones come before them.
class Lines {
  constructor(currency, signal) {
    this.currency = currency;
    this.signal = signal;
    this.all = [];
    this.before = null;
    this.asked = 0; // the latest answer alone counts
  }

  page(limit, before) {
    const asked = new URLSearchParams({
      limit,
      ...(this.currency && {currency: this.currency}),
      ...(before && {before}),
    });
    return get(`/api/members/me/statement?${asked}`, {signal: this.signal});
  }

  async addOlder() {
    const from = this.before;
    const {lines, before} = await this.page(kMore, from);
    if (from !== this.before) return;
    this.all.push(...lines);
    this.before = before;
  }

  // Those that came since; all anew if that is more than a page.
  async addNewer() {
    const turn = ++this.asked;
    const {lines, before} = await this.page(kFirst);
    if (turn !== this.asked) return;
    const [newest] = this.all;
    const known = lines.findIndex((one) => one.seq === newest?.seq && one.n === newest?.n);
    if (known >= 0) {
      this.all.unshift(...lines.slice(0, known));
    } else {
      this.all = lines;
      this.before = before;
    }
  }
}

const isBadge = (line) => line.currency.startsWith('badge:');
const nameOf = (line) =>
  isBadge(line) ? `badge ${inside(line.currency.slice(6))}` : inside(line.currency);

// What a rule says of itself, or else what kind of change it was.
function whyOf(line) {
  if (line.why) return sentence(line.why);
  // "prize:expert_of_the_month/0": of a season, with which of its prizes.
  const [, prized] = line.rule.match(/^prize:([^/]+)/) ?? [];
  if (prized) return `A season's prize: ${board(prized)}`;
  const what = words(line.rule || line.event_type);
  return line.kind === 'award' ? what : `${words(line.kind)}: ${what}`;
}

// To a member, what it was to them; to an admin, as the command prints it.
const isGiver = (rule) => rule.gave ?? rule.verdict === 'fired';

// What a rule gave, or else what it says of itself.
function ruleSays(rule, effects) {
  const awards = effects.filter(
    (one) => one.kind === 'awarded' && one.rule === rule.rule && isMe(one.member),
  );
  if (awards.length === 0) {
    const said = rule.sentence ?? `${rule.verdict}. ${rule.why.join(' ')}`;
    return sentence(said.replace(`"${rule.describe}" `, ''));
  }
  return awards
    .map(
      (one) =>
        `${signed(one.units)} ${inside(one.currency)}` +
        (one.cut ? ` of ${number(one.asked)}, because of a limit (${inside(one.cut)})` : ''),
    )
    .join(', ');
}

const ruleList = (rules, effects) =>
  h(
    'ul',
    {class: 'rules'},
    rules.map((rule) =>
      h(
        'li',
        {class: isGiver(rule) ? 'gave' : 'not'},
        icon(isGiver(rule) ? 'check' : 'down'),
        h(
          'div',
          {},
          h('b', {}, rule.describe || words(rule.rule)),
          h('p', {}, ruleSays(rule, effects)),
        ),
      ),
    ),
  );

function explanation(told, line) {
  const effects = told.effects ?? told.outcome.effects;
  const gave = told.rules.filter(isGiver);
  const others = told.rules.filter((rule) => !isGiver(rule));
  return [
    h('p', {class: 'soft'}, `${words(line.event_type)}, ${moment(line.time)}.`),
    told.notices?.length > 0 &&
      h(
        'ul',
        {class: 'told'},
        told.notices.map((notice) => h('li', {}, sentence(notice.text))),
      ),
    gave.length > 0 ? ruleList(gave, effects) : h('p', {}, whyOf(line)),
    others.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, 'What else was asked, and gave nothing'),
        ruleList(others, effects),
      ),
  ];
}

async function explain(line) {
  try {
    const told = await get(at`/api/explain/${line.event}`);
    await show(
      isBadge(line) ? `Why ${nameOf(line)}?` : `Why ${signed(line.units)} ${nameOf(line)}?`,
      explanation(told, line),
    );
  } catch (error) {
    failed(error);
  }
}

function row(line) {
  return h(
    'tr',
    {class: `path-${path(line.currency)}`},
    h(
      'th',
      {scope: 'row'},
      h(
        'button',
        {
          type: 'button',
          class: 'link',
          onclick: () => explain(line),
          'data-key': `${line.seq}.${line.n}`,
          'aria-haspopup': 'dialog',
        },
        whyOf(line),
      ),
      line.cut && h('span', {class: 'tag'}, `Less: ${inside(line.cut)}`),
      when(line.time),
    ),
    h(
      'td',
      {class: `amount ${line.units < 0 ? 'minus' : 'plus'}`},
      signed(line.units),
      ' ',
      h('span', {class: 'unit'}, nameOf(line)),
    ),
    h('td', {class: 'amount balance'}, isBadge(line) ? '' : number(line.balance)),
  );
}

function table(lines) {
  return h(
    'table',
    {class: 'statement'},
    h('caption', {class: 'hidden'}, 'Changes of your balances, the newest first'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', {scope: 'col'}, 'Why'),
        h('th', {scope: 'col', class: 'amount'}, 'Change'),
        h('th', {scope: 'col', class: 'amount balance'}, 'Balance'),
      ),
    ),
    h('tbody', {}, lines.map(row)),
  );
}

export async function statement(rest, signal) {
  const place = h('div', {class: 'panel'});
  let lines;
  const put = (of) => {
    if (of !== lines) return; // another currency was chosen since
    renew(
      place,
      of.all.length > 0
        ? table(of.all)
        : empty(
            'coin',
            'Nothing yet.',
            'A reply, a vote or a welcome, and your first line is here.',
          ),
      of.before &&
        button(
          'Show older lines',
          async () => {
            await of.addOlder();
            put(of);
          },
          {class: 'quiet wide'},
        ),
    );
  };
  const update = async () => {
    const of = lines;
    await of.addNewer();
    put(of);
  };
  const choose = (currency) => {
    lines = new Lines(currency, signal);
    return update();
  };
  await choose('');
  news.addEventListener('profile', () => update().catch(() => {}), {signal});
  const choices = [
    ['', 'All'],
    ...(profile?.currencies ?? []).map((one) => [one.currency, words(one.currency)]),
  ];
  return h(
    'div',
    {},
    heading('Statement', 'Every change of what you have. Open a line, and it tells you why.'),
    h(
      'fieldset',
      {class: 'choices tabs'},
      h('legend', {class: 'hidden'}, 'Currency'),
      choices.map(([id, name]) =>
        h(
          'label',
          {class: 'choice'},
          h('input', {
            type: 'radio',
            name: 'currency',
            checked: id === '',
            onchange: () => choose(id),
          }),
          h('span', {}, name),
        ),
      ),
    ),
    place,
  );
}
