// SPDX-License-Identifier: Apache-2.0
//
// The statement: every change and why. A line opens its explanation.
import {at, get} from '../api.js';
import {show} from '../dialog.js';
import {button, empty, h, heading, icon} from '../dom.js';
import {news, path, profile} from '../me.js';
import {failed} from '../notices.js';
import {when} from '../post_card.js';
import {inside, moment, number, sentence, signed, words} from '../words.js';

const kPage = 500;
const kShown = 30;

// All of them, the newest first. The API has the oldest first.
async function linesOf(currency, signal) {
  const lines = [];
  let after = null;
  do {
    const asked = new URLSearchParams({limit: kPage, ...(currency && {currency}), ...(after && {after})});
    const page = await get(`/api/members/me/statement?${asked}`, {signal});
    lines.push(...page.lines);
    ({after} = page);
  } while (after);
  return lines.reverse();
}

const isBadge = (line) => line.currency.startsWith('badge:');
const nameOf = (line) => (isBadge(line) ? `badge ${inside(line.currency.slice(6))}` : inside(line.currency));

// What a rule says of itself, or else what kind of change it was.
function whyOf(line) {
  if (line.why) return sentence(line.why);
  // "prize:expert_of_the_month/0": of a season, with which of its prizes.
  const [, prized] = line.rule.match(/^prize:([^/]+)/) ?? [];
  if (prized) return `A prize of the season: ${inside(prized)}`;
  const what = words(line.rule || line.event_type);
  return line.kind === 'award' ? what : `${words(line.kind)}: ${what}`;
}

// A member is told rule by rule what it was to them; an admin as the command
// prints it.
function explanation(told, line) {
  const rules = told.rules.map((rule) => {
    const gave = rule.gave ?? rule.verdict === 'fired';
    return h('li', {class: gave ? 'gave' : 'not'}, icon(gave ? 'check' : 'down'),
             h('div', {}, h('b', {}, rule.describe || words(rule.rule)),
               h('p', {}, sentence(rule.sentence ?? `${rule.verdict}. ${(rule.why ?? []).join(' ')}`))));
  });
  return [
    h('p', {}, `${words(line.event_type)}, ${moment(line.time)}.`),
    line.cut && h('p', {class: 'soft'}, `${number(line.asked)} were asked for; ${number(line.units)} came, because of ${inside(line.cut)}.`),
    told.notices?.length > 0 && h('ul', {class: 'told'}, told.notices.map((notice) => h('li', {}, sentence(notice.text)))),
    rules.length > 0 ? h('ul', {class: 'rules'}, rules) : h('p', {}, 'No rule of the program was asked: it was done by hand or by its time.'),
  ];
}

async function explain(line) {
  try {
    const told = await get(at`/api/explain/${line.event}`);
    await show(isBadge(line) ? `Why ${nameOf(line)}?` : `Why ${signed(line.units)} ${nameOf(line)}?`, explanation(told, line));
  } catch (error) {
    failed(error);
  }
}

function row(line) {
  return h('tr', {class: `path-${path(line.currency)}`},
           h('th', {scope: 'row'}, h('button', {type: 'button', class: 'link', onclick: () => explain(line), 'aria-haspopup': 'dialog'}, whyOf(line)),
             line.cut && h('span', {class: 'tag'}, `Less: ${inside(line.cut)}`), when(line.time)),
           h('td', {class: `amount ${line.units < 0 ? 'minus' : 'plus'}`}, signed(line.units), ' ', h('span', {class: 'unit'}, nameOf(line))),
           h('td', {class: 'amount balance'}, isBadge(line) ? '' : number(line.balance)));
}

function table(lines, shown) {
  return h('table', {class: 'statement'},
           h('caption', {class: 'hidden'}, 'Changes of your balances, the newest first'),
           h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Why'),
                            h('th', {scope: 'col', class: 'amount'}, 'Change'), h('th', {scope: 'col', class: 'amount balance'}, 'Balance'))),
           h('tbody', {}, lines.slice(0, shown).map(row)));
}

export async function statement(rest, signal) {
  const place = h('div', {class: 'panel'});
  let currency = '';
  let shown = kShown;
  const load = async () => {
    const lines = await linesOf(currency, signal);
    place.replaceChildren(
        lines.length > 0 ? table(lines, shown) :
                           empty('coin', 'Nothing yet.', 'A reply, a vote or a welcome, and your first line is here.'),
        lines.length > shown ? button('Show older lines', () => {
          shown += 4 * kShown;
          load();
        }, {class: 'quiet wide'}) : '');
  };
  await load();
  news.addEventListener('profile', () => load().catch(() => {}), {signal});
  const choices = [['', 'All'], ...(profile?.currencies ?? []).map((one) => [one.currency, words(one.currency)])];
  return h('div', {}, heading('Statement', 'Every change of what you have. Open a line, and it tells you why.'),
           h('fieldset', {class: 'choices tabs'}, h('legend', {class: 'hidden'}, 'Currency'),
             choices.map(([id, name]) => h('label', {class: 'choice'},
                 h('input', {type: 'radio', name: 'currency', checked: id === '', onchange: () => {
                   currency = id;
                   shown = kShown;
                   load();
                 }}), h('span', {}, name)))),
           place);
}
