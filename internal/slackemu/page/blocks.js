// Block Kit, drawn as nodes. act(element, extra) is called when somebody uses an
// interactive element; names turns ids into names.
import { el } from './dom.js';
import { mrkdwn } from './mrkdwn.js';
import { chart } from './chart.js';

export function text(object, names) {
  if (!object) return null;
  if (typeof object === 'string') return el('div', { class: 'text' }, object);
  if (object.type === 'plain_text') return el('div', { class: 'text' }, object.text);
  return mrkdwn(object.text || '', names);
}

const drawers = {
  section: (block, names, act) => el('div', { class: 'block section' }, text(block.text, names),
    block.fields && el('div', { class: 'fields' }, block.fields.map((field) => text(field, names))),
    block.accessory && element(block.accessory, block, names, act)),
  header: (block) => el('div', { class: 'block header' }, block.text.text),
  divider: () => el('hr', { class: 'block divider' }),
  context: (block, names) => el('div', { class: 'block context' }, block.elements.map((part) =>
    (part.type === 'image' ? image(part) : text(part, names)))),
  actions: (block, names, act) => el('div', { class: 'block actions' }, block.elements.map((part) => element(part, block, names, act))),
  image: (block) => el('div', { class: 'block image' }, block.title && el('div', { class: 'small' }, block.title.text), image(block)),
  markdown: (block, names) => el('div', { class: 'block' }, mrkdwn(block.text, names)),
  data_visualization: (block) => chart(block),
  container: (block, names, act) => el('details', { class: 'block container' },
    el('summary', {}, block.title?.text || 'Details'), ...blocks(block.child_blocks || block.blocks || block.elements || [], names, act)),
  rich_text: (block, names) => el('div', { class: 'block text' }, (block.elements || []).map((part) => richText(part, names))),
  table: (block, names) => table(block.rows || [], names),
  data_table: (block, names) => table(block.rows || [], names),
};

// blocks draws a list of blocks; a kind this page does not know is named, not hidden.
export function blocks(list, names, act) {
  return list.map((block) => (drawers[block.type]
    ? drawers[block.type](block, names, act)
    : el('div', { class: 'block unknown' }, `(a ${block.type} block)`)));
}

const image = (part) => el('img', { src: part.image_url || part.slack_file?.url || `/emulator/file/${part.slack_file?.id}`, alt: part.alt_text || '' });

function table(rows, names) {
  return el('div', { class: 'block table' }, el('table', {}, rows.map((row, i) =>
    el('tr', {}, row.map((cell) => el(i ? 'td' : 'th', {}, cell.type === 'rich_text' ? drawers.rich_text(cell, names) : cell.text ?? String(cell.value ?? '')))))));
}

function richText(part, names) {
  const inner = (part.elements || []).map((piece) => richPiece(piece, names));
  switch (part.type) {
    case 'rich_text_list': return el(part.style === 'ordered' ? 'ol' : 'ul', {}, (part.elements || []).map((item) => el('li', {}, richText(item, names))));
    case 'rich_text_preformatted': return el('pre', {}, inner);
    case 'rich_text_quote': return el('blockquote', {}, inner);
    default: return el('div', {}, inner);
  }
}

function richPiece(piece, names) {
  switch (piece.type) {
    case 'text': return styled(piece);
    case 'link': return el('a', { href: piece.url, rel: 'noopener noreferrer', target: '_blank' }, piece.text || piece.url);
    case 'user': return el('span', { class: 'mention' }, '@' + (names(piece.user_id) || piece.user_id));
    case 'emoji': return `:${piece.name}:`;
    default: return piece.text || '';
  }
}

function styled(piece) {
  const style = piece.style || {};
  let node = document.createTextNode(piece.text);
  for (const [key, tag] of [['code', 'code'], ['bold', 'strong'], ['italic', 'em'], ['strike', 's']]) {
    if (style[key]) node = el(tag, {}, node);
  }
  return node;
}

function element(part, block, names, act) {
  switch (part.type) {
    case 'button': return button(part, block, act);
    case 'static_select':
    case 'overflow': return select(part, block, act);
    case 'image': return image(part);
    default: return el('span', { class: 'small' }, `(a ${part.type})`);
  }
}

function button(part, block, act) {
  const attributes = {
    type: 'button', class: part.style || '', 'aria-label': part.accessibility_label, 'data-action': part.action_id,
  };
  if (part.url) return el('a', { href: part.url, target: '_blank', rel: 'noopener noreferrer', onclick: () => act(part, block, {}) }, part.text.text);
  return el('button', { ...attributes, onclick: (event) => act(part, block, {}, event.currentTarget) }, part.text.text);
}

function select(part, block, act) {
  const options = part.options || (part.option_groups || []).flatMap((group) => group.options);
  const first = part.placeholder?.text || '⋯';
  return el('select', {
    'data-action': part.action_id, 'aria-label': part.accessibility_label || part.placeholder?.text || 'More actions',
    onchange: (event) => {
      const chosen = options[event.currentTarget.selectedIndex - 1];
      event.currentTarget.selectedIndex = 0;
      if (chosen) act(part, block, { selected_option: chosen, value: chosen.value }, event.currentTarget);
    },
  }, el('option', {}, first), options.map((option) => el('option', {}, option.text.text)));
}
