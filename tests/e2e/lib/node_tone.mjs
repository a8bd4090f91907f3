// Tones for @livekit/rtc-node: made, and found again in what is received.
import { AudioFrame, AudioStream } from '@livekit/rtc-node';

export const SAMPLE_RATE = 48_000;

// Feeds a sine into the source until stopped, 10 ms at a time and no faster than it is played.
export function playTone(source, hertz) {
  const samples = SAMPLE_RATE / 100;
  let phase = 0;
  let running = true;
  const done = (async () => {
    while (running) {
      const frame = AudioFrame.create(SAMPLE_RATE, 1, samples);
      for (let i = 0; i < samples; i += 1) {
        frame.data[i] = Math.round(12_000 * Math.sin(phase));
        phase += (2 * Math.PI * hertz) / SAMPLE_RATE;
      }
      await source.captureFrame(frame);
    }
  })();
  return async () => {
    running = false;
    await done;
  };
}

// How strong `hertz` is in the samples, 0 to 1 of their whole energy (Goertzel's algorithm).
function share(samples, hertz) {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / SAMPLE_RATE);
  let [s1, s2, energy] = [0, 0, 0];
  for (const sample of samples) {
    [s1, s2] = [sample + coefficient * s1 - s2, s1];
    energy += sample * sample;
  }
  const power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  return energy === 0 ? 0 : (2 * power) / (samples.length * energy);
}

// The clearest that `hertz` was in any fifth of a second of the track: until it is clear, or until
// time is up, also if nothing comes.
export async function hears(track, hertz, { timeoutMs = 15_000 } = {}) {
  const reader = new AudioStream(track, SAMPLE_RATE, 1).getReader();
  const window = [];
  let best = 0;
  const timer = setTimeout(() => reader.cancel().catch(() => {}), timeoutMs);
  while (best <= 0.8) {
    const { value, done } = await reader.read();
    if (done) {
      break;
    }
    window.push(...value.data);
    if (window.length >= SAMPLE_RATE / 5) {
      best = Math.max(best, share(window, hertz));
      window.length = 0;
    }
  }
  clearTimeout(timer);
  await reader.cancel().catch(() => {});
  return best;
}
