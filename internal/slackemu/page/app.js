// The page of the Slack emulator: one channel, its thread, and who is acting.
import { el } from './dom.js';
import { api } from './api.js';
import { MessageList } from './messages.js';
import { Modal, confirmed } from './dialogs.js';
import { Composer } from './composer.js';
import { Panel, fillTraffic, fillWorld } from './panels.js';

const byId = (id) => document.getElementById(id);
const colours = ['#8a4fbf', '#1264a3', '#2b7a4b', '#b0532a', '#7a6a00', '#a3265c'];

const page = { channel: null, user: null, thread: null, state: { users: [], channels: [] }, messages: [], seen: {} };

const userOf = (id) => page.state.users?.find((user) => user.id === id);
const nameOf = (user) => user?.profile?.display_name || user?.real_name || user?.name || user?.id;

// names turns any id into what people read.
function names(id) {
  const group = (page.state.usergroups || page.state.groups)?.find((one) => one.id === id);
  return nameOf(userOf(id)) || page.state.channels?.find((one) => one.id === id)?.name || group?.handle;
}

function author(message) {
  const user = userOf(message.user);
  const app = Boolean(message.bot_id || user?.is_bot);
  const name = nameOf(user) || message.username || message.bot_profile?.name || (app ? 'scalebot' : 'Slackbot');
  return { name, app, colour: app ? '#c0532b' : colours[[...name].reduce((sum, c) => sum + c.codePointAt(0), 0) % colours.length] };
}

async function act(message, part, block, extra, node) {
  if (part.confirm && !(await confirmed(part.confirm, names))) return;
  const article = node?.closest('article');
  article?.querySelector('.failed')?.remove();
  if (node) node.disabled = true;
  const answer = await api.click({
    user: page.user, channel: page.channel, ts: message.ts, action_id: part.action_id, block_id: block.block_id, ...extra,
  });
  if (node?.isConnected) node.disabled = false;
  if (answer.ok === false) node?.closest('.block')?.after(el('p', { class: 'failed', role: 'alert' }, `⚠ ${answer.message || answer.error}`));
  refresh();
}

const context = { names, author, act, stamp: () => page.state.users?.length ?? 0 };
const channelList = new MessageList(byId('messages'), { ...context, openThread });
const threadList = new MessageList(byId('replies'), context);
const modal = new Modal(names, (id, values) => api.submit(page.user, id, values).finally(refresh), (id) => api.close(page.user, id));

const composer = new Composer({ commands: () => page.state.commands || [{ command: '/scale', usage_hint: '', description: '' }], send });

async function send(typed) {
  if (!typed.startsWith('/')) return api.say(page.user, page.channel, '', typed);
  const [command, ...rest] = typed.split(' ');
  if (!(page.state.commands || []).some((one) => one.command === command)) {
    return { ok: false, error: `${command} is not a valid command` };
  }
  return api.slash(page.user, page.channel, rest.join(' '));
}

function openThread(ts) {
  page.thread = ts;
  byId('thread').hidden = false;
  draw();
  byId('replies').scrollTop = byId('replies').scrollHeight;
  byId('reply-input').focus({ preventScroll: true });
}

function closeThread() {
  const parent = page.thread;
  page.thread = null;
  byId('thread').hidden = true;
  byId('messages').querySelector(`[data-ts="${CSS.escape(parent || '')}"] .replies`)?.focus();
}

byId('thread-close').addEventListener('click', closeThread);
byId('thread').addEventListener('keydown', (event) => { if (event.key === 'Escape') closeThread(); });

byId('reply').addEventListener('submit', async (event) => {
  event.preventDefault();
  const typed = byId('reply-input').value.trim();
  if (!typed) return;
  byId('reply-input').value = '';
  const note = byId('reply-notice');
  if (typed.startsWith('/')) { note.textContent = 'Slack: slash commands do not work in threads.'; return; }
  const answer = await api.say(page.user, page.channel, page.thread, typed);
  note.textContent = answer.ok === false ? `Slack: ${answer.message || answer.error}` : '';
});

// status is what the user switcher tells of a person.
function status(user) {
  if (user.deleted) return 'deactivated';
  if (user.team_id && page.state.team?.id && user.team_id !== page.state.team.id) return 'other company';
  if (user.is_restricted || user.is_ultra_restricted) return 'guest';
  const groups = page.state.usergroups || page.state.groups || [];
  const group = groups.find((one) => one.users?.includes(user.id));
  return group ? `on call, @${group.handle}` : 'member';
}

function drawBar() {
  const people = (page.state.users || []).filter((user) => !user.is_bot && user.id !== 'USLACKBOT');
  page.user ??= people[0]?.id;
  page.channel ??= page.state.channels?.[0]?.id;
  byId('team').textContent = page.state.team?.name || 'Slack emulator';
  const options = people.map((user) => el('option', { value: user.id, selected: user.id === page.user }, `${nameOf(user)} (${status(user)})`));
  if (byId('user').textContent !== options.map((option) => option.textContent).join('')) byId('user').replaceChildren(...options);
  byId('user').value = page.user;
  byId('channels').replaceChildren(...(page.state.channels || []).map((one) => el('button', {
    type: 'button', 'aria-current': one.id === page.channel && 'page',
    onclick: () => { page.channel = one.id; closeThread(); refresh(); byId('input').focus(); },
  }, `# ${one.name}`)));
  const current = page.state.channels?.find((one) => one.id === page.channel);
  byId('title').textContent = current ? `# ${current.name}` : '';
  byId('topic').textContent = current?.topic?.value || current?.purpose?.value || '';
  document.title = current ? `#${current.name} · Slack emulator` : 'Slack emulator';
}

byId('user').addEventListener('change', (event) => { page.user = event.target.value; refresh(); });

function draw() {
  const top = page.messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts || message.reply_broadcast);
  channelList.show(top, 'Nothing has been said here yet.');
  if (!page.thread) return;
  threadList.show(page.messages.filter((message) => message.ts === page.thread || message.thread_ts === page.thread), 'No replies yet.');
}

let running = false;
let again = false;

// refresh reads everything anew; calls that come meanwhile become one more reading.
async function refresh() {
  if (running) { again = true; return; }
  running = true;
  do {
    again = false;
    await read().catch(() => composer.say('The emulator does not answer; trying again.', true));
  } while (again);
  running = false;
}

async function read() {
  const state = await api.state();
  if (state.status === 200) page.state = state;
  drawBar();
  const answer = await api.messages(page.channel, page.user);
  page.messages = answer.list || answer.messages || [];
  draw();
  const views = (page.state.views || []).filter((view) => (view.user || view.user_id) === page.user && (view.view?.type || view.type) === 'modal');
  const top = views[views.length - 1];
  modal.show(top ? top.view || top : null);
}

new Panel('traffic', fillTraffic, 1500);
const world = new Panel('world', fillWorld, 1000);

document.addEventListener('keydown', (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName) || document.querySelector('dialog[open]');
  if (event.key === '/' && !typing) { byId('input').focus(); byId('input').select(); } // the stroke itself then lands in the line
});

async function start() {
  await refresh();
  const events = new EventSource('/emulator/events');
  let soon;
  events.onmessage = () => { clearTimeout(soon); soon = setTimeout(refresh, 60); };
  events.onerror = () => setTimeout(refresh, 1000);
  world.toggle.hidden = (await api.world()).status !== 200;
  byId('input').focus();
}

start();
