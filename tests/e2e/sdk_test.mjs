// The other SDKs Haven's backend uses: @livekit/rtc-node talks with a browser, livekit-server-sdk
// mints tokens, lists rooms and people and removes one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dispose } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { startBrowser } from './lib/browser.mjs';
import { Member } from './lib/member.mjs';
import { Person } from './lib/person.mjs';
import { API_KEY, API_SECRET, startServer } from './lib/server.mjs';
import { tokenFor } from './lib/token.mjs';
import { until } from './lib/until.mjs';

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

    const member = await new Member('node').join(server.url, await tokenFor('node', 'node'));
    const stop = await member.speak(440);
    try {
      await person.untilHears('node', [440]);
      const heard = await member.hears('ann', 880);
      assert.ok(heard > 0.8, `share of 880 Hz heard by rtc-node: ${heard}`);
    } finally {
      await stop();
      await member.leave();
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
