// Debian's Prometheus, scraping the processes under test every second.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server.mjs';
import { until } from './until.mjs';

// `targets` are URLs by job name. Returns { query, series, metadata, targets, stop }.
export async function startPrometheus(targets) {
  const folder = mkdtempSync(join(tmpdir(), 'haven-sfu-prometheus-'));
  const port = await freePort();
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: Object.entries(targets).map(([name, url]) => ({
      job_name: name, static_configs: [{ targets: [new URL(url).host] }],
    })),
  }));
  const lines = [];
  const child = spawn('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.on('data', (data) => lines.push(String(data)));
  child.on('error', (error) => lines.push(`prometheus: ${error.message} (tools/setup installs it)\n`));

  const ask = async (path, parameters) => {
    const response = await fetch(
      `http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = await response.json();
    if (status !== 'success') {
      throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`);
    }
    return data;
  };
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('Prometheus is ready', async () => {
      try {
        return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
      } catch {
        return false;
      }
    }, { timeoutMs: 60_000 });
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${lines.join('')}`);
  }
  return {
    stop,
    // The value of an expression that gives one number; undefined when it gives none.
    query: async (expression) => {
      const { result } = await ask('query', { query: expression });
      return result.length === 0 ? undefined : Number(result[0].value[1]);
    },
    series: (selector) => ask('series', { 'match[]': selector }),
    metadata: () => ask('metadata', {}),
    targets: async () => (await ask('targets', {})).activeTargets,
  };
}

// What promtool says of a scrape: its complaints, one a line, and whether it could be parsed.
export function checkMetrics(text) {
  const { status, stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input: text });
  if (error) {
    throw error;
  }
  // 3: parsed, with complaints about style.
  return { parsed: status === 0 || status === 3,
    complaints: String(stderr).split('\n').filter((line) => line !== '') };
}
