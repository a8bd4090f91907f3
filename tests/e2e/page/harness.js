// Runs inside the page: one participant, driven by the tests, and the instruments that measure what
// it receives. Everything the tests call is a method of `window.harness` and returns plain values.
(() => {
  const { Room, RoomEvent, Track, LocalAudioTrack, LocalVideoTrack } = window.LivekitClient;
  const audio = new AudioContext({ sampleRate: 48000 });
  let room;
  let joinStarted = 0;
  const events = [];
  const local = new Map();   // name -> { track, publication }
  const meters = new Map();  // track sid -> { analysers }
  const note = (type, detail = {}) => events.push({ type, at: performance.now(), ...detail });

  // A remote stream reaches WebAudio only while an element plays it too.
  function attach(track, publication, participant) {
    const element = track.attach();
    element.muted = track.kind === 'audio';
    document.body.append(element);
    if (track.kind !== 'audio') {
      return;
    }
    const source = audio.createMediaStreamSource(new MediaStream([track.mediaStreamTrack]));
    const splitter = audio.createChannelSplitter(2);
    source.connect(splitter);
    const analysers = [0, 1].map((channel) => {
      const analyser = audio.createAnalyser();
      analyser.fftSize = 8192;
      analyser.smoothingTimeConstant = 0;
      splitter.connect(analyser, channel);
      return analyser;
    });
    meters.set(publication.trackSid, { analysers, identity: participant.identity });
  }

  function watch() {
    const on = (event, handler) => room.on(event, handler);
    on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
      note('subscribed', { kind: track.kind, source: publication.source, identity: participant.identity });
      attach(track, publication, participant);
    });
    on(RoomEvent.TrackUnsubscribed, (track, publication, participant) => {
      note('unsubscribed', { kind: track.kind, source: publication.source, identity: participant.identity });
      track.detach().forEach((element) => element.remove());
      meters.delete(publication.trackSid);
    });
    on(RoomEvent.TrackMuted, (publication, participant) =>
      note('muted', { source: publication.source, identity: participant.identity }));
    on(RoomEvent.TrackUnmuted, (publication, participant) =>
      note('unmuted', { source: publication.source, identity: participant.identity }));
    on(RoomEvent.TrackUnpublished, (publication, participant) =>
      note('unpublished', { source: publication.source, identity: participant.identity }));
    on(RoomEvent.ParticipantConnected, (participant) => note('joined', { identity: participant.identity }));
    on(RoomEvent.ParticipantDisconnected, (participant) => note('left', { identity: participant.identity }));
    on(RoomEvent.ParticipantMetadataChanged, (before, participant) =>
      note('metadata', { identity: participant.identity, metadata: participant.metadata }));
    on(RoomEvent.ActiveSpeakersChanged, (speakers) =>
      note('speakers', { identities: speakers.map((speaker) => speaker.identity) }));
    on(RoomEvent.DataReceived, (payload, participant, kind, topic) =>
      note('data', { text: new TextDecoder().decode(payload), identity: participant?.identity, kind, topic }));
    on(RoomEvent.Disconnected, (reason) => note('disconnected', { reason }));
    on(RoomEvent.Reconnecting, () => note('reconnecting'));  // In full, or media is gone.
    on(RoomEvent.SignalReconnecting, () => note('resuming'));
    on(RoomEvent.Reconnected, () => note('reconnected'));
  }

  const remote = (identity) => room.remoteParticipants.get(identity);
  const publicationOf = (identity, source) => remote(identity)?.getTrackPublication(source);

  function videoElement(identity, source) {
    const track = publicationOf(identity, source)?.track;
    return track?.attachedElements[0];
  }

  // One oscillator per channel, so that stereo can be told from mono.
  function toneTrack(frequencies) {
    const destination = audio.createMediaStreamDestination();
    destination.channelCount = frequencies.length;
    const merger = audio.createChannelMerger(frequencies.length);
    frequencies.forEach((frequency, channel) => {
      const oscillator = audio.createOscillator();
      const gain = audio.createGain();
      gain.gain.value = 0.5;
      oscillator.frequency.value = frequency;
      oscillator.connect(gain).connect(merger, 0, channel);
      oscillator.start();
    });
    merger.connect(destination);
    return destination.stream.getAudioTracks()[0];
  }

  // A picture that changes with every frame.
  function canvasTrack(width, height, fps) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    let frame = 0;
    setInterval(() => {
      context.fillStyle = `hsl(${(frame * 7) % 360} 80% 50%)`;
      context.fillRect(0, 0, width, height);
      context.fillStyle = 'white';
      context.fillRect((frame * 11) % width, (frame * 5) % height, width / 8, height / 8);
      frame += 1;
    }, 1000 / fps);
    return canvas.captureStream(fps).getVideoTracks()[0];
  }

  function peakFrequency(analyser) {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    let best = 1;
    for (let bin = 1; bin < bins.length; bin += 1) {
      if (bins[bin] > bins[best]) {
        best = bin;
      }
    }
    return { hertz: (best * audio.sampleRate) / analyser.fftSize, decibels: bins[best] };
  }

  // Watches one received audio track: for how long no packet came, and for how long no tone was to
  // be heard. Statistics name the arrival of the last packet, so a poll that is late misses nothing
  // but the end of a gap.
  const watches = new Map();
  const kAudibleLevel = 0.02;

  async function startWatch(identity) {
    const { track } = publicationOf(identity, 'microphone');
    const watch = { packetGap: 0, toneGap: 0, ended: false };
    watches.set(identity, watch);
    (async () => {
      while (!watch.ended) {
        const stats = await track.receiver.getStats();
        const inbound = [...stats.values()].find((entry) => entry.type === 'inbound-rtp');
        if (inbound?.lastPacketReceivedTimestamp) {
          watch.packetGap = Math.max(watch.packetGap,
            inbound.timestamp - inbound.lastPacketReceivedTimestamp);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await audio.audioWorklet.addModule(toneWorklet);
    watch.source = audio.createMediaStreamSource(new MediaStream([track.mediaStreamTrack]));
    watch.node = new AudioWorkletNode(audio, 'tone-watch', { processorOptions: { level: kAudibleLevel } });
    watch.node.port.onmessage = ({ data }) => {
      watch.toneGap = Math.max(watch.toneGap, data);
    };
    watch.source.connect(watch.node);
  }

  // Reports each silence as it grows, in milliseconds of audio.
  const toneWorklet = URL.createObjectURL(new Blob([`
    registerProcessor('tone-watch', class extends AudioWorkletProcessor {
      constructor({ processorOptions }) {
        super();
        this.level = processorOptions.level;
        this.silent = 0;
        this.heard = false;
      }
      process([input]) {
        const samples = input[0];
        const loud = samples?.some((sample) => Math.abs(sample) > this.level) ?? false;
        this.heard ||= loud;
        this.silent = loud ? 0 : this.silent + 128;
        if (this.heard && this.silent > 0) {
          this.port.postMessage((this.silent * 1000) / sampleRate);
        }
        return true;
      }
    });`], { type: 'text/javascript' }));

  window.harness = {
    watch: startWatch,
    // What the watch has seen so far, in milliseconds.
    gaps(identity) {
      const { packetGap, toneGap } = watches.get(identity);
      return { packetGap, toneGap };
    },
    unwatch(identity) {
      const watch = watches.get(identity);
      watch.ended = true;
      watch.source.disconnect();
      watches.delete(identity);
    },
    now: () => performance.now(),
    simulate: (scenario) => room.simulateScenario(scenario),
    isMuted: (name) => local.get(name).publication.isMuted,
    sid: () => room.localParticipant.sid,
    // What the server calls itself in ICE where we receive: another name after each restart.
    serverUfrag() {
      const manager = room.engine.pcManager;
      const { sdp } = (manager.subscriber ?? manager.publisher).getRemoteDescription();
      return sdp.match(/a=ice-ufrag:(\S+)/)[1];
    },

    async join({ url, token, options = {}, connectOptions = {} }) {
      await audio.resume();
      room = new Room(options);
      watch();
      joinStarted = performance.now();
      await room.connect(url, token, connectOptions);
      // The signal connection itself is back: the client waits for its peer connections after that.
      room.engine.on('signalResumed', () => note('signal back'));
      return performance.now() - joinStarted;
    },

    // From the call of connect() to the first audio packet that arrived from `identity`.
    async firstAudioMs(identity) {
      for (;;) {
        const track = publicationOf(identity, 'microphone')?.track;
        const stats = track && (await track.receiver.getStats());
        const received = stats && [...stats.values()].some((entry) =>
          entry.type === 'inbound-rtp' && entry.packetsReceived > 0);
        if (received) {
          return performance.now() - joinStarted;
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },

    async tryJoin(parameters) {
      try {
        await window.harness.join(parameters);
        return { joined: true };
      } catch (error) {
        return { joined: false, message: error.message, reason: error.reason, status: error.status };
      }
    },

    async leave() {
      await room.disconnect();
    },

    // Where the connection went: 'v1' or 'v0'.
    signalPath() {
      const opened = performance.getEntriesByType('resource').map((entry) => entry.name);
      return { opened, single: room.engine?.pcManager?.mode ?? null };
    },

    async publishTone(name, frequencies, options = {}) {
      const track = new LocalAudioTrack(toneTrack(frequencies), undefined, true);
      const publication = await room.localParticipant.publishTrack(track, {
        source: Track.Source.Microphone, name, dtx: false, ...options,
      });
      local.set(name, { track, publication });
      return publication.trackSid;
    },

    async publishCanvas(name, { width = 640, height = 360, fps = 15, ...options } = {}) {
      const track = new LocalVideoTrack(canvasTrack(width, height, fps), undefined, true);
      const publication = await room.localParticipant.publishTrack(track, {
        source: Track.Source.Camera, name, ...options,
      });
      local.set(name, { track, publication });
      return publication.trackSid;
    },

    async enableCamera(capture, publish) {
      const publication = await room.localParticipant.setCameraEnabled(true, capture, publish);
      local.set('camera', { track: publication.track, publication });
      return publication.trackSid;
    },

    async shareScreen() {
      const publication = await room.localParticipant.setScreenShareEnabled(true);
      local.set('screen', { track: publication.track, publication });
      return publication.trackSid;
    },

    mute: (name) => local.get(name).publication.mute().then(() => true),
    unmute: (name) => local.get(name).publication.unmute().then(() => true),
    async unpublish(name) {
      await room.localParticipant.unpublishTrack(local.get(name).track, false);
    },
    async republish(name) {
      const { track } = local.get(name);
      const publication = await room.localParticipant.publishTrack(track, {
        source: Track.Source.Microphone, name, dtx: false,
      });
      local.set(name, { track, publication });
    },

    // What is heard of `identity`: the loudest frequency of each channel.
    heard(identity) {
      for (const meter of meters.values()) {
        if (meter.identity === identity) {
          return meter.analysers.map(peakFrequency);
        }
      }
      return null;
    },

    // What is seen of `identity`: the size, and how many frames were presented so far.
    seen(identity, source = 'camera') {
      const element = videoElement(identity, source);
      if (!element) {
        return null;
      }
      const quality = element.getVideoPlaybackQuality();
      return { width: element.videoWidth, height: element.videoHeight, frames: quality.totalVideoFrames };
    },

    setQuality(identity, source, quality) {
      publicationOf(identity, source).setVideoQuality(quality);
    },

    // The codec and decoder statistics of a received track.
    async receivedCodec(identity, source) {
      const track = publicationOf(identity, source)?.track;
      const stats = await track?.receiver?.getStats();
      const all = stats ? [...stats.values()] : [];
      const inbound = all.find((entry) => entry.type === 'inbound-rtp');
      const codec = all.find((entry) => entry.id === inbound?.codecId);
      return { mimeType: codec?.mimeType, framesDecoded: inbound?.framesDecoded, fmtp: codec?.sdpFmtpLine };
    },

    async rawStats(identity, source) {
      const stats = await publicationOf(identity, source)?.track?.receiver?.getStats();
      return stats ? [...stats.values()].filter((e) => ['inbound-rtp', 'codec'].includes(e.type)) : null;
    },
    async sendStats() {
      const out = [];
      for (const { track } of local.values()) {
        const stats = await track.sender.getStats();
        out.push(...[...stats.values()].filter((e) => ['outbound-rtp', 'codec', 'media-source', 'remote-inbound-rtp'].includes(e.type)));
      }
      return out;
    },

    // How each peer connection reaches the server: the candidate pair in use, and what went by it.
    async paths() {
      const manager = room.engine.pcManager;
      const paths = [];
      for (const transport of [manager.publisher, manager.subscriber]) {
        const stats = await transport?.getStats();
        const all = stats ? [...stats.values()] : [];
        const used = all.find((entry) => entry.type === 'transport' && entry.selectedCandidatePairId);
        const pair = all.find((entry) => entry.id === used?.selectedCandidatePairId);
        const remote = all.find((entry) => entry.id === pair?.remoteCandidateId);
        if (remote) {
          paths.push({
            protocol: remote.protocol, address: remote.address, port: remote.port,
            received: pair.bytesReceived, sent: pair.bytesSent,
            roundTripMs: pair.currentRoundTripTime * 1000,
          });
        }
      }
      return paths;
    },

    send(text, options) {
      return room.localParticipant.publishData(new TextEncoder().encode(text), options);
    },
    registerTextHandler(topic) {
      room.registerTextStreamHandler(topic, async (reader, participant) => {
        note('text', { text: await reader.readAll(), identity: participant.identity, topic });
      });
    },
    sendText: (text, options) => room.localParticipant.sendText(text, options).then(() => true),
    registerMethod(method) {
      room.registerRpcMethod(method, async (data) =>
        `${data.callerIdentity} said ${data.payload}`);
    },
    call: (destinationIdentity, method, payload) =>
      room.localParticipant.performRpc({ destinationIdentity, method, payload }),

    setMetadata: (metadata) => room.localParticipant.setMetadata(metadata),
    people: () => [...room.remoteParticipants.keys()],
    state: () => room.state,
    events: () => events,
    canEncode: (mimeType) =>
      RTCRtpSender.getCapabilities('video').codecs.some((codec) => codec.mimeType === mimeType),
    clientVersion: () => window.LivekitClient.version,
  };
})();
