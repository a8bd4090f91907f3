// Starts the server under test on free ports of the loopback interface: one process
// (livekit-server) or two (sfu-controller and sfu-worker). Binaries come from SFU_BIN.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const API_KEY = 'testkey';
export const API_SECRET = 'a-secret-of-more-than-thirty-two-characters';

export const binaries = process.env.SFU_BIN ?? fileURLToPath(new URL('../../../build/release/bin', import.meta.url));

export async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function untilHealthy(url, hasEnded, deadlineMs = 10_000) {
  const started = performance.now();
  while (performance.now() - started < deadlineMs) {
    if (hasEnded()) {
      throw new Error('the server ended before it was healthy');
    }
    try {
      if ((await fetch(url)).ok) {
        return performance.now() - started;
      }
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not healthy within ${deadlineMs} ms: ${url}`);
}

// Returns { url, httpUrl, tcpPort, udpPort, startMs, stop, log, metrics }. `topology` is 'one' or
// 'two'; `room` and `rtc` are merged into those sections of the configuration, `more` into the whole
// of it. `address` is what the server listens at and offers to clients. Media goes over UDP alone
// unless `withTcp`. With `withMetrics`, `metrics` has the URL of each process's private port by the
// process's name.
export async function startServer(topology = 'one',
  { room = {}, rtc = {}, more = {}, address = '127.0.0.1', withTcp = false, withMetrics = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'haven-sfu-e2e-'));
  const [port, udpPort, tcpPort, grpcPort] =
    [await freePort(), await freePort(), await freePort(), await freePort()];
  const configuration = join(folder, 'livekit.yaml');
  const isV6 = address.includes(':');
  writeFileSync(configuration, JSON.stringify({
    port,
    bind_addresses: [address],
    keys: { [API_KEY]: API_SECRET },
    rtc: { udp_port: udpPort, tcp_port: withTcp ? tcpPort : 0, node_ip: address,
      enable_loopback_candidate: true, use_external_ip: false, ...rtc },
    room: { auto_create: true, ...room },
    logging: { level: process.env.SFU_LOG_LEVEL ?? 'info' },
    ...more,
  }));

  const children = [];
  const lines = [];
  const metrics = {};
  const start = async (name, ...args) => {
    if (withMetrics) {
      const metricsPort = await freePort();
      args.push('--prometheus.port', String(metricsPort));
      metrics[name] = `http://127.0.0.1:${metricsPort}`;
    }
    const child = spawn(join(binaries, name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (data) => lines.push(String(data)));
    child.stderr.on('data', (data) => lines.push(String(data)));
    child.on('error', (error) => lines.push(`${name}: ${error.message}\n`));
    children.push(child);
  };
  if (topology === 'two') {
    await start('sfu-worker', '--config', configuration, '--listen', `127.0.0.1:${grpcPort}`);
    await start('sfu-controller', '--config', configuration, '--worker', `127.0.0.1:${grpcPort}`);
  } else {
    await start('livekit-server', '--config', configuration);
  }

  const hasEnded = () => children.some((child) => child.exitCode !== null);
  const stop = async () => {
    await Promise.all(children.map((child) => new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        resolve();
        return;
      }
      child.once('exit', resolve);
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGTERM'), 500);  // The second one forces.
      setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
    })));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const host = isV6 ? `[${address}]` : address;
    const httpUrl = `http://${host}:${port}`;
    const startMs = await untilHealthy(`${httpUrl}/`, hasEnded);
    return { url: `ws://${host}:${port}`, httpUrl, tcpPort, udpPort, startMs, stop, metrics,
      log: () => lines.join('') };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${lines.join('')}`);
  }
}
