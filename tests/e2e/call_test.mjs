// Calls between real browser pages with the real livekit-client, scenarios (a) to (h).
//
//   E2E_CLIENT    haven (the version Haven ships) or newest
//   E2E_PATH      v1 (/rtc/v1, one peer connection) or v0 (/rtc, two)
//   E2E_TOPOLOGY  one (livekit-server) or two (sfu-controller and sfu-worker)
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { startBrowser } from './lib/browser.mjs';
import { Person } from './lib/person.mjs';
import { startServer } from './lib/server.mjs';

const client = process.env.E2E_CLIENT ?? 'newest';
const path = process.env.E2E_PATH ?? 'v1';
const topology = process.env.E2E_TOPOLOGY ?? 'one';

describe(`${client} client on ${path}, ${topology} process(es)`, { concurrency: false }, () => {
  let server;
  let browser;
  let people = [];
  let rooms = 0;

  before(async () => {
    server = await startServer(topology);
    browser = await startBrowser(client);
  });
  afterEach(async (context) => {
    if (context.passed === false) {
      people.forEach((person) => console.log(`--- ${person.identity}\n${person.page.lines.slice(-40).join('\n')}`));
    }
    await Promise.all(people.map((person) => person.close()));
    people = [];
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
    if (process.env.E2E_VERBOSE) {
      console.log(server?.log());
    }
  });

  async function gather(identities, parameters = {}) {
    rooms += 1;
    const room = `room-${rooms}`;
    for (const identity of identities) {
      people.push(await Person.join(browser, server, { identity, room, path, ...parameters }));
    }
    return people;
  }

  test('the client is the version it claims, on the path it should use', async () => {
    const [ann] = await gather(['ann']);
    const wanted = client === 'haven' ? '2.17.2' : /^2\.(2[0-9]|[3-9][0-9])\./;
    const version = await ann.do('clientVersion');
    assert.ok(typeof wanted === 'string' ? version === wanted : wanted.test(version), version);
    assert.equal(await ann.do('state'), 'connected');
  });

  test('(a) three people hear each other\'s distinct tones and see moving video', async () => {
    const [ann, bob, cem] = await gather(['ann', 'bob', 'cem']);
    const tones = { ann: 440, bob: 880, cem: 1320 };
    for (const person of [ann, bob, cem]) {
      await person.do('publishTone', 'tone', [tones[person.identity]]);
      await person.do('enableCamera', { resolution: { width: 320, height: 180, frameRate: 15 } },
        { simulcast: false });
    }
    for (const listener of [ann, bob, cem]) {
      for (const speaker of [ann, bob, cem].filter((person) => person !== listener)) {
        await listener.untilHears(speaker.identity, [tones[speaker.identity]]);
        await listener.untilSees(speaker.identity, 'camera', { width: 320, height: 180 });
      }
    }
  });

  test('(b) a screen is shared beside the camera', async () => {
    const [ann, bob] = await gather(['ann', 'bob']);
    await ann.do('publishCanvas', 'camera', { width: 320, height: 180, simulcast: false });
    await ann.do('publishCanvas', 'screen', { width: 960, height: 540, source: 'screen_share', simulcast: false });
    await bob.untilSees('ann', 'camera', { width: 320 });
    await bob.untilSees('ann', 'screen_share', { width: 960 });
  });

  test('(c) mute, unmute, unpublish, republish and leave are seen by the others', async () => {
    const [ann, bob] = await gather(['ann', 'bob']);
    await ann.do('publishTone', 'tone', [440]);
    await bob.untilHears('ann', [440]);

    await ann.do('mute', 'tone');
    await bob.untilEvent('muted', { identity: 'ann' });
    await bob.untilSilent('ann');
    await ann.do('unmute', 'tone');
    await bob.untilEvent('unmuted', { identity: 'ann' });
    await bob.untilHears('ann', [440]);

    await ann.do('unpublish', 'tone');
    await bob.untilEvent('unpublished', { identity: 'ann' });
    await ann.do('republish', 'tone');
    await bob.untilHears('ann', [440]);

    await ann.do('setMetadata', 'hello');
    await bob.untilEvent('metadata', { identity: 'ann', metadata: 'hello' });

    await ann.do('leave');
    await bob.untilEvent('left', { identity: 'ann' });
    assert.deepEqual(await bob.do('people'), []);
  });

  test('(d) reliable and lossy data, a text stream and an RPC call arrive', async () => {
    const [ann, bob] = await gather(['ann', 'bob']);
    await ann.do('send', 'for certain', { reliable: true, topic: 'chat' });
    await bob.untilEvent('data', { text: 'for certain', identity: 'ann', topic: 'chat' });
    await ann.do('send', 'perhaps', { reliable: false });
    await bob.untilEvent('data', { text: 'perhaps', identity: 'ann' });

    const essay = 'All that is gold does not glitter. '.repeat(2000);  // Several chunks of 15,000 B.
    await bob.do('registerTextHandler', 'essays');
    await ann.do('sendText', essay, { topic: 'essays' });
    await bob.untilEvent('text', { text: essay, identity: 'ann' });

    await bob.do('registerMethod', 'greet');
    assert.equal(await ann.do('call', 'bob', 'greet', 'good day'), 'ann said good day');
  });

  test('(e) setVideoQuality changes the received size', async () => {
    const [ann, bob] = await gather(['ann', 'bob']);
    await ann.do('publishCanvas', 'camera', { width: 1280, height: 720, simulcast: true, videoCodec: 'vp8' });
    await bob.untilSees('ann', 'camera', {});
    await bob.do('setQuality', 'ann', 'camera', 0);
    const low = await bob.untilSees('ann', 'camera', { width: 320, height: 180 }, 30_000);
    await bob.do('setQuality', 'ann', 'camera', 1);
    const medium = await bob.untilSees('ann', 'camera', { width: 640, height: 360 }, 30_000);
    assert.ok(medium.width > low.width);
  });

  test('(f) speaking is told while it lasts', async () => {
    const [ann, bob] = await gather(['ann', 'bob']);
    await ann.do('publishTone', 'tone', [440]);
    const speaking = await bob.untilEvent('speakers');
    assert.deepEqual(speaking.identities, ['ann']);
    await ann.do('mute', 'tone');
    await bob.untilEvent('muted', { identity: 'ann' });
    const ended = await import('./lib/until.mjs').then(({ until }) => until('bob sees nobody speak', async () =>
      (await bob.events('speakers')).at(-1).identities.length === 0));
    assert.ok(ended);
  });

  test('(g) Haven\'s own options give stereo two-way audio', async () => {
    // As Haven's web app sets them.
    const options = {
      adaptiveStream: true,
      dynacast: true,
      publishDefaults: {
        audioPreset: { maxBitrate: 384_000 }, red: true, dtx: true, forceStereo: true,
      },
    };
    const [ann, bob] = await gather(['ann', 'bob'], { options });
    await ann.do('publishTone', 'tone', [440, 660], { dtx: true, red: true, forceStereo: true });
    await bob.do('publishTone', 'tone', [880, 1100], { dtx: true, red: true, forceStereo: true });
    await bob.untilHears('ann', [440, 660]);
    await ann.untilHears('bob', [880, 1100]);
  });

  for (const [codec, mimeType] of [['vp8', 'video/VP8'], ['vp9', 'video/VP9'], ['h264', 'video/H264'], ['av1', 'video/AV1']]) {
    test(`(h) ${codec} between two pages`, async (context) => {
      const [ann, bob] = await gather(['ann', 'bob']);
      if (!(await ann.do('canEncode', mimeType))) {
        context.skip(`this Chromium does not encode ${mimeType}`);
        return;
      }
      await ann.do('publishCanvas', 'camera', { width: 320, height: 180, videoCodec: codec, simulcast: false, backupCodec: false });
      await bob.untilSees('ann', 'camera', { width: 320, height: 180 }, 30_000);
      const received = await bob.do('receivedCodec', 'ann', 'camera');
      assert.equal(received.mimeType.toLowerCase(), mimeType.toLowerCase());
      assert.ok(received.framesDecoded > 0);
    });
  }
});
