// SPDX-License-Identifier: Apache-2.0
//
// The shop: what points buy, and what was bought.
import {at, get, post} from '../api.js';
import {ask, confirmed} from '../dialog.js';
import {button, empty, h, heading, icon, renew, scrolling, table} from '../dom.js';
import {hear, news, profile, purse} from '../me.js';
import {failed} from '../notices.js';
import {day, inside, number, price, relative, sentence, words} from '../words.js';

const nameOf = (offer) => offer.describe || words(offer.reward);

// Why it cannot be had, to the member.
function lockedBecause({why, reason, cost, from}) {
  const lacks = cost
    .map(({currency, units}) => {
      const held = profile.currencies.find((one) => one.currency === currency);
      return {currency, units: units - (held?.balance ?? 0)};
    })
    .filter((one) => one.units > 0);
  if (why === 'insufficient_balance' && lacks.length > 0) return `${price(lacks)} to go`;
  if (why === 'not_offered') {
    return from && new Date(from) > new Date()
      ? `From ${day(from)} on`
      : 'Not open to you yet: your status may open it';
  }
  if (why === 'out_of_stock') return 'All of them are gone';
  if (why === 'member_limit') return 'You have had as many as you may for now';
  return sentence(reason || inside(why));
}

// "1", of each currency that it costs.
function after(offer) {
  const left = offer.cost.map(({currency, units}) => {
    const held = profile.currencies.find((one) => one.currency === currency);
    return number((held?.balance ?? 0) - units);
  });
  return left.join(' and ');
}

function receipt(offer, outcome) {
  const codes = outcome.vouchers ?? [];
  if (codes.length > 0) {
    return [
      h('p', {}, 'Show this code, and it is yours.'),
      codes.map((code) => h('p', {class: 'code'}, h('code', {}, code))),
    ];
  }
  return h(
    'p',
    {},
    offer.held
      ? 'It is set aside for you, and so is what it costs. You hear from us when it is on its way.'
      : 'It is yours. We take it from here.',
  );
}

async function redeem(offer, onDone) {
  const key = crypto.randomUUID();
  const says = [
    h('p', {class: 'strong'}, nameOf(offer)),
    h('p', {}, `It costs ${price(offer.cost)} and leaves you ${after(offer)}.`),
    offer.held &&
      h(
        'p',
        {class: 'soft'},
        'It is set aside for you first. Nothing is spent if it does not work out.',
      ),
  ];
  if (!(await confirmed('Redeem it?', says, `Redeem for ${price(offer.cost)}`))) return;
  try {
    const outcome = await post(at`/api/rewards/${offer.reward}/redemptions`, {}, {key});
    hear(outcome);
    onDone();
    await ask(
      offer.held ? 'Set aside for you' : 'Enjoy!',
      [h('p', {class: 'strong'}, nameOf(offer)), receipt(offer, outcome)],
      [['Done', true, 'main']],
    );
  } catch (error) {
    failed(error);
  }
}

function offerCard(offer, onDone) {
  const facts = [
    offer.left !== null && (offer.left > 0 ? `${number(offer.left)} left` : 'None left'),
    offer.until && `until ${day(offer.until)}`,
    offer.held && 'set aside first',
  ].filter(Boolean);
  return h(
    'li',
    {class: `offer ${offer.available ? 'open' : 'locked'}`, 'data-reward': offer.reward},
    h('div', {class: 'picture'}, icon(offer.available ? 'gift' : 'lock')),
    h('h2', {}, nameOf(offer)),
    h('p', {class: 'price'}, icon('coin'), price(offer.cost)),
    facts.length > 0 && h('p', {class: 'soft'}, sentence(facts.join(' · '))),
    offer.available
      ? button('Redeem', () => redeem(offer, onDone), {
          class: 'main',
          'aria-label': `Redeem: ${nameOf(offer)}`,
          'data-key': offer.reward,
        })
      : h('p', {class: 'reason'}, icon('lock'), lockedBecause(offer)),
  );
}

function vouchersPanel(vouchers, names) {
  const rows = vouchers
    .toReversed()
    .map((one) => [
      names.get(one.reward) ?? words(one.reward),
      one.issued && relative(one.issued),
      h('span', {class: 'tag'}, words(one.state)),
      one.code ? h('code', {}, one.code) : '–',
    ]);
  return (
    rows.length > 0 &&
    h(
      'section',
      {class: 'panel'},
      h('h2', {}, 'Your vouchers'),
      scrolling('Your vouchers', table('Your vouchers', ['Reward', 'When', 'State', 'Code'], rows)),
    )
  );
}

export async function shop(rest, signal) {
  const place = h('div', {});
  const load = async () => {
    const [{rewards}, {vouchers}] = await Promise.all([
      get('/api/rewards', {signal}),
      get('/api/members/me/vouchers', {signal}),
    ]);
    const spendable = new Set(rewards.flatMap((offer) => offer.cost.map((part) => part.currency)));
    const has = price(
      purse()
        .filter((one) => spendable.has(one.currency))
        .map((one) => ({currency: one.currency, units: one.balance})),
    );
    const names = new Map(rewards.map((offer) => [offer.reward, nameOf(offer)]));
    renew(
      place,
      heading(
        'Rewards',
        has
          ? `You have ${has} to spend. Your status opens more of them.`
          : 'Your status opens more of them.',
      ),
      rewards.length > 0
        ? h(
            'ul',
            {class: 'offers'},
            rewards.map((offer) => offerCard(offer, load)),
          )
        : empty('gift', 'The shelves are empty for now.', 'Come back soon.'),
      vouchersPanel(vouchers, names),
    );
  };
  await load();
  news.addEventListener('profile', () => load().catch(() => {}), {signal});
  return place;
}
