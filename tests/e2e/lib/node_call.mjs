// The cheapest real call: two people of @livekit/rtc-node, one of whom speaks.
import {
  AudioSource, LocalAudioTrack, Room, RoomEvent, TrackPublishOptions, TrackSource,
} from '@livekit/rtc-node';
import { SAMPLE_RATE, playTone } from './node_tone.mjs';

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
  const stop = playTone(source, 440);
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
