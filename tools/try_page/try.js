// The try page: one room, everybody in it, camera, screen and chat. Tokens come from the development
// server itself, which hands them out only with its placeholder key.
(() => {
  const { Room, RoomEvent, Track } = window.LivekitClient;
  const element = (id) => document.getElementById(id);
  const CHAT_TOPIC = 'try-chat';
  let room;

  const say = (text) => { element('status').textContent = text; };

  function addMessage(author, text) {
    const item = document.createElement('li');
    if (author) {
      const name = document.createElement('b');
      name.textContent = `${author}: `;
      item.append(name, text);
    } else {
      item.className = 'note';
      item.textContent = text;
    }
    element('messages').append(item);
    item.scrollIntoView({ block: 'end' });
  }

  function tileOf(participant, source = Track.Source.Camera) {
    const screen = source === Track.Source.ScreenShare;
    const id = `tile-${participant.sid}${screen ? '-screen' : ''}`;
    const existing = element(id);
    if (existing) {
      return existing;
    }
    const label = participant.name || participant.identity;
    const tile = Object.assign(document.createElement('div'), { id, className: 'tile' });
    const initial = Object.assign(document.createElement('span'), { className: 'initial' });
    initial.textContent = label.slice(0, 1).toUpperCase();
    const name = Object.assign(document.createElement('span'), { className: 'name' });
    name.textContent = label + (participant === room.localParticipant ? ' (you)' : '') +
      (screen ? ' · screen' : '');
    tile.append(initial, name);
    element('tiles').append(tile);
    return tile;
  }

  function show(track, publication, participant) {
    const media = track.attach();
    if (track.kind === Track.Kind.Video) {
      tileOf(participant, publication.source).prepend(media);
    } else {
      document.body.append(media);
    }
  }

  function hide(track, publication, participant) {
    track.detach().forEach((media) => media.remove());
    if (publication.source === Track.Source.ScreenShare) {
      tileOf(participant, publication.source).remove();
    }
  }

  function forget(participant) {
    element(`tile-${participant.sid}`)?.remove();
    element(`tile-${participant.sid}-screen`)?.remove();
    addMessage(null, `${participant.name || participant.identity} left`);
  }

  function reflect() {
    const me = room.localParticipant;
    element('microphone').setAttribute('aria-pressed', me.isMicrophoneEnabled);
    element('camera').setAttribute('aria-pressed', me.isCameraEnabled);
    element('screen').setAttribute('aria-pressed', me.isScreenShareEnabled);
  }

  function setJoined(joined) {
    element('join').hidden = joined;
    element('controls').hidden = !joined;
    element('text').disabled = !joined;
    if (!joined) {
      element('tiles').replaceChildren();
    }
  }

  function watch() {
    room
      .on(RoomEvent.TrackSubscribed, show)
      .on(RoomEvent.TrackUnsubscribed, hide)
      .on(RoomEvent.LocalTrackPublished, (publication) => {
        if (publication.track?.kind === Track.Kind.Video) {
          show(publication.track, publication, room.localParticipant);
        }
        reflect();
      })
      .on(RoomEvent.LocalTrackUnpublished, (publication) => {
        if (publication.track?.kind === Track.Kind.Video) {
          hide(publication.track, publication, room.localParticipant);
        }
        reflect();
      })
      .on(RoomEvent.TrackMuted, reflect)
      .on(RoomEvent.TrackUnmuted, reflect)
      .on(RoomEvent.ParticipantConnected, (participant) => {
        tileOf(participant);
        addMessage(null, `${participant.name || participant.identity} joined`);
      })
      .on(RoomEvent.ParticipantDisconnected, forget)
      .on(RoomEvent.ActiveSpeakersChanged, (speakers) => {
        const speaking = new Set(speakers.map((speaker) => `tile-${speaker.sid}`));
        document.querySelectorAll('.tile').forEach((tile) =>
          tile.classList.toggle('speaking', speaking.has(tile.id)));
      })
      .on(RoomEvent.DataReceived, (payload, participant, kind, topic) => {
        if (topic === CHAT_TOPIC) {
          addMessage(participant?.name || participant?.identity || 'server', new TextDecoder().decode(payload));
        }
      })
      .on(RoomEvent.Reconnecting, () => say('Connection lost; reconnecting…'))
      .on(RoomEvent.Reconnected, () => say(`In ${room.name}`))
      .on(RoomEvent.Disconnected, () => {
        setJoined(false);
        say('Not connected.');
      });
  }

  async function tokenFor(name, roomName) {
    const query = new URLSearchParams({ name, room: roomName });
    const response = await fetch(`token?${query}`);
    if (!response.ok) {
      throw new Error(`no token: ${await response.text()}`);
    }
    return response.text();
  }

  async function join(event) {
    event.preventDefault();
    const name = element('name').value.trim();
    const roomName = element('room').value.trim();
    say('Joining…');
    room = new Room({ adaptiveStream: true, dynacast: true });
    watch();
    try {
      const server = new URL('..', location.href);
      server.protocol = server.protocol === 'https:' ? 'wss:' : 'ws:';
      await room.connect(server.href, await tokenFor(name, roomName));
    } catch (error) {
      say(`Could not join: ${error.message}`);
      return;
    }
    setJoined(true);
    say(`In ${roomName}`);
    tileOf(room.localParticipant);
    room.remoteParticipants.forEach((participant) => tileOf(participant));
    await room.localParticipant.setMicrophoneEnabled(true).catch((error) =>
      say(`In ${roomName}, without microphone: ${error.message}`));
    reflect();
  }

  const toggle = (method, isOn) => async () => {
    try {
      await room.localParticipant[method](!isOn());
    } catch (error) {
      say(error.message);
    }
    reflect();
  };

  element('join').addEventListener('submit', join);
  element('leave').addEventListener('click', () => room.disconnect());
  element('microphone').addEventListener('click',
    toggle('setMicrophoneEnabled', () => room.localParticipant.isMicrophoneEnabled));
  element('camera').addEventListener('click',
    toggle('setCameraEnabled', () => room.localParticipant.isCameraEnabled));
  element('screen').addEventListener('click',
    toggle('setScreenShareEnabled', () => room.localParticipant.isScreenShareEnabled));
  element('chat').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = element('text').value.trim();
    if (text === '') {
      return;
    }
    element('text').value = '';
    await room.localParticipant.publishData(new TextEncoder().encode(text),
      { reliable: true, topic: CHAT_TOPIC });
    addMessage('you', text);
  });
})();
