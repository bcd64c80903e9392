// The message line: plain text is a mention only when it names the app; a slash
// command gets hints while it is typed.
import { el } from './dom.js';

export class Composer {
  constructor(context) {
    Object.assign(this, { context, history: [], at: 0, chosen: -1 });
    this.input = document.getElementById('input');
    this.hints = document.getElementById('hints');
    this.notice = document.getElementById('notice');
    document.getElementById('composer').addEventListener('submit', (event) => { event.preventDefault(); this.submit(); });
    this.input.addEventListener('input', () => this.suggest());
    this.input.addEventListener('keydown', (event) => this.key(event));
  }

  say(words, bad) {
    this.notice.textContent = words || '';
    this.notice.classList.toggle('bad', Boolean(bad));
  }

  // suggest shows the commands that begin with what was typed.
  suggest() {
    const typed = this.input.value;
    this.found = typed.startsWith('/') ? this.context.commands().filter((c) => c.command.startsWith(typed.split(' ')[0])) : [];
    this.chosen = this.found.length === 1 ? 0 : -1;
    this.hints.hidden = !this.found.length;
    this.hints.replaceChildren(...this.found.map((command, i) => el('button', {
      type: 'button', role: 'option', 'aria-selected': String(i === this.chosen), tabindex: -1, onclick: () => this.take(command),
    }, el('b', {}, `${command.command} ${command.usage_hint || ''}`), el('span', {}, command.description || ''))));
  }

  take(command) {
    if (!this.input.value.startsWith(command.command + ' ')) this.input.value = command.command + ' ';
    this.input.focus();
    this.suggest();
  }

  key(event) {
    if (event.key === 'Tab' && this.chosen >= 0 && !this.input.value.includes(' ')) { event.preventDefault(); this.take(this.found[this.chosen]); }
    if (event.key === 'Escape') this.hints.hidden = true;
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    if (!this.history.length) return;
    event.preventDefault();
    this.at = Math.max(0, Math.min(this.history.length, this.at + (event.key === 'ArrowUp' ? -1 : 1)));
    this.input.value = this.history[this.at] || '';
    this.suggest();
  }

  async submit() {
    const typed = this.input.value.trim();
    if (!typed) return;
    this.history.push(typed);
    this.at = this.history.length;
    this.input.value = '';
    this.hints.hidden = true;
    this.say('');
    const answer = await this.context.send(typed);
    if (answer.ok === false) this.say(`Slack: ${answer.message || answer.error}`, true);
  }
}
