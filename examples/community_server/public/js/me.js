// SPDX-License-Identifier: Apache-2.0
//
// Who is signed in, how they stand, and what just happened to them. Views
// listen to `news`: 'profile' when it changed, 'outcome' for each that came,
// 'post' when there may be posts that were not seen.
import {get, session} from './api.js';
import {follow} from './live.js';
import {tell} from './notices.js';

export const news = new EventTarget();
export let profile = null;

const told = new Set(); // seqs: an act is answered, and comes live as well
let ending = null;
let due = null;

export async function refresh() {
  profile = await get('/api/members/me');
  news.dispatchEvent(new Event('profile'));
}

// Soon, and once for many.
function refreshSoon() {
  clearTimeout(due);
  due = setTimeout(() => refresh().catch(() => {}), 150);
}

// What an act was worth, or what came in the feed. An admin's feed is of
// everybody: what is theirs has notices.
export function hear(outcome) {
  if (outcome.notices && !outcome.repeat && !told.has(outcome.seq)) {
    told.add(outcome.seq);
    for (const notice of outcome.notices) tell(notice, pathOf(notice, outcome.effects));
    if (outcome.rejected) tell({kind: 'no', text: outcome.reason});
  }
  if (outcome.notices) refreshSoon();
  news.dispatchEvent(new CustomEvent('outcome', {detail: outcome}));
}

export function start() {
  ending = new AbortController();
  const newPost = () => news.dispatchEvent(new Event('post'));
  const isOpen = (open) => {
    document.body.dataset.feed = open ? 'open' : 'cut';
    // Posts are not told again to who was away.
    if (open) newPost();
  };
  const onMessage = (type, said) => (type === 'post' ? newPost() : hear(said));
  follow(onMessage, isOpen, ending.signal);
  return refresh();
}

export function stop() {
  ending?.abort();
  told.clear();
  profile = null;
  delete document.body.dataset.feed;
}

export const isMe = (member) => session()?.member === member;

// 1 to 3 for the currency of a path or its ladder, in the program's order, as
// each path has a colour; 0 for all else.
export function path(name) {
  const ladders = profile?.ladders ?? [];
  return ladders.findIndex((one) => one.currency === name || one.ladder === name) + 1;
}

// The path that a notice is about, if it is about one.
function pathOf(notice, effects) {
  const level =
    notice.kind.startsWith('level') && effects.find((one) => one.kind === 'level_changed');
  return Math.max(...[level?.ladder, ...Object.keys(notice.units ?? {})].map(path), 0);
}

// What is earned and spent, and is no path of its own: points, coins.
export const purse = () => (profile?.currencies ?? []).filter((one) => path(one.currency) === 0);
