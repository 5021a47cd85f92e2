// SPDX-License-Identifier: Apache-2.0
//
// How things are said: times as people say them, ids as words.

const kRelative = new Intl.RelativeTimeFormat('en', {numeric: 'auto'});
const kNumber = new Intl.NumberFormat('en');
const kDay = new Intl.DateTimeFormat('en', {dateStyle: 'medium'});
const kMoment = new Intl.DateTimeFormat('en', {dateStyle: 'long', timeStyle: 'short'});
const kUnits = [
  ['year', 31536000],
  ['month', 2592000],
  ['week', 604800],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];

// "3 hours ago", "in 2 days".
export function relative(time, now = Date.now()) {
  const seconds = (new Date(time) - now) / 1000;
  for (const [unit, length] of kUnits) {
    if (Math.abs(seconds) >= length) return kRelative.format(Math.trunc(seconds / length), unit);
  }
  return seconds > 0 ? 'in a moment' : 'just now';
}

export const moment = (time) => kMoment.format(new Date(time));
export const day = (time) => kDay.format(new Date(time));
export const number = (n) => kNumber.format(n);
export const signed = (n) => (n > 0 ? '+' : '') + number(n);
export const count = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

// "heart_of_the_house" as "Heart of the house".
export function words(id) {
  const text = String(id)
    .replace(/[_./]+/g, ' ')
    .replace(/^loyalty /, '')
    .trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// As `words`, within a sentence.
export const inside = (id) => words(id).toLowerCase();

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// "40 coins and 1 pass"
export const price = (cost) =>
  cost.map((part) => `${number(part.units)} ${inside(part.currency)}`).join(' and ');

// A board by its id; a season's name, as 2026-11, by the month it is.
export const board = (id) => (/^(day|week|month|year)$/.test(id) ? `Best of the ${id}` : words(id));
export function season(name) {
  if (!/^\d{4}-\d{2}$/.test(name)) return name;
  return new Intl.DateTimeFormat('en', {month: 'long', year: 'numeric', timeZone: 'UTC'}).format(
    new Date(`${name}-01T00:00:00Z`),
  );
}

export const wordsIn = (text) => text.split(/\s+/).filter(Boolean).length;
