// SPDX-License-Identifier: Apache-2.0
//
// What members and the program say is text, whatever it looks like.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {Community, Member, kPassword, visit} from './serving.mjs';

const kPayloads = [
  '<script>window.pwned=1</script>',
  '<img src=x onerror="window.pwned=1">',
  '"><svg/onload=window.pwned=1>',
  '<a href="javascript:window.pwned=1">go</a>',
  '<iframe srcdoc="<script>parent.pwned=1</script>">',
  '<style>*{display:none}</style>',
  '${window.pwned=1}{{constructor.constructor("window.pwned=1")()}}',
  '</textarea></title><math><mtext><img src=x onerror=window.pwned=1>',
];
const kRule = '<img src=x onerror=window.pwned=1>';

// The program with a payload before every description, and a free reward that
// gives a code.
function wickedProgram() {
  const file = path.join(process.env.LOYALTY_SOURCE, 'examples/programs/brand_community.textproto');
  return fs
    .readFileSync(file, 'utf8')
    .replace('"coins" units: 40 }', '"coins" units: 0 } voucher {}')
    .replace(/(describe:\s*")/g, `$1${kRule} `);
}

let community;
let member;
const written = [];

before(async () => {
  community = await Community.start({program: wickedProgram(), members: ['grace'], log: 0});
  const grace = await community.signIn('grace');
  await fetch(`${community.base}/api/members`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({
      id: 'mallory',
      name: kPayloads[1],
      password: kPassword,
      introduction: kPayloads.join('\n'),
    }),
  });
  member = await community.signIn('mallory');
  assert.ok(member instanceof Member);
  for (const text of kPayloads) {
    for (const kind of ['question', 'idea', 'blog'])
      written.push(await member.write({kind, title: text, text: `${text} ${text}`}));
    await member.post(`/api/posts/${written[0]}/comments`, {text});
    await grace.write({kind: 'reply', thread: written[0], text});
  }
  await grace.write({kind: 'welcome', thread: 'hello-mallory', text: kPayloads[0]});
  await grace.put(`/api/posts/${written[1]}/kudos`);
});
after(() => community?.stop());

// What is on the page that our own calls did not put there.
const foreign = (page) =>
  page.evaluate(() => {
    const found = [];
    for (const node of document.querySelectorAll('*')) {
      const name = node.localName;
      if (['iframe', 'style', 'math', 'object', 'embed'].includes(name)) found.push(name);
      if (name === 'script' && new URL(node.src).pathname !== '/js/app.js') found.push('script');
      if (name === 'img' && new URL(node.src).pathname !== '/icon.svg')
        found.push(`img ${node.src}`);
      for (const attribute of node.attributes) {
        if (
          /^on/i.test(attribute.name) ||
          (attribute.name === 'style' && name !== 'canvas') ||
          /^\s*javascript:/i.test(attribute.value)
        ) {
          found.push(`${name} ${attribute.name}`);
        }
      }
    }
    return {found, pwned: window.pwned};
  });

test('What members and programs say stays text in every view', async () => {
  const page = await community.openAs(member);
  const views = [
    'feed',
    `post/${written[0]}`,
    'post/hello-mallory',
    'card',
    'member/mallory',
    'boards',
    'shop',
    'statement',
  ];
  for (const view of views) {
    await visit(page, view);
    await page.locator('body').getByText('onerror').first().waitFor();
    assert.deepEqual(await foreign(page), {found: [], pwned: undefined}, view);
  }
  await page.locator('tbody button').first().click();
  await page.getByRole('dialog').waitFor();
  assert.deepEqual(await foreign(page), {found: [], pwned: undefined}, 'an explanation');
  await page.getByRole('button', {name: 'Close'}).click();

  // Each is there as it was written.
  await visit(page, `post/${written[0]}`);
  for (const text of kPayloads) {
    assert.equal(await page.locator('.comment .text', {hasText: text}).first().textContent(), text);
  }
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('What is bought shows its code, then and later', async () => {
  const page = await community.openAs(member);
  await visit(page, 'shop');
  await page.locator('[data-reward=stickers] button').click();
  await page.getByRole('button', {name: /^Redeem for/}).click();
  const code = await page.getByRole('dialog').locator('code').textContent();
  assert.deepEqual(await foreign(page), {found: [], pwned: undefined});
  await page.getByRole('button', {name: 'Done'}).click();
  await page.locator('td code', {hasText: code}).waitFor();
  assert.deepEqual(await foreign(page), {found: [], pwned: undefined});
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("The program's page shows it as text to an admin", async () => {
  const page = await community.openAs(await community.signIn('boss'));
  await visit(page, 'admin');
  await page.locator('tbody').getByText('onerror').first().waitFor();
  // Chart.js, which gives a canvas its size when it draws on it.
  await page.locator('.chart canvas[style]').nth(1).waitFor();
  assert.deepEqual(await foreign(page), {found: [], pwned: undefined});
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('Nothing inline would run, whoever put it there', async () => {
  const policy = (await fetch(community.base)).headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /style-src 'self'(;|$)/);
  const page = await community.open();
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.pwned = 1';
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  await page.context().close();
});
