// SPDX-License-Identifier: Apache-2.0
//
// usage: node stack_exchange.mjs LOG.jsonl.gz DB [REPEAT [BATCH [balances]]]
//
// The reputation rules of Stack Exchange as one would write them by hand on
// better-sqlite3, as far as the log needs them. The settings are ../peer.cc's.
// Prints figures as JSON, or with `balances` what all have in the end. Timed
// are the transactions and closing the file: the log is parsed before.
import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import Database from 'better-sqlite3';

const QUESTION_UPVOTE = 5;  // as the site had it when the log was made
const [OPENING, FLOOR, DAILY_CAP, MOST_BY_EDITS] = [1, 1, 200, 1000];

// The log's events, `repeat` times under other names; the site itself, u-1,
// has no other.
function* eventsOf(path, repeat) {
  const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  for (let copy = 0; copy < repeat; ++copy) {
    const named = (id) => id && id !== 'u-1' ? `${copy}-${id}` : id;
    for (const line of lines) {
      const event = JSON.parse(line);
      for (const at of ['id', 'actor', 'target']) event[at] = named(event[at]);
      event.attributes.owner = named(event.attributes.owner);
      yield event;
    }
  }
}

function open(path) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('wal_autocheckpoint = 4096');
  db.pragma('cache_size = -65536');
  db.exec(`
    CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
      type TEXT, time TEXT, actor TEXT, target TEXT, attributes TEXT);
    CREATE TABLE member (id TEXT PRIMARY KEY, reputation INTEGER NOT NULL,
      by_edits INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE posting (n INTEGER PRIMARY KEY, seq INTEGER, member TEXT,
      rule TEXT, target TEXT, units INTEGER NOT NULL);
    CREATE INDEX posting_member ON posting (member);
    CREATE INDEX posting_target ON posting (target);
    CREATE TABLE day (member TEXT, day TEXT, used INTEGER NOT NULL,
      PRIMARY KEY (member, day)) WITHOUT ROWID`);
  return db;
}

// A function that records one event and what it gives.
function recorder(db) {
  const record = db.prepare(`INSERT INTO event VALUES
    (NULL, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`);
  const add = db.prepare('INSERT INTO member VALUES (?, ?, 0)');
  const find = db.prepare('SELECT reputation FROM member WHERE id = ?').pluck();
  const set = db.prepare('UPDATE member SET reputation = ? WHERE id = ?');
  const edit = db.prepare(`UPDATE member SET by_edits = by_edits + 2
    WHERE id = ? AND by_edits < ${MOST_BY_EDITS}`);
  const post = db.prepare('INSERT INTO posting VALUES (NULL, ?, ?, ?, ?, ?)');
  const used = db.prepare(
      'SELECT used FROM day WHERE member = ? AND day = ?').pluck();
  const use = db.prepare(`INSERT INTO day VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET used = excluded.used`);
  const gave = db.prepare(`SELECT member, sum(units) AS units FROM posting
    WHERE target = ? AND rule <> 'bounty_started' GROUP BY member`);

  const isMember = (id) => id && id !== 'u-1';
  const reputationOf = (member) => {
    const found = find.get(member);
    if (found === undefined) add.run(member, OPENING);
    return found ?? OPENING;
  };
  const give = (seq, event, rule, member, units, isCapped) => {
    if (!isMember(member)) return;
    const before = reputationOf(member);
    if (isCapped) {
      const day = event.time.slice(0, 10);
      const full = used.get(member, day) ?? 0;
      units = Math.min(units, DAILY_CAP - full);
      use.run(member, day, full + units);
    }
    const after = Math.max(before + units, FLOOR);
    if (after === before) return;
    post.run(seq, member, rule, event.target, after - before);
    set.run(after, member);
  };

  return (event) => {
    const {type, actor, target, attributes: a} = event;
    const {changes, lastInsertRowid: seq} = record.run(
        event.id, type, event.time, actor, target, JSON.stringify(a));
    if (changes === 0) return;  // it was there before
    if (isMember(actor)) reputationOf(actor);
    if (isMember(a.owner)) reputationOf(a.owner);
    const isOwn = actor === a.owner;
    const vote = (units) => a.community_wiki || isOwn ||
        give(seq, event, type, a.owner, units, true);
    switch (type) {
      case 'association_bonus':
        return give(seq, event, type, actor, a.points, false);
      case 'upvote_question': return vote(QUESTION_UPVOTE);
      case 'upvote_answer': return vote(10);
      case 'downvote_question':
      case 'downvote_answer': return vote(-2);
      case 'answer_accepted':
        if (isOwn) return;
        if (!a.community_wiki) give(seq, event, type, a.owner, 15, false);
        return give(seq, event, type, actor, 2, false);
      case 'bounty_started':
        return give(seq, event, type, actor, -a.amount, false);
      case 'bounty_awarded':
        return give(seq, event, type, a.owner, a.amount, false);
      case 'suggested_edit_approved':
        if (edit.run(actor).changes === 0) return;
        return give(seq, event, type, actor, 2, true);
      case 'post_deleted':
        if (!('age_days' in a) || (a.score >= 3 && a.age_days >= 60)) return;
        for (const {member, units} of gave.all(target)) {
          give(seq, event, 'taken_back', member, -units, false);
        }
    }
  };
}

const [log, path, ...rest] = process.argv.slice(2);
const [repeat, batch] = [Number(rest[0] ?? 1), Number(rest[1] ?? 1000)];
const events = [...eventsOf(log, repeat)];
const db = open(path);
const record = recorder(db);
const recordAll = db.transaction((some) => some.forEach(record));
const used = process.cpuUsage();
const begun = performance.now();
const ms = [];
for (let i = 0; i < events.length; i += batch) {
  const start = performance.now();
  recordAll.immediate(events.slice(i, i + batch));
  ms.push(performance.now() - start);
}
const postings = db.prepare('SELECT max(n) FROM posting').pluck().get();
const balances = rest[2] === 'balances' && Object.fromEntries(
    db.prepare('SELECT id, reputation FROM member').raw().all());
db.close();
const seconds = (performance.now() - begun) / 1000;
const {user, system} = process.cpuUsage(used);
console.log(JSON.stringify(balances || {
  events: events.length, seconds, processor_us: user + system, postings, ms,
}));
