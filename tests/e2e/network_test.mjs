// Calls over networks that are not as one wishes: UDP is blocked, or there is no IPv4. The browser
// sits in a network namespace of its own, behind a real firewall.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { startBrowser } from './lib/browser.mjs';
import { createNetwork, networkObstacle } from './lib/network.mjs';
import { Person } from './lib/person.mjs';
import { startServer } from './lib/server.mjs';
import { until } from './lib/until.mjs';

const obstacle = networkObstacle();
const client = process.env.E2E_CLIENT ?? 'newest';

describe('calls over difficult networks', { concurrency: false, skip: obstacle ?? false }, () => {
  const open = [];  // What has to be closed, the last first.
  afterEach(async () => {
    while (open.length > 0) {
      await open.pop()();
    }
  });

  // Two people who talk and show a canvas to one another, measured until both directions are good.
  async function call({ network, path, server, browser }) {
    const people = {};
    for (const identity of ['ann', 'bob']) {
      people[identity] = await Person.join(browser, server, { identity, room: 'difficult', path });
      open.push(() => people[identity].close());
    }
    const { ann, bob } = people;
    await ann.do('publishTone', 'tone', [440]);
    await bob.do('publishTone', 'tone', [880]);
    await bob.untilHears('ann', [440]);
    await ann.untilHears('bob', [880]);
    await ann.do('publishCanvas', 'camera', { width: 640, height: 360, simulcast: false });
    const before = await bob.untilSees('ann', 'camera', { width: 640, height: 360 });
    const started = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const seen = await bob.do('seen', 'ann', 'camera');
    const framesPerSecond = (seen.frames - before.frames) / (performance.now() - started) * 1000;
    const paths = [...await ann.do('paths'), ...await bob.do('paths')];
    console.log(`  joined in ${Math.round(ann.joinMs)} and ${Math.round(bob.joinMs)} ms, ` +
      `${framesPerSecond.toFixed(1)} frames/s; ${network.address}: ` +
      paths.map(({ protocol, port, received, sent, roundTripMs }) =>
        `${protocol} to port ${port}, ${received} B in, ${sent} B out, ${roundTripMs} ms`).join('; '));
    assert.ok(framesPerSecond > 2, `frames per second: ${framesPerSecond}`);
    assert.ok(paths.length >= 2);
    return { ...people, paths };
  }

  async function difficult(networkOptions, serverOptions) {
    const network = createNetwork(networkOptions);
    open.push(async () => network.remove());
    const server = await startServer('one', {
      address: network.address,
      ...serverOptions,
      // Nothing but the far network's addresses: no other family, no loopback.
      rtc: { interfaces: { includes: [network.interface] }, enable_loopback_candidate: false, ...serverOptions.rtc },
    });
    open.push(() => server.stop());
    const browser = await startBrowser(client, { network });
    open.push(() => browser.stop());
    return { network, server, browser };
  }

  for (const path of ['v1', 'v0']) {
    test(`UDP is blocked: the call goes over TCP (${path})`, async () => {
      const { network, server, browser } = await difficult({ family: 'v4', blockUdp: true }, { withTcp: true });
      const { paths } = await call({ network, path, server, browser });
      for (const { protocol, address, port } of paths) {
        assert.deepEqual({ protocol, address, port }, { protocol: 'tcp', address: network.address, port: server.tcpPort });
      }
      // The browser has tried UDP, and the firewall has done what it is for.
      assert.ok(network.blockedDatagrams() > 0);
    });
  }

  test('UDP is blocked in the middle of a call: it goes on over TCP', async () => {
    const { network, server, browser } = await difficult({ family: 'v4' }, { withTcp: true });
    const { ann, bob, paths } = await call({ network, path: 'v1', server, browser });
    assert.ok(paths.every(({ protocol }) => protocol === 'udp'));
    network.run('nft', `table inet firewall {
      chain leaving { type filter hook output priority 0; meta l4proto udp drop; }
      chain coming { type filter hook input priority 0; meta l4proto udp drop; }
    }`);
    await until('both have moved to TCP', async () => {
      const now = [...await ann.do('paths'), ...await bob.do('paths')];
      return { ok: now.length > 0 && now.every(({ protocol }) => protocol === 'tcp'), value: now, now };
    }, { timeoutMs: 40_000, everyMs: 500 });
    await bob.untilHears('ann', [440]);
    await ann.untilHears('bob', [880]);
    await bob.untilSees('ann', 'camera', {});
  });

  test('rtc.force_tcp: UDP is not even offered', async () => {
    const { network, server, browser } = await difficult({ family: 'v4' }, { withTcp: true, rtc: { force_tcp: true } });
    const { paths } = await call({ network, path: 'v1', server, browser });
    assert.ok(paths.every(({ protocol }) => protocol === 'tcp'));
  });

  for (const withTcp of [false, true]) {
    test(`no IPv4: the call goes over IPv6${withTcp ? ' and TCP' : ''}`, async () => {
      const { network, server, browser } = await difficult(
        { family: 'v6', blockUdp: withTcp }, { withTcp });
      const { paths } = await call({ network, path: 'v1', server, browser });
      for (const { protocol, address } of paths) {
        assert.equal(protocol, withTcp ? 'tcp' : 'udp');
        assert.equal(address.replace(/^\[|\]$/g, ''), network.address);
      }
    });
  }
});

if (obstacle) {
  console.log(`network_test.mjs: skipped: ${obstacle}`);
}
