// One participant in a browser page, as the tests speak of it.
import { tokenFor } from './token.mjs';
import { until } from './until.mjs';

const TONE_TOLERANCE_HERTZ = 12;  // Two bins of the analyser.
const AUDIBLE_DECIBELS = -60;

export class Person {
  constructor(page, identity) {
    this.page = page;
    this.identity = identity;
  }

  // `path` is 'v1' (single peer connection) or 'v0' (two of them).
  static async join(browser, server, { identity, room, path, options = {}, connectOptions = {}, grant }) {
    const person = new Person(await browser.page(), identity);
    person.joinMs = await person.do('join', {
      url: server.url,
      token: await tokenFor(identity, room, grant, { credentials: server.credentials }),
      options: { singlePeerConnection: path === 'v1', ...options },
      connectOptions,
    });
    return person;
  }

  do(method, ...args) {
    return this.page.evaluate(([name, list]) => window.harness[name](...list), [method, args]);
  }

  async events(type) {
    return (await this.do('events')).filter((event) => event.type === type);
  }

  untilEvent(type, matches = {}) {
    return until(`${this.identity} sees ${type} ${JSON.stringify(matches)}`, async () => {
      const events = await this.do('events');
      const found = events.find((event) => event.type === type &&
        Object.entries(matches).every(([key, value]) => event[key] === value));
      return found ? { ok: true, value: found } : { ok: false, events: events.map((event) => event.type) };
    });
  }

  // One frequency per channel; null where silence is wanted.
  untilHears(identity, frequencies) {
    return until(`${this.identity} hears ${identity} at ${frequencies} Hz`, async () => {
      const heard = await this.do('heard', identity);
      const ok = heard !== null && frequencies.every((frequency, channel) =>
        heard[channel].decibels > AUDIBLE_DECIBELS &&
        Math.abs(heard[channel].hertz - frequency) < TONE_TOLERANCE_HERTZ);
      return { ok, value: heard, heard };
    });
  }

  untilSilent(identity) {
    return until(`${this.identity} hears silence from ${identity}`, async () => {
      const heard = await this.do('heard', identity);
      return { ok: heard === null || heard.every((channel) => channel.decibels < AUDIBLE_DECIBELS), value: true, heard };
    });
  }

  // Frames that keep coming, of the wanted size if one is given.
  async untilSees(identity, source = 'camera', wanted = {}, timeoutMs = 20_000) {
    let before;
    return until(`${this.identity} sees ${identity}'s ${source} move ${JSON.stringify(wanted)}`, async () => {
      const seen = await this.do('seen', identity, source);
      const moving = seen !== null && before !== undefined && seen.frames > before;
      before = seen?.frames;
      const ok = moving && seen.width > 0 &&
        Object.entries(wanted).every(([key, value]) => seen[key] === value);
      return { ok, value: seen, seen };
    }, { timeoutMs, everyMs: 300 });
  }

  async close() {
    await this.do('leave').catch(() => {});
    await this.page.close();
  }
}
