// Waits for what a page will show sooner or later; says what it last saw when it never does.
export async function until(what, probe, { timeoutMs = 15_000, everyMs = 100 } = {}) {
  const deadline = performance.now() + timeoutMs;
  let seen;
  while (performance.now() < deadline) {
    seen = await probe();
    if (seen?.ok ?? seen) {
      return seen?.value ?? seen;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`${what}: not within ${timeoutMs} ms; last seen: ${JSON.stringify(seen)}`);
}
