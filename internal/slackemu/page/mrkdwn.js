// Slack's mrkdwn, drawn as nodes.
import { el } from './dom.js';

const entities = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
const unescape = (text) => text.replace(/&(lt|gt|amp);/g, (entity) => entities[entity]);

const emoji = {
  rotating_light: '🚨', warning: '⚠️', white_check_mark: '✅', x: '❌', grey_question: '❔', question: '❓',
  hourglass_flowing_sand: '⏳', hourglass: '⌛', no_bell: '🔕', bell: '🔔', chart_with_upwards_trend: '📈',
  chart_with_downwards_trend: '📉', information_source: 'ℹ️', red_circle: '🔴', large_orange_circle: '🟠',
  large_yellow_circle: '🟡', large_green_circle: '🟢', large_blue_circle: '🔵', white_circle: '⚪', no_entry: '⛔',
  no_entry_sign: '🚫', arrow_up: '⬆️', arrow_down: '⬇️', arrow_right: '➡️', mag: '🔍', eyes: '👀', rocket: '🚀',
  fire: '🔥', wastebasket: '🗑️', leftwards_arrow_with_hook: '↩️', tada: '🎉', wave: '👋', zzz: '💤', stopwatch: '⏱️',
  heavy_check_mark: '✔️', black_circle: '⚫', bulb: '💡', lock: '🔒', wrench: '🔧', clock3: '🕒', bar_chart: '📊',
};

const tokens = [
  [/^```([\s\S]*?)```/, (m) => el('pre', {}, unescape(m[1].replace(/^\n/, '')))],
  [/^`([^`\n]+)`/, (m) => el('code', {}, unescape(m[1]))],
  [/^<([^<>\n]+)>/, (m, names) => bracket(m[1], names)],
  [/^:([a-z0-9_+-]+):/, (m) => emoji[m[1]] || null],
  [/^\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])/, (m, names) => el('strong', {}, inline(m[1], names)), true],
  [/^_(?=\S)([^_\n]*[^_\s])_(?![\w_])/, (m, names) => el('em', {}, inline(m[1], names)), true],
  [/^~(?=\S)([^~\n]*[^~\s])~(?![\w~])/, (m, names) => el('s', {}, inline(m[1], names)), true],
];

// mrkdwn draws text; names turns a user, channel or group id into what people read.
export function mrkdwn(text, names) {
  const parts = [];
  let quote = null;
  const lines = text.split(/(```[\s\S]*?```)/).flatMap((piece) => (piece.startsWith('```') ? [piece] : piece.split(/(?<=\n)/)));
  for (const line of lines) {
    const quoted = /^(&gt;|>) ?/.exec(line);
    if (quoted) {
      quote ??= el('blockquote');
      quote.append(...inline(line.slice(quoted[0].length), names));
      continue;
    }
    if (quote) parts.push(quote);
    quote = null;
    parts.push(...inline(line, names));
  }
  if (quote) parts.push(quote);
  return el('div', { class: 'text' }, parts);
}

function inline(text, names) {
  const parts = [];
  let plain = '';
  const flush = () => { if (plain) parts.push(unescape(plain)); plain = ''; };
  for (let i = 0; i < text.length;) {
    const [node, length] = token(text, i, plain, names);
    if (node === null) { plain += text[i]; i += 1; continue; }
    flush();
    parts.push(node);
    i += length;
  }
  flush();
  return parts;
}

function token(text, at, before, names) {
  const rest = text.slice(at);
  for (const [pattern, draw, wordBound] of tokens) {
    if (wordBound && /\w$/.test(before)) continue;
    const match = pattern.exec(rest);
    const node = match && draw(match, names);
    if (node) return [node, match[0].length];
  }
  return [null, 0];
}

function bracket(inside, names) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith('!date^')) return date(target, label);
  if (/^[@#]/.test(target) || target.startsWith('!subteam^')) {
    const id = target.replace(/^(!subteam\^|[@#])/, '');
    const sign = target[0] === '#' ? '#' : '@';
    return el('span', { class: 'mention' }, sign + (names(id) || label || id));
  }
  if (target.startsWith('!')) return el('span', { class: 'mention' }, '@' + target.slice(1));
  if (/^(https?:|mailto:)/.test(target)) {
    return el('a', { href: unescape(target), target: '_blank', rel: 'noopener noreferrer' }, unescape(label || target));
  }
  return null;
}

function date(target, fallback) {
  const [, seconds, format] = target.split('^');
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return fallback || '';
  const forms = {
    '{time}': { hour: '2-digit', minute: '2-digit' },
    '{time_secs}': { hour: '2-digit', minute: '2-digit', second: '2-digit' },
    '{date_num}': { year: 'numeric', month: '2-digit', day: '2-digit' },
  };
  const written = format.replace(/\{[a-z_]+\}/g, (part) =>
    forms[part]?.year ? when.toLocaleDateString([], forms[part]) :
    forms[part] ? when.toLocaleTimeString([], forms[part]) :
    when.toLocaleDateString([], { month: 'short', day: 'numeric' }));
  return el('time', { datetime: when.toISOString(), title: when.toString() }, written);
}
