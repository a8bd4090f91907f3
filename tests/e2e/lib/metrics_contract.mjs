// The table of tests/conformance/livekit_metrics.txt, and what Prometheus has beside it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Map of full name -> { type, labels }.
export function readContract() {
  const path = fileURLToPath(new URL('../../conformance/livekit_metrics.txt', import.meta.url));
  const contract = new Map();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith('!')) {
      continue;
    }
    const [name, type, labels] = line.split('|').map((column) => column.trim());
    contract.set(`livekit_${name}`, { type, labels: labels.split(' ').filter((label) => label !== '') });
  }
  return contract;
}

// A series' metric: histograms are scraped as three names.
export function familyOf(name, contract) {
  if (contract.has(name)) {
    return name;
  }
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return contract.get(base)?.type === 'histogram' ? base : undefined;
}
