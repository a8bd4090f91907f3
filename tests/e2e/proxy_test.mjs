// Haven's production launch behind real proxies that end TLS and strip "/livekit/" (operations
// contract, section 6.6): a browser talks through wss://localhost/livekit/.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { startBrowser } from './lib/browser.mjs';
import { Person } from './lib/person.mjs';
import { freeBlock, launch, makeCertificate, startLimitMs, untilAnswers } from './lib/process.mjs';

// Haven's file, key for key; it holds no keys.
const HAVEN_YAML = `port: 7880
bind_addresses:
  - 0.0.0.0
rtc:
  port_range_start: 7882
  port_range_end: 7892
  tcp_port: 7881
  use_external_ip: true
logging:
  level: info
room:
  auto_create: true
  empty_timeout: 300
  max_participants: 50
`;

const PLANTED = '198.51.100.77';  // Claimed by a client in a header; nothing may come of it.

function nginxConfig(port, upstream, { cert, key }) {
  return `worker_processes 1;
error_log stderr warn;
pid nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  map $http_upgrade $connection_upgrade { default upgrade; "" close; }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    # A v1 join carries an SDP offer in its URL.
    large_client_header_buffers 4 64k;
    location /livekit/ {
      proxy_pass http://127.0.0.1:${upstream}/;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For "${PLANTED}, $remote_addr";
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_read_timeout 1h;
    }
  }
}
`;
}

function caddyConfig(port, upstream, { cert, key }) {
  return `{
  admin off
  auto_https off
}
https://localhost:${port} {
  bind 127.0.0.1
  tls ${cert} ${key}
  handle_path /livekit/* {
    reverse_proxy 127.0.0.1:${upstream} {
      header_up X-Forwarded-For "${PLANTED}"
    }
  }
  encode gzip
}
`;
}

const proxies = {
  nginx(folder, port, upstream, certificate) {
    writeFileSync(join(folder, 'nginx.conf'), nginxConfig(port, upstream, certificate));
    return ['nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;']];
  },
  caddy(folder, port, upstream, certificate) {
    writeFileSync(join(folder, 'Caddyfile'), caddyConfig(port, upstream, certificate));
    return ['caddy', ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]];
  },
};

describe('Haven\'s production launch', { concurrency: false }, () => {
  const credentials = { key: 'APIproduction', secret: 'a-secret-of-the-production-launch-0123456789' };
  let folder;
  let browser;
  let server;
  let port;
  let people = [];

  before(async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';  // The health checks below go through the proxies.
    folder = mkdtempSync(join(tmpdir(), 'haven-sfu-proxy-'));
    browser = await startBrowser('haven', { args: ['--ignore-certificate-errors'] });
    port = await freeBlock(13);
    writeFileSync(join(folder, 'livekit.yaml'), HAVEN_YAML);
    const started = performance.now();
    // The file is Haven's; only the ports are ours, by variables.
    server = launch('livekit-server', ['--config', join(folder, 'livekit.yaml')], {
      cwd: folder,
      logFile: join(folder, 'livekit.log'),
      env: {
        LIVEKIT_KEYS: `${credentials.key}: ${credentials.secret}`,
        LIVEKIT_PORT: String(port),
        LIVEKIT_RTC_TCP_PORT: String(port + 1),
        LIVEKIT_RTC_PORT_RANGE_START: String(port + 2),
        LIVEKIT_RTC_PORT_RANGE_END: String(port + 12),
      },
    });
    await untilAnswers(`http://127.0.0.1:${port}/`, server);
    const startMs = performance.now() - started;
    console.log(`healthy after ${startMs.toFixed(0)} ms with use_external_ip and nobody to ask`);
    assert.ok(startMs < startLimitMs());
  });
  afterEach(async (context) => {
    if (context.passed === false) {
      people.forEach((person) => console.log(`--- ${person.identity}\n${person.page.lines.slice(-20).join('\n')}`));
      console.log(server.log());
    }
    await Promise.all(people.map((person) => person.close().catch(() => {})));
    people = [];
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('an external address that nobody can be asked for is one warning that says what to set', () => {
    const warnings = server.log().split('\n').filter((line) => line.includes('use_external_ip'));
    assert.equal(warnings.length, 1, server.log());
    assert.match(warnings[0], /rtc\.node_ip/);
    assert.match(warnings[0], /rtc\.stun_servers/);
  });

  for (const [name, configure] of Object.entries(proxies)) {
    describe(`behind ${name}`, { concurrency: false }, () => {
      let proxy;
      let tlsPort;
      before(async () => {
        const home = join(folder, name);
        mkdirSync(home);
        tlsPort = await freeBlock(1);
        const [program, args] = configure(home, tlsPort, port, await makeCertificate(home));
        proxy = launch(program, args, { cwd: home, logFile: join(home, 'log'), env: { HOME: home } });
        await untilAnswers(`https://localhost:${tlsPort}/livekit/`, proxy);
      });
      after(() => proxy?.stop());

      for (const path of ['v1', 'v0']) {
        // Haven gives clients the URL with a slash at its end; both ways must work.
        for (const base of ['/livekit/', '/livekit']) {
          test(`two people talk on ${path} through wss://localhost${base}`, async () => {
            const target = { url: `wss://localhost:${tlsPort}${base}`, credentials };
            const room = `${name}-${path}-${base.length}`;
            for (const identity of ['ann', 'bob']) {
              people.push(await Person.join(browser, target, { identity, room, path }));
            }
            const [ann, bob] = people;
            await ann.do('publishTone', 'tone', [440]);
            await bob.do('publishTone', 'tone', [880]);
            await bob.untilHears('ann', [440]);
            await ann.untilHears('bob', [880]);
            // The client has not quietly fallen back to the other path.
            const mode = (await ann.do('signalPath')).single;
            assert.equal(mode, path === 'v1' ? 'publisher-only' : 'subscriber-primary');
          });
        }
      }

      test('paths with a doubled slash or with the prefix left on are found', async () => {
        for (const url of [`https://localhost:${tlsPort}/livekit//rtc/validate`,
          `http://127.0.0.1:${port}//rtc/validate`, `http://127.0.0.1:${port}/livekit/rtc/validate`,
          `http://127.0.0.1:${port}/livekit//rtc/v1/validate`]) {
          assert.equal((await fetch(url)).status, 401, url);  // Found, and wants a token.
        }
      });

      test('what a client claims about its address is not written anywhere', () => {
        assert.ok(!server.log().includes(PLANTED));
        assert.ok(!server.log().includes(credentials.secret));
        assert.ok(!readFileSync(join(folder, 'livekit.log'), 'utf8').includes('access_token'));
      });
    });
  }
});
