// SPDX-License-Identifier: Apache-2.0
//
// Start here: what is above every view, and which view is shown.
import {Problem, keepSession, remove, session} from './api.js';
import {button, empty, h, icon} from './dom.js';
import * as me from './me.js';
import {failed} from './notices.js';
import {number, words} from './words.js';
import {admin} from './views/admin.js';
import {boards} from './views/boards.js';
import {card} from './views/card.js';
import {feed} from './views/feed.js';
import {post} from './views/post.js';
import {shop} from './views/shop.js';
import {signIn} from './views/sign_in.js';
import {statement} from './views/statement.js';

// By the first word of the address: '#/post/ID'. A view is a function of the
// rest of it and of a signal, aborted when it is left, that makes a node.
const kViews = {
  feed: {title: 'Feed', icon: 'chat', view: feed},
  card: {title: 'My card', icon: 'badge', view: card},
  boards: {title: 'Leaderboards', icon: 'rank', view: boards},
  shop: {title: 'Rewards', icon: 'gift', view: shop},
  statement: {title: 'Statement', icon: 'coin', view: statement},
  admin: {title: 'Program', icon: 'key', view: admin, isForAdmins: true},
  post: {title: 'Post', view: post},
  member: {title: 'Member', view: card},
};

let leaving = new AbortController();

function address() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  return {name: Object.hasOwn(kViews, name) ? name : 'feed', rest: rest.map(decodeURIComponent)};
}

function top() {
  const signedIn = session();
  const {name} = address();
  const shown = Object.entries(kViews).filter(
    ([, view]) => view.icon && (!view.isForAdmins || signedIn?.admin),
  );
  document.getElementById('top').replaceChildren(
    ...[
      h(
        'a',
        {class: 'brand', href: '#/feed'},
        h('img', {src: '/icon.svg', alt: '', width: 28, height: 28}),
        h('span', {}, 'Common Room'),
      ),
      signedIn &&
        h(
          'nav',
          {'aria-label': 'Main'},
          shown.map(([id, view]) =>
            h(
              'a',
              {href: `#/${id}`, 'aria-current': id === name && 'page'},
              icon(view.icon),
              h('span', {}, view.title),
            ),
          ),
        ),
      signedIn &&
        h(
          'div',
          {class: 'who'},
          h('span', {id: 'purse', class: 'purse'}),
          button('Sign out', signOut, {class: 'quiet'}),
        ),
    ].filter(Boolean),
  );
  purse();
}

function purse() {
  document
    .getElementById('purse')
    ?.replaceChildren(
      ...me
        .purse()
        .map((held, i) =>
          h(
            'a',
            {class: 'held', href: i === 0 ? '#/card' : '#/shop'},
            icon(i === 0 ? 'star' : 'coin'),
            h('b', {}, number(held.balance)),
            h('span', {}, ` ${words(held.currency).toLowerCase()}`),
          ),
        ),
    );
}

// Shows what the address says. The first time the focus stays where it is;
// later it goes to the heading, as a page that loads would have it.
async function show({moves = true} = {}) {
  leaving.abort();
  leaving = new AbortController();
  const {signal} = leaving;
  const main = document.getElementById('main');
  const {name, rest} = address();
  top();
  if (!session()) {
    document.title = 'Sign in · Common Room';
    return main.replaceChildren(signIn(entered));
  }
  document.title = `${kViews[name].title} · Common Room`;
  main.setAttribute('aria-busy', 'true');
  let content;
  try {
    content = await kViews[name].view(rest, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    content = empty(
      'lock',
      'That did not work',
      error.message,
      ' ',
      button('Try again', () => show(), {class: 'quiet'}),
    );
  }
  if (signal.aborted) return undefined;
  main.removeAttribute('aria-busy');
  main.replaceChildren(content);
  document.body.dataset.view = name;
  if (moves) {
    window.scrollTo(0, 0);
    main.querySelector('h1')?.focus({preventScroll: true});
  }
  return undefined;
}

async function entered(made) {
  keepSession(made);
  await me.start().catch(failed);
  if (location.hash !== '#/feed') history.replaceState(null, '', '#/feed');
  await show();
}

function left() {
  me.stop();
  keepSession(null);
  show();
}

async function signOut() {
  await remove('/api/session').catch(() => {});
  left();
}

window.addEventListener('hashchange', () => show());
// The address says which view is shown, so the link may not change it.
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  document.getElementById('main').focus();
});
window.addEventListener('signedout', left);
// Of a request that nobody waited for: to leave a view ends those it still has,
// which is no failure; others are told, as those of a button.
window.addEventListener('unhandledrejection', (event) => {
  const {reason} = event;
  if (reason?.name !== 'AbortError' && !(reason instanceof Problem)) return;
  event.preventDefault();
  failed(reason);
});
me.news.addEventListener('profile', purse);

if (session()) await me.start().catch(failed);
await show({moves: false});
