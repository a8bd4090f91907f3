// The other SDKs Haven's backend uses: @livekit/rtc-node talks with a browser, livekit-server-sdk
// mints tokens, lists rooms and people and removes one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AudioFrame, AudioSource, AudioStream, LocalAudioTrack, Room, RoomEvent, TrackKind,
  TrackPublishOptions, TrackSource, dispose,
} from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { startBrowser } from './lib/browser.mjs';
import { Person } from './lib/person.mjs';
import { API_KEY, API_SECRET, startServer } from './lib/server.mjs';
import { tokenFor } from './lib/token.mjs';
import { until } from './lib/until.mjs';

const SAMPLE_RATE = 48_000;

// Feeds a sine into the source until stopped, 10 ms at a time and no faster than it is played.
function playTone(source, hertz) {
  const samples = SAMPLE_RATE / 100;
  let phase = 0;
  let running = true;
  const done = (async () => {
    while (running) {
      const frame = AudioFrame.create(SAMPLE_RATE, 1, samples);
      for (let i = 0; i < samples; i += 1) {
        frame.data[i] = Math.round(12_000 * Math.sin(phase));
        phase += (2 * Math.PI * hertz) / SAMPLE_RATE;
      }
      await source.captureFrame(frame);
    }
  })();
  return async () => {
    running = false;
    await done;
  };
}

// How strong `hertz` is in the samples, 0 to 1 of their whole energy (Goertzel's algorithm).
function share(samples, hertz) {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / SAMPLE_RATE);
  let [s1, s2, energy] = [0, 0, 0];
  for (const sample of samples) {
    [s1, s2] = [sample + coefficient * s1 - s2, s1];
    energy += sample * sample;
  }
  const power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  return energy === 0 ? 0 : (2 * power) / (samples.length * energy);
}

async function hears(track, hertz) {
  const stream = new AudioStream(track, SAMPLE_RATE, 1);
  const reader = stream.getReader();
  const window = [];
  const deadline = performance.now() + 15_000;
  let best = 0;
  while (performance.now() < deadline) {
    const { value, done } = await reader.read();
    if (done) {
      break;
    }
    window.push(...value.data);
    if (window.length >= SAMPLE_RATE / 5) {
      best = Math.max(best, share(window, hertz));
      window.length = 0;
      if (best > 0.8) {
        break;
      }
    }
  }
  reader.releaseLock();
  return best;
}

describe('the other SDKs', { concurrency: false }, () => {
  let server;
  let browser;
  before(async () => {
    server = await startServer('one');
    browser = await startBrowser('newest');
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
    await dispose();
  });

  test('rtc-node publishes audio to a browser and hears it back', async () => {
    const person = await Person.join(browser, server, { identity: 'ann', room: 'node', path: 'v1' });
    await person.do('publishTone', 'tone', [880]);

    const room = new Room();
    const subscribed = new Promise((resolve) => {
      room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
        if (track.kind === TrackKind.KIND_AUDIO && participant.identity === 'ann') {
          resolve(track);
        }
      });
    });
    await room.connect(server.url, await tokenFor('node', 'node'), { autoSubscribe: true });
    const source = new AudioSource(SAMPLE_RATE, 1);
    const options = new TrackPublishOptions();
    options.source = TrackSource.SOURCE_MICROPHONE;
    await room.localParticipant.publishTrack(
      LocalAudioTrack.createAudioTrack('tone', source), options);
    const stop = playTone(source, 440);
    try {
      await person.untilHears('node', [440]);
      const heard = await hears(await subscribed, 880);
      assert.ok(heard > 0.8, `share of 880 Hz heard by rtc-node: ${heard}`);
    } finally {
      await stop();
      await room.disconnect();
      await person.close();
    }
  });

  test('the server SDK lists rooms and people, and removes one', async () => {
    const person = await Person.join(browser, server, { identity: 'ann', room: 'listed', path: 'v1' });
    const service = new RoomServiceClient(server.httpUrl, API_KEY, API_SECRET);
    await until('ann is listed', async () => (await service.listParticipants('listed')).length === 1);

    const rooms = await service.listRooms(['listed']);
    assert.deepEqual(rooms.map((room) => room.name), ['listed']);
    assert.match(rooms[0].sid, /^RM_/);
    const [ann] = await service.listParticipants('listed');
    assert.equal(ann.identity, 'ann');
    assert.equal((await service.getParticipant('listed', 'ann')).sid, ann.sid);

    await service.removeParticipant('listed', 'ann');
    const { reason } = await person.untilEvent('disconnected');
    assert.equal(reason, 4);  // DisconnectReason.PARTICIPANT_REMOVED.
    await assert.rejects(service.getParticipant('listed', 'ann'), /participant does not exist/);

    const created = await service.createRoom({ name: 'made', emptyTimeout: 60, maxParticipants: 5 });
    assert.equal(created.maxParticipants, 5);
    await service.deleteRoom('made');
    assert.deepEqual(await service.listRooms(['made']), []);
    await person.page.close();
  });
});
