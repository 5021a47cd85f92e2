// SPDX-License-Identifier: Apache-2.0
//
// For who runs the community: what the program has come to, whether the most
// active are rewarded, and the program itself with what there is to say of it.
import {get, post} from '../api.js';
import {button, h, heading, icon, labelled, meter, renew, scrolling, table} from '../dom.js';
import {news} from '../me.js';
import {failed} from '../notices.js';
import {avatar, memberLink} from '../post_card.js';
import {count, inside, number, sentence, words} from '../words.js';
import {barsOfRules, linesOfDays} from './charts.js';

const kLookAgain = 2000;

function tile(name, value, says) {
  return h(
    'li',
    {class: 'tile'},
    h('span', {}, name),
    h('b', {}, value),
    says && h('small', {}, says),
  );
}

function counts(figures) {
  const why = Object.entries(figures.rejected_by_reason).map(
    ([reason, many]) => `${number(many)} ${inside(reason)}`,
  );
  return h(
    'ul',
    {class: 'tiles', 'aria-label': 'Live counts'},
    tile('Events', number(figures.accepted), 'recorded and rewarded'),
    tile('Refused', number(figures.rejected), why.slice(0, 2).join(', ') || 'by the program'),
    tile(
      'Awards',
      number(figures.awards.reduce((sum, one) => sum + one.times, 0)),
      `by ${count(figures.awards.length, 'rule')}`,
    ),
    tile('Contributors', number(figures.most_active.contributors), 'who wrote or did something'),
  );
}

function outstanding(figures) {
  return h(
    'section',
    {class: 'panel'},
    h('h2', {}, 'Outstanding'),
    h('p', {class: 'soft'}, 'What members have and did not spend.'),
    table(
      'Outstanding by currency',
      ['Currency', '#Units', '#Members'],
      Object.entries(figures.outstanding).map(([currency, {units, members}]) => [
        words(currency),
        number(units),
        number(members),
      ]),
    ),
  );
}

function isRewarded(member) {
  return member.rewarded
    ? h('span', {class: 'tag good'}, icon('check'), 'Yes')
    : h('span', {class: 'tag'}, 'Not yet');
}

function active({most_active: many, rewarded, members}) {
  const share = many > 0 ? Math.round((100 * rewarded) / many) : 0;
  const rows = members.map((one) => [
    [avatar(one.name), memberLink(one.member, one.name)],
    number(one.acts),
    isRewarded(one),
  ]);
  return h(
    'section',
    {class: 'panel'},
    h('h2', {}, 'The most active'),
    h(
      'p',
      {},
      h('b', {class: 'big'}, `${share}%`),
      ` of the most active tenth are rewarded: ${number(rewarded)} of ${number(many)}.`,
    ),
    meter(rewarded, many, `${rewarded} of ${many} are rewarded`),
    h(
      'p',
      {class: 'soft'},
      'Rewarded is who stands above a first level and may do something for it.',
    ),
    scrolling(
      'The most active members',
      table('The most active members', ['Member', '#Acts', 'Rewarded'], rows),
    ),
  );
}

const unitsOf = (award) =>
  Object.entries(award.units)
    .map(([currency, units]) => `${number(units)} ${inside(currency)}`)
    .join(', ');

function rules(figures) {
  const sorted = figures.awards.toSorted((a, b) => b.times - a.times);
  const rows = sorted.map((one) => [
    words(one.rule),
    number(one.times),
    number(one.cut),
    unitsOf(one),
  ]);
  return [
    h(
      'section',
      {class: 'panel'},
      h('h2', {}, 'Awards by rule'),
      h('div', {class: 'chart tall'}, barsOfRules(sorted)),
      h(
        'details',
        {},
        h('summary', {}, 'As a table'),
        scrolling(
          'Awards by rule',
          table('Awards by rule', ['Rule', '#Times', '#Cut', 'Gave'], rows),
        ),
      ),
    ),
    figures.days.length > 0 &&
      h(
        'section',
        {class: 'panel'},
        h('h2', {}, 'Awards over time'),
        h('div', {class: 'chart'}, linesOfDays(figures.days)),
      ),
  ];
}

function diagnostics(list) {
  if (list.length === 0)
    return h('p', {class: 'good'}, icon('check'), 'Nothing to complain about.');
  return h(
    'ol',
    {class: 'diagnostics'},
    list.map((one) =>
      h(
        'li',
        {class: one.severity},
        h('b', {}, `${words(one.severity)}, line ${one.line}`),
        h('p', {}, sentence(one.message)),
        one.advice && h('p', {class: 'soft'}, sentence(one.advice)),
        one.excerpt && h('pre', {tabindex: 0}, one.excerpt),
      ),
    ),
  );
}

// The program that decides, and a place to try another wording of it.
function program(told) {
  const said = h('div', {role: 'status'}, diagnostics(told.diagnostics));
  const text = h('textarea', {id: 'program', rows: 20, spellcheck: 'false', class: 'source'});
  text.value = told.text;
  const check = button(
    'Check it',
    async () => {
      try {
        said.replaceChildren(
          diagnostics((await post('/api/admin/program/check', {text: text.value})).diagnostics),
        );
      } catch (error) {
        failed(error);
      }
    },
    {class: 'main'},
  );
  return h(
    'section',
    {class: 'panel'},
    h('h2', {}, `${words(told.name)}, version ${told.version}`),
    h(
      'p',
      {class: 'soft'},
      `${count(told.currencies.length, 'currency', 'currencies')}, `,
      `${count(told.ladders.length, 'ladder')}, ${count(told.event_types.length, 'behaviour')}. `,
      `Times are those of ${told.time_zone}.`,
    ),
    said,
    h(
      'details',
      {},
      h('summary', {}, 'Its text'),
      labelled('The program', text, 'Try a change: checking it changes nothing.'),
      check,
    ),
  );
}

export async function admin(rest, signal) {
  const live = h('div', {});
  const told = await get('/api/admin/program', {signal});
  const charts = h('div', {class: 'grid'});
  const load = async (isFirst) => {
    const figures = await get('/api/admin/figures', {signal});
    renew(
      live,
      counts(figures),
      h('div', {class: 'grid'}, active(figures.most_active), outstanding(figures)),
    );
    // Drawn once: it is not the place to watch each event.
    if (isFirst) charts.replaceChildren(...rules(figures).filter(Boolean));
  };
  await load(true);
  let due;
  news.addEventListener(
    'outcome',
    () => {
      clearTimeout(due);
      due = setTimeout(() => load(false).catch(() => {}), kLookAgain);
    },
    {signal},
  );
  signal.addEventListener('abort', () => clearTimeout(due));
  return h(
    'div',
    {},
    heading('Program', 'What your program has come to, as it happens.'),
    live,
    charts,
    program(told),
  );
}
