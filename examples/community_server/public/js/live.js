// SPDX-License-Identifier: Apache-2.0
//
// The live feed: Server-Sent Events, read with fetch, as EventSource sends no
// bearer token. A stream that was cut goes on after the last id that was seen,
// also after the page was loaded again.
import {authorization} from './api.js';

const kPlace = 'feed';
const kSilentFor = 45_000; // three signs of life were missed
const kLongestWait = 30_000;

// The messages of a stream: {id, type, data}.
export async function* messages(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let message = {type: 'message', data: []};
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) {
      const [, field, text] = line.match(/^([^:]*):? ?(.*)$/);
      if (field === 'id') message.id = text;
      if (field === 'event') message.type = text;
      if (field === 'data') message.data.push(text);
      if (line !== '') continue;
      yield {...message, data: message.data.join('\n')};
      message = {type: 'message', data: []};
    }
  }
}

const pause = (time, signal) =>
  new Promise((done) => {
    setTimeout(done, time);
    signal.addEventListener('abort', done, {once: true});
  });

// Once: from where it was until it is cut. Returns whether to come again.
async function listen(onMessage, onOpen, signal) {
  const silence = new AbortController();
  let timer;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), kSilentFor);
  };
  const stop = () => silence.abort();
  signal.addEventListener('abort', stop);
  try {
    heard();
    const place = sessionStorage.getItem(kPlace);
    const headers = {...authorization(), ...(place && {'Last-Event-ID': place})};
    const answer = await fetch('/api/feed', {headers, signal: silence.signal});
    if (answer.status === 401) return false;
    // A place that the server does not know: it has another community now.
    if (answer.status === 400) sessionStorage.removeItem(kPlace);
    if (!answer.ok) return true;
    onOpen();
    for await (const {id, type, data} of messages(answer.body)) {
      heard();
      if (signal.aborted) return false;
      if (id) sessionStorage.setItem(kPlace, id);
      if (data) onMessage(type, JSON.parse(data));
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
  return true;
}

// Until `signal`: `onMessage` with the type of each message and what it says,
// `onState` with whether the stream is open.
export async function follow(onMessage, onState, signal) {
  let wait = 1000;
  const onOpen = () => {
    wait = 1000;
    onState(true);
  };
  while (!signal.aborted) {
    const again = await listen(onMessage, onOpen, signal).catch(() => true);
    if (!again || signal.aborted) return;
    onState(false);
    await pause(wait, signal);
    wait = Math.min(wait * 2, kLongestWait);
  }
}
