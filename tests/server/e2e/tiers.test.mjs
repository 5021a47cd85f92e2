// SPDX-License-Identifier: Apache-2.0
//
// What a tier asks besides its own units stands beside them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {Community, visit} from './serving.mjs';

const kTier = `
metric { id: "blogs_this_year" on: "solution_blog" period: YEAR }
ladder {
  id: "standing" currency: "points" tiers { period: YEAR }
  level { id: "guest" }
  level { id: "silver" at: 25 also { metric: "blogs_this_year" at: 3 } }
}
`;

let community;
let page;
let ada;

before(async () => {
  const file = path.join(process.env.LOYALTY_SOURCE, 'examples/programs/brand_community.textproto');
  const program = fs.readFileSync(file, 'utf8') + kTier;
  community = await Community.start({program, members: ['ada'], log: 0});
  ada = await community.signIn('ada');
  page = await community.openAs(ada);
});
after(() => community?.stop());

test('The card says what is missing of each, and a path what each level asks', async () => {
  await visit(page, 'card');
  await page
    .locator('[data-ladder=standing]', {hasText: '25 and 3 blogs this year to silver'})
    .waitFor();
  await page
    .locator('[data-way=standing] .rung', {hasText: '25 points and 3 blogs this year'})
    .waitFor();
  assert.deepEqual(page.complaints, []);
});
