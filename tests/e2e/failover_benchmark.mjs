// Prints what failures cost people in a call, with a real browser on loopback. Medians; no test, no bar.
//
//   WebSocket dropped   the signal connection of a listener is reset; it resumes
import { startBrowser } from './lib/browser.mjs';
import { startFragileProxy } from './lib/fragile_proxy.mjs';
import { Person } from './lib/person.mjs';
import { startServer } from './lib/server.mjs';
import { until } from './lib/until.mjs';

const RUNS = 10;

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `${at(0.5).toFixed(0)} ms (max ${sorted.at(-1).toFixed(0)})`;
}

async function webSocketDropped(browser, path) {
  const server = await startServer('one');
  const proxy = await startFragileProxy(Number(new URL(server.httpUrl).port));
  const speaker = await Person.join(browser, server, { identity: 'speaker', room: path, path });
  await speaker.do('publishTone', 'tone', [440]);
  const listener = await Person.join(browser, { url: proxy.url }, { identity: 'listener', room: path, path });
  await listener.untilHears('speaker', [440]);
  const returns = async (type) => (await listener.events(type));
  const gaps = [];
  const backs = [];
  for (let run = 0; run < RUNS; run += 1) {
    await listener.do('watch', 'speaker');
    const started = await listener.do('now');
    proxy.cut();
    await until('the listener is back', async () => (await returns('reconnected')).length > run,
      { timeoutMs: 40_000 });
    backs.push((await returns('signal back'))[run].at - started);
    gaps.push((await listener.do('gaps', 'speaker')).packetGap);
    await listener.do('unwatch', 'speaker');
  }
  console.log(`WebSocket dropped, ${path}: media gap ${summary(gaps)}, signal back ${summary(backs)}, ${RUNS} runs`);
  await speaker.close();
  await listener.close();
  await proxy.stop();
  await server.stop();
}

const browser = await startBrowser('newest');
for (const path of ['v1', 'v0']) {
  await webSocketDropped(browser, path);
}
await browser.stop();
