// The emulator's control endpoints.

async function ask(path, options) {
  const answer = await fetch(path, options);
  const body = await answer.text();
  try {
    return { status: answer.status, ...wrap(JSON.parse(body)) };
  } catch {
    return { ok: false, status: answer.status, error: body.trim() || `HTTP ${answer.status}` };
  }
}

const wrap = (value) => (Array.isArray(value) ? { ok: true, list: value } : value);

const post = (path, body) => ask(path, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
});

export const api = {
  state: () => ask('/emulator/state'),
  messages: (channel, user) => ask(`/emulator/messages?channel=${encodeURIComponent(channel)}&user=${encodeURIComponent(user)}`),
  slash: (user, channel, text) => post('/emulator/slash', { user, channel, text }),
  say: (user, channel, thread_ts, text) => post('/emulator/say', { user, channel, thread_ts, text }),
  click: (body) => post('/emulator/click', body),
  submit: (user, view_id, values) => post('/emulator/submit', { user, view_id, values }),
  close: (user, view_id) => post('/emulator/close', { user, view_id }),
  fault: (body) => post('/emulator/fault', body),
  traffic: async () => (await (await fetch('/emulator/traffic')).text()).split('\n').filter(Boolean).map((line) => JSON.parse(line)),
  world: () => ask('/world/state'),
  scenario: (name) => post('/world/scenario', { name }),
  load: (component, rate) => post('/world/load', { component, rate }),
};
