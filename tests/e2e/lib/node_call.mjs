// The cheapest real call: two people of @livekit/rtc-node, one of whom speaks.
import {
  AudioFrame, AudioSource, LocalAudioTrack, Room, RoomEvent, TrackPublishOptions, TrackSource,
} from '@livekit/rtc-node';

const SAMPLE_RATE = 48_000;

// Feeds a tone into the source until stopped, 10 ms at a time and no faster than it is played.
function playTone(source) {
  const samples = SAMPLE_RATE / 100;
  let phase = 0;
  let running = true;
  const done = (async () => {
    while (running) {
      const frame = AudioFrame.create(SAMPLE_RATE, 1, samples);
      for (let i = 0; i < samples; i += 1) {
        frame.data[i] = Math.round(12_000 * Math.sin(phase));
        phase += (2 * Math.PI * 440) / SAMPLE_RATE;
      }
      await source.captureFrame(frame);
    }
  })();
  return async () => {
    running = false;
    await done;
  };
}

// Resolves when the listener has the speaker's track. `text` is sent as a text stream.
export async function startCall(url, { speakerToken, listenerToken, text }) {
  const listener = new Room();
  const subscribed = new Promise((resolve) => listener.once(RoomEvent.TrackSubscribed, resolve));
  await listener.connect(url, listenerToken, { autoSubscribe: true });
  const speaker = new Room();
  await speaker.connect(url, speakerToken, { autoSubscribe: true });
  const source = new AudioSource(SAMPLE_RATE, 1);
  const options = new TrackPublishOptions();
  options.source = TrackSource.SOURCE_MICROPHONE;
  const published = speaker.localParticipant.publishTrack(
    LocalAudioTrack.createAudioTrack('voice', source), options);
  const stop = playTone(source);
  await published;
  await subscribed;
  await speaker.localParticipant.sendText(text, { topic: 'notes' });
  return {
    stop: async () => {
      await stop();
      await speaker.disconnect();
      await listener.disconnect();
    },
  };
}
