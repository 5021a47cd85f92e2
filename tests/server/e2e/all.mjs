// SPDX-License-Identifier: Apache-2.0
//
// Runs the files of tests here, two at a time, each in a process of its own: much
// of what they do is to wait.
import fs from 'node:fs';
import {run} from 'node:test';
import {tap} from 'node:test/reporters';

const files = fs.readdirSync('.').filter((name) => name.endsWith('.test.mjs'));
run({files, concurrency: 2})
  .on('test:fail', () => {
    process.exitCode = 1;
  })
  .compose(tap)
  .pipe(process.stdout);
