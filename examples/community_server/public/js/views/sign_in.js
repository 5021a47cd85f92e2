// SPDX-License-Identifier: Apache-2.0
//
// Signing in, and joining, which signs in as well.
import {post} from '../api.js';
import {button, h, heading, labelled} from '../dom.js';

const field = (id, attributes) => h('input', {id, name: id, required: true, ...attributes});

// A form that sends what is in it, and says beside it what was wrong.
function form(label, fields, send) {
  const problem = h('p', {class: 'problem', role: 'alert'});
  const submit = h('button', {class: 'main', type: 'submit'}, label);
  return h(
    'form',
    {
      async onsubmit(event) {
        event.preventDefault();
        submit.disabled = true;
        problem.textContent = '';
        try {
          await send(Object.fromEntries(new FormData(event.target)));
        } catch (error) {
          problem.textContent = error.message;
          submit.disabled = false;
        }
      },
    },
    fields,
    problem,
    submit,
  );
}

const open = (member, password) => post('/api/session', {member, password});

function signing(entered) {
  return form(
    'Sign in',
    [
      labelled(
        'Member',
        field('member', {autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false'}),
      ),
      labelled('Password', field('password', {type: 'password', autocomplete: 'current-password'})),
    ],
    async ({member, password}) => entered(await open(member.trim(), password)),
  );
}

function joining(entered) {
  return form(
    'Join',
    [
      labelled(
        'Your name',
        field('name', {maxlength: 80, autocomplete: 'nickname'}),
        'As others will see it.',
      ),
      labelled(
        'Sign-in',
        field('id', {
          pattern: '[a-z0-9_\\-]{2,40}',
          autocomplete: 'username',
          autocapitalize: 'none',
          spellcheck: 'false',
        }),
        'Lower-case letters, digits, - and _; it stays the same.',
      ),
      labelled(
        'Password',
        field('password', {type: 'password', minlength: 8, autocomplete: 'new-password'}),
        'Eight characters or more.',
      ),
      labelled(
        'Say hello',
        field('introduction', {required: false, maxlength: 500}),
        'One line about you. Others are glad to welcome you.',
      ),
    ],
    async (member) => {
      await post('/api/members', member);
      await entered(await open(member.id, member.password));
    },
  );
}

export function signIn(entered) {
  const place = h('div', {class: 'panel'});
  const swap = (title, made, question, other) =>
    place.replaceChildren(
      h('h2', {}, title),
      made(entered),
      h(
        'p',
        {class: 'swap'},
        question,
        ' ',
        button(other === asJoining ? 'Join' : 'Sign in', other, {class: 'link'}),
      ),
    );
  const asSigning = () => swap('Sign in', signing, 'New here?', asJoining);
  const asJoining = () => swap('Join us', joining, 'Been here before?', asSigning);
  asSigning();
  return h(
    'div',
    {class: 'gate'},
    h(
      'div',
      {class: 'pitch'},
      heading(
        'Good company, and it counts.',
        'Ask, answer, welcome, vote and write. Each of it is worth something here, and you always see why.',
      ),
      h(
        'ul',
        {class: 'paths'},
        h('li', {class: 'path-1'}, h('b', {}, 'Solve'), ' what others are stuck with'),
        h('li', {class: 'path-2'}, h('b', {}, 'Welcome'), ' who is new, and make them stay'),
        h('li', {class: 'path-3'}, h('b', {}, 'Start'), ' what everybody talks about'),
      ),
    ),
    place,
  );
}
