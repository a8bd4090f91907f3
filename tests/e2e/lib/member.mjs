// A real WebRTC member without a browser (@livekit/rtc-node, that is, libwebrtc): speaks in tones,
// and says what it hears.
import {
  AudioSource, LocalAudioTrack, Room, RoomEvent, TrackKind, TrackPublishOptions, TrackSource,
} from '@livekit/rtc-node';
import { SAMPLE_RATE, hears, playTone } from './node_tone.mjs';

export class Member {
  constructor(identity) {
    this.identity = identity;
  }

  async join(url, token) {
    this.watchNewRoom();
    await this.room.connect(url, token, { autoSubscribe: true });
    return this;
  }

  watchNewRoom() {
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
