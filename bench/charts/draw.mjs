// SPDX-License-Identifier: Apache-2.0
//
// usage: node draw.mjs FOLDER
//
// Draws the charts of ../README.md from the figures beside them: process.json
// and reads.json, which the benchmarks write with --json. Text stays text in
// the SVG, so that it can be searched and compared.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import * as vega from 'vega';
import {compile} from 'vega-lite';

const CONFIG = {
  background: 'white',
  font: 'sans-serif',
  axis: {labelFontSize: 11, titleFontSize: 11, gridColor: '#e4e4e4',
         labelLimit: 260},
  legend: {labelFontSize: 11, titleFontSize: 11},
  range: {category: ['#1f6f8b', '#c9c9c9', '#e3a857', '#b5563c', '#7a9e7e']},
};
const folder = process.argv[2];
const figures = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const process_ = figures('process.json');
const reads = figures('reads.json');

const linesOf = (name) =>
    process_.scenarios.find((s) => s.name === name)?.lines ?? [];
const rate = {field: 'events/s', type: 'quantitative', title: 'events a second'};

async function draw(name, values, spec) {
  if (values.length === 0) return;
  const view = new vega.View(vega.parse(compile({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    config: CONFIG, width: 420, height: 200, data: {values}, ...spec,
  }).spec), {renderer: 'none'});
  writeFileSync(join(folder, `${name}.svg`), `${await view.toSVG()}\n`);
}

// One bar for each writer.
const WRITERS = ['engine', 'rows', 'indexed', 'better-sqlite3'];
const TITLES = {
  throughput: 'ordered ids',
  random_ids: 'random ids',
  stack_exchange: 'Stack Exchange',
  redemption_race: 'redemption race',
};
const titled = Object.entries(TITLES).flatMap(
    ([name, title]) => linesOf(name).map((line) => ({...line, title})));
await draw('writers', titled, {
  height: {step: 14},
  resolve: {scale: {y: 'independent'}},
  mark: 'bar',
  encoding: {
    y: {field: 'writer', type: 'nominal', title: null, sort: WRITERS},
    x: rate,
    row: {field: 'title', type: 'nominal', title: null,
          sort: Object.values(TITLES),
          header: {labelAngle: 0, labelAlign: 'left'}},
    color: {field: 'writer', type: 'nominal', legend: null, sort: WRITERS},
  },
});

const curve = (x, title, scale) => ({
  mark: {type: 'line', point: true},
  encoding: {
    x: {field: x, type: 'quantitative', title, scale,
        axis: {format: ',d', tickCount: 5}},
    y: {...rate, scale: {zero: true}},
  },
});
const log = {type: 'log'};

const batches = curve('batch', 'events a commit', log);
batches.encoding.y.scale = log;
batches.encoding.color = {field: 'writer', type: 'nominal', title: null};
await draw('batches', linesOf('batches'), batches);
await draw('threads', linesOf('threads').filter((l) => l.batch === 1),
           curve('threads', 'threads', {type: 'log', base: 2}));
await draw('members', linesOf('members'), curve('members', 'members', log));
await draw('rules', linesOf('rules'), curve('rules', 'rules', log));

await draw('reads', reads.reads.filter((l) => l['times the row'] !== 1), {
  height: {step: 14},
  mark: 'bar',
  encoding: {
    y: {field: 'name', type: 'nominal', title: null, sort: null},
    yOffset: {field: 'members', type: 'nominal'},
    x: {field: 'times the row', type: 'quantitative',
        title: 'times one indexed row of SQLite'},
    color: {field: 'members', type: 'ordinal'},
  },
});
