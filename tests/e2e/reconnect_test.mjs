// Clients that lose their signal connection and come back, with the real livekit-client: the call goes
// on, and nothing that happened meanwhile is missed.
//
//   E2E_CLIENT    haven (the version Haven ships) or newest
//   E2E_PATH      v1 (/rtc/v1, one peer connection) or v0 (/rtc, two)
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { startBrowser } from './lib/browser.mjs';
import { startFragileProxy } from './lib/fragile_proxy.mjs';
import { Person } from './lib/person.mjs';
import { startServer } from './lib/server.mjs';
import { until } from './lib/until.mjs';

const client = process.env.E2E_CLIENT ?? 'newest';
const path = process.env.E2E_PATH ?? 'v1';
const GAP_LIMIT_MS = 200;
const PATIENCE_MS = 40_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe(`${client} client on ${path} comes back`, { concurrency: false }, () => {
  let server;
  let browser;
  let people = [];
  let rooms = 0;

  before(async () => {
    server = await startServer('one');
    browser = await startBrowser(client);
  });
  afterEach(async (context) => {
    if (context.passed === false) {
      people.forEach((person) => console.log(`--- ${person.identity}\n${person.page.lines.slice(-60).join('\n')}`));
    }
    await Promise.all(people.map((person) => person.close()));
    await Promise.all(people.map((person) => person.proxy.stop()));
    people = [];
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
    if (process.env.E2E_VERBOSE) {
      console.log(server?.log());
    }
  });

  // Everybody has a signal connection of their own to lose.
  async function join(identity, parameters = {}) {
    const proxy = await startFragileProxy(Number(new URL(server.httpUrl).port));
    const person = await Person.join(browser, { url: proxy.url },
      { identity, room: `room-${rooms}`, path, ...parameters });
    people.push(Object.assign(person, { proxy }));
    return person;
  }
  async function gather(...identities) {
    rooms += 1;
    const gathered = [];
    for (const identity of identities) {
      gathered.push(await join(identity));
    }
    return gathered;
  }
  const count = async (person, type) => (await person.events(type)).length;

  // Cuts the signal connection and waits for the client to be as before. Returns how long it took
  // until the signal connection was back.
  async function cutAndReturn(person, awayMs = 0) {
    const returns = await count(person, 'reconnected');
    const backs = await count(person, 'signal back');
    const started = await person.do('now');
    if (awayMs > 0) {
      person.proxy.refuse(true);
    }
    person.proxy.cut();
    if (awayMs > 0) {
      await pause(awayMs);
      person.proxy.refuse(false);
    }
    await until(`${person.identity} is back`, async () => (await count(person, 'reconnected')) > returns,
      { timeoutMs: PATIENCE_MS });
    return (await person.events('signal back'))[backs].at - started;
  }

  async function staysPut(...persons) {
    for (const person of persons) {
      const types = (await person.do('events')).map((event) => event.type);
      for (const type of ['left', 'disconnected', 'reconnecting', 'unsubscribed']) {
        assert.ok(!types.includes(type), `${person.identity}: ${types}`);
      }
    }
  }

  test('the WebSocket is cut, and the call goes on without a gap', async () => {
    const [ann, bob] = await gather('ann', 'bob');
    await ann.do('publishTone', 'tone', [440]);
    await bob.do('publishTone', 'tone', [880]);
    await ann.do('publishCanvas', 'camera', { width: 320, height: 180, simulcast: false });
    await bob.untilHears('ann', [440]);
    await ann.untilHears('bob', [880]);
    await bob.untilSees('ann', 'camera', { width: 320 });
    const sid = await bob.do('sid');
    const ufrag = await bob.do('serverUfrag');

    // Three times, and the middle one counts: a busy machine stalls a browser now and then.
    const gaps = [];
    for (let round = 0; round < 3; round += 1) {
      await bob.do('watch', 'ann');
      const back = await cutAndReturn(bob);
      await pause(1000);
      const { packetGap, toneGap } = await bob.do('gaps', 'ann');
      await bob.do('unwatch', 'ann');
      gaps.push({ packetGap, toneGap });
      console.log(`WebSocket dropped (${client}, ${path}): media gap ${packetGap.toFixed(0)} ms, ` +
        `silence ${toneGap.toFixed(0)} ms, signal back ${back.toFixed(0)} ms`);
    }
    for (const kind of ['packetGap', 'toneGap']) {
      const middle = gaps.map((gap) => gap[kind]).sort((a, b) => a - b)[1];
      assert.ok(middle < GAP_LIMIT_MS, `${kind}: ${JSON.stringify(gaps)}`);
    }
    // The sender's connection, too.
    await bob.do('watch', 'ann');
    await cutAndReturn(ann);
    const { packetGap } = await bob.do('gaps', 'ann');
    console.log(`WebSocket of the speaker dropped (${client}, ${path}): media gap ${packetGap.toFixed(0)} ms`);

    await bob.untilHears('ann', [440]);
    await ann.untilHears('bob', [880]);
    await bob.untilSees('ann', 'camera', { width: 320 });
    assert.equal(await bob.do('sid'), sid);
    assert.notEqual(await bob.do('serverUfrag'), ufrag);  // ICE was restarted, nonetheless.
    await staysPut(ann, bob);
  });

  test('data sent while away arrives, and once', async () => {
    const [ann, bob] = await gather('ann', 'bob');
    await ann.do('publishTone', 'tone', [440]);  // Its connections are up.
    await bob.untilHears('ann', [440]);
    await ann.do('send', 'warm up', { reliable: true });
    await bob.untilEvent('data', { text: 'warm up' });
    await bob.do('send', 'warm up', { reliable: true });
    await ann.untilEvent('data', { text: 'warm up' });

    const expected = [];
    let sending = true;
    const sent = (async () => {
      for (let number = 0; sending; number += 1) {
        expected.push(`message ${number}`);
        await ann.do('send', `message ${number}`, { reliable: true });
        await bob.do('send', `message ${number}`, { reliable: true });
        await pause(20);
      }
    })();
    // One attempt each: between several, JavaScript itself sends out of order and loses its own.
    await Promise.all([cutAndReturn(ann), cutAndReturn(bob)]);
    sending = false;
    await sent;
    for (const [receiver, sender] of [[bob, 'ann'], [ann, 'bob']]) {
      await receiver.untilEvent('data', { text: expected.at(-1), identity: sender });
      const texts = (await receiver.events('data')).map((event) => event.text);
      assert.deepEqual(texts.filter((text) => text !== 'warm up'), expected);
    }
  });

  test('a mute while away is kept', async () => {
    const [ann, bob] = await gather('ann', 'bob');
    await ann.do('publishTone', 'tone', [440]);
    await bob.untilHears('ann', [440]);

    const away = cutAndReturn(ann, 1500);
    await ann.untilEvent('resuming');
    await ann.do('mute', 'tone');
    await away;
    await bob.untilEvent('muted', { identity: 'ann' });
    assert.equal(await ann.do('isMuted', 'tone'), true);
    await ann.do('unmute', 'tone');
    await bob.untilEvent('unmuted', { identity: 'ann' });
    await bob.untilHears('ann', [440]);

    await staysPut(ann, bob);
  });

  test('who comes, publishes and leaves meanwhile is seen', async () => {
    const [ann, bob, cem] = await gather('ann', 'bob', 'cem');
    await ann.do('publishTone', 'tone', [440]);
    await bob.untilHears('ann', [440]);
    let dan;
    const away = cutAndReturn(bob, 2500);
    await bob.untilEvent('resuming');
    await ann.do('publishCanvas', 'camera', { width: 320, height: 180, simulcast: false });
    await cem.do('leave');
    dan = await join('dan');
    await dan.do('publishTone', 'tone', [1320]);
    await away;

    await bob.untilSees('ann', 'camera', { width: 320 });
    await bob.untilHears('dan', [1320]);
    await bob.untilHears('ann', [440]);
    // The list is the truth: the client forgets events that it was told before it took itself for
    // resumed, so that `left` may never fire.
    await until('bob sees ann and dan alone', async () => {
      const people = (await bob.do('people')).sort();
      return { ok: people.join() === 'ann,dan', people };
    });
    assert.ok((await bob.events('left')).every((event) => event.identity === 'cem'));
  });

  test('a track published while away gets through', async () => {
    const [ann, bob] = await gather('ann', 'bob');
    await ann.do('publishTone', 'tone', [440]);
    await bob.untilHears('ann', [440]);
    const away = cutAndReturn(ann, 1000);
    await ann.untilEvent('resuming');
    await ann.do('publishCanvas', 'camera', { width: 320, height: 180, simulcast: false });
    await away;
    await bob.untilSees('ann', 'camera', { width: 320 });
    await staysPut(ann, bob);
  });

  test('several cuts in a row, also while it is coming back', async () => {
    const [ann, bob] = await gather('ann', 'bob');
    await ann.do('publishTone', 'tone', [440]);
    await bob.untilHears('ann', [440]);
    for (let cut = 0; cut < 6; cut += 1) {
      bob.proxy.cut();
      await pause(50 + 170 * cut);
    }
    await until('bob is back', async () => (await bob.do('state')) === 'connected', { timeoutMs: PATIENCE_MS });
    await pause(2500);
    assert.equal(await bob.do('state'), 'connected');
    await bob.untilHears('ann', [440]);
    assert.equal(await count(ann, 'left'), 0);
  });

  test('what the SDK simulates: signal-reconnect', async () => {
    const [ann, bob] = await gather('ann', 'bob');
    await ann.do('publishTone', 'tone', [440]);
    await bob.untilHears('ann', [440]);
    await bob.do('simulate', 'signal-reconnect');
    await bob.untilEvent('reconnected');
    await bob.untilHears('ann', [440]);
    await staysPut(ann, bob);
  });

  for (const scenario of ['resume-reconnect', 'full-reconnect', 'disconnect-signal-on-resume',
    'disconnect-signal-on-resume-no-messages']) {
    test(`what the SDK simulates: ${scenario}`, async () => {
      const [ann, bob] = await gather('ann', 'bob');
      await ann.do('publishTone', 'tone', [440]);
      await bob.do('publishTone', 'tone', [880]);
      await bob.untilHears('ann', [440]);
      await ann.untilHears('bob', [880]);
      const sid = await bob.do('sid');
      await bob.do('simulate', scenario);
      await until('bob is back', async () => (await count(bob, 'reconnected')) > 0, { timeoutMs: PATIENCE_MS });
      await until('bob is connected', async () => (await bob.do('state')) === 'connected');
      await bob.untilHears('ann', [440]);
      await ann.untilHears('bob', [880]);
      assert.equal(await count(bob, 'disconnected'), 0);
      assert.equal((await bob.do('sid')) === sid, scenario.startsWith('disconnect'));
    });
  }
});
