// SPDX-License-Identifier: Apache-2.0
//
// What to do next: the goals that are nearest, and how to reach them.
import {at, get} from '../api.js';
import {empty, h, icon, meter} from '../dom.js';
import {news, path} from '../me.js';
import {inside, number, price, relative, sentence, words} from '../words.js';

const kAskAgain = 2000;

const kPictures = {
  level: 'up',
  tier: 'up',
  keep: 'lock',
  badge: 'badge',
  quest: 'quest',
  streak: 'flame',
  reach: 'flame',
  reward: 'gift',
};
const kKinds = {
  level: 'Next level',
  tier: 'Next status',
  keep: 'Keep it',
  badge: 'Badge',
  quest: 'Quest',
  streak: 'Streak',
  reach: 'Streak',
  reward: 'Reward',
};

// What members of this server do, as an invitation: by themselves, and by others
// for them.
const kActs = {
  question_asked: ['ask a question'],
  reply_posted: ['answer a question', 'somebody answers you'],
  solution_blog: ['write a solution blog'],
  idea_posted: ['share an idea'],
  idea_vote: ['vote for an idea', 'somebody votes for your idea'],
  idea_delivered: ['have an idea built', 'your idea is built'],
  comment_posted: ['comment on something'],
  welcome_posted: ['welcome somebody new', 'somebody welcomes you'],
  kudos_given: ['give kudos', 'others give you kudos'],
  solution_accepted: ['accept an answer', 'an answer of yours is accepted'],
};

function stepSays({event_type: type, by_member: isOwn, times, sentence: said}) {
  const act = kActs[type]?.[isOwn ? 0 : 1] ?? said;
  // What has to be so of it: "(words 300)".
  const [asked = ''] = said.match(/ \([^)]*\)/) ?? [];
  return `${act}${act === said ? '' : asked}${times > 1 && act !== said ? `, ${times} times` : ''}`;
}

const waySays = (way) =>
  way.steps.map(stepSays).join(' and ') + (way.left_to_others > 0 ? ', others do the rest' : '');

// Of what many do, there is the member's own part as well, which may be more
// than is asked.
function need({what, have, want}) {
  const name = what.startsWith('own.') ? 'your own part' : inside(what.replace(/^[a-z]+\./, ''));
  const done = have > want ? number(have) : `${number(have)} of ${number(want)}`;
  return h(
    'div',
    {class: 'need'},
    h('span', {}, name, h('b', {}, done)),
    meter(Math.min(have, want), want, `${done} ${name}`),
  );
}

function goalCard(goal) {
  const gives = [
    ...goal.privileges.map((id) => h('span', {class: 'tag'}, icon('key'), words(id))),
    goal.awards.length > 0 && h('span', {class: 'tag'}, icon('coin'), price(goal.awards)),
  ];
  return h(
    'li',
    {class: `goal path-${path(goal.ladder)}`},
    h(
      'p',
      {class: 'eyebrow'},
      icon(kPictures[goal.kind]),
      kKinds[goal.kind],
      goal.ladder && ` · ${words(goal.ladder)}`,
    ),
    h('h3', {}, goal.kind === 'level' ? words(goal.id) : sentence(goal.describe || words(goal.id))),
    h(
      'p',
      {},
      goal.ways.length > 0
        ? sentence(goal.ways.slice(0, 2).map(waySays).join(', or '))
        : goal.sentence,
    ),
    goal.needs.map(need),
    goal.before && h('p', {class: 'soft'}, `Ends ${relative(goal.before)}`),
    h('p', {class: 'tags'}, gives),
  );
}

// Comes up to date with whatever happens, until `signal`. To find the next
// steps takes longer than all else, so that nothing waits for them, and they
// are not asked for again while they are on their way.
export function nextSteps(signal, limit = 3) {
  const place = h(
    'div',
    {class: 'next'},
    h('h2', {}, 'What to do next'),
    h('p', {class: 'soft'}, 'Looking ahead…'),
  );
  let isAsking = false;
  let isOutdated = false;
  const load = async () => {
    isOutdated = true;
    if (isAsking) return;
    isAsking = true;
    while (isOutdated && !signal.aborted) {
      isOutdated = false;
      const asked = get(at`/api/members/me/next?limit=${limit}`, {signal});
      const {goals} = await asked.catch((error) => {
        // Few may ask at once.
        isOutdated ||= error.status === 503;
        return {};
      });
      if (!goals) {
        await new Promise((done) => setTimeout(done, kAskAgain));
        continue;
      }
      place.replaceChildren(
        h('h2', {}, 'What to do next'),
        goals.length > 0
          ? h('ul', {}, goals.map(goalCard))
          : empty('check', 'You have done it all.', 'Nothing is left to reach for now.'),
      );
    }
    isAsking = false;
  };
  load();
  news.addEventListener('profile', load, {signal});
  return place;
}
