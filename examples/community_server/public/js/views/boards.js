// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards: a tab for each, a season, the top, and around oneself.
import {at, get} from '../api.js';
import {button, empty, h, heading, renew} from '../dom.js';
import {guide} from '../guide.js';
import {isMe, path} from '../me.js';
import {memberLink} from '../post_card.js';
import {board as boardName, number, season as seasonName, words} from '../words.js';

const kTop = 10;

function table(caption, rows) {
  return h(
    'table',
    {class: 'ranks'},
    h('caption', {class: 'hidden'}, caption),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', {scope: 'col'}, 'Rank'),
        h('th', {scope: 'col'}, 'Member'),
        h('th', {scope: 'col', class: 'amount'}, 'Earned'),
      ),
    ),
    h(
      'tbody',
      {},
      rows.map((row) =>
        h(
          'tr',
          {
            class: isMe(row.member) ? 'me' : row.rank <= 3 ? `rank-${row.rank}` : '',
            'aria-current': isMe(row.member) && 'true',
          },
          h('td', {}, h('span', {class: 'rank'}, number(row.rank))),
          h(
            'th',
            {scope: 'row'},
            memberLink(row.member, row.name),
            isMe(row.member) && h('span', {class: 'tag'}, 'You'),
          ),
          h('td', {class: 'amount'}, number(row.earned)),
        ),
      ),
    ),
  );
}

// Of the board that is chosen.
class Ranking {
  constructor(signal) {
    this.signal = signal;
    this.season = h('select', {id: 'season', onchange: () => this.rows()});
    this.top = h('section', {class: 'panel', 'aria-labelledby': 'top-title'});
    this.around = h('section', {class: 'panel', 'aria-labelledby': 'around-title'});
    this.choice = h(
      'div',
      {class: 'field inline'},
      h('label', {for: 'season'}, 'Season'),
      this.season,
    );
    this.says = h('p', {class: 'soft says'});
    this.node = h(
      'div',
      {},
      this.says,
      this.choice,
      h('div', {class: 'grid'}, this.top, this.around),
    );
  }

  async show(board) {
    this.board = board;
    const [{seasons}, told] = await Promise.all([
      get(at`/api/leaderboards/${board}/seasons`, {signal: this.signal}),
      guide(),
    ]);
    if (board !== this.board) return; // another was chosen since
    const [said] = [
      ...told.leaderboards.filter((one) => one.leaderboard === board),
      ...told.currencies.filter((one) => one.currency === board),
    ];
    this.says.textContent = said?.describe ?? '';
    this.choice.hidden = seasons.length === 0;
    this.season.replaceChildren(
      h('option', {value: ''}, 'Now'),
      ...seasons.toReversed().map((name) => h('option', {value: name}, seasonName(name))),
    );
    this.node.className = `path-${path(board.replace(/_of_the_.*$/, ''))}`;
    this.most = kTop;
    await this.rows();
  }

  async rows() {
    const asked = new URLSearchParams(this.season.value && {season: this.season.value});
    const {board} = this;
    const root = at`/api/leaderboards/${board}`;
    const [top, around] = await Promise.all([
      get(`${root}?limit=${this.most}&${asked}`, {signal: this.signal}),
      get(`${root}/around?${asked}`, {signal: this.signal}).catch((error) => {
        if (error.status !== 404) throw error;
        return {rows: []};
      }),
    ]);
    if (board !== this.board) return;
    renew(
      this.top,
      h('h2', {id: 'top-title'}, 'The top'),
      top.rows.length > 0
        ? table('The top', top.rows)
        : empty('rank', 'Nobody is on it yet.', 'This season has just begun: be the first.'),
      top.rows.length === this.most &&
        this.most < 100 &&
        button(
          'Show more',
          () => {
            this.most = Math.min(100, this.most * 3);
            this.rows();
          },
          {class: 'quiet wide'},
        ),
    );
    this.around.replaceChildren(
      h('h2', {id: 'around-title'}, 'Around you'),
      around.rows.length > 0
        ? table('Around you', around.rows)
        : empty('rank', 'You are not on it yet.', 'Whatever counts here takes you onto it.'),
    );
  }
}

export async function boards(rest, signal) {
  const {leaderboards, currencies} = await get('/api/leaderboards', {signal});
  const ranking = new Ranking(signal);
  const all = [
    ...leaderboards.map((id) => [id, boardName(id)]),
    ...currencies.map((id) => [id, `${words(id)}, all time`]),
  ];
  const tabs = h(
    'fieldset',
    {class: 'choices tabs'},
    h('legend', {class: 'hidden'}, 'Leaderboard'),
    all.map(([id, name], i) =>
      h(
        'label',
        {class: 'choice'},
        h('input', {
          type: 'radio',
          name: 'board',
          checked: i === 0,
          onchange: () => ranking.show(id),
        }),
        h('span', {}, name),
      ),
    ),
  );
  if (all.length > 0) await ranking.show(all[0][0]);
  return h(
    'div',
    {},
    heading(
      'Leaderboards',
      'Three paths and a new season every month: there is more than one way to be first.',
    ),
    tabs,
    ranking.node,
  );
}
