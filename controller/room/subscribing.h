#pragma once

#include <string_view>

#include "controller/room/room_state.h"

namespace sfu::room {

// Who receives which track (signaling contract, sections 4.4 to 4.6): brings wishes, rights and
// published tracks together into senders. Evaluating twice changes nothing.
class Subscribing {
 public:
  explicit Subscribing(RoomState& state) : state_(state) {}

  // Others may see the track from now on, or it got another codec.
  void HandleTrackLive(Timestamp now, Member& publisher, Track& track);
  void HandleTrackEnded(Timestamp now, const Member& publisher, const Track& track);
  void HandleUnmuted(Member& publisher, Track& track);

  // At join and on becoming active: everything there is, as far as wanted.
  void SubscribeToAll(Timestamp now, Member& subscriber);
  void HandleUpdate(Timestamp now, Member& subscriber, const livekit::UpdateSubscription& update,
                    bool by_api = false);
  // All that the client wants: it lists what differs from its auto_subscribe, and the rest does not
  // (signaling contract, section 7.4). Requests that were lost are made good so.
  void HandleState(Timestamp now, Member& subscriber, const livekit::UpdateSubscription& listed);
  void HandleSettings(Member& subscriber, const livekit::UpdateTrackSettings& settings);
  // Of these tracks nothing is to be sent for now; what else was asked of them stays.
  void HandleDisabled(Member& subscriber,
                      const google::protobuf::RepeatedPtrField<std::string>& track_sids);

  // After a change of whom the publisher lets see its tracks, or of what the subscriber may do.
  void HandleViewersChanged(Timestamp now, Member& publisher);
  void HandleRightsChanged(Timestamp now, Member& subscriber);

  // The member is on a new signal connection, and may have missed what it was told as subscriber of
  // others' tracks and as publisher of its own.
  void HandleResumed(Timestamp now, Member& member);

  void HandleActive(SenderHandle sender);  // First media to a subscriber.
  void TakeRefusals(Timestamp now, Member& subscriber);

  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;

 private:
  void Evaluate(Timestamp now, Member& subscriber, Member& publisher, Track& track);
  bool MayReceive(Member& subscriber, const Member& publisher, const Track& track,
                  Subscription& subscription);
  void Start(Timestamp now, Member& subscriber, Member& publisher, Track& track,
             Subscription& subscription);
  void Stop(Timestamp now, Member& subscriber, Subscription& subscription,
            ParticipantHandle publisher);
  void Refuse(Member& subscriber, std::string_view track_sid, Subscription& subscription);
  void ConfigureIfSent(const Member& subscriber, std::string_view track_sid,
                       const Subscription& subscription);
  void Configure(const Member& subscriber, const livekit::TrackInfo& track,
                 const Subscription& subscription);
  void SetWanted(Timestamp now, Member& subscriber, const std::string& track_sid, bool wanted,
                 bool by_api);
  void Want(Timestamp now, Member& subscriber, const std::string& track_sid);
  void SendQualities(Member& publisher, Track& track);

  RoomState& state_;
};

}  // namespace sfu::room
