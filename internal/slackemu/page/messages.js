// A list of messages that changes in place: only messages that differ are drawn again,
// so that a button keeps its focus while the card above it moves.
import { el } from './dom.js';
import { blocks } from './blocks.js';
import { mrkdwn } from './mrkdwn.js';

export class MessageList {
  constructor(node, context) {
    Object.assign(this, { node, context, drawn: new Map() });
  }

  // show draws the messages, oldest first, and stays at the bottom if it was there.
  show(messages, emptyText) {
    const atBottom = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 60;
    const next = new Map();
    for (const message of messages) {
      const key = message.ts + (isEphemeral(message) ? 'e' : '');
      const look = JSON.stringify(message) + this.context.stamp();
      const old = this.drawn.get(key);
      next.set(key, old?.look === look ? old : { look, node: this.redraw(old?.node, message) });
    }
    this.drawn = next;
    const nodes = [...next.values()].map((item) => item.node);
    sync(this.node, nodes.length ? nodes : [el('p', { class: 'empty' }, emptyText)]);
    if (atBottom) this.node.scrollTop = this.node.scrollHeight;
  }

  redraw(old, message) {
    const focused = old?.contains(document.activeElement) ? document.activeElement.dataset.action : null;
    const fresh = this.draw(message);
    if (old) { old.replaceWith(fresh); if (focused) fresh.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus(); }
    return fresh;
  }

  draw(message) {
    const author = this.context.author(message);
    const act = (part, block, extra, node) => this.context.act(message, part, block, extra, node);
    const body = message.blocks?.length ? blocks(message.blocks, this.context.names, act) : [mrkdwn(message.text || '', this.context.names)];
    return el('article', { class: 'message' + (isEphemeral(message) ? ' ephemeral' : ''), 'data-ts': message.ts, 'aria-label': `${author.name}: ${message.text || ''}` },
      el('div', { class: 'face', style: `background:${author.colour}`, 'aria-hidden': 'true' }, author.name[0]?.toUpperCase() || '?'),
      el('div', {}, this.head(message, author), body, attachments(message, this.context.names, act), files(message), reactions(message), this.replies(message)));
  }

  head(message, author) {
    const when = new Date(Number(message.ts) * 1000);
    return el('div', { class: 'head' }, el('strong', {}, author.name), author.app && el('span', { class: 'app' }, 'APP'),
      el('time', { datetime: when.toISOString() }, when.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })),
      message.edited && el('span', { class: 'mark' }, '(edited)'),
      isEphemeral(message) && el('span', { class: 'mark' }, 'Only visible to you'));
  }

  replies(message) {
    if (!this.context.openThread || isEphemeral(message)) return null;
    const count = message.reply_count || 0;
    const label = count ? `${count} ${count === 1 ? 'reply' : 'replies'} ›` : 'Reply in thread';
    return el('button', { type: 'button', class: 'replies', onclick: () => this.context.openThread(message.ts) }, label);
  }
}

export const isEphemeral = (message) => Boolean(message.is_ephemeral || message.ephemeral);

function attachments(message, names, act) {
  return (message.attachments || []).map((part) => el('div', { class: 'attachment', style: part.color ? `border-color:${safeColour(part.color)}` : null },
    part.blocks ? blocks(part.blocks, names, act) : mrkdwn(part.text || part.fallback || '', names)));
}

const safeColour = (colour) => (/^#?[0-9a-fA-F]{3,8}$/.test(colour) ? '#' + colour.replace('#', '') : 'currentColor');

function files(message) {
  return (message.files || []).map((file) => el('div', { class: 'block image' },
    el('div', { class: 'small' }, file.title || file.name || ''),
    el('img', { src: local(file.url_private || file.permalink || ''), alt: file.alt_txt || file.title || 'file' })));
}

const local = (address) => { try { return new URL(address, location.href).pathname; } catch { return ''; } };

function reactions(message) {
  if (!message.reactions?.length) return null;
  return el('div', { class: 'reactions' }, message.reactions.map((r) => el('span', {}, mrkdwn(`:${r.name}: ${r.count}`, () => ''))));
}

// sync makes the children of a node exactly the given ones, moving as few as possible.
function sync(parent, nodes) {
  nodes.forEach((node, i) => { if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] || null); });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}
