// Debian's Chromium with fake devices, and pages in it that load one version of livekit-client.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = fileURLToPath(new URL('.', import.meta.url));
const files = {
  '/': ['text/html', () => readFileSync(join(here, '../page/index.html'))],
  '/harness.js': ['text/javascript', () => readFileSync(join(here, '../page/harness.js'))],
};

function bundleOf(client) {
  return join(here, `../node_modules/livekit-client-${client}/dist/livekit-client.umd.js`);
}

// `client` is 'haven' (the version Haven ships) or 'newest'; `args` are more of Chromium's own. With
// a `network` (network.mjs) the browser is at its far end.
export async function startBrowser(client, { network, args = [] } = {}) {
  const bundle = readFileSync(bundleOf(client));
  const web = createServer((request, response) => {
    if (request.url === '/livekit-client.js') {
      response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(bundle);
      return;
    }
    const file = files[request.url];
    response.writeHead(file ? 200 : 404, { 'Content-Type': file?.[0] ?? 'text/plain' })
      .end(file?.[1]() ?? 'not found');
  });
  const address = network?.address ?? '127.0.0.1';
  await new Promise((resolve) => web.listen(0, address, resolve));
  const origin = `http://${address.includes(':') ? `[${address}]` : address}:${web.address().port}`;

  const program = process.env.SFU_CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({
    executablePath: network ? network.wrap(program) : program,
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream=fps=20',
      '--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns',
      // Pages of a test are all in the background but one: let them run as if they were not.
      '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      // Cameras are for secure origins; 127.0.0.1 is one, the address of another network is not.
      `--unsafely-treat-insecure-origin-as-secure=${origin}`,
      ...args,
    ],
  });
  const context = await browser.newContext();
  return {
    version: browser.version(),
    // A page with the harness in it; what the page logs is kept for failures.
    async page() {
      const page = await context.newPage();
      const lines = [];
      page.on('console', (message) => lines.push(message.text()));
      page.on('pageerror', (error) => lines.push(`page error: ${error.message}`));
      await page.goto(`${origin}/`);
      await page.waitForFunction(() => window.harness !== undefined);
      return Object.assign(page, { lines });
    },
    async stop() {
      await browser.close();
      await new Promise((resolve) => web.close(resolve));
    },
  };
}
