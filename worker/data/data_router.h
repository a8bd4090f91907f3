#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <absl/time/time.h>

#include "common/base/strong_id.h"
#include "common/time/timestamp.h"
#include "proto/livekit/models.pb.h"
#include "worker/data/stream_start.h"

namespace sfu::data {

using MemberId = StrongId<struct MemberIdTag, uint64_t>;

enum class Channel { kReliable, kLossy };

// What routing must know of a participant; decided by the controller.
struct Member {
  std::string sid;
  std::string identity;
  bool hidden = false;  // Its packets carry no identity.
  bool agent = false;   // May speak for others in chat messages and text streams.
  bool can_publish_data = false;
};

// One packet for several receivers. The bytes are shared: serialized once, sent many times.
struct RoutedPacket {
  std::shared_ptr<const std::string> bytes;
  Channel channel = Channel::kReliable;
  std::vector<MemberId> receivers;
  std::optional<StreamStart> stream;  // The packet begins a data stream, in clear.
};

struct DataCounters {
  uint64_t routed = 0;
  uint64_t dropped_unparsable = 0;
  uint64_t dropped_not_permitted = 0;  // No right to publish data, or not to send this type.
  uint64_t dropped_duplicate = 0;      // Sequence or nonce seen before.
  uint64_t dropped_not_relayed = 0;    // Metrics: collected by the server, not passed on.
  uint64_t catch_up_evicted = 0;       // Left the catch-up cache for its size, not its age.
};

// Decides who receives the data packets of one room, and stamps who sent them (signaling contract,
// section 4.11). Parses packets with protobuf, unlike the media path: their rate is low, and
// unknown fields survive the trip.
//
// Pure state, not thread-safe: lives on its room's media thread.
class DataRouter {
 public:
  struct Options {
    // A receiver whose channel opens late gets the reliable packets of this much past.
    absl::Duration catch_up_age = absl::Seconds(2);
    size_t catch_up_bytes = 100'000;
    size_t remembered_nonces = 1'000;
  };

  DataRouter() : DataRouter(Options()) {}
  explicit DataRouter(const Options& options) : options_(options) {}

  // Adds the member, or changes what is known of it. The replay state of a known one is kept.
  void ConfigureMember(MemberId id, Member member);
  void RemoveMember(MemberId id);

  // The member's channels towards it have opened. Returns the reliable packets it has missed,
  // oldest first; from now on packets are routed to it.
  std::vector<std::shared_ptr<const std::string>> HandleReceiverReady(Timestamp now, MemberId id);

  // `packet` is one message from `sender` on `channel`. Nullopt when nobody is to receive it.
  std::optional<RoutedPacket> HandlePacket(Timestamp now, MemberId sender, Channel channel,
                                           std::string_view packet);

  // A packet of the server's own. No receivers named means everybody; those not ready are left out.
  RoutedPacket RouteFromServer(Channel channel, std::string packet,
                               const std::vector<MemberId>& receivers) const;

  const DataCounters& counters() const { return counters_; }

 private:
  struct MemberState {
    Member member;
    bool ready = false;
    uint32_t last_sequence = 0;
  };
  struct Missed {
    Timestamp at;
    std::vector<MemberId> not_ready;  // Who should have had it, and could not.
    std::shared_ptr<const std::string> bytes;
  };

  bool IsRepeat(MemberState& sender, const livekit::DataPacket& packet, Channel channel);
  bool IsRepeatedNonce(const livekit::DataPacket& packet);
  bool MayRelay(const Member& sender, const livekit::DataPacket& packet);
  void Remember(Timestamp now, std::vector<MemberId> not_ready,
                const std::shared_ptr<const std::string>& bytes);
  void ForgetOld(Timestamp now);

  const Options options_;
  std::map<MemberId, MemberState> members_;
  std::deque<Missed> missed_;
  size_t missed_bytes_ = 0;
  std::set<std::string> nonces_;
  std::deque<std::string> nonce_order_;
  DataCounters counters_;
};

}  // namespace sfu::data
