#include "controller/room/publishing.h"

#include <string>
#include <utility>
#include <vector>

#include "controller/room/client_traits.h"
#include "controller/room/signal_messages.h"
#include "controller/room/track_info.h"

namespace sfu::room {
namespace {

using livekit::RequestResponse;

void RefuseAddTrack(Member& member, RequestResponse::Reason reason,
                    const livekit::AddTrackRequest& request) {
  RequestResponse response = MakeRequestResponse(reason);
  *response.mutable_add_track() = request;
  Respond(member, std::move(response));
}

void SendTrackPublished(Member& member, livekit::TrackPublishedResponse published) {
  livekit::SignalResponse response;
  *response.mutable_track_published() = std::move(published);
  member.signal.Send(std::move(response));
}

}  // namespace

void Respond(Member& member, livekit::RequestResponse response) {
  const livekit::ClientInfo& client = member.participant.client();
  if (!UnderstandsRequestResponse(client) ||
      (response.reason() == RequestResponse::OK && !KnowsResponseOk(client))) {
    return;
  }
  livekit::SignalResponse message;
  *message.mutable_request_response() = std::move(response);
  member.signal.Send(std::move(message));
}

void Publishing::HandleAddTrack(Moment moment, Member& member,
                                const livekit::AddTrackRequest& request) {
  if (!MayPublish(member.participant.permission(), request.source())) {
    RefuseAddTrack(member, RequestResponse::NOT_ALLOWED, request);
    return;
  }
  PublishedTracks::AddResult result = member.tracks.Add(moment.wall, request);
  if (const auto* reason = std::get_if<RequestResponse::Reason>(&result)) {
    RefuseAddTrack(member, *reason, request);
    return;
  }
  SendTrackPublished(member, std::get<livekit::TrackPublishedResponse>(std::move(result)));
  if (member.tracks.MapSections()) {
    member.media.SetAssignments(member.tracks.assignments());
  }
}

void Publishing::HandleOffer(Moment moment, Member& member,
                             const livekit::SessionDescription& offer) {
  const auto summary = member.media.HandleOffer(offer);
  if (!summary.ok()) {
    member.failure = livekit::STATE_MISMATCH;
    return;
  }
  Apply(moment, member, member.tracks.HandleOffer(moment.wall, *summary));
  member.media.Answer(moment.now, member.tracks.assignments());
}

void Publishing::Apply(Moment moment, Member& member, PublishedTracks::Changes changes) {
  bool visible = false;
  for (const std::unique_ptr<Track>& track : changes.ended) {
    if (!track->live) {
      continue;
    }
    visible = true;
    state_.members.ForgetTrack(track->info.sid());
    subscribing_.HandleTrackEnded(moment.now, member, *track);
    state_.outbox.Push(RoomFact(TrackUnpublished{member.Info(), track->info}));
  }
  if (visible) {
    member.participant.NoteChange();
    state_.updates.ChangedNow(member);
  }
  for (livekit::TrackPublishedResponse& published : changes.announced) {
    SendTrackPublished(member, std::move(published));
  }
  if (!changes.announced.empty()) {
    member.tracks.MapSections();
  }
}

void Publishing::HandleTrackStarted(Moment moment, const worker::v1::TrackStarted& started) {
  Member* member = state_.members.Find(OwnerOf(started.track()));
  if (member == nullptr) {
    return;
  }
  const negotiation::SourceCodec codec{
      .codec = started.codec(),
      .fmtp = member->media.FormatParameters(started.mid(), started.codec())};
  const Track* known = member->tracks.Find(TrackHandle(started.track()));
  const bool was_live = known != nullptr && known->live;
  Track* track =
      member->tracks.HandleStarted(moment.wall, TrackHandle(started.track()), started.mid(), codec);
  if (track == nullptr) {
    return;
  }
  if (!was_live) {
    Announce(moment, *member, *track);
  } else {
    member->participant.NoteChange();
    state_.updates.ChangedNow(*member);
  }
  subscribing_.HandleTrackLive(moment.now, *member, *track);
}

void Publishing::Announce(Moment moment, Member& member, Track& track) {
  state_.members.NoteLiveTrack(track.info.sid(), member.handle());
  if (!member.participant.is_publisher()) {
    member.participant.SetPublisher();
  } else {
    member.participant.NoteChange();
  }
  // Before any description that carries the track (trap 19).
  state_.updates.ChangedNow(member);
  state_.outbox.Push(RoomFact(TrackPublished{member.Info(), track.info}));
  if (track.info.muted()) {
    SetMuted(moment, member, track, true);
  }
}

void Publishing::SetMuted(Moment moment, Member& member, Track& track, bool muted) {
  const bool changed = track.info.muted() != muted;
  track.info.set_muted(muted);
  if (track.live) {  // The worker hears of a muted track when it has it.
    worker::v1::RoomCommand command;
    command.mutable_set_track_muted()->set_track(track.handle.value());
    command.mutable_set_track_muted()->set_muted(muted);
    state_.worker.Send(std::move(command));
  }
  if (!changed) {
    return;
  }
  Touch(track.info, moment.wall);
  if (track.live) {
    member.participant.NoteChange();
    state_.updates.ChangedNow(member);
  }
  if (!muted) {
    subscribing_.HandleUnmuted(member, track);
  }
}

void Publishing::HandleMute(Moment moment, Member& member,
                            const livekit::MuteTrackRequest& request) {
  Track* track = member.tracks.Find(request.sid());
  if (track == nullptr) {
    RequestResponse response = MakeRequestResponse(RequestResponse::NOT_FOUND);
    *response.mutable_mute() = request;
    Respond(member, std::move(response));
    return;
  }
  if (track->info.muted() != request.muted()) {
    SetMuted(moment, member, *track, request.muted());
  }
}

void Publishing::HandleAudioUpdate(Moment moment, Member& member,
                                   const livekit::UpdateLocalAudioTrack& request) {
  Track* track = member.tracks.Find(request.track_sid());
  if (track == nullptr || track->info.type() != livekit::AUDIO) {
    RequestResponse response = MakeRequestResponse(RequestResponse::NOT_FOUND);
    *response.mutable_update_audio_track() = request;
    Respond(member, std::move(response));
    return;
  }
  SetAudioFeatures(track->info, request.features());
  Touch(track->info, moment.wall);
  if (track->live) {
    member.participant.NoteChange();
    state_.updates.ChangedNow(member);
  }
}

void Publishing::HandleVideoUpdate(Moment moment, Member& member,
                                   const livekit::UpdateLocalVideoTrack& request) {
  Track* track = member.tracks.Find(request.track_sid());
  if (track == nullptr || track->info.type() != livekit::VIDEO) {
    RequestResponse response = MakeRequestResponse(RequestResponse::NOT_FOUND);
    *response.mutable_update_video_track() = request;
    Respond(member, std::move(response));
    return;
  }
  track->info.set_width(request.width());
  track->info.set_height(request.height());
  Touch(track->info, moment.wall);
  if (track->live) {
    member.participant.NoteChange();
    state_.updates.ChangedNow(member);
  }
}

void Publishing::HandleResumed(Member& member) {
  for (const std::unique_ptr<Track>& track : member.tracks.tracks()) {
    if (std::exchange(track->mute_order_missed, false)) {
      livekit::SignalResponse response;
      response.mutable_mute()->set_sid(track->info.sid());
      response.mutable_mute()->set_muted(track->info.muted());
      member.signal.Send(std::move(response));
    }
    if (!track->live) {
      livekit::TrackPublishedResponse published;
      published.set_cid(track->cid);
      *published.mutable_track() = track->info;
      SendTrackPublished(member, std::move(published));
    }
  }
}

void Publishing::Unpublish(Moment moment, Member& member, const std::string& track_sid) {
  PublishedTracks::Changes changes = member.tracks.Remove(moment.wall, track_sid);
  if (changes.ended.empty()) {
    return;
  }
  livekit::SignalResponse response;
  if (KnowsTrackUnpublished(member.participant.client())) {
    response.mutable_track_unpublished()->set_track_sid(track_sid);
  } else {
    response.mutable_mute()->set_sid(track_sid);
    response.mutable_mute()->set_muted(true);
  }
  member.signal.Send(std::move(response));
  Apply(moment, member, std::move(changes));
  member.media.SetAssignments(member.tracks.assignments());
}

void Publishing::HandleRightsChanged(Moment moment, Member& member) {
  std::vector<std::string> revoked;
  for (const auto& track : member.tracks.tracks()) {
    if (!MayPublish(member.participant.permission(), track->info.source())) {
      revoked.push_back(track->info.sid());
    }
  }
  for (const std::string& sid : revoked) {
    Unpublish(moment, member, sid);
  }
}

void Publishing::EndAll(Timestamp now, Member& member) {
  for (const auto& track : member.tracks.tracks()) {
    if (track->live) {
      state_.members.ForgetTrack(track->info.sid());
      subscribing_.HandleTrackEnded(now, member, *track);
      state_.outbox.Push(RoomFact(TrackUnpublished{member.participant.info(), track->info}));
    }
  }
}

}  // namespace sfu::room
