#include "worker/server/event_conversion.h"

#include "worker/server/parameter_conversion.h"

namespace sfu::worker {
namespace {

using namespace mediaroom;  // NOLINT(google-build-using-namespace): one overload per event.

v1::TransportState::State ToProto(transport::TransportState state) {
  switch (state) {
    case transport::TransportState::kConnecting:
      return v1::TransportState::STATE_UNSPECIFIED;
    case transport::TransportState::kConnected:
      return v1::TransportState::STATE_CONNECTED;
    case transport::TransportState::kDisconnected:
      return v1::TransportState::STATE_DISCONNECTED;
    case transport::TransportState::kFailed:
      return v1::TransportState::STATE_FAILED;
  }
  return v1::TransportState::STATE_UNSPECIFIED;
}

// Fills the member of the oneof that stands for the event.
struct Fill {
  v1::RoomEvent& message;

  void operator()(const TransportStateChanged& event) const {
    message.mutable_transport_state()->set_transport(event.transport.value());
    message.mutable_transport_state()->set_state(ToProto(event.state));
  }
  void operator()(const DataChannelsReady& event) const {
    message.mutable_data_channels_open()->set_transport(event.transport.value());
  }
  void operator()(const TrackStarted& event) const {
    message.mutable_track_started()->set_track(event.track.value());
    message.mutable_track_started()->set_mid(event.mid);
    message.mutable_track_started()->set_codec(worker::ToProto(event.codec));
  }
  void operator()(const SpeakersChanged& event) const {
    for (const Speaker& speaker : event.speakers) {
      v1::SpeakersChanged::Speaker& item = *message.mutable_speakers_changed()->add_speakers();
      item.set_participant(speaker.participant.value());
      item.set_level(speaker.level);
      item.set_active(speaker.active);
    }
  }
  void operator()(const QualitiesChanged& event) const {
    for (const ParticipantQuality& quality : event.qualities) {
      v1::ConnectionQualities::Quality& item =
          *message.mutable_connection_qualities()->add_qualities();
      item.set_participant(quality.participant.value());
      item.set_score(static_cast<float>(quality.mean_opinion_score));
      item.set_quality(static_cast<uint32_t>(quality.quality));
    }
  }
  void operator()(const SubscriptionStarted& event) const {
    message.mutable_subscription_active()->set_sender(event.sender.value());
  }
};

}  // namespace

v1::RoomEvent ToProto(const mediaroom::RoomEvent& event) {
  v1::RoomEvent message;
  message.set_room(event.room.value());
  std::visit(Fill{message}, event.value);
  return message;
}

v1::TransportOpened DescribeTransport(const transport::Transport& transport,
                                      const std::vector<ice::HostCandidate>& candidates) {
  v1::TransportOpened message;
  message.mutable_local_ice()->set_ufrag(transport.local_ice().ufrag);
  message.mutable_local_ice()->set_password(transport.local_ice().password);
  const dtls::Fingerprint& fingerprint = transport.local_fingerprint();
  message.mutable_local_fingerprint()->set_algorithm("sha-256");
  message.mutable_local_fingerprint()->set_value(fingerprint.bytes.data(),
                                                 fingerprint.bytes.size());
  for (const ice::HostCandidate& candidate : candidates) {
    v1::Candidate& item = *message.add_candidates();
    item.set_ip(candidate.address.ToWireString());
    item.set_port(candidate.address.port());
    item.set_tcp(candidate.protocol == ice::HostCandidate::Protocol::kTcpPassive);
    item.set_priority(ice::CandidatePriority(candidate));
    item.set_foundation(ice::CandidateFoundation(candidate));
  }
  return message;
}

}  // namespace sfu::worker
