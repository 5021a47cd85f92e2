// SPDX-License-Identifier: Apache-2.0
//
// Elements, made by calls. A string is always text, never markup: what members
// write cannot become anything else.

const kSvg = 'http://www.w3.org/2000/svg';

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') {
      node.addEventListener(name.replace(/^on/, ''), value);
    } else {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  node.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== undefined && child !== null && child !== false),
  );
  return node;
}

// h('button', {class: 'quiet', onclick: close}, 'Close')
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(kSvg, tag), attributes, children);
}

const kIcons = {
  badge: ['M12 3a6 6 0 1 1 0 12 6 6 0 0 1 0-12', 'm8.5 14-1.5 7 5-3 5 3-1.5-7'],
  blog: ['M5 4h14v16H5z', 'M9 8h6M9 12h6M9 16h3'],
  chat: ['M4 5h16v11H9l-5 4z'],
  check: ['m5 12.5 4.5 4.5L19 7.5'],
  coin: ['M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16', 'M12 8.5v7M9.5 12h5'],
  down: ['m6 9 6 6 6-6'],
  flame: ['M12 3c1 4 5 5.5 5 10.5a5 5 0 0 1-10 0c0-2 1-3.5 2-4.5.5 1.5 1 2 2 2.5C10.5 8 11 5 12 3'],
  gift: [
    'M4 10h16v10H4z',
    'M3 7h18v3H3zM12 7v13',
    'M12 7C8 7 7.5 3 10 3c1.5 0 2 2 2 4 0-2 .5-4 2-4 2.5 0 2 4-2 4',
  ],
  heart: ['M12 20C5 15 3.5 11.5 3.5 9A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 8.5 2c0 2.5-1.5 6-8.5 11'],
  idea: [
    'M9 18h6M10 21h4',
    'M12 3a6 6 0 0 0-3.5 11c.5.5.5 1 .5 1.5h6c0-.5 0-1 .5-1.5A6 6 0 0 0 12 3',
  ],
  key: ['M15.5 4a4.5 4.5 0 1 1-4.200 6.100L4 17.5V20h3v-2h2v-2h2l1.600-2.600'],
  lock: ['M6 11h12v9H6z', 'M8.5 11V8a3.5 3.5 0 0 1 7 0v3'],
  question: [
    'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16',
    'M9.800 9.700a2.300 2.300 0 1 1 3.300 2.100c-.8.400-1.100.9-1.100 1.700M12 16.300v.1',
  ],
  quest: ['M6 21V4h11l-2 4 2 4H6'],
  rank: ['M5 20v-7h4v7M10 20V5h4v15M15 20v-10h4v10'],
  star: [
    'm12 3.5 2.600 5.400 5.900.8-4.300 4.100 1.100 5.900L12 16.900l-5.300 2.800 1.100-5.900L3.5 9.700l5.900-.8z',
  ],
  trash: ['M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13'],
  up: ['M12 20V5M6 11l6-6 6 6'],
  wave: [
    'M7 13V7a1.5 1.5 0 0 1 3 0v4-6a1.5 1.5 0 0 1 3 0v6-5a1.5 1.5 0 0 1 3 0v8c0 4-2 6-5 6-4 0-5-2-7-6 1-1.5 2-1 3 0',
  ],
};

// Decoration: what it stands for is said in words beside it.
export function icon(name) {
  return svg(
    'svg',
    {class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true'},
    kIcons[name].map((d) => svg('path', {d})),
  );
}

// A ring that is filled by `share`, from 0 to 1.
export function ring(share, label) {
  const part = Math.max(0, Math.min(1, share)) * 100;
  const circle = (attributes) =>
    svg('circle', {cx: 50, cy: 50, r: 43, pathLength: 100, ...attributes});
  return svg(
    'svg',
    {class: 'ring', viewBox: '0 0 100 100', role: 'img', 'aria-label': label},
    circle({class: 'track'}),
    part > 0 && circle({class: 'part', 'stroke-dasharray': `${part} 100`}),
  );
}

// A bar of how far it is, with its words for who does not see it.
export function meter(have, want, label) {
  const share = want > 0 ? Math.min(1, have / want) : 1;
  return svg(
    'svg',
    {
      class: 'meter',
      viewBox: '0 0 100 6',
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': label,
    },
    svg('rect', {class: 'track', width: 100, height: 6}),
    svg('rect', {class: 'part', width: share * 100, height: 6}),
  );
}

// What one can stand on with the keyboard, and what the same of it is called.
const standing = (place) => [...place.querySelectorAll('a, button, input, select, textarea')];

// The control of that name, which may have been made anew.
export const named = (key) => key && standing(document.body).find((one) => one.dataset.key === key);

// Puts `children` in place of those that are there. Who stood on one of them
// with the keyboard stands on the same one after that.
export function renew(place, ...children) {
  const held = document.activeElement;
  const index = standing(place).indexOf(held);
  place.replaceChildren(...children.flat().filter(Boolean));
  if (index >= 0) (named(held.dataset.key) ?? standing(place)[index])?.focus({preventScroll: true});
}

export function button(label, onclick, attributes = {}) {
  return h('button', {type: 'button', onclick, ...attributes}, label);
}

// A label with its field. `hint` is read with it.
export function labelled(label, field, hint) {
  const words = hint && h('small', {id: `${field.id}-hint`}, hint);
  if (words) field.setAttribute('aria-describedby', words.id);
  return h('div', {class: 'field'}, h('label', {for: field.id}, label), field, words);
}

// A table. Of `columns`, those of amounts begin with '#'. A row is its cells;
// the first says whose it is.
export function table(caption, columns, rows) {
  const styles = columns.map((name) => name.startsWith('#') && 'amount');
  const head = columns.map((name, i) =>
    h('th', {scope: 'col', class: styles[i]}, name.replace('#', '')),
  );
  const row = ([first, ...others]) =>
    h(
      'tr',
      {},
      h('th', {scope: 'row'}, first),
      others.map((cell, i) => h('td', {class: styles[i + 1]}, cell)),
    );
  return h(
    'table',
    {},
    h('caption', {class: 'hidden'}, caption),
    h('thead', {}, h('tr', {}, head)),
    h('tbody', {}, rows.map(row)),
  );
}

// What scrolls within itself, also by the keyboard.
export function scrolling(label, content) {
  return h('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label}, content);
}

export function empty(picture, title, ...says) {
  return h(
    'div',
    {class: 'empty'},
    icon(picture),
    h('p', {class: 'strong'}, title),
    h('p', {}, ...says),
  );
}

export function heading(title, says) {
  return h('div', {class: 'heading'}, h('h1', {tabindex: -1}, title), says && h('p', {}, says));
}
