// Prints how long a start takes until healthy, and how long a join takes until the first audio packet
// has been decoded, both on loopback with a real browser. Medians of 20; no test, no bar.
import { startBrowser } from './lib/browser.mjs';
import { Person } from './lib/person.mjs';
import { startServer } from './lib/server.mjs';

const RUNS = 20;

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `median ${at(0.5).toFixed(0)} ms, min ${sorted[0].toFixed(0)}, max ${sorted.at(-1).toFixed(0)}`;
}

const starts = [];
for (let run = 0; run < RUNS; run += 1) {
  const server = await startServer('one');
  starts.push(server.startMs);
  await server.stop();
}
console.log(`start to healthy: ${summary(starts)} (${RUNS} runs)`);

const server = await startServer('one');
const browser = await startBrowser('newest');
for (const path of ['v1', 'v0']) {
  const speaker = await Person.join(browser, server, { identity: 'speaker', room: path, path });
  await speaker.do('publishTone', 'tone', [440]);
  const joins = [];
  for (let run = 0; run < RUNS; run += 1) {
    const listener = await Person.join(browser, server, { identity: `listener-${run}`, room: path, path });
    joins.push(await listener.do('firstAudioMs', 'speaker'));
    await listener.close();
  }
  console.log(`join to first audio packet, ${path}: ${summary(joins)} (${RUNS} runs)`);
  await speaker.close();
}
await browser.stop();
await server.stop();
