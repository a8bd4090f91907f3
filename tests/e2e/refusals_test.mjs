// What is refused, with the status, the text and the client's error that it should have.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { AccessToken } from 'livekit-server-sdk';
import { startBrowser } from './lib/browser.mjs';
import { Person } from './lib/person.mjs';
import { API_KEY, API_SECRET, startServer } from './lib/server.mjs';
import { tokenFor } from './lib/token.mjs';

const NOT_ALLOWED = 0;  // ConnectionErrorReason of livekit-client.

// A token with any header and claims, signed or not.
function rawToken(header, claims, secret) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = secret ? createHmac('sha256', secret).update(signed).digest('base64url') : '';
  return `${signed}.${signature}`;
}

function claims(changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: API_KEY, sub: 'ann', nbf: now - 10, exp: now + 600,
    video: { roomJoin: true, room: 'room' }, ...changes,
  };
}

describe('refusals', { concurrency: false }, () => {
  let server;
  let browser;
  before(async () => {
    server = await startServer('one', { room: { max_participants: 1 } });
    browser = await startBrowser('newest');
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
  });

  const now = Math.floor(Date.now() / 1000);
  const hs256 = { alg: 'HS256', typ: 'JWT' };
  const cases = [
    ['an expired token', rawToken(hs256, claims({ exp: now - 120 }), API_SECRET), 401, /^invalid authorization token: /],
    ['a wrong key', rawToken(hs256, claims(), 'another-secret-of-more-than-32-characters'), 401, /^invalid authorization token: /],
    ['an unknown issuer', rawToken(hs256, claims({ iss: 'nobody' }), API_SECRET), 401, /^invalid API key/],
    ['a token not yet valid', rawToken(hs256, claims({ nbf: now + 600 }), API_SECRET), 401, /^invalid authorization token: /],
    ['alg none', rawToken({ alg: 'none', typ: 'JWT' }, claims(), ''), 401, /^invalid authorization token/],
    ['garbage', 'not-a-token', 401, /^invalid authorization token/],
    ['no roomJoin', rawToken(hs256, claims({ video: { room: 'room' } }), API_SECRET), 401, /^(permissions denied|no permissions to access the room)/],
  ];
  for (const [name, token, status, text] of cases) {
    test(`${name}: status and text, also for the validating request of each path`, async () => {
      for (const path of ['/rtc/validate', '/rtc/v1/validate']) {
        const response = await fetch(`${server.httpUrl}${path}?access_token=${token}&join_request=`,
          { headers: { Origin: 'https://haven.example' } });
        assert.equal(response.status, status, `${name} on ${path}`);
        assert.match(await response.text(), text);
        assert.equal(response.headers.get('access-control-allow-origin'), '*');
      }
    });

    test(`${name}: the client says so`, async () => {
      for (const path of ['v1', 'v0']) {
        const page = await browser.page();
        const person = new Person(page, 'ann');
        const result = await person.do('tryJoin',
          { url: server.url, token, options: { singlePeerConnection: path === 'v1' } });
        assert.equal(result.joined, false);
        assert.equal(result.reason, NOT_ALLOWED, JSON.stringify(result));
        assert.equal(result.status, status);
        await page.close();
      }
    });
  }

  test('a full room: refused for the second, open again when the first has left', async () => {
    const first = await Person.join(browser, server, { identity: 'ann', room: 'full', path: 'v1' });
    for (const path of ['v1', 'v0']) {
      const page = await browser.page();
      const second = new Person(page, 'bob');
      const result = await second.do('tryJoin',
        { url: server.url, token: await tokenFor('bob', 'full'), options: { singlePeerConnection: path === 'v1' } });
      assert.equal(result.joined, false, JSON.stringify(result));
      await page.close();
    }
    await first.close();
    const again = await Person.join(browser, server, { identity: 'bob', room: 'full', path: 'v1' });
    await again.close();
  });

  test('a token of the real server SDK is welcome', async () => {
    const token = new AccessToken(API_KEY, API_SECRET, { identity: 'ann' });
    token.addGrant({ roomJoin: true, room: 'welcome' });
    const response = await fetch(`${server.httpUrl}/rtc/validate?access_token=${await token.toJwt()}`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), 'success');
  });
});
