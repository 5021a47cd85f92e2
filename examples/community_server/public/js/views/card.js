// SPDX-License-Identifier: Apache-2.0
//
// The member's card: how they stand on each path, what they have, and for
// themselves what to do next. Of others it shows what everybody may see.
import {at, get, session} from '../api.js';
import {empty, h, heading, icon, meter, ring} from '../dom.js';
import {guide} from '../guide.js';
import {isMe, news} from '../me.js';
import {avatar} from '../post_card.js';
import {count, day, inside, number, relative, words} from '../words.js';
import {nextSteps} from './next.js';

// What is missing for the next level: units, and what a tier asks besides.
function lacking(one) {
  const also = (one.tier?.also ?? [])
    .filter((more) => more.to_next > 0)
    .map((more) => `${number(more.to_next)} ${inside(more.currency || more.metric)}`);
  const own = one.to_next > 0 || also.length === 0 ? [number(one.to_next)] : [];
  return [...own, ...also].join(' and ');
}

function ladder(one, index) {
  const share = one.next_level ? one.have / one.want : 1;
  const next = one.next_level
    ? `${lacking(one)} to ${inside(one.next_level)}`
    : 'The highest there is';
  return h(
    'li',
    {class: `path path-${index + 1}`, 'data-ladder': one.ladder},
    h(
      'div',
      {class: 'dial'},
      ring(share, `${words(one.ladder)}: ${number(one.have)} of ${number(one.want)}`),
      h('span', {class: 'inner', 'aria-hidden': 'true'}, h('b', {}, number(one.have))),
    ),
    h('h3', {}, words(one.ladder)),
    h('p', {class: 'level'}, words(one.level)),
    h('p', {class: 'soft'}, next),
  );
}

function holding(one) {
  const more = [
    one.held > 0 && `${number(one.held)} set aside`,
    one.pending > 0 && `${number(one.pending)} on their way`,
    one.debt > 0 && `${number(one.debt)} owed`,
    one.expiring.length > 0 &&
      `${number(one.expiring[0].units)} expire ${relative(one.expiring[0].expires)}`,
  ].filter(Boolean);
  return h(
    'li',
    {},
    h('b', {}, number(one.balance)),
    h('span', {}, inside(one.currency)),
    more.length > 0 && h('small', {}, more.join(', ')),
  );
}

function streak(one) {
  const says =
    one.length === 0
      ? 'Begin it with your next post.'
      : one.acted
        ? 'Done for now; come back next time.'
        : `Keep it up: it ends ${relative(one.act_before)}.`;
  return h(
    'li',
    {class: `streak${one.acted ? ' lit' : ''}`},
    icon('flame'),
    h(
      'div',
      {},
      h(
        'h3',
        {},
        one.length > 0
          ? `${count(one.length, 'week').replace('week', inside(one.streak).replace(/s$/, ''))} in a row`
          : 'No streak yet',
      ),
      h('p', {}, one.describe),
      h(
        'p',
        {class: 'soft'},
        says,
        one.longest > one.length && ` Your longest was ${number(one.longest)}.`,
      ),
    ),
  );
}

function quest(one) {
  const gone =
    one.times_done > 0 ? `Done${one.times_done > 1 ? ` ${one.times_done} times` : ''}` : null;
  return h(
    'li',
    {class: `quest ${one.state}`},
    h('h3', {}, words(one.quest), gone && h('span', {class: 'tag good'}, icon('check'), gone)),
    h('p', {class: 'soft'}, one.describe, one.end && ` · ends ${relative(one.end)}`),
    one.state !== 'done' &&
      h(
        'ul',
        {},
        one.steps.map((step) => {
          const name = step.describe || words(step.step);
          const isDone = step.progress >= step.goal;
          return h(
            'li',
            {class: isDone ? 'step done' : 'step'},
            h(
              'span',
              {},
              isDone && icon('check'),
              name,
              h('b', {}, `${number(Math.min(step.progress, step.goal))} of ${number(step.goal)}`),
            ),
            meter(step.progress, step.goal, `${name}: ${step.progress} of ${step.goal}`),
          );
        }),
      ),
  );
}

const badge = (one) =>
  h(
    'li',
    {class: `badge ${one.class || 'plain'}${one.time ? '' : ' unwon'}`, 'data-badge': one.badge},
    icon('badge'),
    h('b', {}, words(one.badge.split('/')[0])),
    h('span', {}, one.describe),
    one.time && h('small', {}, day(one.time)),
  );

// Those that were won, and for who looks at their own what else there is.
function badgesPart(held, all, isOwn) {
  const won = held.filter((one) => !one.badge.startsWith('quest/'));
  const left = all.filter((one) => won.every((mine) => mine.badge !== one.badge));
  return h(
    'section',
    {class: isOwn ? 'panel wide' : 'panel'},
    h('h2', {}, 'Badges'),
    won.length > 0
      ? h('ul', {class: 'badges'}, won.map(badge))
      : isOwn
        ? h('p', {class: 'soft'}, 'None yet. The first solution you write may be one.')
        : empty('badge', 'No badge yet.', 'They are on their way.'),
    isOwn &&
      left.length > 0 && [h('h3', {}, 'Still to win'), h('ul', {class: 'badges'}, left.map(badge))],
  );
}

// A level of a path: what it asks for, and what it opens.
function rung(level, index, reached, currency) {
  const asks = level.by_hand
    ? 'by invitation'
    : level.badge
      ? `with the badge ${inside(level.badge)}`
      : [{at: level.at, currency}, ...level.also]
          .map((one) => `${number(one.at)} ${inside(one.currency || one.metric)}`)
          .join(' and ');
  const state = index < reached ? 'Reached' : index === reached ? 'Here' : '';
  return h(
    'li',
    {
      class: `rung${index <= reached ? ' reached' : ''}`,
      'aria-current': index === reached && 'step',
    },
    h('span', {class: 'mark'}, index <= reached && icon('check')),
    h(
      'div',
      {},
      h(
        'p',
        {},
        h('b', {}, words(level.level)),
        h('span', {class: 'soft'}, index > 0 ? asks : 'where everybody begins'),
        state && h('span', {class: 'hidden'}, state),
      ),
      level.describe && h('p', {class: 'soft'}, level.describe),
      level.privileges.length > 0 &&
        h(
          'p',
          {class: 'tags'},
          level.privileges.map((id) => h('span', {class: 'tag'}, icon('key'), words(id))),
        ),
    ),
  );
}

function pathsPart(ladders, standings) {
  return h(
    'section',
    {class: 'panel wide'},
    h('h2', {}, 'Where the paths lead'),
    h(
      'div',
      {class: 'ways'},
      ladders.map((one, i) => {
        const reached = standings.find((mine) => mine.ladder === one.ladder)?.index ?? 0;
        return h(
          'section',
          {class: `way path-${i + 1}`, 'data-way': one.ladder},
          h('h3', {}, words(one.ladder)),
          one.describe && h('p', {class: 'soft'}, one.describe),
          h(
            'ol',
            {},
            one.levels.map((level, index) =>
              rung(level, index, reached, one.currency || one.metric),
            ),
          ),
        );
      }),
    ),
  );
}

const part = (title, list, nothing, style) =>
  h(
    'section',
    {class: 'panel'},
    h('h2', {}, title),
    list.length > 0 ? h('ul', {class: style}, list) : nothing,
  );

function whole(profile, badges, told, isOwn) {
  const {currencies = [], streaks = [], quests = []} = profile;
  const onPath = new Set(profile.ladders.map((one) => one.currency));
  return {
    hero: h(
      'section',
      {class: 'hero panel'},
      h(
        'div',
        {class: 'hello'},
        avatar(profile.name),
        heading(profile.name, profile.since && `Here since ${day(profile.since)}`),
      ),
      h('ul', {class: 'rings', 'aria-label': 'Levels'}, profile.ladders.map(ladder)),
      currencies.length > 0 &&
        h(
          'ul',
          {class: 'holdings', 'aria-label': 'Balances'},
          currencies.filter((one) => !onPath.has(one.currency)).map(holding),
        ),
    ),
    rest: h(
      'div',
      {class: 'grid'},
      isOwn &&
        part(
          'Quests',
          quests.filter((one) => one.state !== 'left').map(quest),
          empty('quest', 'No quest for now.', 'The next ones will be here.'),
          'quests',
        ),
      h(
        'div',
        {class: 'stack'},
        isOwn &&
          part(
            'Streak',
            streaks.map(streak),
            empty('flame', 'There are no streaks here.'),
            'streaks',
          ),
        part(
          isOwn ? 'What you may do' : 'What they may do',
          profile.privileges.map((id) => h('li', {class: 'tag'}, icon('key'), words(id))),
          h('p', {class: 'soft'}, 'Nothing special yet: each level opens something.'),
          'tags',
        ),
      ),
      isOwn && pathsPart(told.ladders, profile.ladders),
      badgesPart(badges, told.badges, isOwn),
    ),
  };
}

// '#/card': one's own; '#/member/ID': somebody's.
export async function card([member = session().member], signal) {
  const isOwn = isMe(member);
  let shown = {hero: h('div'), rest: h('div')};
  const load = async () => {
    const [told, profile, {badges}] = await Promise.all([
      guide(),
      get(at`/api/members/${member}`, {signal}),
      get(at`/api/members/${member}/badges`, {signal}),
    ]);
    const made = whole(profile, badges, told, isOwn);
    shown.hero.replaceWith(made.hero);
    shown.rest.replaceWith(made.rest);
    shown = made;
  };
  const next = isOwn && nextSteps(signal, 4);
  await load();
  if (!isOwn) return h('div', {}, shown.hero, shown.rest);
  news.addEventListener('profile', () => load().catch(() => {}), {signal});
  return h(
    'div',
    {class: 'with-side'},
    shown.hero,
    h('aside', {'aria-label': 'What to do next'}, next),
    shown.rest,
  );
}
