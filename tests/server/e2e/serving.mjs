// SPDX-License-Identifier: Apache-2.0
//
// A community server of its own for each file of tests, on a free port of
// loopback, and a browser to look at it.
import {spawn, execFileSync} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import {chromium} from 'playwright-core';

const kFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const kPassword = 'correct horse battery';

export const kDesktop = {width: 1280, height: 900};
export const kPhone = {width: 390, height: 844};

const tool = (name) => path.join(process.env.LOYALTY_BIN, name);

// Who does something through the API.
export class Member {
  constructor(base, made) {
    this.base = base;
    this.session = made;
    this.id = made.member;
  }

  async ask(method, route, body) {
    const answer = await fetch(this.base + route, {
      method,
      headers: {
        Authorization: `Bearer ${this.session.token}`,
        // One that is kept may be closed by the server just as it is used again.
        Connection: 'close',
        ...(body && {'Content-Type': 'application/json'}),
      },
      body: body && JSON.stringify(body),
    });
    const json = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${route}: ${json.detail}`);
    return json;
  }

  get(route) {
    return this.ask('GET', route);
  }
  put(route) {
    return this.ask('PUT', route);
  }
  post(route, body) {
    return this.ask('POST', route, body);
  }
  async write(post) {
    return (await this.post('/api/posts', post)).id;
  }
}

export class Community {
  // `program`, as text, decides; without, the server's own. `log`: how many
  // members were there before, for 40 days; 0: nobody.
  static async start({program, members = [], log = 15} = {}) {
    const self = new Community();
    self.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'community-'));
    const community = path.join(self.folder, 'community');
    const options = [
      '--port',
      '0',
      '--quiet',
      '--rate',
      '0',
      '--admin',
      `boss:${kPassword}`,
      ...members.flatMap((id) => ['--sign-in', `${id}:${kPassword}`]),
    ];
    if (program) {
      const file = path.join(self.folder, 'program.textproto');
      fs.writeFileSync(file, program);
      options.push('--program', file);
    }
    if (log) {
      const events = path.join(self.folder, 'events.jsonl');
      execFileSync(
        tool('loyalty'),
        [
          'simulate-community',
          '--members',
          String(log),
          ...['--days', '40', '--seed', '7', '--out', events],
        ],
        {stdio: 'ignore'},
      );
      execFileSync(tool('community_server'), [community, '--import', events], {stdio: 'ignore'});
    }
    self.process = spawn(tool('community_server'), [community, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {...process.env, COMMUNITY_VOUCHER_KEY: 'f'.repeat(64)},
    });
    const lines = readline.createInterface({input: self.process.stdout});
    [self.base] = await Promise.race([
      once(lines, 'line'),
      once(self.process, 'exit').then(() => {
        throw new Error('the server did not start');
      }),
    ]);
    self.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: kFlags,
    });
    return self;
  }

  async stop() {
    await this.browser?.close();
    if (this.process && this.process.exitCode === null) {
      this.process.kill('SIGTERM');
      await once(this.process, 'exit');
    }
    fs.rmSync(this.folder, {recursive: true, force: true});
  }

  async signIn(member, password = kPassword) {
    const answer = await fetch(`${this.base}/api/session`, {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({member, password}),
    });
    const json = await answer.json();
    if (!answer.ok) throw new Error(`${member} could not sign in: ${json.detail}`);
    return new Member(this.base, json);
  }

  // A new tab of a new browser profile. `page.complaints` is what its console
  // and its scripts had to complain about.
  async open(viewport = kDesktop, options = {}) {
    const context = await this.browser.newContext({viewport, reducedMotion: 'reduce', ...options});
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.complaints = [];
    // Nobody's place on a leaderboard and the like are 404, and no fault; nor is
    // that too many ask what to do next, which the page asks again.
    page.on(
      'console',
      (message) =>
        message.type() === 'error' &&
        !/status of 40[49]/.test(message.text()) &&
        !/\/next\?/.test(message.location().url) &&
        page.complaints.push(message.text()),
    );
    page.on('pageerror', (error) => page.complaints.push(String(error)));
    page.on(
      'request',
      (request) =>
        request.url().startsWith(this.base) || page.complaints.push(`asked for ${request.url()}`),
    );
    await page.goto(this.base);
    return page;
  }

  // As `open`, signed in as a member who was already.
  async openAs(member, viewport, options) {
    const page = await this.open(viewport, options);
    await page.evaluate(
      (made) => sessionStorage.setItem('session', made),
      JSON.stringify(member.session),
    );
    await page.reload();
    await isLive(page);
    return page;
  }
}

export {kPassword};

// Until what happens is seen as it does.
export const isLive = (page) => page.locator('body[data-feed=open]').waitFor();

// Shows a view, and waits until it is there.
export async function visit(page, view) {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${view}`);
  const [name] = view.split('/');
  await page.locator('main:not([aria-busy]) h1').first().waitFor();
  await page.waitForFunction(
    (one) =>
      !document.querySelector('main').hasAttribute('aria-busy') &&
      document.body.dataset.view === one,
    name,
  );
}
