// SPDX-License-Identifier: Apache-2.0
//
// Notices: small cards that come, are read out, and go.
import {button, h, icon} from './dom.js';
import {sentence} from './words.js';

const kShownFor = 9000;
const kMost = 4;
const kPictures = {
  units: 'star',
  level_up: 'up',
  level_down: 'down',
  badge_won: 'badge',
  quest: 'quest',
  quest_done: 'quest',
  streak: 'flame',
  done: 'check',
};

// `notice` as the API has it, or of the kind 'done' or 'no' of our own.
export function tell(notice, path = 0) {
  const region = document.getElementById('notices');
  // "+15 points, +15 expert: accepted solution"
  const [, units, why] = notice.kind === 'units' ? (notice.text.match(/^(.*?): (.*)$/) ?? []) : [];
  const isBig = /^(level_up|badge_won|quest_done)$/.test(notice.kind);
  const card = h(
    'div',
    {class: `notice path-${path}${isBig ? ' great' : ''}`, 'data-kind': notice.kind},
    icon(kPictures[notice.kind] ?? 'star'),
    h(
      'p',
      {},
      units
        ? [h('strong', {}, units), h('span', {class: 'why'}, sentence(why))]
        : h('strong', {}, sentence(notice.text)),
    ),
    button('×', () => card.remove(), {class: 'close', 'aria-label': 'Dismiss'}),
  );
  region.append(card);
  while (region.children.length > kMost) region.firstChild.remove();
  // Who reads it, or has the keyboard on it, has the time they need.
  const leave = () => {
    if (card.matches(':hover, :focus-within')) return setTimeout(leave, 2000);
    return card.remove();
  };
  setTimeout(leave, kShownFor);
}

export const done = (text) => tell({kind: 'done', text});
export const failed = (error) =>
  error.name !== 'AbortError' && tell({kind: 'no', text: error.message});
