// SPDX-License-Identifier: Apache-2.0
//
// usage: node pictures.mjs FOLDER
//
// Every view, on a desktop and a phone, in light and in dark, as pictures to
// look at; run from where run.sh has put it, with what that sets.
import fs from 'node:fs';
import path from 'node:path';
import {Community, kDesktop, kPhone, visit} from './serving.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node pictures.mjs FOLDER');
fs.mkdirSync(folder, {recursive: true});

// Who did something on every path, and an admin who did not.
const community = await Community.start({members: ['jun-12'], log: 60});
const boss = await community.signIn('boss');
const member = await community.signIn('jun-12');
const idea = await boss.write({
  kind: 'idea',
  title: 'A switch that remembers',
  text: 'After a power cut it should be as it was.',
});
await member.put(`/api/posts/${idea}/vote`);
await member.put(`/api/posts/${idea}/kudos`);
await member.post(`/api/posts/${idea}/comments`, {text: 'Mine forgets as well.'});

const views = {
  feed: member,
  [`post/${idea}`]: member,
  card: member,
  'member/boss': member,
  boards: member,
  shop: member,
  statement: member,
  admin: boss,
};

async function take(page, width, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({colorScheme});
    // What takes longest.
    await page
      .getByText('Looking ahead')
      .waitFor({state: 'detached'})
      .catch(() => {});
    const file = path.join(folder, `${name}-${width}-${colorScheme}.png`);
    await page.screenshot({path: file, fullPage: true});
  }
}

for (const viewport of [kDesktop, kPhone]) {
  const {width} = viewport;
  const stranger = await community.open(viewport);
  await take(stranger, width, 'sign-in');
  await stranger.getByRole('button', {name: 'Join'}).click();
  await take(stranger, width, 'join');
  for (const who of [member, boss]) {
    const page = await community.openAs(who, viewport);
    for (const view of Object.keys(views).filter((one) => views[one] === who)) {
      await visit(page, view);
      if (view === 'admin') await page.locator('.chart canvas[style]').nth(1).waitFor();
      await page.waitForTimeout(500);
      await take(page, width, view.split('/')[0]);
    }
    if (who === member) {
      await visit(page, 'statement');
      await page.locator('tbody button').first().click();
      await page.getByRole('dialog').waitFor();
      await take(page, width, 'why');
    }
    await page.context().close();
  }
}
await community.stop();
