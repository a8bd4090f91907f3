// Processes and ports of a test: programs started as an operator would start them.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { loadavg, cpus } from 'node:os';
import { join } from 'node:path';
import { binaries } from './server.mjs';

// A program whose output goes to `logFile`, as Haven keeps it. `env` replaces the environment except
// for PATH, which has our programs in front.
export function launch(program, args, { cwd, env = {}, logFile }) {
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, {
    cwd,
    env: { PATH: `${binaries}:${process.env.PATH}`, ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    exited,
    hasEnded,
    kill: (signal) => child.kill(signal),
    log: () => readFileSync(logFile, 'utf8'),
    async stop() {
      if (!hasEnded()) {
        child.kill('SIGKILL');
        await exited;
      }
    },
  };
}

// The milliseconds until `url` answers 200.
export async function untilAnswers(url, server, deadlineMs = 20_000) {
  const started = performance.now();
  while (performance.now() - started < deadlineMs) {
    if (server.hasEnded()) {
      throw new Error(`ended before it was healthy:\n${server.log()}`);
    }
    try {
      if ((await fetch(url, { method: 'HEAD' })).ok) {
        return performance.now() - started;
      }
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`not healthy within ${deadlineMs} ms: ${url}\n${server.log()}`);
}

// A start within this is what we promise; a machine that is busy with other things gets more time,
// and the test says so.
export function startLimitMs() {
  const busy = loadavg()[0] / cpus().length;
  if (busy < 1.5) {
    return 1000;
  }
  console.log(`this machine has ${busy.toFixed(1)} runnable tasks per core: the limit of 1 s is not applied`);
  return 20_000;
}

async function tcpIsFree(port) {
  const probe = createServer();
  const free = await new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '0.0.0.0', () => resolve(true));
  });
  await new Promise((resolve) => probe.close(resolve));
  return free;
}

async function udpIsFree(port) {
  const probe = createSocket('udp4');
  const free = await new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.bind(port, '0.0.0.0', () => resolve(true));
  });
  await new Promise((resolve) => probe.close(resolve));
  return free;
}

// `count` neighbouring ports, free for both TCP and UDP at this moment; below the range from which
// the system gives out ports by itself.
export async function freeBlock(count) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const first = 10_000 + Math.floor(Math.random() * (22_000 - count));
    let free = true;
    for (let port = first; free && port < first + count; port += 1) {
      free = (await tcpIsFree(port)) && (await udpIsFree(port));
    }
    if (free) {
      return first;
    }
  }
  throw new Error(`no ${count} neighbouring ports are free`);
}

// A self-signed certificate for localhost: { cert, key }, files in `folder`.
export async function makeCertificate(folder, name = 'localhost') {
  const cert = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  const openssl = spawn('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const [code] = await once(openssl, 'exit');
  if (code !== 0) {
    throw new Error('openssl could not make a certificate');
  }
  return { cert, key };
}
