#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/sctp/association.h"
#include "worker/sctp/data_channel.h"
#include "worker/transport/transport_counters.h"
#include "worker/transport/transport_outputs.h"

namespace sfu::transport {

enum class DataSendResult : uint8_t {
  kSent,        // Taken over; reliable messages will arrive, or the transport will end.
  kNotOpen,     // There is no such channel (yet).
  kTooLarge,    // Above the peer's max-message-size.
  kSlowReader,  // Too much waits already: drop a lossy message, hold back a reliable one.
};

// LiveKit's data channels of one peer over SCTP [LKT-3]: labels in, kinds out. Exists from the
// moment DTLS is up and a data section is negotiated.
class DataPath {
 public:
  // Lossy kinds are refused above this, since what would queue behind it comes too late [DAT-11].
  static constexpr size_t kLossyBufferLimitBytes = 64 * 1024;
  static constexpr size_t kMaxReceivedMessageBytes = 65'535;  // Our a=max-message-size [SCTP-1].

  // `opens_channels`: we open the three; otherwise the peer does.
  DataPath(std::unique_ptr<sctp::Association> association, bool opens_channels,
           TransportCounters& counters);

  void Connect(Timestamp now);
  void HandlePacket(Timestamp now, absl::Span<const uint8_t> packet);
  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const { return channels_.NextTimeout(); }

  DataSendResult Send(Timestamp now, DataChannelKind kind, absl::Span<const uint8_t> bytes);
  size_t buffered_bytes() const { return channels_.buffered_bytes(); }
  void Abort(Timestamp now);

  // After any call: takes what happened. SCTP packets, each for one DTLS record, are appended to
  // `packets`.
  void TakeOutputs(std::vector<sctp::SendPacket>& packets, TransportOutputs& out);

 private:
  void HandleOutput(sctp::ChannelOutput output, std::vector<sctp::SendPacket>& packets,
                    TransportOutputs& out);
  void HandleOpened(const sctp::ChannelOpened& opened, TransportOutputs& out);
  void HandleMessage(sctp::ChannelMessage message, TransportOutputs& out);

  sctp::DataChannels channels_;
  const bool opens_channels_;
  TransportCounters& counters_;
  // The channel we send by, for each kind.
  std::array<std::optional<uint16_t>, kDataChannelKinds> streams_;
  bool reported_open_ = false;
};

}  // namespace sfu::transport
