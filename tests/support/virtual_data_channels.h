#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/sctp/association.h"
#include "worker/sctp/dcep.h"

namespace sfu {

// The client's side of data channels, as a browser has it. Written on the association alone, not on
// sctp::DataChannels, so that a mistake in there does not meet itself.
class VirtualDataChannels {
 public:
  struct Packet {
    std::vector<uint8_t> bytes;  // For one DTLS record.
  };
  struct Opened {  // By either side.
    std::string label;
  };
  struct Message {
    std::string label;
    std::vector<uint8_t> bytes;
  };
  struct Lost {};
  using Output = std::variant<Packet, Opened, Message, Lost>;

  // `first_stream`: 0 for a DTLS client, 1 for a server (RFC 8832 §6).
  VirtualDataChannels(std::unique_ptr<sctp::Association> association, uint16_t first_stream)
      : association_(std::move(association)), next_stream_(first_stream) {}

  void Connect(Timestamp now);
  void Open(Timestamp now, sctp::ChannelParameters parameters);
  void HandlePacket(Timestamp now, absl::Span<const uint8_t> packet);
  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const { return association_->NextTimeout(); }

  // False if there is no open channel of that label, or its buffer is full.
  bool Send(Timestamp now, std::string_view label, absl::Span<const uint8_t> bytes);
  void Abort(Timestamp now);

  std::optional<Output> PollOutput();

  bool IsOpen(std::string_view label) const;
  const sctp::ChannelParameters* Find(std::string_view label) const;

 private:
  struct Channel {
    sctp::ChannelParameters parameters;
    bool announced = false;  // Our OPEN has been handed to SCTP, or it is the peer's channel.
    bool open = false;
  };

  void TakeOutputs(Timestamp now);
  void HandleMessage(Timestamp now, sctp::MessageReceived message);
  void HandleDcep(Timestamp now, uint16_t stream, absl::Span<const uint8_t> bytes);
  void AnnounceChannels(Timestamp now);

  const std::unique_ptr<sctp::Association> association_;
  uint16_t next_stream_;
  std::map<uint16_t, Channel> channels_;
  std::deque<Output> outputs_;
};

}  // namespace sfu
