// SPDX-License-Identifier: Apache-2.0
//
// What the program has for everybody: asked for once, as it does not change
// while the server runs.
import {get} from './api.js';

let asked = null;

export function guide() {
  asked ??= get('/api/program').catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}
