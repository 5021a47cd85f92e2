// SPDX-License-Identifier: Apache-2.0
//
// Dialogs: <dialog> keeps the focus in, and gives it back.
import {button, h, named} from './dom.js';

// Shows `content` until it is closed. `buttons` are [label, value, class]; the
// answer is the value of the one that was pressed, or null.
export function ask(title, content, buttons) {
  return new Promise((answer) => {
    let said = null;
    const opener = document.activeElement?.dataset.key;
    const dialog = h(
      'dialog',
      {'aria-labelledby': 'dialog-title'},
      h('h2', {id: 'dialog-title'}, title),
      h('div', {class: 'said'}, content),
      h(
        'div',
        {class: 'buttons'},
        buttons.map(([label, value, style]) =>
          button(
            label,
            () => {
              said = value;
              dialog.close();
            },
            {class: style, autofocus: style === 'main'},
          ),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      // What opened it was made anew in the meantime.
      if (document.activeElement === document.body) named(opener)?.focus({preventScroll: true});
      answer(said);
    });
    // Beside it is outside.
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
  });
}

export const confirmed = (title, content, yes, style = 'main') =>
  ask(title, content, [
    ['Not now', false, 'quiet'],
    [yes, true, style],
  ]);

export const show = (title, content) => ask(title, content, [['Close', true, 'main']]);
