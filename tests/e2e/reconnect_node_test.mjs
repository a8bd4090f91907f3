// @livekit/rtc-node loses its signal connection and comes back: the call with a browser goes on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AudioSource, LocalAudioTrack, Room, RoomEvent, TrackKind, TrackPublishOptions, TrackSource,
  dispose,
} from '@livekit/rtc-node';
import { startBrowser } from './lib/browser.mjs';
import { startFragileProxy } from './lib/fragile_proxy.mjs';
import { SAMPLE_RATE, hears, playTone } from './lib/node_tone.mjs';
import { Person } from './lib/person.mjs';
import { startServer } from './lib/server.mjs';
import { tokenFor } from './lib/token.mjs';
import { until } from './lib/until.mjs';

describe('rtc-node comes back', { concurrency: false }, () => {
  let server;
  let browser;
  let proxy;
  before(async () => {
    server = await startServer('one');
    proxy = await startFragileProxy(Number(new URL(server.httpUrl).port));
    browser = await startBrowser('newest');
  });
  after(async () => {
    await browser?.stop();
    await proxy?.stop();
    await server?.stop();
    await dispose();
  });

  test('its WebSocket is cut, twice, and both go on hearing one another', async () => {
    const person = await Person.join(browser, server, { identity: 'ann', room: 'node', path: 'v1' });
    await person.do('publishTone', 'tone', [880]);
    const room = new Room();
    const events = [];
    for (const name of ['Reconnecting', 'Reconnected', 'Disconnected', 'ParticipantDisconnected', 'TrackUnsubscribed']) {
      room.on(RoomEvent[name], () => events.push(name));
    }
    const data = [];
    room.on(RoomEvent.DataReceived, (payload) => data.push(new TextDecoder().decode(payload)));
    const subscribed = new Promise((resolve) => {
      room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
        if (track.kind === TrackKind.KIND_AUDIO && participant.identity === 'ann') {
          resolve(track);
        }
      });
    });
    await room.connect(proxy.url, await tokenFor('node', 'node'), { autoSubscribe: true });
    const { sid } = room.localParticipant;
    const source = new AudioSource(SAMPLE_RATE, 1);
    const options = new TrackPublishOptions();
    options.source = TrackSource.SOURCE_MICROPHONE;
    await room.localParticipant.publishTrack(LocalAudioTrack.createAudioTrack('tone', source), options);
    const stop = playTone(source, 440);
    try {
      const track = await subscribed;
      await person.untilHears('node', [440]);
      assert.ok(await hears(track, 880) > 0.8);
      for (let round = 1; round <= 2; round += 1) {
        await person.do('watch', 'node');
        proxy.cut();
        await room.localParticipant.publishData(new TextEncoder().encode(`away ${round}`), { reliable: true });
        await person.do('send', `to node ${round}`, { reliable: true });
        await until('rtc-node is back', () =>
          events.filter((name) => name === 'Reconnected').length === round, { timeoutMs: 30_000 });
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const { packetGap, toneGap } = await person.do('gaps', 'node');
        await person.do('unwatch', 'node');
        console.log(`WebSocket of rtc-node dropped: media gap ${packetGap.toFixed(0)} ms, silence ${toneGap.toFixed(0)} ms`);
      }
      await person.untilHears('node', [440]);
      assert.ok(await hears(track, 880) > 0.8);
      assert.equal(room.localParticipant.sid, sid);
      assert.deepEqual(events, ['Reconnecting', 'Reconnected', 'Reconnecting', 'Reconnected']);
      // It repeats all that it has sent lately; once is what arrives.
      const texts = (await person.events('data')).map((event) => event.text);
      assert.deepEqual(texts, ['away 1', 'away 2']);
      await until('rtc-node has its data', () => data.length === 2);
      assert.deepEqual(data, ['to node 1', 'to node 2']);
      assert.deepEqual((await person.events('left')), []);
    } finally {
      await stop();
      await room.disconnect();
      await person.close();
    }
  });
});
