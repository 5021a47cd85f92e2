// SPDX-License-Identifier: Apache-2.0
//
// usage: node peers.mjs PEER
//
// Has one peer evaluate the conditions of cases.json, each in the form that is
// quickest for it: parsed once where it can be, numbers as JavaScript has them,
// times in seconds. Checks that it is right about every case, then prints how
// many nanoseconds the first of each condition takes, as JSON.
import {readFileSync} from 'node:fs';

const CEL = {
  vote_simple:
      'event.type == "vote" && level.member >= 2 && event.words > 300',
  purchase_arith:
      'event.type == "purchase" && event.amount >= 25.0 && ' +
      'event.currency in ["EUR", "USD", "GBP"] && (event.tier == "gold" || ' +
      'metric.points_30d + event.amount * 2.0 >= 500.0) && !event.suspended',
  tags_text:
      'event.tags.exists(t, t == "howto" || t.startsWith("guide-")) && ' +
      'event.title.size() >= 20 && ' +
      '!event.title.matches("[Ss]pam|[Cc]asino") && ' +
      'event.time - actor.since >= 86400',
};

// It has no methods, but functions that its host gives it.
const CEL_JS = {
  ...CEL,
  tags_text:
      'event.tags.exists(t, t == "howto" || startsWith(t, "guide-")) && ' +
      'size(event.title) >= 20 && !isSpam(event.title) && ' +
      'event.time - actor.since >= 86400',
};
const SPAM = /[Ss]pam|[Cc]asino/;
const CEL_JS_FUNCTIONS = {
  size: (text) => [...text].length,
  startsWith: (text, start) => text.startsWith(start),
  isSpam: (text) => SPAM.test(text),
};

// Its len() counts bytes; no case depends on it.
const ZEN = {
  vote_simple:
      'event.type == "vote" and level.member >= 2 and event.words > 300',
  purchase_arith:
      'event.type == "purchase" and event.amount >= 25.0 and ' +
      'event.currency in ["EUR", "USD", "GBP"] and (event.tier == "gold" or ' +
      'metric.points_30d + event.amount * 2.0 >= 500.0) and ' +
      'not event.suspended',
  tags_text:
      'some(event.tags, # == "howto" or startsWith(#, "guide-")) and ' +
      'len(event.title) >= 20 and ' +
      'not matches(event.title, "[Ss]pam|[Cc]asino") and ' +
      'event.time - actor.since >= 86400',
};

// json-rules-engine has neither arithmetic nor text: its host gives it operators
// and derived facts.
const JSON_RULES = {
  vote_simple: {
    all: [
      {fact: 'type', operator: 'equal', value: 'vote'},
      {fact: 'level', operator: 'greaterThanInclusive', value: 2},
      {fact: 'words', operator: 'greaterThan', value: 300},
    ],
  },
  purchase_arith: {
    all: [
      {fact: 'type', operator: 'equal', value: 'purchase'},
      {fact: 'amount', operator: 'greaterThanInclusive', value: 25},
      {fact: 'currency', operator: 'in', value: ['EUR', 'USD', 'GBP']},
      {
        any: [
          {fact: 'tier', operator: 'equal', value: 'gold'},
          {fact: 'score', operator: 'greaterThanInclusive', value: 500},
        ],
      },
      {fact: 'suspended', operator: 'equal', value: false},
    ],
  },
  tags_text: {
    all: [
      {fact: 'tags', operator: 'someStart', value: ['howto', 'guide-']},
      {fact: 'title', operator: 'sizeAtLeast', value: 20},
      {fact: 'title', operator: 'isSpam', value: false},
      {fact: 'age', operator: 'greaterThanInclusive', value: 86400},
    ],
  },
};

// Each gives, for the name of a condition, a function of a context, or of the
// facts of a case, that says whether it holds.
const PEERS = {
  '@marcbachmann/cel-js': async () => {
    const {Environment} = await import('@marcbachmann/cel-js');
    const environment = new Environment({unlistedVariablesAreDyn: true});
    return (name) => environment.parse(CEL[name]);
  },

  '@bufbuild/cel': async () => {
    const {celEnv, parse, plan} = await import('@bufbuild/cel');
    const environment = celEnv();
    return (name) => plan(environment, parse(CEL[name]));
  },

  'cel-js': async () => {
    const {evaluate, parse} = await import('cel-js');
    return (name) => {
      const parsed = parse(CEL_JS[name]);
      if (!parsed.isSuccess) throw new Error(parsed.errors.join('\n'));
      return (context) => evaluate(parsed.cst, context, CEL_JS_FUNCTIONS);
    };
  },

  'json-rules-engine': async () => {
    const {Engine} = await import('json-rules-engine');
    return (name) => {
      const rule = {conditions: JSON_RULES[name], event: {type: 'holds'}};
      const engine = new Engine([rule], {allowUndefinedFacts: true});
      engine.addFact('score', async (_, almanac) =>
        (await almanac.factValue('points_30d')) +
        (await almanac.factValue('amount')) * 2);
      engine.addFact('age', async (_, almanac) =>
        (await almanac.factValue('time')) - (await almanac.factValue('since')));
      engine.addOperator('someStart', (tags, [whole, start]) =>
        tags.some((tag) => tag === whole || tag.startsWith(start)));
      engine.addOperator('sizeAtLeast', (text, least) =>
        [...text].length >= least);
      engine.addOperator('isSpam', (text, is) => SPAM.test(text) === is);
      return async (_, facts) => (await engine.run(facts)).events.length === 1;
    };
  },

  // Text only: it has no call that keeps an expression.
  '@gorules/zen-engine': async () => {
    const {default: zen} = await import('@gorules/zen-engine');
    return (name) => (context) =>
      zen.evaluateExpressionSync(ZEN[name], context);
  },

  // A decision that is kept: an expression between input and output.
  '@gorules/zen-engine (decision)': async () => {
    const {default: zen} = await import('@gorules/zen-engine');
    return (name) => {
      const decision = new zen.ZenEngine().createDecision({
        nodes: [
          {id: 'in', type: 'inputNode', name: 'in', content: {}},
          {
            id: 'ask',
            type: 'expressionNode',
            name: 'ask',
            content: {
              expressions: [{id: 'holds', key: 'holds', value: ZEN[name]}],
            },
          },
          {id: 'out', type: 'outputNode', name: 'out', content: {}},
        ],
        edges: [
          {id: '1', type: 'edge', sourceId: 'in', targetId: 'ask'},
          {id: '2', type: 'edge', sourceId: 'ask', targetId: 'out'},
        ],
      });
      return async (context) => (await decision.evaluate(context)).result.holds;
    };
  },
};

// The names that conditions use.
function contextOf({holds, level, points_30d, since, ...event}) {
  return {
    event,
    level: {member: level},
    metric: {points_30d},
    actor: {since},
  };
}

// Nanoseconds of one call, once it is warm: the median of three measurements.
async function timeOf(evaluate, context, facts) {
  const isAsync = evaluate(context, facts) instanceof Promise;
  const run = async (calls) => {
    const start = process.hrtime.bigint();
    if (isAsync) {
      for (let i = 0; i < calls; ++i) {
        if ((await evaluate(context, facts)) !== true) throw new Error('false');
      }
    } else {
      for (let i = 0; i < calls; ++i) {
        if (evaluate(context, facts) !== true) throw new Error('false');
      }
    }
    return Number(process.hrtime.bigint() - start);
  };
  let calls = 100;
  let took = 0;
  while ((took = await run(calls)) < 100e6) calls *= 2;  // to be warm
  const times = [];
  for (let i = 0; i < 3; ++i) times.push((await run(calls)) / calls);
  return times.sort((a, b) => a - b)[1];
}

if (process.argv.length < 3) {
  console.log(JSON.stringify(Object.keys(PEERS)));
} else {
  const cases = JSON.parse(
      readFileSync(new URL('cases.json', import.meta.url), 'utf8'));
  const compile = await PEERS[process.argv[2]]();
  const times = {};
  for (const [name, all] of Object.entries(cases)) {
    const evaluate = compile(name);
    for (const [number, one] of all.entries()) {
      const {holds, ...facts} = one;
      if ((await evaluate(contextOf(one), facts)) !== holds) {
        throw new Error(`${name}, case ${number}: not ${holds}`);
      }
    }
    const {holds, ...facts} = all[0];
    times[name] = await timeOf(evaluate, contextOf(all[0]), facts);
  }
  console.log(JSON.stringify(times));
}
