// The server as Haven and operators start and stop it (operations contract, sections 1.4 and 6.6).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { startBrowser } from './lib/browser.mjs';
import { Person } from './lib/person.mjs';
import { freeBlock, launch, makeCertificate, startLimitMs, untilAnswers } from './lib/process.mjs';
import { until } from './lib/until.mjs';

const SERVER_SHUTDOWN = 3;  // DisconnectReason of livekit-client.

describe('launches', { concurrency: false }, () => {
  let browser;
  let folder;
  let server;
  let people = [];

  before(async () => {
    browser = await startBrowser('haven', { args: ['--ignore-certificate-errors'] });
  });
  after(() => browser?.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'haven-sfu-launch-'));
  });
  afterEach(async (context) => {
    if (context.passed === false && server) {
      console.log(server.log());
    }
    await Promise.all(people.map((person) => person.close().catch(() => {})));
    people = [];
    await server?.stop();
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  // Two people in one room, of whom the second hears the first.
  async function talk(url, credentials, path = 'v1') {
    const target = { url, credentials };
    const room = `room-${path}`;
    for (const identity of ['ann', 'bob']) {
      people.push(await Person.join(browser, target, { identity, room, path }));
    }
    const [ann, bob] = people.slice(-2);
    await ann.do('publishTone', 'tone', [440]);
    await bob.untilHears('ann', [440]);
    return [ann, bob];
  }

  test('bundled with Haven: its YAML, found on PATH, killed and started again at once', async () => {
    const port = await freeBlock(13);
    const key = `haven_${randomBytes(8).toString('hex')}`;
    const secret = randomBytes(32).toString('hex');
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/livekit.yaml'), `port: ${port}
rtc:
  port_range_start: ${port + 2}
  port_range_end: ${port + 12}
  use_external_ip: false
  tcp_port: ${port + 1}
keys:
  ${key}: ${secret}
logging:
  level: info
room:
  auto_create: true
  empty_timeout: 300
  max_participants: 50
`);
    const start = () => launch('livekit-server', ['--config', './data/livekit.yaml'],
      { cwd: folder, logFile: join(folder, 'data/livekit.log') });
    const limit = startLimitMs();
    const times = [];
    for (let round = 0; round < 6; round += 1) {
      const started = performance.now();
      server = start();
      await untilAnswers(`http://127.0.0.1:${port}/`, server);
      times.push(performance.now() - started);
      if (round < 5) {
        server.kill('SIGKILL');
        await server.exited;
      }
    }
    console.log(`healthy after ${times.map((time) => time.toFixed(0)).join(', ')} ms`);
    assert.ok(times.every((time) => time < limit), `all within ${limit} ms: ${times}`);

    await talk(`ws://127.0.0.1:${port}`, { key, secret });
    assert.ok(!server.log().includes(secret));
  });

  test('bundled with Haven: killed during a call, the call comes back after the next start', async () => {
    const port = await freeBlock(13);
    const credentials = { key: `haven_${randomBytes(8).toString('hex')}`, secret: randomBytes(32).toString('hex') };
    writeFileSync(join(folder, 'livekit.yaml'), `port: ${port}
rtc: {port_range_start: ${port + 2}, port_range_end: ${port + 12}, use_external_ip: false, tcp_port: ${port + 1}}
keys: {${credentials.key}: ${credentials.secret}}
`);
    const start = () => launch('livekit-server', ['--config', './livekit.yaml'],
      { cwd: folder, logFile: join(folder, 'livekit.log') });
    server = start();
    await untilAnswers(`http://127.0.0.1:${port}/`, server);
    const [, bob] = await talk(`ws://127.0.0.1:${port}`, credentials);
    server.kill('SIGKILL');
    await server.exited;
    server = start();
    await bob.untilEvent('reconnecting');
    await until('bob hears ann again', async () => {
      const heard = await bob.do('heard', 'ann');
      return (await bob.do('state')) === 'connected' && heard?.[0]?.decibels > -60;
    }, { timeoutMs: 60_000, everyMs: 300 });
  });

  test('Haven\'s development launch, with its health check', async () => {
    const port = await freeBlock(3);
    // The command line is Haven's; only the ports are ours.
    server = launch('livekit-server', ['--dev', '--bind', '0.0.0.0'], {
      cwd: folder,
      logFile: join(folder, 'log'),
      env: {
        LIVEKIT_KEYS: 'devkey12345678: devsecret-change-me-in-production',
        LIVEKIT_PORT: String(port), UDP_PORT: String(port + 1), LIVEKIT_RTC_TCP_PORT: String(port + 2),
      },
    });
    await untilAnswers(`http://127.0.0.1:${port}/`, server);
    execFileSync('wget', ['--spider', '-q', `http://localhost:${port}`], { timeout: 3000 });
    await talk(`ws://localhost:${port}`, { key: 'devkey12345678', secret: 'devsecret-change-me-in-production' });
    assert.ok(!server.log().includes('devsecret'));
    assert.ok(!server.log().includes('placeholder'));
  });

  test('TLS of its own: a browser on both paths, nothing below 1.2, one clear error', async () => {
    const port = await freeBlock(3);
    const { cert, key: keyFile } = await makeCertificate(folder);
    const credentials = { key: 'key', secret: randomBytes(32).toString('hex') };
    const args = (certFile) => ['--config-body', JSON.stringify({
      port, rtc: { udp_port: port + 1, tcp_port: 0 },
      keys: { [credentials.key]: credentials.secret },
      tls: { cert_file: certFile, key_file: keyFile },
    })];
    server = launch('livekit-server', args(join(folder, 'missing.crt')), { cwd: folder, logFile: join(folder, 'refused') });
    assert.equal((await server.exited).code, 1);
    assert.match(server.log(), /tls\.cert_file: cannot use .*missing\.crt: No such file or directory/);

    server = launch('livekit-server', args(cert), { cwd: folder, logFile: join(folder, 'log') });
    const get = (options) => new Promise((resolve, reject) => {
      https.get(`https://localhost:${port}/`, { ca: readFileSync(cert), agent: false, ...options }, (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode, protocol: response.socket?.getProtocol?.() }));
      }).on('error', reject);
    });
    const answer = await until('https answers', () => get({}).catch(() => null), { timeoutMs: 20_000 });
    assert.equal(answer.status, 200);
    assert.equal((await get({ maxVersion: 'TLSv1.2' })).status, 200);
    await assert.rejects(get({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
    for (const path of ['v1', 'v0']) {
      await talk(`wss://localhost:${port}`, credentials, path);
    }
  });

  test('an address from a STUN server, asked for in the background', async () => {
    const port = await freeBlock(3);
    const { createSocket } = await import('node:dgram');
    const stun = createSocket('udp4');
    stun.on('message', (request, from) => {
      const answer = Buffer.alloc(32);
      answer.writeUInt16BE(0x0101, 0);
      answer.writeUInt16BE(12, 2);
      request.copy(answer, 4, 4, 20);
      answer.writeUInt16BE(0x0020, 20);  // XOR-MAPPED-ADDRESS: 203.0.113.9.
      answer.writeUInt16BE(8, 22);
      answer.writeUInt16BE(1, 24);
      answer.writeUInt16BE(from.port ^ 0x2112, 26);
      answer.writeUInt32BE((0xcb007109 ^ 0x2112a442) >>> 0, 28);
      stun.send(answer, from.port, from.address);
    });
    await new Promise((resolve) => stun.bind(0, '127.0.0.1', resolve));
    try {
      server = launch('livekit-server', ['--config-body', JSON.stringify({
        port, keys: { key: 'a-secret-of-more-than-thirty-two-characters' },
        rtc: { udp_port: port + 1, tcp_port: 0, use_external_ip: true, stun_servers: [`127.0.0.1:${stun.address().port}`] },
      })], { cwd: folder, logFile: join(folder, 'log') });
      await untilAnswers(`http://127.0.0.1:${port}/`, server);
      // Asked from each local address; loopback is reachable from all of them on Linux.
      await until('the address is found', () => server.log().includes('media.external_addresses_found'));
    } finally {
      stun.close();
    }
  });

  test('a start that fails names its reason and exits with 1', async () => {
    const cases = [
      [['--config-body', 'port: 1\nrtc:\n  udp_prt: 7882\n'], /line 3: unknown option "rtc\.udp_prt"; did you mean "rtc\.udp_port"/],
      [['--config-body', 'keys: {a: b}\nport: 99999\n'], /port: "99999" is not a port from 0 to 65535/],
      [[], /one of key-file or keys must be provided/],
      [['--keys', 'key:secret'], /Could not parse keys/],
      [['--keys', 'a: 0123456789', '--node-ip', 'example.org'], /node_ip/],
    ];
    for (const [args, reason] of cases) {
      server = launch('livekit-server', args, { cwd: folder, logFile: join(folder, `log-${cases.findIndex((entry) => entry[0] === args)}`) });
      assert.equal((await server.exited).code, 1, args.join(' '));
      assert.match(server.log(), reason);
    }
  });

  describe('stopping', () => {
    const credentials = { key: 'key', secret: 'a-secret-of-more-than-thirty-two-characters' };
    let port;
    async function startOne(env = {}) {
      port = await freeBlock(3);
      server = launch('livekit-server', ['--config-body', JSON.stringify({
        port, keys: { [credentials.key]: credentials.secret }, rtc: { udp_port: port + 1, tcp_port: 0 },
      })], { cwd: folder, logFile: join(folder, 'log'), env });
      await untilAnswers(`http://127.0.0.1:${port}/`, server);
    }

    for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT']) {
      test(`${signal} with nobody there ends it at once`, async () => {
        await startOne();
        const started = performance.now();
        server.kill(signal);
        const { code } = await server.exited;
        console.log(`ended after ${(performance.now() - started).toFixed(0)} ms`);
        assert.equal(code, 0);
        assert.match(server.log(), /exit requested, shutting down/);
      });
    }

    test('a call goes on after the first signal, and the second tells everybody to leave', async () => {
      await startOne();
      const url = `ws://127.0.0.1:${port}`;
      const [ann] = await talk(url, credentials);
      server.kill('SIGTERM');
      await until('it waits', () => server.log().includes('waiting for participants to exit'));
      // Health goes on, the room that is there takes people, and no other one begins.
      assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
      people.push(await Person.join(browser, { url, credentials }, { identity: 'cem', room: 'room-v1', path: 'v1' }));
      await people.at(-1).untilHears('ann', [440]);
      const refused = await browser.page();
      const { tokenFor } = await import('./lib/token.mjs');
      const result = await new Person(refused, 'dan').do('tryJoin', { url, token: await tokenFor('dan', 'another', {}, { credentials }), options: {} });
      assert.equal(result.joined, false);
      await refused.close();

      server.kill('SIGTERM');
      await ann.untilEvent('disconnected', { reason: SERVER_SHUTDOWN });
      assert.equal((await server.exited).code, 0);
    });

    test('the last one to leave ends a server that drains', async () => {
      await startOne();
      const [ann, bob] = await talk(`ws://127.0.0.1:${port}`, credentials);
      server.kill('SIGTERM');
      await until('it waits', () => server.log().includes('waiting for participants to exit'));
      await ann.do('leave');
      await bob.do('leave');
      assert.equal((await server.exited).code, 0);
    });

    test('a limit for draining makes the wait as long as the operator wants', async () => {
      await startOne({ LIVEKIT_SHUTDOWN_DRAIN_TIMEOUT: '1s' });
      const [ann] = await talk(`ws://127.0.0.1:${port}`, credentials);
      server.kill('SIGTERM');
      await ann.untilEvent('disconnected', { reason: SERVER_SHUTDOWN });
      assert.equal((await server.exited).code, 0);
      assert.match(server.log(), /waiting for participants to exit[^]*waited long enough/);
    });
  });
});
