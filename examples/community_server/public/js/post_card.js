// SPDX-License-Identifier: Apache-2.0
//
// A post as a card, with what one can do to it; in the feed and on its page.
import {at, put, remove} from './api.js';
import {confirmed} from './dialog.js';
import {button, h, icon} from './dom.js';
import {hear, isMe} from './me.js';
import {done, failed} from './notices.js';
import {count, moment, number, relative} from './words.js';

export const kKinds = {
  question: {name: 'Question', icon: 'question'},
  idea: {name: 'Product idea', icon: 'idea'},
  blog: {name: 'Solution blog', icon: 'blog'},
  introduction: {name: 'New here', icon: 'wave'},
  reply: {name: 'Answer', icon: 'chat'},
  welcome: {name: 'Welcome', icon: 'wave'},
};

export function avatar(name) {
  const letters = name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase();
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 6, 0);
  return h('span', {class: `avatar hue-${hue}`, 'aria-hidden': 'true'}, letters || '?');
}

export const when = (time) => h('time', {datetime: time, title: moment(time)}, relative(time));

export const memberLink = (id, name) =>
  h('a', {class: 'member', href: isMe(id) ? '#/card' : `#/member/${encodeURIComponent(id)}`}, name);

export const byline = (one) =>
  h(
    'div',
    {class: 'byline'},
    avatar(one.author_name),
    h('span', {}, memberLink(one.author, one.author_name), when(one.created)),
  );

// Does what was asked and says what it was worth. True if it was done.
export async function act(doing) {
  try {
    hear(await doing());
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

// A button that is pressed or not, with how many pressed it.
function toggle({picture, label, pressed, many, isFixed, change}) {
  const number_ = h('b', {}, number(many));
  const self = button(
    [icon(picture), number_, h('span', {}, label)],
    async () => {
      if (self.getAttribute('aria-disabled')) return;
      self.setAttribute('aria-disabled', 'true');
      const wants = !pressed;
      if (await act(() => change(wants))) {
        pressed = wants;
        many += wants ? 1 : -1;
        number_.textContent = number(many);
        self.setAttribute('aria-pressed', String(pressed));
      }
      if (!isFixed || !pressed) self.removeAttribute('aria-disabled');
    },
    {
      class: `toggle ${picture}`,
      'aria-pressed': String(pressed),
      'aria-disabled': isFixed && pressed && 'true',
    },
  );
  return self;
}

function kudos(post) {
  const path = at`/api/posts/${post.id}/kudos`;
  return toggle({
    picture: 'heart',
    label: 'kudos',
    pressed: post.my_kudos,
    many: post.kudos,
    change: (wants) => (wants ? put(path) : remove(path)),
  });
}

function vote(post) {
  return toggle({
    picture: 'up',
    label: post.votes === 1 ? 'vote' : 'votes',
    pressed: post.my_vote,
    many: post.votes,
    isFixed: true,
    change: () => put(at`/api/posts/${post.id}/vote`),
  });
}

export function deleting(label, path, isDone) {
  return button(
    [icon('trash'), h('span', {class: 'hidden'}, `Delete ${label}`)],
    async () => {
      const says = h('p', {}, 'It will be gone for everybody, and what it gave you is taken back.');
      if (!(await confirmed(`Delete ${label}?`, says, 'Delete', 'danger'))) return;
      if (!(await act(() => remove(path)))) return;
      done('It is deleted.');
      isDone();
    },
    {class: 'quiet round', title: `Delete ${label}`},
  );
}

// `options.isWhole`: all of its text, no link to its page. `options.onGone`:
// it was deleted. `options.more`: further buttons.
export function postCard(post, {isWhole = false, onGone, more = []} = {}) {
  const kind = kKinds[post.kind];
  const href = `#/post/${encodeURIComponent(post.id)}`;
  const heading = isWhole ? 'h1' : 'h2';
  const said = post.replies + post.comments;
  const isPart = post.kind === 'reply' || post.kind === 'welcome';
  return h(
    'article',
    {class: `post ${post.kind}${post.accepted ? ' solved' : ''}`, 'data-post': post.id},
    h(
      'header',
      {},
      byline(post),
      h(
        'span',
        {class: 'tags'},
        post.accepted && h('span', {class: 'tag good'}, icon('check'), 'Solved it'),
        post.delivered && h('span', {class: 'tag good'}, icon('check'), 'Built'),
        !isPart && h('span', {class: 'tag'}, icon(kind.icon), kind.name),
      ),
    ),
    post.title &&
      h(heading, isWhole ? {tabindex: -1} : {}, isWhole ? post.title : h('a', {href}, post.title)),
    post.text && h('p', {class: isWhole || isPart ? 'text' : 'text short'}, post.text),
    h(
      'footer',
      {},
      kudos(post),
      post.kind === 'idea' && vote(post),
      !isPart &&
        (isWhole
          ? h('span', {class: 'count'}, icon('chat'), count(said, 'response'))
          : h(
              'a',
              {class: 'count', href},
              icon('chat'),
              said > 0 ? count(said, 'response') : 'Respond',
            )),
      more,
      isMe(post.author) && deleting('this post', at`/api/posts/${post.id}`, onGone),
    ),
  );
}
