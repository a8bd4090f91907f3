// A network that ends at the browser: a namespace of its own (Linux, root), joined to this machine
// by a pair of virtual interfaces. What a firewall does between people and the server is done here.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
let made = 0;

// Why this machine cannot make one, or null.
export function networkObstacle() {
  if (process.getuid() !== 0) {
    return 'making a network namespace needs root';
  }
  try {
    const probe = `sfu-probe-${process.pid}`;
    run('ip', 'netns', 'add', probe);
    run('ip', 'netns', 'del', probe);
    run('nft', '--version');
    return null;
  } catch (error) {
    return `no network namespaces or no nft here: ${error.message.split('\n')[0]}`;
  }
}

// `family` is 'v4' or 'v6': the only one that this network has. With `blockUdp` no datagram leaves
// or reaches the browser. Returns:
//   address     of the server's side;  interface  its name
//   run(program, ...args)              inside, where the browser is
//   wrap(program)                      an executable that starts `program` inside
//   blockedDatagrams()                 how many were dropped so far
//   remove()
export function createNetwork({ family, blockUdp = false }) {
  made += 1;
  const tag = `${process.pid}n${made}`;
  const [namespace, outside, inside] = [`sfu-e2e-${tag}`, `so${tag}`, `si${tag}`];
  const [high, low] = [process.pid >> 8 & 0xff, process.pid & 0xff];
  const [address, browserAddress, prefix] = family === 'v4'
    ? [`10.${200 + made}.${high ^ low}.1`, `10.${200 + made}.${high ^ low}.2`, 24]
    : [`fd5f:${process.pid.toString(16)}:${made}::1`, `fd5f:${process.pid.toString(16)}:${made}::2`, 64];
  const within = (...args) => run('ip', 'netns', 'exec', namespace, ...args);
  const folder = mkdtempSync(join(tmpdir(), 'haven-sfu-network-'));

  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
    for (const args of [['link', 'del', outside], ['netns', 'del', namespace]]) {
      try {
        run('ip', ...args);
      } catch {
        // It was not made, or has gone with the other.
      }
    }
  };
  try {
    const extra = family === 'v6' ? ['nodad'] : [];
    run('ip', 'netns', 'add', namespace);
    run('ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', namespace);
    run('ip', 'address', 'add', `${address}/${prefix}`, 'dev', outside, ...extra);
    run('ip', 'link', 'set', outside, 'up');
    within('ip', 'link', 'set', 'lo', 'up');
    within('ip', 'address', 'add', `${browserAddress}/${prefix}`, 'dev', inside, ...extra);
    within('ip', 'link', 'set', inside, 'up');
    // A browser asks the kernel by which way it would reach the internet.
    within('ip', family === 'v6' ? '-6' : '-4', 'route', 'add', 'default', 'via', address);
    if (blockUdp) {
      within('nft', `table inet firewall {
        counter blocked {}
        chain leaving { type filter hook output priority 0; meta l4proto udp counter name blocked drop; }
        chain coming { type filter hook input priority 0; meta l4proto udp counter name blocked drop; }
      }`);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return {
    address,
    browserAddress,
    interface: outside,
    run: within,
    wrap(program) {
      const script = join(folder, 'inside');
      writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${namespace} ${program} "$@"\n`);
      chmodSync(script, 0o755);
      return script;
    },
    blockedDatagrams() {
      return Number(/packets (\d+)/.exec(within('nft', 'list', 'counter', 'inet', 'firewall', 'blocked'))[1]);
    },
    remove,
  };
}
