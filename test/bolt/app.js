// A small app on Bolt, Slack's own framework. It does what scalebot does, in short: a
// slash command is acknowledged and answered with a card, a click edits the card and
// opens a form, the form is checked, a mention is answered in its thread.
//
//   node app.js http://127.0.0.1:PORT   (tokens in SLACK_BOT_TOKEN and SLACK_APP_TOKEN)
//
// Everything it hears is printed as one JSON object a line.
import bolt from '@slack/bolt';

const base = process.argv[2];
const say = (what, more = {}) => console.log(JSON.stringify({ what, ...more }));

const app = new bolt.App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  logLevel: bolt.LogLevel.WARN,
  clientOptions: { slackApiUrl: `${base}/api/` },
});

const card = (text) => ({
  text,
  metadata: { event_type: 'bolt', event_payload: { operation: 'op-1' } },
  blocks: [
    { type: 'section', text: { type: 'mrkdwn', text } },
    { type: 'actions', elements: [{ type: 'button', action_id: 'approve', value: 'op-1', style: 'primary', text: { type: 'plain_text', text: 'Approve' } }] },
  ],
});

app.command('/scale', async ({ command, ack, respond, client }) => {
  await ack({ text: `understood ${command.text}` });
  await client.chat.postMessage({ channel: command.channel_id, ...card('Scale to 9?') });
  await respond({ text: 'by response_url', response_type: 'ephemeral' });
  say('command', { text: command.text, user: command.user_id });
});

app.action('approve', async ({ ack, body, action, client }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: 'modal', callback_id: 'form', private_metadata: action.value,
      title: { type: 'plain_text', text: 'How many?' }, submit: { type: 'plain_text', text: 'Go' },
      blocks: [{
        type: 'input', block_id: 'count', label: { type: 'plain_text', text: 'Replicas' },
        element: { type: 'number_input', action_id: 'n', is_decimal_allowed: false },
      }],
    },
  });
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: `approved by <@${body.user.id}>` });
  say('action', { value: action.value, ts: body.message.ts });
});

app.view('form', async ({ ack, view }) => {
  const n = Number(view.state.values.count.n.value);
  if (n > 24) {
    await ack({ response_action: 'errors', errors: { count: 'there are only 24 partitions' } });
    return;
  }
  await ack();
  say('view', { n, metadata: view.private_metadata });
});

app.event('app_mention', async ({ event, client }) => {
  await client.chat.postMessage({ channel: event.channel, thread_ts: event.thread_ts ?? event.ts, text: `heard ${event.text}` });
  say('event', { text: event.text });
});

app.error(async (error) => say('error', { message: String(error) }));

await app.start();
say('started');
process.stdin.on('end', async () => { await app.stop(); process.exit(0); });
process.stdin.resume();
