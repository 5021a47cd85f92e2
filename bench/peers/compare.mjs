// SPDX-License-Identifier: Apache-2.0
//
// usage: node compare.mjs BENCH_CEL [--rounds=5]
//
// Runs bench_cel and each peer by turns, every one in a process of its own, and
// prints the medians of all rounds, in nanoseconds an evaluation.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const OURS = {
  Hand: 'C++, by hand',
  Cel: 'loyalty::cel, in slots',
  Event: 'loyalty, from an Event',
};

// The figures of the three ways of OURS: way -> condition -> ns.
function ourTimes(program, folder) {
  const out = join(folder, 'out.json');
  execFileSync(program, [
    `--benchmark_filter=^BM_(${Object.keys(OURS).join('|')})/`,
    '--benchmark_repetitions=1',
    '--benchmark_min_time=0.2',
    `--benchmark_out=${out}`,
    '--benchmark_out_format=json',
  ], {stdio: ['ignore', 'ignore', 'pipe']});
  const times = {};
  for (const run of JSON.parse(readFileSync(out, 'utf8')).benchmarks) {
    const [way, condition] = run.name.replace(/^BM_/, '').split('/');
    (times[way] ??= {})[condition] = run.real_time;
  }
  return times;
}

function peers(...args) {
  const file = fileURLToPath(new URL('peers.mjs', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [file, ...args]));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1];
}

function shown(ns) {
  return ns < 9.95 ? ns.toFixed(1) : Math.round(ns).toLocaleString('en-US');
}

const [program, ...options] = process.argv.slice(2);
const rounds = Number(
    options.find((o) => o.startsWith('--rounds='))?.slice(9) ?? 5);
if (program === undefined || !(rounds >= 1)) {
  console.error('usage: node compare.mjs BENCH_CEL [--rounds=5]');
  process.exit(2);
}

const names = peers();
const measured = {};  // who -> condition -> a figure a round
const note = (who, times) => {
  for (const [condition, ns] of Object.entries(times)) {
    ((measured[who] ??= {})[condition] ??= []).push(ns);
  }
};
const folder = mkdtempSync(join(tmpdir(), 'loyalty-peers-'));
try {
  for (let round = 1; round <= rounds; ++round) {
    console.error(`round ${round} of ${rounds}`);
    const ours = ourTimes(program, folder);
    for (const way of Object.keys(OURS)) note(OURS[way], ours[way]);
    for (const name of names) note(name, peers(name));
  }
} finally {
  rmSync(folder, {recursive: true});
}

const conditions = Object.keys(measured[names[0]]);
const ns = (who, condition) => median(measured[who][condition]);
const best = (condition) => Math.min(...names.map((n) => ns(n, condition)));
const {dependencies} = JSON.parse(
    readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const titled = (name) => {
  const [, part, rest] = name.match(/^(\S+)(.*)$/);
  return `${part} ${dependencies[part]}${rest}`;
};
const row = (title, cells) => console.log(
    title.padEnd(44) + cells.map((cell) => cell.padStart(16)).join(''));

row(`ns an evaluation, medians of ${rounds}`, conditions);
for (const who of Object.values(OURS)) {
  row(who, conditions.map((c) => shown(ns(who, c))));
}
for (const name of names) {
  row(titled(name), conditions.map((c) => shown(ns(name, c))));
}
for (const way of ['Cel', 'Event']) {
  row(`best peer / ${OURS[way]}`,
      conditions.map((c) => (best(c) / ns(OURS[way], c)).toFixed(1)));
}
