// SPDX-License-Identifier: Apache-2.0
//
// A newcomer, from joining to the first reward, and why each point was there.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Community, isLive, kDesktop, kPassword, kPhone, visit} from './serving.mjs';

let community;
let friend;

before(async () => {
  community = await Community.start({members: ['grace', 'lin']});
  friend = await community.signIn('grace');
});
after(() => community?.stop());

const notice = (page, text) => page.locator('.notice', {hasText: text}).first().waitFor();
const purse = (page, text) => page.locator('.purse', {hasText: text}).waitFor();

async function fits(page, view) {
  const wider = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.equal(wider, 0, `${view} is wider than the window`);
}

async function join(page, id) {
  await page.getByRole('button', {name: 'Join'}).click();
  await page.getByLabel('Your name').fill(`Ada ${id}`);
  await page.getByLabel('Sign-in').fill(id);
  await page.getByLabel('Password').fill(kPassword);
  await page.getByLabel('Say hello').fill('I fix lamps.');
  await page.getByRole('button', {name: 'Join'}).click();
  await page.getByRole('heading', {name: 'What is going on'}).waitFor();
  await isLive(page);
}

async function blog(page, id) {
  await page.getByRole('radio', {name: 'Solution blog'}).check();
  await page.getByLabel('Its title').fill(`What fixed the lamp of ${id}`);
  await page.getByRole('textbox', {name: 'Text'}).fill('light '.repeat(900));
  await page.getByText('900 words').waitFor();
  await page.getByRole('button', {name: 'Publish'}).click();
  await notice(page, '+10 points, +30 expert, +5 coins');
  await page.getByRole('link', {name: `What fixed the lamp of ${id}`}).waitFor();
}

// What helps others: five answers that are accepted, two votes, a welcome.
async function help(page, newcomer) {
  const questions = [];
  for (let i = 0; i < 5; ++i)
    questions.push(
      await friend.write({kind: 'question', title: `Which lamp, ${i}?`, text: 'Mine is dark.'}),
    );
  await visit(page, `post/${questions[0]}`);
  await page.getByLabel('Your answer').fill('The one with the switch.');
  await page.getByRole('button', {name: 'Answer', exact: true}).click();
  await notice(page, '+2 points');
  const {
    answers: [first],
  } = await friend.get(`/api/posts/${questions[0]}`);
  const replies = [first.id];
  for (const thread of questions.slice(1))
    replies.push(await newcomer.write({kind: 'reply', thread, text: 'Try the switch.'}));
  for (const title of ['A dimmer', 'A timer']) {
    await newcomer.put(
      `/api/posts/${await friend.write({kind: 'idea', title, text: 'For the night.'})}/vote`,
    );
  }
  await newcomer.write({kind: 'welcome', thread: 'hello-grace', text: 'Welcome!'});
  await notice(page, 'Quest done: first steps');
  for (const reply of replies) await friend.put(`/api/posts/${reply}/accepted`);
}

for (const [width, viewport] of [
  ['a desktop', kDesktop],
  ['a phone', kPhone],
]) {
  test(`A newcomer on ${width} sees what they do come to something`, async () => {
    const id = `ada-${viewport.width}`;
    const page = await community.open(viewport);
    await fits(page, 'signing in');
    await join(page, id);
    await fits(page, 'the feed');
    await blog(page, id);
    const newcomer = await community.signIn(id);

    // Somebody else likes it, and it is seen as it happens.
    const {
      posts: [written],
    } = await friend.get(`/api/posts?author=${id}&kind=blog`);
    await friend.put(`/api/posts/${written.id}/kudos`);
    await notice(page, '+2 expert, +4 points');
    await purse(page, '14');

    // 30 of the blog, 2 of the kudos and 75 of the solutions: a level.
    await help(page, newcomer);
    await notice(page, 'You are now helper on the path expert');
    await visit(page, 'card');
    await fits(page, 'the card');
    await page
      .locator('[data-ladder=expert]', {hasText: 'Helper'})
      .and(page.locator('[data-ladder=expert]', {hasText: '107'}))
      .waitFor();
    await page.getByText('Expert badge').first().waitFor();
    // What there is beyond: the next level, and badges nobody gave yet.
    await page
      .locator('[data-way=expert] .rung:not(.reached)', {hasText: 'Guide'})
      .filter({hasText: '400 expert'})
      .filter({hasText: 'Beta program'})
      .waitFor();
    await page.locator('[data-way=expert] [aria-current=step]', {hasText: 'Helper'}).waitFor();
    await page.locator('[data-badge=first_solution]:not(.unwon)').waitFor();
    await page.locator('[data-badge=storyteller].unwon', {hasText: 'Ten blogs'}).waitFor();

    // 5 coins of the blog, 15 of the solutions, 1 of the welcome, 20 of the quest.
    await visit(page, 'shop');
    await fits(page, 'the shop');
    await purse(page, '41');
    await page.locator('[data-reward=t_shirt].locked .reason').waitFor();
    await page.getByRole('button', {name: 'Redeem: A sheet of stickers'}).click();
    await page.getByRole('dialog').getByText('It costs 40 coins and leaves you 1.').waitFor();
    await page.getByRole('button', {name: 'Redeem for 40 coins'}).click();
    await page.getByRole('heading', {name: 'Enjoy!'}).waitFor();
    await page.getByRole('button', {name: 'Done'}).click();
    await page.waitForFunction(() => document.querySelectorAll('.held b')[1].textContent === '1');

    // And why.
    await visit(page, 'statement');
    await fits(page, 'the statement');
    await page.locator('tbody tr').first().getByText('-40').waitFor();
    await page.getByRole('radio', {name: 'Expert'}).check();
    await page
      .getByRole('button', {name: /^10 points and up to 30 expert for a solution blog/})
      .first()
      .click();
    await page
      .getByRole('dialog')
      .getByText('+10 points, +30 expert, +5 coins', {exact: true})
      .waitFor();
    await page.getByRole('button', {name: 'Close'}).click();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test('A stream that was cut goes on where it was', async () => {
  const lin = await community.signIn('lin');
  const page = await community.openAs(lin);
  const idea = await lin.write({kind: 'idea', title: 'A quieter switch', text: 'Click.'});
  await notice(page, '+5 points');
  await page.context().setOffline(true);
  await page.goto('about:blank');
  await friend.put(`/api/posts/${idea}/kudos`);
  await page.context().setOffline(false);
  await page.goto(community.base);
  await notice(page, '+4 points');
  await page.context().close();
});

test('A statement shows what is older when asked, and what is new by itself', async () => {
  const page = await community.openAs(await community.signIn('grace'));
  const lin = await community.signIn('lin');
  for (let i = 0; i < 20; ++i) {
    const title = `A switch, ${i}`;
    const idea = await lin.write({kind: 'idea', title, text: 'It clicks.'});
    await friend.put(`/api/posts/${idea}/vote`);
    await friend.put(`/api/posts/${idea}/kudos`);
    await friend.post(`/api/posts/${idea}/comments`, {text: 'Mine too.'});
  }
  const {lines} = await friend.get('/api/members/me/statement?limit=500');
  assert.ok(lines.length > 31, `${lines.length} lines`);
  const shown = page.locator('.statement tbody tr');
  const keys = () =>
    shown.locator('[data-key]').evaluateAll((all) => all.map((one) => one.dataset.key));
  await visit(page, 'statement');
  assert.equal(await shown.count(), 30);
  // A hundred at a time.
  const older = page.getByRole('button', {name: 'Show older'});
  for (let many = 30; many < lines.length; many += 100) {
    await older.click();
    await shown.nth(Math.min(many + 100, lines.length) - 1).waitFor();
  }
  assert.equal(await older.count(), 0);
  assert.deepEqual(await keys(), lines.map((one) => `${one.seq}.${one.n}`));
  await friend.write({kind: 'question', title: 'And now?', text: 'It still clicks.'});
  const now = await friend.get('/api/members/me/statement?limit=500');
  assert.ok(now.lines.length > lines.length);
  await page.locator(`[data-key="${now.lines[0].seq}.${now.lines[0].n}"]`).waitFor();
  assert.deepEqual(await keys(), now.lines.map((one) => `${one.seq}.${one.n}`));
  await page.context().close();
});

test('New posts are told as they come, and only those that are not there', async () => {
  const lin = await community.signIn('lin');
  const page = await community.openAs(lin);
  const pill = page.getByRole('button', {name: 'There are new posts'});
  await page.getByRole('radio', {name: 'Product idea'}).check();
  await page.getByLabel('Your idea').fill('One of my own');
  await page.getByRole('textbox', {name: 'Text'}).fill('I see it at once.');
  await page.getByRole('button', {name: 'Share the idea'}).click();
  await page.getByRole('link', {name: 'One of my own'}).waitFor();
  const asked = page.waitForResponse((answer) => answer.url().includes('/api/posts?limit=1'));
  await friend.write({kind: 'question', title: 'Is anybody there?', text: 'Hello.'});
  await pill.waitFor({timeout: 5000});
  await asked;
  await pill.click();
  await page.getByRole('link', {name: 'Is anybody there?'}).waitFor();
  assert.equal(await pill.count(), 0);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('An admin is told what happens to themselves, and nothing of others', async () => {
  const boss = await community.signIn('boss');
  const lin = await community.signIn('lin');
  const idea = await boss.write({kind: 'idea', title: 'A longer cord', text: 'By a metre.'});
  const page = await community.openAs(boss);
  await lin.write({kind: 'question', title: 'Is this told?', text: 'To lin alone.'});
  await lin.put(`/api/posts/${idea}/vote`);
  await notice(page, '+1 conversation');
  assert.equal(await page.locator('.notice').count(), 1);
  await page.context().close();
});
