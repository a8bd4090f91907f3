// What operators see during a call, and what nobody may: real Prometheus scrapes, the reference
// server's dashboard is asked its questions, and logs and metrics are searched for planted secrets.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { dispose } from '@livekit/rtc-node';
import { familyOf, readContract } from './lib/metrics_contract.mjs';
import { startCall } from './lib/node_call.mjs';
import { checkMetrics, startPrometheus } from './lib/prometheus.mjs';
import { binaries, startServer } from './lib/server.mjs';
import { findTraces } from './lib/traces.mjs';
import { until } from './lib/until.mjs';

const topology = process.env.E2E_TOPOLOGY ?? 'one';
const processes = topology === 'two' ? ['sfu-controller', 'sfu-worker'] : ['livekit-server'];

// Recognisable wherever they come out.
const planted = {
  'the API key': 'plantedApiKeyQ7',
  'the API secret': 'planted-secret-hV3nW8xZ2kR5tY9uB4mD6fG1',
  'an identity': 'planted-identity-ada',
  'another identity': 'planted-identity-bob',
  'a name': 'Planted Name Lovelace',
  'a room': 'planted-room-atlantis',
  'a text': 'planted-text-in-a-stream',
  'metadata': 'planted-metadata-of-ada',
  "a client's address": '127.77.3.4',
  "a stranger's address": '127.77.5.6',
  'a forwarded address': '203.0.113.77',
};

async function tokenOf(identity) {
  const token = new AccessToken(planted['the API key'], planted['the API secret'],
    { identity, name: planted['a name'], metadata: planted.metadata, ttl: '10m' });
  token.addGrant({ roomJoin: true, room: planted['a room'], canPublish: true, canSubscribe: true,
    canPublishData: true });
  return token.toJwt();
}

// Joins over a WebSocket from the planted address; resolves with the first bytes after the 101.
function joinFromPlantedAddress(server, token) {
  return new Promise((resolve, reject) => {
    const call = request(`${server.httpUrl}/rtc?access_token=${token}&protocol=15&sdk=js&version=2.9.0`, {
      localAddress: planted["a client's address"],
      headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'x-forwarded-for': planted['a forwarded address'] },
    });
    call.on('upgrade', (_, socket, head) => {
      if (head.length > 0) {
        resolve({ socket, joined: head });
      } else {
        socket.once('data', (joined) => resolve({ socket, joined }));
      }
    });
    call.on('response', (response) => reject(new Error(`not upgraded: ${response.statusCode}`)));
    call.on('error', reject);
    call.end();
  });
}

// Datagrams that nobody asked for, one of them STUN in form, from another planted address.
async function knockAtTheMediaPort(port) {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, planted["a stranger's address"], resolve));
  const stun = Buffer.from('000100102112a442000000000000000000000000000600086e6f626f64793a78', 'hex');
  for (const datagram of [Buffer.from('hello'), stun, Buffer.alloc(100, 0x80)]) {
    await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve));
  }
  await new Promise((resolve) => socket.close(resolve));
}

describe(`a call that is watched, ${processes.join(' and ')}`, { concurrency: false }, () => {
  let server;
  let prometheus;
  let call;
  let token;
  let raw;
  let roomService;

  before(async () => {
    const more = { keys: { [planted['the API key']]: planted['the API secret'] },
      logging: { level: 'debug', json: true } };
    server = await startServer(topology, { more, withMetrics: true });
    prometheus = await startPrometheus(server.metrics);
    token = await tokenOf(planted['an identity']);
    call = await startCall(server.url, {
      speakerToken: token, listenerToken: await tokenOf(planted['another identity']),
      text: planted['a text'] });
    raw = await joinFromPlantedAddress(server, await tokenOf('somebody-without-media'));
    await knockAtTheMediaPort(server.udpPort);
    roomService = new RoomServiceClient(server.httpUrl, planted['the API key'], planted['the API secret']);
    await roomService.listRooms();
    await fetch(`${server.httpUrl}/rtc/validate?access_token=${token.slice(0, -6)}forged`);
  });
  after(async () => {
    raw?.socket.destroy();
    await call?.stop();
    await prometheus?.stop();
    await server?.stop();
    await dispose();
  });

  const untilQuery = (expression, matches, what) =>
    until(`${expression} ${what}`, async () => {
      const value = await prometheus.query(expression);
      return { ok: matches(value), value: value ?? true, last: value };
    }, { timeoutMs: 60_000, everyMs: 500 });

  test('Prometheus scrapes every process', async () => {
    for (const name of processes) {
      await untilQuery(`up{job="${name}"}`, (value) => value === 1, 'is 1');
    }
    const health = (await prometheus.targets()).map((target) => [target.labels.job, target.health]);
    assert.deepEqual(health.sort(), processes.map((name) => [name, 'up']));
  });

  test('gauges say who is here', async () => {
    await untilQuery('sum(livekit_room_total)', (value) => value === 1, 'is 1');
    // The one that never sent media is not here as the reference counts it.
    await untilQuery('sum(livekit_participant_total)', (value) => value === 2, 'is 2');
    await untilQuery('sum(livekit_track_published_total{kind="AUDIO"})', (value) => value === 1, 'is 1');
    await untilQuery('sum(livekit_track_subscribed_total{kind="AUDIO"})', (value) => value === 1, 'is 1');
    await untilQuery('sum(livekit_connection_total)', (value) => value >= 3, 'is at least 3');
  });

  test('counters move during the call', async () => {
    const moving = [
      'sum(irate(livekit_packet_total{direction="incoming",transmission="initial"}[1m]))',
      'sum(irate(livekit_packet_total{direction="outgoing",transmission="initial"}[1m]))',
      'sum(irate(livekit_packet_bytes{direction="outgoing"}[1m]))',
      'rate(process_cpu_seconds_total[1m])',
      'sum(rate(livekit_jitter_us_count{direction="incoming",source="MICROPHONE",type="AUDIO"}[1m]))',
      'sum(rate(livekit_quality_score_count[1m]))',
    ];
    for (const expression of moving) {
      await untilQuery(expression, (value) => value > 0, 'is above 0');
    }
    const perSecond = await prometheus.query(moving[0]);
    assert.ok(perSecond > 20 && perSecond < 200, `50 packets a second were sent, ${perSecond} counted`);
    const counted = [
      'sum(livekit_participant_join_total{state="rtc_active"}) == 2',
      'sum(livekit_participant_join_total{state="signal_connected"}) == 3',
      'sum(livekit_track_publish_counter{state="success"}) == 1',
      'sum(livekit_track_subscribe_counter{state="success"}) == 1',
      'sum(livekit_session_start_time_ms_count) == 2',
      'sum(livekit_pubsubtime_ms_count{direction="publish",source="MICROPHONE"}) == 1',
      'sum(livekit_peer_connection_state{state="fully_established"}) >= 2',
      'sum(livekit_datapacket_stream_dest_count_count{type="text"}) >= 1',
      'sum(livekit_node_service_operation{type="participant_join",status="success"}) == 3',
      'livekit_node_twirp_request_status{service="RoomService",method="ListRooms",status="200"} == 1',
      'sum(sfu_packets_dropped_total{reason=~"unknown_.*|not_stun_check"}) >= 3',
    ];
    for (const expression of counted) {
      await untilQuery(expression, (value) => value !== undefined, 'holds');
    }
  });

  test("the reference server's dashboard has data", async () => {
    const queries = [
      'sum(livekit_room_total)', 'sum(livekit_participant_total)',
      'sum(irate(livekit_node_messages{type="signal"}[5m]))',
      'sum(irate(livekit_node_messages{status="failure"}[5m]))',
      'sum(livekit_track_published_total)', 'sum(irate(livekit_packet_total[5m]))',
      'sum(irate(livekit_nack_total[5m]))', 'sum(irate(livekit_pli_total[5m]))',
      'sum(irate(livekit_fir_total[5m]))',
    ];
    for (const query of queries) {
      const value = await untilQuery(query, (seen) => seen !== undefined && !Number.isNaN(seen), 'has data');
      console.log(`    ${query} = ${value}`);
    }
  });

  test('names, types and labels are those of the contract, each from one process', async () => {
    const contract = readContract();
    const metadata = await prometheus.metadata();
    const jobs = new Map();
    for (const { __name__: name, job, instance, le, node_id, node_type, ...labels } of
      await prometheus.series('{__name__=~"livekit_.+"}')) {
      const family = familyOf(name, contract);
      assert.ok(family, `${name} is not in the contract`);
      assert.equal(metadata[family]?.[0].type, contract.get(family).type, family);
      assert.equal(node_type, 'SERVER');
      assert.match(node_id, /^(ND|WK)_/);
      // Prometheus drops labels whose value is empty; "country" always is.
      for (const label of Object.keys(labels)) {
        assert.ok(contract.get(family).labels.includes(label), `${family} has no label ${label}`);
      }
      jobs.set(family, (jobs.get(family) ?? new Set()).add(job));
    }
    for (const [family, from] of jobs) {
      assert.equal(from.size, 1, `${family} comes from ${[...from].join(' and ')}`);
    }
    const missing = [...contract.keys()].filter((family) => !jobs.has(family));
    console.log(`    ${jobs.size} of ${contract.size} metrics have series; not yet: ${missing.join(', ')}`);
    assert.ok(jobs.size >= contract.size - 5, 'nearly all of them have');
  });

  test('promtool complains of nothing but names we did not choose', async () => {
    for (const name of processes) {
      const { parsed, complaints } = checkMetrics(await (await fetch(`${server.metrics[name]}/metrics`)).text());
      assert.ok(parsed, complaints.join('\n'));
      assert.deepEqual(complaints.filter((line) => !line.startsWith('livekit_')), []);
    }
  });

  test('probes say that all is well', async () => {
    for (const url of [server.httpUrl, ...Object.values(server.metrics)]) {
      for (const path of ['/livez', '/readyz']) {
        const response = await fetch(url + path);
        assert.equal(response.status, 200, `${url}${path}`);
        assert.match(await response.text(), /^ok/);
      }
    }
    assert.equal(await (await fetch(server.httpUrl)).text(), 'OK');
    assert.equal((await fetch(server.httpUrl, { method: 'HEAD' })).status, 200);
  });

  test('nothing about anybody is in logs and metrics', async () => {
    const secrets = { ...planted, 'a token': token.split('.')[2], 'a token\'s claims': token.split('.')[1] };
    Object.values(networkInterfaces()).flat().filter((address) => !address.internal && address.family === 'IPv4')
      .forEach(({ address }, i) => { secrets[`client candidate ${i}`] = address; });

    // The search finds what is there: people in an answer of the server API and in a join response.
    const people = await roomService.listParticipants(planted['a room']);
    assert.deepEqual(findTraces({ api: JSON.stringify(people) }, planted).sort(),
      ['a name in api', 'an identity in api', 'another identity in api', 'metadata in api']);
    assert.ok(findTraces({ join: raw.joined }, planted).includes('a room in join'));
    for (const [name, secret] of Object.entries(secrets)) {
      for (const place of [`x ${secret} y`, Buffer.from(`xy${secret}z`).toString('base64'),
        encodeURIComponent(secret)]) {
        if (!/^[\d.]+$/.test(secret) || place.includes(secret)) {
          assert.deepEqual(findTraces({ place }, { [name]: secret }), [`${name} in place`]);
        }
      }
    }

    const places = { logs: server.log() };
    for (const [name, url] of Object.entries(server.metrics)) {
      places[`metrics of ${name}`] = await (await fetch(url)).text();
    }
    // There is something to search.
    assert.match(places.logs, /"level":"info".*"msg":"api.call"/);
    assert.deepEqual(findTraces(places, secrets), []);
    console.log(`    ${Object.keys(secrets).length} secrets, ${places.logs.length} bytes of logs`);
  });

  test('every line of the log is a JSON object with level, time and message', () => {
    const lines = server.log().split('\n').filter((line) => line !== '');
    assert.ok(lines.length > 3);
    for (const line of lines) {
      const entry = JSON.parse(line);
      assert.match(entry.level, /^(debug|info|warn|error)$/, line);
      assert.ok(!Number.isNaN(Date.parse(entry.ts)), line);
      assert.ok(entry.msg, line);
    }
  });
});

test('a configuration that is no good is named without its secrets', () => {
  const secret = planted['the API secret'];
  const launches = [
    { LIVEKIT_KEYS: `${planted['the API key']}:${secret}` },  // The space is missing.
    { LIVEKIT_CONFIG: `keys: {${planted['the API key']}: ${secret}}\nredis: {password: ${secret}}\nprot: 1` },
    { LIVEKIT_CONFIG: `keys: [${secret}]` },
  ];
  for (const environment of launches) {
    const { stdout, stderr, status } = spawnSync(join(binaries, 'livekit-server'), ['--bind', '127.0.0.1'],
      { env: { ...process.env, ...environment }, timeout: 10_000 });
    assert.notEqual(status, 0);
    assert.ok(stdout.length + stderr.length > 0);
    assert.deepEqual(findTraces({ stdout, stderr }, { 'the API secret': secret }), [], String(stderr));
  }
});
