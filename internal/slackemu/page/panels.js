// The traffic panel and, where the emulator runs beside a pretend world, that world.
import { el } from './dom.js';
import { api } from './api.js';

const shown = 150;

export class Panel {
  constructor(name, fill, every) {
    Object.assign(this, { fill, every });
    this.node = document.getElementById(name);
    this.toggle = document.getElementById(`${name}-toggle`);
    this.toggle.addEventListener('click', () => this.open(this.node.hidden));
  }

  open(on) {
    this.node.hidden = !on;
    this.toggle.setAttribute('aria-expanded', String(on));
    clearInterval(this.timer);
    if (!on) return;
    this.fill(this.node);
    this.timer = setInterval(() => this.fill(this.node), this.every);
  }
}

// fillTraffic lists the newest calls and envelopes first.
export async function fillTraffic(node) {
  if (node.querySelector('details[open]')) return;
  const entries = (await api.traffic()).slice(-shown).reverse();
  node.replaceChildren(el('h2', {}, 'Traffic'), faults(), ...entries.map(entry));
}

function entry(item) {
  const failed = item.error || item.ok === false;
  const took = item.latency_ms ?? item.ms;
  return el('details', {},
    el('summary', {}, [item.direction, item.kind || item.type, item.method || item.name].filter(Boolean).join(' '),
      took !== undefined ? ` · ${Math.round(took * 10) / 10} ms` : '',
      failed ? el('span', { class: 'bad' }, ` ${item.error || 'failed'}`) : ''),
    el('pre', {}, JSON.stringify(item, null, 2)));
}

const presets = [
  ['Refresh the sockets in turn', { disconnect: 'refresh_requested', links: 'in_turn' }],
  ['Refresh one socket', { disconnect: 'refresh_requested', links: 'one' }],
  ['Cut all sockets', { drop_sockets: true }],
  ['Next post: 429', { method: 'chat.postMessage', status: 429, retry_after: 2, count: 1 }],
  ['Next edit: 500', { method: 'chat.update', status: 500, count: 1 }],
  ['Next post: lost answer', { method: 'chat.postMessage', cut: 'after', count: 1 }],
];

function faults() {
  return el('div', { class: 'buttons', 'aria-label': 'Faults' }, presets.map(([name, body]) =>
    el('button', { type: 'button', title: JSON.stringify(body), onclick: () => api.fault(body) }, name)));
}

// fillWorld shows the pretend world's numbers and its scenarios.
export async function fillWorld(node) {
  const world = await api.world();
  if (world.status !== 200) return;
  const rows = Object.entries(world.components || {}).map(([name, c]) => el('tr', {},
    el('td', {}, name), el('td', {}, `${c.ready}/${c.replicas}`), el('td', {}, `${c.partitions}`),
    el('td', {}, number(c.lag)), el('td', {}, number(c.arrival)), el('td', {}, number(c.consumption))));
  node.replaceChildren(el('h2', {}, 'World'),
    el('p', { class: 'small' }, `Scenario ${world.scenario || 'calm'}, ${world.speed || 1} × real time.`),
    el('table', {}, el('tr', {}, ['component', 'ready', 'parts', 'lag', 'in/s', 'out/s'].map((head) => el('th', {}, head))), rows),
    el('div', { class: 'buttons', 'aria-label': 'Scenarios' }, (world.scenarios || []).map((name) => el('button', {
      type: 'button', 'aria-pressed': String(name === world.scenario),
      onclick: async () => { await api.scenario(name); fillWorld(node); },
    }, name))));
}

const number = (value) => (typeof value === 'number' ? Math.round(value).toLocaleString('en') : 'unknown');
