// SPDX-License-Identifier: Apache-2.0
//
// For everybody: what axe finds, and all of it with the keyboard alone.
import axe from 'axe-core';
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {Community, kDesktop, kPassword, kPhone, visit} from './serving.mjs';

let community;
let boss;

before(async () => {
  community = await Community.start({members: ['grace']});
  boss = await community.signIn('boss');
  const grace = await community.signIn('grace');
  const question = await grace.write({
    kind: 'question',
    title: 'Which lamp?',
    text: 'Mine is dark.',
  });
  const reply = await boss.write({
    kind: 'reply',
    thread: question,
    text: 'The one with the switch.',
  });
  await grace.put(`/api/posts/${reply}/accepted`);
  await grace.post(`/api/posts/${question}/comments`, {text: 'Thank you.'});
  community.views = [
    'feed',
    `post/${question}`,
    'card',
    'member/grace',
    'boards',
    'shop',
    'statement',
    'admin',
  ];
});
after(() => community?.stop());

// What is serious, as text that says where.
async function faults(page, of = {}) {
  // The policy has no say in what the browser's driver evaluates.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const {violations} = await page.evaluate(
    (options) => window.axe.run(document, {resultTypes: ['violations'], ...options}),
    of,
  );
  return violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .flatMap((one) =>
      one.nodes.map((node) => `${one.id}: ${node.target} ${node.any[0]?.message ?? ''}`),
    );
}

// In light, and in dark what is about colours: the style sheets have nothing else
// that is different there.
const kColours = {runOnly: ['color-contrast', 'link-in-text-block']};
async function expectNone(page, what) {
  for (const [colorScheme, rules] of [
    ['light', {}],
    ['dark', kColours],
  ]) {
    await page.emulateMedia({colorScheme});
    assert.deepEqual(await faults(page, rules), [], `${what}, ${colorScheme}`);
  }
}

describe('No view has a serious fault', {concurrency: true}, () => {
  for (const [width, viewport] of [
    ['a desktop', kDesktop],
    ['a phone', kPhone],
  ]) {
    test(`signing in and joining, on ${width}`, async () => {
      const stranger = await community.open(viewport);
      await expectNone(stranger, 'signing in');
      await stranger.getByRole('button', {name: 'Join'}).click();
      await expectNone(stranger, 'joining');
      await stranger.context().close();
    });

    test(`all others, on ${width}`, async () => {
      const page = await community.openAs(boss, viewport);
      for (const view of community.views) {
        await visit(page, view);
        await expectNone(page, view);
      }
      await visit(page, 'statement');
      await page.locator('tbody button').first().click();
      await page.getByRole('dialog').waitFor();
      await expectNone(page, 'an explanation');
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    });
  }
});

const isOn = (locator) => locator.evaluate((node) => node === document.activeElement);

// Goes on by Tab, as who has no mouse does, until it is there.
async function tabTo(page, locator) {
  await locator.waitFor({state: 'attached'});
  for (let i = 0; i < 60; ++i) {
    if (await isOn(locator)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not come to ${locator}`);
}

test('The keyboard alone signs in, posts, likes and reads why', async () => {
  const page = await community.open();
  await tabTo(page, page.getByText('Skip to the content'));
  await tabTo(page, page.getByLabel('Member'));
  await page.keyboard.type('grace');
  await tabTo(page, page.getByLabel('Password'));
  await page.keyboard.type(kPassword);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: 'What is going on'}).waitFor();

  await tabTo(page, page.getByRole('radio', {name: 'Question', exact: true}));
  await page.keyboard.press('ArrowRight');
  await tabTo(page, page.getByLabel('Your idea'));
  await page.keyboard.type('A lamp that listens');
  await tabTo(page, page.getByRole('textbox', {name: 'Text'}));
  await page.keyboard.type('To claps.');
  await tabTo(page, page.getByRole('button', {name: 'Share the idea'}));
  await page.keyboard.press('Enter');
  await page.locator('.notice', {hasText: '+5 points'}).waitFor();

  const like = page
    .locator('.post:not([data-post^=idea-]) .toggle.heart[aria-pressed=false]')
    .first();
  const post = await like.locator('xpath=ancestor::article').getAttribute('data-post');
  const kudos = page.locator(`[data-post="${post}"] .toggle.heart`);
  await tabTo(page, kudos);
  await page.keyboard.press('Space');
  await page.waitForFunction(
    (id) =>
      document.querySelector(`[data-post="${id}"] .heart`).getAttribute('aria-pressed') === 'true',
    post,
  );
  assert.ok(await isOn(kudos), 'the focus stays on it');

  await visit(page, 'statement');
  const line = page.locator('tbody button').first();
  await tabTo(page, line);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  for (let i = 0; i < 6; ++i) {
    await page.keyboard.press('Tab');
    assert.ok(
      await page.evaluate(
        () =>
          document.activeElement === document.body ||
          document.querySelector('dialog').contains(document.activeElement),
      ),
      'the focus stays in the dialog',
    );
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({state: 'detached'});
  assert.ok(await isOn(line), 'the focus is back');
  await page.context().close();
});
