// SPDX-License-Identifier: Apache-2.0
//
// A post with what was said to it, and a place to say more.
import {at, get, post as send, put, session} from '../api.js';
import {button, empty, h, icon, labelled, renew} from '../dom.js';
import {isMe} from '../me.js';
import {act, byline, deleting, postCard} from '../post_card.js';

// A box to write in, which is emptied when it was sent.
function box(id, label, action, path, bodyOf, onDone, rows = 3) {
  let key = crypto.randomUUID();
  const text = h('textarea', {id, rows, required: true, maxlength: 4000});
  const submit = h('button', {class: 'main', type: 'submit'}, action);
  return h(
    'form',
    {
      class: 'box',
      async onsubmit(event) {
        event.preventDefault();
        submit.disabled = true;
        const isDone = await act(() => send(path, bodyOf(text.value), {key}));
        submit.disabled = false;
        if (!isDone) return;
        key = crypto.randomUUID();
        onDone();
      },
    },
    labelled(label, text),
    submit,
  );
}

function accepting(question, reply, onDone) {
  const isOpen =
    question.kind === 'question' &&
    isMe(question.author) &&
    !isMe(reply.author) &&
    !question.answers.some((one) => one.accepted);
  return (
    isOpen &&
    button(
      [icon('check'), 'This solved it'],
      async () => {
        if (await act(() => put(at`/api/posts/${reply.id}/accepted`))) onDone();
      },
      {class: 'quiet'},
    )
  );
}

function delivering(idea, onDone) {
  return (
    session().admin &&
    idea.kind === 'idea' &&
    !idea.delivered &&
    button(
      [icon('check'), 'We built it'],
      async () => {
        if (await act(() => put(at`/api/posts/${idea.id}/delivered`))) onDone();
      },
      {class: 'quiet'},
    )
  );
}

function comment(one, onDone) {
  return h(
    'li',
    {class: 'comment'},
    byline(one),
    h('p', {class: 'text'}, one.text),
    isMe(one.author) && deleting('this comment', at`/api/comments/${one.id}`, onDone),
  );
}

function answers(post, reload) {
  const name = post.kind === 'question' ? 'Answers' : 'Welcomes';
  const solvedFirst = post.answers.toSorted((a, b) => Number(b.accepted) - Number(a.accepted));
  return [
    h('h2', {}, name),
    solvedFirst.length === 0 &&
      empty(
        post.kind === 'question' ? 'chat' : 'wave',
        post.kind === 'question' ? 'No answer yet.' : 'Nobody said welcome yet.',
        'A few words are enough.',
      ),
    solvedFirst.map((reply) =>
      postCard(reply, {onGone: reload, more: [accepting(post, reply, reload)]}),
    ),
    post.kind === 'question'
      ? box(
          'reply',
          'Your answer',
          'Answer',
          '/api/posts',
          (text) => ({kind: 'reply', thread: post.id, text}),
          reload,
          5,
        )
      : !isMe(post.author) &&
        box(
          'welcome',
          `Welcome ${post.author_name}`,
          'Welcome them',
          '/api/posts',
          (text) => ({kind: 'welcome', thread: post.id, text}),
          reload,
        ),
  ];
}

export async function post([id], signal) {
  const place = h('div', {class: 'narrow'});
  const gone = () => {
    location.hash = '#/feed';
  };
  const load = async () => {
    const shown = await get(at`/api/posts/${id}`, {signal});
    const reload = () => load().catch(() => {});
    const isThread = shown.kind === 'question' || shown.kind === 'introduction';
    renew(place, [
      h('p', {}, h('a', {href: '#/feed'}, 'Back to the feed')),
      postCard(shown, {isWhole: true, onGone: gone, more: [delivering(shown, reload)]}),
      h('section', {}, isThread && answers(shown, reload)),
      h(
        'section',
        {},
        h('h2', {}, 'Comments'),
        shown.comment_list.length > 0 &&
          h(
            'ul',
            {class: 'comments'},
            shown.comment_list.map((one) => comment(one, reload)),
          ),
        box(
          'comment',
          'Your comment',
          'Comment',
          at`/api/posts/${id}/comments`,
          (text) => ({text}),
          reload,
          2,
        ),
      ),
    ]);
  };
  await load();
  return place;
}
