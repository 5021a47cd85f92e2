// SPDX-License-Identifier: Apache-2.0
//
// The server's API: see openapi.yaml. The token lives as long as the tab.

const kSession = 'session';

export class Problem extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || 'The server could not be reached. Please try again.');
    this.status = status;
    this.rejected = problem.rejected;
  }
}

export function session() {
  const kept = sessionStorage.getItem(kSession);
  return kept && JSON.parse(kept);
}

export function keepSession(made) {
  sessionStorage.clear();
  if (made) sessionStorage.setItem(kSession, JSON.stringify(made));
}

export const authorization = () => ({Authorization: `Bearer ${session()?.token}`});

// What to throw for a request that ended with `error` and without an answer.
const endOf = (error) => (error.name === 'AbortError' ? error : new Problem(0, {}));

async function call(method, path, body, {key, signal} = {}) {
  const headers = session() ? authorization() : {};
  if (body) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  let answer;
  try {
    answer = await fetch(path, {method, headers, signal, body: body && JSON.stringify(body)});
  } catch (error) {
    throw endOf(error);
  }
  if (answer.status === 204) return null;
  const json = await answer.json().catch((error) => {
    if (answer.ok) throw endOf(error);
    return {};
  });
  if (answer.ok) return json;
  // Whoever shows the page hears of it and asks to sign in again.
  if (answer.status === 401 && session()) window.dispatchEvent(new Event('signedout'));
  throw new Problem(answer.status, json);
}

export const get = (path, options) => call('GET', path, undefined, options);
export const post = (path, body, options) => call('POST', path, body, options);
export const put = (path) => call('PUT', path);
export const remove = (path) => call('DELETE', path);

// "/api/posts/a%2Fb/kudos": ids are whatever they are.
export const at = (strings, ...ids) => String.raw({raw: strings}, ...ids.map(encodeURIComponent));
