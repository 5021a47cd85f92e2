// SPDX-License-Identifier: Apache-2.0
//
// Runs all files of tests here at the same time, each in a process of its own:
// much of what they do is to wait.
import fs from 'node:fs';
import {run} from 'node:test';
import {tap} from 'node:test/reporters';

const files = fs.readdirSync('.').filter((name) => name.endsWith('.test.mjs'));
run({files, concurrency: files.length})
  .on('test:fail', () => {
    process.exitCode = 1;
  })
  .compose(tap)
  .pipe(process.stdout);
