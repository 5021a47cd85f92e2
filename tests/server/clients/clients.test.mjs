// SPDX-License-Identifier: Apache-2.0
//
// The community server as the libraries of others see it: the SDK of
// CloudEvents sends, that of Standard Webhooks verifies and signs, and the test
// documents of Activity Streams come by fetch.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook } from 'standardwebhooks';

const write = randomBytes(24).toString('hex');
const admin = randomBytes(24).toString('hex');
const secret = 'whsec_' + randomBytes(32).toString('base64');
const folder = mkdtempSync(join(tmpdir(), 'community-'));
const documents = join(process.env.LOYALTY_SHARED ?? '../shared', 'data/activitystreams');
let server;
let address;

const post = (path, headers, body, token = write) =>
  fetch(address + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body,
  });

before(async () => {
  const secrets = join(folder, 'secret');
  writeFileSync(secrets, secret + '\n');
  server = spawn(process.env.COMMUNITY_SERVER,
    [join(folder, 'community'), '--port', '0', '--quiet', '--webhook-host', '127.0.0.1',
      '--webhook-source', `shop=${secrets}`],
    {
      env: { ...process.env, COMMUNITY_WRITE_TOKEN: write, COMMUNITY_ADMIN_TOKEN: admin },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  address = await new Promise((resolve, reject) => {
    server.stdout.once('data', (line) => resolve(String(line).trim()));
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  for (let i = 0; i < 500; ++i) {
    const ready = await fetch(address + '/readyz').catch(() => null);
    if (ready?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the server is not ready');
});

after(async () => {
  if (server.exitCode === null) {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  }
  rmSync(folder, { recursive: true });
});

const kudos = () => new CloudEvent({
  source: '/forum', type: 'kudos_given', subject: 'post-9', actor: 'grace',
  data: { owner: 'ada', kind: 'reply' },
});

for (const mode of ['binary', 'structured']) {
  test(`CloudEvents in ${mode} mode are recorded once`, async () => {
    const event = kudos();
    const { headers, body } = HTTP[mode](event);
    for (const repeat of [false, true]) {
      const answer = await post('/api/events', headers, body);
      const outcome = await answer.json();
      assert.equal(answer.status, 200, JSON.stringify(outcome));
      assert.equal(outcome.event, `/forum ${event.id}`);
      assert.equal(outcome.accepted, true);
      assert.equal(outcome.repeat, repeat);
    }
  });
}

test('webhooks are verified by the library, by the old secret and the new', async () => {
  const come = [];
  let wake = () => {};
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      come.push({ headers: request.headers, body });
      response.writeHead(204).end();
      wake();
    });
  });
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${receiver.address().port}/told`;
    const json = { 'content-type': 'application/json' };
    const hook = await (await post('/api/admin/webhooks', json, JSON.stringify({ url }), admin)).json();
    const rotated = await (await post(`/api/admin/webhooks/${hook.id}/secret`, {}, undefined, admin)).json();
    const arrives = new Promise((resolve) => { wake = resolve; });
    const { headers, body } = HTTP.structured(kudos());
    const outcome = await (await post('/api/events', headers, body)).json();
    await arrives;
    for (const one of [hook.secret, rotated.secret]) {
      const told = new Webhook(one).verify(come[0].body, come[0].headers);
      assert.equal(told.type, 'outcome');
      assert.equal(told.data.event, outcome.event);
    }
    assert.throws(() => new Webhook(secret).verify(come[0].body, come[0].headers));
  } finally {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  }
});

test('webhooks that the library signs are taken, and nothing else', async () => {
  const body = JSON.stringify({ type: 'idea_posted', time: '2026-03-01T12:00:00Z', actor: 'ada', target: 'i1' });
  const sent = async (text, of) => {
    const now = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(now / 1000)),
      'webhook-signature': new Webhook(of).sign('msg_1', now, body),
    };
    return fetch(address + '/hooks/shop', { method: 'POST', headers, body: text });
  };
  const taken = await sent(body, secret);
  assert.equal(taken.status, 200);
  assert.equal((await taken.json()).event, 'shop msg_1');
  assert.equal((await (await sent(body, secret)).json()).repeat, true);
  assert.equal((await sent(body + ' ', secret)).status, 401);
  assert.equal((await sent(body, 'whsec_' + randomBytes(32).toString('base64'))).status, 401);
});

test('Activity Streams documents are taken as their index says', {
  skip: existsSync(join(documents, 'index.jsonl')) ? false : `${documents} is not there`,
}, async () => {
  const lines = readFileSync(join(documents, 'index.jsonl'), 'utf8').trim().split('\n');
  assert.ok(lines.length > 50);
  for (const { file, expect, event = null } of lines.map((line) => JSON.parse(line))) {
    const answer = await post('/api/events', { 'content-type': 'application/activity+json' },
      readFileSync(join(documents, file)));
    const told = await answer.json();
    if (expect === 'reject') {
      assert.equal(answer.status, 400, file);
    } else {
      assert.ok([200, 202].includes(answer.status), `${file}: ${JSON.stringify(told)}`);
      assert.deepEqual(told.activity, event, file);
    }
  }
});
