// Confirm dialogs of buttons and modal views, in native dialog elements: focus stays
// inside and Escape closes.
import { el } from './dom.js';
import { blocks, text } from './blocks.js';

const plain = (object, fallback) => object?.text || fallback;

// confirmed asks the question of a confirm object and answers whether it was accepted.
export function confirmed(question, names) {
  const dialog = document.getElementById('confirm');
  return new Promise((resolve) => {
    const finish = (answer) => { dialog.close(); resolve(answer); };
    dialog.replaceChildren(el('form', { method: 'dialog' },
      el('h2', {}, plain(question.title, 'Are you sure?')), text(question.text, names),
      el('div', { class: 'buttons' },
        el('button', { type: 'button', onclick: () => finish(false) }, plain(question.deny, 'Cancel')),
        el('button', { type: 'button', id: 'confirm-yes', class: question.style || 'primary', onclick: () => finish(true) }, plain(question.confirm, 'Yes')))));
    dialog.oncancel = () => resolve(false);
    dialog.showModal();
    dialog.querySelector('#confirm-yes').focus();
  });
}

// Modal shows one view at a time and sends what was typed.
export class Modal {
  constructor(names, send, close) {
    Object.assign(this, { names, send, close, shown: null });
    this.dialog = document.getElementById('modal');
    this.dialog.oncancel = () => this.dismiss();
  }

  // show makes the dialog look like the view; null closes it.
  show(view) {
    if (!view) { this.shown = null; if (this.dialog.open) this.dialog.close(); return; }
    if (this.shown === view.id + view.hash) return;
    this.shown = view.id + view.hash;
    this.dialog.replaceChildren(this.form(view));
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector('input, textarea, select')?.focus();
  }

  dismiss() {
    const id = this.view?.id;
    this.shown = null;
    if (this.dialog.open) this.dialog.close();
    if (id) this.close(id);
  }

  form(view) {
    this.view = view;
    return el('form', { novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(view); } },
      el('h2', {}, plain(view.title, '')),
      (view.blocks || []).map((block) => (block.type === 'input' ? this.input(block) : blocks([block], this.names, () => {}))),
      el('p', { class: 'error', id: 'modal-error', role: 'alert' }),
      el('div', { class: 'buttons' },
        el('button', { type: 'button', onclick: () => this.dismiss() }, plain(view.close, 'Cancel')),
        view.submit && el('button', { class: 'primary', id: 'modal-submit' }, plain(view.submit, 'Submit'))));
  }

  input(block) {
    const field = this.field(block.element, block.block_id);
    return el('div', { class: 'block', 'data-block': block.block_id },
      el('label', { for: `in-${block.block_id}` }, plain(block.label, '') + (block.optional ? ' (optional)' : '')), field,
      block.hint && el('p', { class: 'small' }, block.hint.text),
      el('p', { class: 'error', role: 'alert' }));
  }

  field(part, block) {
    const common = { id: `in-${block}`, 'data-action': part.action_id, placeholder: part.placeholder?.text };
    if (part.type === 'static_select') {
      return el('select', common, (part.options || []).map((option) =>
        el('option', { value: option.value, selected: option.value === part.initial_option?.value }, option.text.text)));
    }
    if (part.type === 'number_input') {
      return el('input', { ...common, type: 'text', inputmode: 'numeric', value: part.initial_value });
    }
    return part.multiline
      ? el('textarea', { ...common, maxlength: part.max_length }, part.initial_value || '')
      : el('input', { ...common, maxlength: part.max_length, value: part.initial_value });
  }

  async submit(view) {
    const values = {};
    for (const field of this.dialog.querySelectorAll('[data-block] [data-action]')) {
      const block = field.closest('[data-block]').dataset.block;
      values[block] = { [field.dataset.action]: field.value };
    }
    const answer = await this.send(view.id, values);
    const errors = answer.ack?.errors || answer.errors || {};
    for (const block of this.dialog.querySelectorAll('[data-block]')) {
      block.querySelector('.error').textContent = errors[block.dataset.block] || '';
    }
    const refused = answer.ok === false && !Object.keys(errors).length;
    const note = this.dialog.querySelector('#modal-error');
    if (note) note.textContent = refused ? `Slack: ${answer.error || 'something went wrong'}` : '';
  }
}
