// SPDX-License-Identifier: Apache-2.0
//
// Charts, drawn by Chart.js from the distribution, in the page's own colours.
import {h} from '../dom.js';
import {path, profile, purse} from '../me.js';
import {number, words} from '../words.js';

const kMostBars = 12;

const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const ofCurrency = (currency) =>
  colour(
    path(currency) > 0
      ? `path-${path(currency)}`
      : purse()[0]?.currency === currency
        ? 'points'
        : 'coins',
  );

const darkness = matchMedia('(prefers-color-scheme: dark)');

// A canvas with a chart on it once it is shown: its size is its parent's. It has
// the colours of day or night, whichever it is.
function chart(label, settings) {
  const canvas = h('canvas', {role: 'img', 'aria-label': label});
  const draw = async () => {
    const {Chart, registerables} = await import('/vendor/chart.mjs');
    Chart.register(...registerables);
    Chart.defaults.color = colour('soft');
    Chart.defaults.borderColor = colour('line');
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.maintainAspectRatio = false;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) Chart.defaults.animation = false;
    Chart.getChart(canvas)?.destroy();
    new Chart(canvas, settings());
  };
  const redraw = () => {
    if (canvas.isConnected) draw().catch(() => {});
    else darkness.removeEventListener('change', redraw);
  };
  darkness.addEventListener('change', redraw);
  // The table beside it says the same if there is no Chart.js.
  new ResizeObserver((seen, observer) => {
    observer.disconnect();
    draw().catch(() =>
      canvas.replaceWith(h('p', {class: 'soft'}, 'No charts here: the server has no Chart.js.')),
    );
  }).observe(canvas);
  return canvas;
}

// `rules` as in the figures, those that awarded most often first.
export function barsOfRules(rules) {
  const shown = rules.slice(0, kMostBars);
  const label = `How often each rule awarded. Most often: ${shown
    .slice(0, 3)
    .map((one) => `${words(one.rule)} ${number(one.times)}`)
    .join(', ')}`;
  return chart(label, () => ({
    type: 'bar',
    data: {
      labels: shown.map((one) => words(one.rule)),
      datasets: [
        {
          label: 'In full',
          data: shown.map((one) => one.times - one.cut),
          backgroundColor: colour('path-1'),
          borderRadius: 4,
        },
        {
          label: 'Cut by a limit',
          data: shown.map((one) => one.cut),
          backgroundColor: colour('path-2'),
          borderRadius: 4,
        },
      ],
    },
    options: {
      indexAxis: 'y',
      scales: {x: {stacked: true}, y: {stacked: true, grid: {display: false}}},
    },
  }));
}

// `days` as in the figures: what was awarded on each, by currency.
export function linesOfDays(days) {
  const currencies = profile.currencies.map((one) => one.currency);
  return chart(`Units awarded on each of ${days.length} days`, () => ({
    type: 'line',
    data: {
      labels: days.map((one) => one.day),
      datasets: currencies.map((currency) => ({
        label: words(currency),
        data: days.map((one) => one.units[currency] ?? 0),
        borderColor: ofCurrency(currency),
        backgroundColor: ofCurrency(currency),
        borderWidth: 2,
        pointRadius: days.length > 40 ? 0 : 2,
        tension: 0.3,
      })),
    },
    options: {
      interaction: {mode: 'index', intersect: false},
      scales: {x: {grid: {display: false}, ticks: {maxTicksLimit: 8}}, y: {beginAtZero: true}},
    },
  }));
}
