#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "common/base/random.h"
#include "common/net/socket_address.h"
#include "common/time/timestamp.h"
#include "proto/livekit/models.pb.h"
#include "proto/livekit/rtc.pb.h"
#include "tests/support/media_mark.h"
#include "tests/support/virtual_connection.h"
#include "tests/support/virtual_publication.h"
#include "tests/support/virtual_reception.h"

namespace sfu {

// A LiveKit client without I/O: speaks the signal protocol as messages, offers and answers, sends
// and receives real SRTP. With two peer connections (the server offers on the second) or with one.
//
// Feed Handle...(), then take TakeRequests(), TakeArrivals() and each connection's outputs by
// PollDatagram(). `wall` is always the same instant as `now`.
class VirtualClient {
 public:
  // The connection we offer on, the only one of a single connection; and the one the server does.
  enum class Link : uint8_t { kPublisher, kSubscriber };

  struct Options {
    std::string identity;
    bool single_connection = false;
    bool can_subscribe = true;  // Without, the server has no use for a second connection.
    // Whether the server is ever told where we are. It need not be: we send the checks.
    bool names_candidates = true;
    // Of the publisher connection; the subscriber connection has the next port.
    SocketAddress address;
  };

  // A media packet that came for the first time.
  struct Arrival {
    std::string track_sid;  // "" while no description has named the SSRC.
    MediaMark mark;
  };

  VirtualClient(const Options& options, Random& random, const dtls::Context& context,
                sctp::AssociationFactory& associations);

  // To be sent along when joining with a single connection.
  std::optional<livekit::SessionDescription> FirstOffer();

  // --- What the user does.

  void Publish(uint32_t number, rtp::MediaKind kind);
  void Unpublish(uint32_t number);
  void SetMuted(uint32_t number, bool muted);
  void Subscribe(std::string_view track_sid, bool subscribed);
  void SetQuality(std::string_view track_sid, livekit::VideoQuality quality, bool disabled = false);
  // Who may see our tracks; nullopt for everybody.
  void AllowOnly(const std::optional<std::vector<std::string>>& identities);
  void RequestKeyframes(Timestamp now);
  // False while the channel is not open.
  bool SendData(Timestamp now, bool reliable, std::string_view payload,
                const std::vector<std::string>& to);
  // The signal connection has broken: what is said waits until a `reconnect` comes by another one.
  void HandleSignalLost() { resuming_ = true; }
  void Leave();   // Says so.
  void Vanish();  // Does not.

  // --- Inputs.

  void HandleResponse(Timestamp now, const livekit::SignalResponse& response);
  void HandleDatagram(Timestamp now, Link link, absl::Span<const uint8_t> datagram);
  void HandleTimeout(Timestamp now, absl::Time wall);
  Timestamp NextTimeout() const;

  // --- Outputs.

  std::vector<livekit::SignalRequest> TakeRequests() {
    return resuming_ ? std::vector<livekit::SignalRequest>() : std::exchange(requests_, {});
  }
  std::optional<VirtualPeer::Datagram> PollDatagram(Timestamp now, Link link);
  std::vector<Arrival> TakeArrivals() { return std::exchange(arrivals_, {}); }

  // --- What it knows.

  const Options& options() const { return options_; }
  const std::map<std::string, livekit::ParticipantInfo>& others() const { return others_; }
  const std::vector<std::unique_ptr<VirtualReception>>& receptions() const { return receptions_; }
  const std::vector<livekit::DataPacket>& data() const { return data_; }
  bool joined() const { return self_.has_value(); }
  bool gone() const { return gone_; }  // Left, or was told to.
  bool resuming() const { return resuming_; }
  bool MayReceiveData() const {
    return (options_.single_connection ? publisher_ : subscriber_)
        .peer()
        .IsChannelOpen("_reliable");
  }
  bool connected() const;  // All connections there are to be.
  std::string sid() const { return self_ ? self_->sid() : ""; }
  // "" before the server has named it.
  std::string TrackSid(uint32_t number) const;
  const VirtualPublication* FindPublication(uint32_t number) const;
  std::vector<uint32_t> Published() const;  // Numbers, of those that send or wait to.
  size_t unclaimed() const { return unclaimed_.size(); }
  // That failed authentication. Not counted: what overtook the end of the handshake.
  uint64_t refused_packets() const;

 private:
  struct Publication {
    livekit::AddTrackRequest request;
    std::string sid;
    std::string mid;
    bool muted = false;
    bool ended = false;
    VirtualPublication media;
  };
  struct Unclaimed {
    rtp::Ssrc ssrc;
    std::vector<uint8_t> packet;
    Timestamp at;
  };

  VirtualConnection& connection(Link link) {
    return link == Link::kPublisher ? publisher_ : subscriber_;
  }
  livekit::SignalRequest& AddRequest() { return requests_.emplace_back(); }
  void Negotiate();
  void HandleAnswer(Timestamp now, const livekit::SessionDescription& answer);
  void HandleTrackPublished(const livekit::TrackPublishedResponse& published);
  void HandleReconnect();
  livekit::SyncState State() const;
  void RepeatWhatMayBeLost();
  void HandleUpdate(const livekit::ParticipantUpdate& update);
  void CorrectMute(const livekit::ParticipantInfo& self);
  void HandleRequirement(const livekit::MediaSectionsRequirement& requirement);
  void UpdateReceptions(Timestamp now, const VirtualConnection& connection);
  void HandleRtp(Timestamp now, absl::Span<const uint8_t> packet);
  bool Claim(Timestamp now, absl::Span<const uint8_t> packet);
  void HandleRtcp(Timestamp now, absl::Span<const uint8_t> compound);
  void HandleMessage(std::string_view label, absl::Span<const uint8_t> bytes);
  void SendFeedback(Timestamp now);
  void SendMedia(Link link, const MediaOutput& output);
  Link receiving_link() const {
    return options_.single_connection ? Link::kPublisher : Link::kSubscriber;
  }

  const Options options_;
  Random& random_;
  VirtualConnection publisher_;
  VirtualConnection subscriber_;
  const rtp::Ssrc feedback_ssrc_;

  bool offer_again_ = false;
  bool resuming_ = false;
  std::map<std::string, bool, std::less<>> subscribed_;  // By SID, once it was asked for.
  std::map<std::string, livekit::UpdateTrackSettings, std::less<>> settings_;
  std::optional<livekit::SubscriptionPermission> permission_;
  bool gone_ = false;
  std::optional<livekit::ParticipantInfo> self_;
  std::map<std::string, livekit::ParticipantInfo> others_;  // By identity.
  std::map<uint32_t, Publication> publications_;
  std::vector<std::unique_ptr<VirtualReception>> receptions_;  // Ended ones too.
  std::map<rtp::Ssrc, VirtualReception*> by_ssrc_;             // Media and RTX.
  std::vector<Unclaimed> unclaimed_;
  std::vector<livekit::DataPacket> data_;
  uint32_t data_sequence_ = 0;
  uint64_t refused_before_keys_ = 0;
  Timestamp next_feedback_ = Timestamp::Never();
  Timestamp next_report_ = Timestamp::Never();

  std::vector<livekit::SignalRequest> requests_;
  std::vector<Arrival> arrivals_;
};

}  // namespace sfu
