#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/sctp/association.h"
#include "worker/sctp/dcep.h"

namespace sfu::sctp {

// Outputs of DataChannels, besides SendPacket.
// Usable both ways: the peer opened it, or acknowledged ours.
struct ChannelOpened {
  uint16_t stream;
  ChannelParameters parameters;
};
struct ChannelMessage {
  uint16_t stream;
  bool binary;  // As opposed to text.
  std::vector<uint8_t> payload;
};
// By the peer or by us. The stream may be used anew afterwards.
struct ChannelClosed {
  uint16_t stream;
};
// [SCTP-8]: nothing acknowledged for 30 s.
struct ChannelsStuck {};
// The association is gone and with it every channel (no ChannelClosed for each).
struct ChannelsLost {
  Closed::Reason reason;
};
using ChannelOutput = std::variant<SendPacket, ChannelOpened, ChannelMessage, ChannelClosed,
                                   ChannelsStuck, ChannelsLost>;

// What the peer sent in vain.
struct ChannelCounters {
  uint64_t dropped_bad_dcep = 0;
  uint64_t dropped_bad_ppid = 0;
  uint64_t dropped_unknown_stream = 0;
  uint64_t refused_too_many_channels = 0;
  uint64_t refused_stream_in_use = 0;
};

// The data channels of one peer over one association (RFC 8831, RFC 8832, [SCTP-5] to [SCTP-7]).
// We are always the DTLS server, so channels of our own have odd stream ids.
//
// Same contract as Association, which it owns and hides: after any call take PollOutput() until it
// returns nullopt. Not thread-safe: lives on the media thread of its room.
class DataChannels {
 public:
  static constexpr size_t kMaxChannels = 32;

  explicit DataChannels(std::unique_ptr<Association> association);

  void Connect(Timestamp now);
  void HandlePacket(Timestamp now, absl::Span<const uint8_t> packet);
  void HandleTimeout(Timestamp now);

  // Opens a channel of ours, at once or as soon as the association is up; ChannelOpened follows.
  // nullopt when kMaxChannels or the streams are used up.
  std::optional<uint16_t> Open(Timestamp now, ChannelParameters parameters);
  // With the ordering and reliability the channel was opened with. Allowed from Open() on if the
  // association is up; before that kNotConnected. An empty payload is a message, too.
  SendResult Send(Timestamp now, uint16_t stream, bool binary, absl::Span<const uint8_t> payload);
  // Resets the stream; ChannelClosed follows when the peer has done the same.
  void Close(Timestamp now, uint16_t stream);
  // Tells the peer that all is over.
  void Abort(Timestamp now);

  std::optional<ChannelOutput> PollOutput();
  Timestamp NextTimeout() const { return association_->NextTimeout(); }

  // The open channel with this label, whoever opened it; the oldest if there are several.
  std::optional<uint16_t> FindOpen(std::string_view label) const;
  const ChannelParameters* Find(uint16_t stream) const;
  size_t size() const { return channels_.size(); }
  bool connected() const { return association_->connected(); }
  size_t buffered_bytes() const { return association_->buffered_bytes(); }
  const ChannelCounters& counters() const { return counters_; }
  const AssociationCounters& association_counters() const { return association_->counters(); }

 private:
  enum class ChannelState {
    kOpening,  // Ours, not acknowledged.
    kOpen,
    kClosing,  // Our side is reset.
  };
  struct Channel {
    ChannelParameters parameters;
    ChannelState state;
    uint64_t order;  // Of creation, for FindOpen().
  };
  struct WaitingControl {
    uint16_t stream;
    std::vector<uint8_t> bytes;
  };

  void TakeAssociationOutputs(Timestamp now);
  void HandleOutput(Timestamp now, AssociationOutput output);
  void HandleConnected();
  void HandleMessage(Timestamp now, MessageReceived&& message);
  void HandleDcep(Timestamp now, uint16_t stream, absl::Span<const uint8_t> bytes);
  void HandleOpen(Timestamp now, uint16_t stream, ChannelParameters parameters);
  void HandleStreamReset(Timestamp now, uint16_t stream);
  void NoteOpen(uint16_t stream, Channel& channel);
  void Forget(std::map<uint16_t, Channel>::iterator channel);
  // True if any of it could be sent.
  bool SendWaitingControl(Timestamp now);

  const std::unique_ptr<Association> association_;
  std::map<uint16_t, Channel> channels_;  // At most kMaxChannels.
  // OPENs and ACKs for which the association is not up yet or has no room; bounded by refusing
  // channels.
  std::deque<WaitingControl> waiting_control_;
  uint64_t next_order_ = 0;
  bool was_connected_ = false;
  std::deque<ChannelOutput> outputs_;
  ChannelCounters counters_;
};

}  // namespace sfu::sctp
