// SPDX-License-Identifier: Apache-2.0
//
// The feed, and a place to write.
import {get, post} from '../api.js';
import {button, empty, h, heading, icon, labelled} from '../dom.js';
import {news} from '../me.js';
import {act, kKinds, postCard} from '../post_card.js';
import {wordsIn} from '../words.js';
import {nextSteps} from './next.js';

const kFilters = [
  ['', 'Everything'],
  ['question', 'Questions'],
  ['idea', 'Ideas'],
  ['blog', 'Blogs'],
  ['introduction', 'New here'],
];
const kDrafts = {
  question: [
    'Your question',
    'What is it about?',
    'What are you stuck with, and what have you tried?',
    'Ask',
  ],
  idea: ['Your idea', 'In a few words', 'What would be better, and for whom?', 'Share the idea'],
  blog: [
    'Its title',
    'What did you solve?',
    'What was wrong, and what solved it? The longer kind helps most.',
    'Publish',
  ],
};

export function composer(onDone) {
  let kind = 'question';
  // Sent again after a failure it is still one post.
  let key = crypto.randomUUID();
  const title = h('input', {id: 'title', name: 'title', maxlength: 200, required: true});
  const text = h('textarea', {id: 'text', name: 'text', rows: 4, maxlength: 60000, required: true});
  const size = h('small', {class: 'size'});
  const titleLabel = h('label', {for: 'title'});
  const submit = h('button', {class: 'main', type: 'submit'});
  const choices = Object.keys(kDrafts).map((id) =>
    h(
      'label',
      {class: 'choice'},
      h('input', {
        type: 'radio',
        name: 'kind',
        value: id,
        checked: id === kind,
        onchange: () => choose(id),
      }),
      h('span', {}, icon(kKinds[id].icon), kKinds[id].name),
    ),
  );
  const measure = () => {
    const words = wordsIn(text.value);
    size.textContent = words > 0 ? `${words} words` : '';
  };
  function choose(id) {
    kind = id;
    [titleLabel.textContent, title.placeholder, text.placeholder, submit.textContent] = kDrafts[id];
    text.rows = id === 'blog' ? 10 : 4;
  }
  choose(kind);
  text.addEventListener('input', measure);
  return h(
    'form',
    {
      class: 'composer panel',
      'aria-label': 'Write a post',
      async onsubmit(event) {
        event.preventDefault();
        submit.disabled = true;
        const isDone = await act(() =>
          post('/api/posts', {kind, title: title.value.trim(), text: text.value}, {key}),
        );
        submit.disabled = false;
        if (!isDone) return;
        key = crypto.randomUUID();
        title.value = '';
        text.value = '';
        measure();
        onDone();
      },
    },
    h(
      'fieldset',
      {class: 'choices'},
      h('legend', {class: 'hidden'}, 'What do you write?'),
      choices,
    ),
    h('div', {class: 'field'}, titleLabel, title),
    h('div', {class: 'later'}, labelled('Text', text)),
    h('div', {class: 'send later'}, size, submit),
  );
}

// A list of posts, a page at a time, of one kind or all.
class Posts {
  constructor(signal) {
    this.signal = signal;
    this.kind = '';
    this.list = h('div', {class: 'posts'});
    this.news = h('div', {class: 'news', role: 'status'});
    this.more = button('Show older posts', () => this.add(), {class: 'quiet wide'});
    this.node = h('div', {}, this.news, this.list, this.more);
  }

  async page(before, limit) {
    const asked = new URLSearchParams({
      limit,
      ...(this.kind && {kind: this.kind}),
      ...(before && {before}),
    });
    return get(`/api/posts?${asked}`, {signal: this.signal});
  }

  async load(kind = this.kind) {
    this.kind = kind;
    this.before = null;
    const first = await this.page(null, 20);
    if (kind !== this.kind) return; // another was chosen since
    this.shown = new Set();
    this.news.replaceChildren();
    this.list.replaceChildren();
    this.put(first);
    if (first.posts.length === 0) {
      this.list.append(empty('chat', 'Nothing here yet.', 'Yours could be the first.'));
    }
  }

  async add() {
    this.put(await this.page(this.before, 20));
  }

  put({posts, before}) {
    this.before = before;
    this.more.hidden = !before;
    for (const one of posts) {
      this.shown.add(one.id);
      const card = postCard(one, {onGone: () => card.remove()});
      this.list.append(card);
    }
  }

  // Says that there is something new, and leaves it to the reader to look.
  async look() {
    const kind = this.kind;
    const {posts} = await this.page(null, 1);
    if (kind !== this.kind || this.news.firstChild) return;
    if (posts.every((one) => this.shown.has(one.id))) return;
    this.news.append(
      button([icon('up'), 'There are new posts'], () => this.load(), {class: 'pill'}),
    );
  }
}

export async function feed(rest, signal) {
  const posts = new Posts(signal);
  const next = nextSteps(signal, 2);
  await posts.load();
  news.addEventListener('post', () => posts.look().catch(() => {}), {signal});
  const filters = h(
    'fieldset',
    {class: 'choices tabs'},
    h('legend', {class: 'hidden'}, 'Show'),
    kFilters.map(([kind, name]) =>
      h(
        'label',
        {class: 'choice'},
        h('input', {
          type: 'radio',
          name: 'filter',
          checked: kind === '',
          onchange: () => posts.load(kind),
        }),
        h('span', {}, name),
      ),
    ),
  );
  return h(
    'div',
    {class: 'with-side feed'},
    h(
      'div',
      {},
      heading('What is going on'),
      composer(() => posts.load()),
      filters,
      posts.node,
    ),
    h('aside', {'aria-label': 'What to do next'}, next),
  );
}
