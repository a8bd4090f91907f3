// Many real WebRTC members in one process (@livekit/rtc-node, that is, libwebrtc): for questions
// about crowds that browsers are too heavy for. One of them speaks, each of the others says what it
// hears.
import {
  AudioFrame, AudioSource, AudioStream, LocalAudioTrack, Room, RoomEvent, TrackKind,
  TrackPublishOptions, TrackSource,
} from '@livekit/rtc-node';

export const SAMPLE_RATE = 48_000;
const WINDOW = SAMPLE_RATE / 5;

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
export function shareOf(samples, hertz) {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / SAMPLE_RATE);
  let [s1, s2, energy] = [0, 0, 0];
  for (const sample of samples) {
    [s1, s2] = [sample + coefficient * s1 - s2, s1];
    energy += sample * sample;
  }
  const power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  return energy === 0 ? 0 : (2 * power) / (samples.length * energy);
}

// The best share of `hertz` in any fifth of a second of the track, until it is clear or time is up.
export async function hears(track, hertz, { timeoutMs = 15_000, clear = 0.8 } = {}) {
  const reader = new AudioStream(track, SAMPLE_RATE, 1).getReader();
  const deadline = performance.now() + timeoutMs;
  const samples = [];
  let best = 0;
  while (performance.now() < deadline && best <= clear) {
    const { value, done } = await Promise.race([
      reader.read(),
      new Promise((resolve) => setTimeout(() => resolve({ done: true }), deadline - performance.now()).unref()),
    ]);
    if (done) {
      break;
    }
    samples.push(...value.data);
    if (samples.length >= WINDOW) {
      best = Math.max(best, shareOf(samples, hertz));
      samples.length = 0;
    }
  }
  await reader.cancel().catch(() => {});
  return best;
}

export class Member {
  constructor(identity) {
    this.identity = identity;
    this.room = new Room();
    this.tracks = new Map();  // Audio by the identity of who speaks.
    this.room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
      if (track.kind === TrackKind.KIND_AUDIO) {
        this.tracks.set(participant.identity, track);
      }
    });
    this.room.on(RoomEvent.TrackUnsubscribed, (track, publication, participant) => {
      this.tracks.delete(participant.identity);
    });
  }

  async join(url, token) {
    const started = performance.now();
    await this.room.connect(url, token, { autoSubscribe: true });
    this.joinMs = performance.now() - started;
    return this;
  }

  // Returns how to stop.
  async speak(hertz) {
    const source = new AudioSource(SAMPLE_RATE, 1);
    const options = new TrackPublishOptions();
    options.source = TrackSource.SOURCE_MICROPHONE;
    options.dtx = false;
    await this.room.localParticipant.publishTrack(LocalAudioTrack.createAudioTrack('tone', source), options);
    return playTone(source, hertz);
  }

  // How clearly this member hears `identity` at `hertz`; 0 if not at all.
  async hears(identity, hertz, { timeoutMs = 15_000 } = {}) {
    const deadline = performance.now() + timeoutMs;
    while (!this.tracks.has(identity)) {
      if (performance.now() > deadline) {
        return 0;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return hears(this.tracks.get(identity), hertz, { timeoutMs: deadline - performance.now() });
  }

  leave() {
    return this.room.disconnect();
  }
}

// `count` members join, `together` of them at a time. `tokenOf(identity)` makes their tokens.
export async function gatherMembers(url, tokenOf, count, { together = 5, prefix = 'member' } = {}) {
  const waiting = Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
  const members = [];
  const joinOneAfterAnother = async () => {
    for (let identity = waiting.shift(); identity !== undefined; identity = waiting.shift()) {
      members.push(await new Member(identity).join(url, await tokenOf(identity)));
    }
  };
  await Promise.all(Array.from({ length: together }, joinOneAfterAnother));
  return members;
}
