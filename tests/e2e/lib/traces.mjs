// Looks for what must not be there: secrets and personal facts in logs, metrics, or a dump of Redis.

// The forms in which a text might come out without looking like itself.
function forms(secret) {
  const bytes = Buffer.from(secret);
  const found = new Set([secret, encodeURIComponent(secret), bytes.toString('hex'),
    JSON.stringify(secret).slice(1, -1)]);
  // In base64 a text reads differently at each offset modulo 3; its middle is always the same.
  for (const pad of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(pad), bytes]).toString('base64').replace(/=+$/, '');
    found.add(encoded.slice(pad === 0 ? 0 : pad + 1, -1));
  }
  return [...found].filter((form) => form.length >= 6).map((form) => Buffer.from(form));
}

// An IPv4 address also as the four bytes that it is.
function addressForms(address) {
  return [Buffer.from(address), Buffer.from(address.split('.').map(Number))];
}

// `places` are texts or Buffers by name; `secrets` texts by name. Returns ["secret in place", ...].
export function findTraces(places, secrets) {
  const traces = [];
  for (const [secretName, secret] of Object.entries(secrets)) {
    const wanted = /^\d+\.\d+\.\d+\.\d+$/.test(secret) ? addressForms(secret) : forms(secret);
    for (const [placeName, place] of Object.entries(places)) {
      const bytes = Buffer.from(place);
      if (wanted.some((form) => bytes.includes(form))) {
        traces.push(`${secretName} in ${placeName}`);
      }
    }
  }
  return traces;
}
