#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "common/net/socket_address.h"
#include "common/sdp/session_description.h"
#include "common/time/timestamp.h"
#include "proto/livekit/rtc.pb.h"
#include "tests/support/virtual_peer.h"
#include "tests/support/virtual_publication.h"
#include "tests/support/virtual_reception.h"

namespace sfu {

// One peer connection of a virtual client: its side of offer and answer, and the VirtualPeer that
// does what was agreed. Either this side offers, or the server does, never both.
class VirtualConnection {
 public:
  struct Options {
    SocketAddress address;  // Of its only host candidate.
    bool opens_data_channels = true;
    bool names_candidates = true;  // In its offers and answers.
  };

  VirtualConnection(const Options& options, Random& random, const dtls::Context& context,
                    sctp::AssociationFactory& associations);

  // Returns the new section's mid. `cid`: of the track sent in it, "" for none.
  std::string AddSection(sdp::MediaKind kind, sdp::Direction direction, std::string_view cid = "");
  void SetDirection(std::string_view mid, sdp::Direction direction);

  // Precondition: !awaits_answer().
  livekit::SessionDescription Offer();
  // The next offer restarts ICE. One that is not answered yet never will be.
  void RestartIce();
  bool awaits_answer() const { return awaits_answer_; }
  // False if it does not answer the latest offer.
  bool HandleAnswer(Timestamp now, const livekit::SessionDescription& answer);

  livekit::SessionDescription Answer(Timestamp now, const livekit::SessionDescription& offer);

  // How to send in that section; nullopt unless the server has agreed to receive there.
  std::optional<VirtualPublication::Format> FormatOf(std::string_view mid) const;
  // What the server says it sends now.
  std::vector<VirtualReception::Format> ReceivedTracks() const;

  VirtualPeer& peer() { return peer_; }
  const VirtualPeer& peer() const { return peer_; }

 private:
  // Precondition: started_. Follows a restart of the other side's, or completes our own.
  void HandleRestart(Timestamp now, bool ours);
  void HandleRemote(Timestamp now, const livekit::SessionDescription& description);
  sdp::TransportAttributes LocalTransport(sdp::Setup setup) const;
  std::vector<std::string> Candidates() const;

  const Options options_;
  VirtualPeer peer_;
  std::vector<sdp::MediaSection> sections_;  // As we offer them.
  sdp::SessionDescription remote_;
  uint32_t offers_ = 0;
  bool awaits_answer_ = false;
  bool started_ = false;
  std::string remote_ufrag_;
};

}  // namespace sfu
