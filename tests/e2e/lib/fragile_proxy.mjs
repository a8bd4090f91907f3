// A TCP proxy before a server whose connections can be cut: what a bad network does to a client's
// signal connection. Media does not go through it.
import { connect, createServer } from 'node:net';

// Returns { url, cut, refuse, freeze, stop }. `target` is the port to lead to.
export async function startFragileProxy(target) {
  const pairs = new Set();
  let refusing = false;
  const server = createServer((client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    const pair = [client, upstream];
    pairs.add(pair);
    client.pipe(upstream).pipe(client);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        pair.forEach((other) => other.destroy());
      });
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    // Ends every connection there is, as a crashed middlebox does.
    cut() {
      for (const pair of [...pairs]) {
        pair.forEach((socket) => socket.resetAndDestroy());
      }
    },
    // Whether new connections are refused.
    refuse(value) {
      refusing = value;
    },
    // Connections stay, but nothing passes any more, in either direction.
    freeze() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream);
        upstream.unpipe(client);
        client.pause();
        upstream.pause();
      }
    },
    async stop() {
      server.close();
      for (const pair of [...pairs]) {
        pair.forEach((socket) => socket.destroy());
      }
    },
  };
}
