#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <absl/types/span.h>

#include "worker/rtp/extension_map.h"
#include "worker/rtp/media_packet.h"
#include "worker/rtp/outgoing_packet.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::forward {

// Builds the headers of one outgoing SSRC [TX-55]: what never changes is laid out once, with room
// for what egress stamps; per packet the fields and the passed-on extension values are filled in.
//
// The one-byte form of RFC 8285 is written in place; the two-byte form, which long dependency
// descriptors and colour spaces need, goes through rtp::ExtensionBlockWriter.
class HeaderTemplate {
 public:
  struct Options {
    rtp::Ssrc ssrc{0};
    const rtp::ExtensionMap* extensions = nullptr;  // Outlives the template.
    bool allow_two_byte = true;
    // Slots for the transport-wide number and the send time. Off for a stream whose packets must be
    // repeatable byte for byte.
    bool stamped = true;
    std::string mid;
  };
  struct Fields {
    bool padding = false;
    bool marker = false;
    rtp::PayloadType payload_type{0};
    uint16_t sequence = 0;
    uint32_t timestamp = 0;
    bool with_mid = false;
    // In place of the packet's own; empty: none is sent.
    absl::Span<const uint8_t> dependency_descriptor = {};
  };

  explicit HeaderTemplate(const Options& options);
  HeaderTemplate(const HeaderTemplate&) = delete;
  HeaderTemplate& operator=(const HeaderTemplate&) = delete;

  // Fills in the header, its size and the offsets of the slots.
  void Write(const Fields& fields, const rtp::MediaPacket& source, rtp::OutgoingPacket& out) const;
  // Without any passed-on values: for packets that carry nothing.
  void WriteEmpty(const Fields& fields, rtp::OutgoingPacket& out) const;

 private:
  // What travels on from publisher to subscriber.
  struct Passed {
    rtp::ExtensionType type;
    uint8_t id;
    // Where the packet has it; nullptr for the dependency descriptor, which is rewritten.
    rtp::ExtensionSlice rtp::PassedExtensions::* slice;
  };
  static constexpr size_t kMaxPassed = 7;

  // 0 if not negotiated; notes whether the one-byte form can take it.
  uint8_t IdOf(rtp::ExtensionType type);
  // Appends a slot to the constant elements and returns where its value will be in the packet.
  uint8_t LayOut(rtp::ExtensionType type, size_t size);

  absl::Span<const uint8_t> ValueOf(const Passed& passed, const Fields& fields,
                                    const rtp::MediaPacket& source) const;
  bool WriteOneByte(const Fields& fields, const rtp::MediaPacket* source,
                    rtp::OutgoingPacket& out) const;
  void WriteTwoByte(const Fields& fields, const rtp::MediaPacket* source,
                    rtp::OutgoingPacket& out) const;

  // Header and constant elements as sent without, and with the MID behind them.
  std::array<uint8_t, 48> constant_ = {};
  uint8_t constant_size_;
  uint8_t constant_with_mid_size_ = 0;
  uint8_t transport_sequence_offset_ = 0;  // In the packet; 0: none.
  uint8_t absolute_send_time_offset_ = 0;
  bool one_byte_ = true;  // Every id and constant value fits the one-byte form.
  uint8_t passed_count_ = 0;
  std::array<Passed, kMaxPassed> passed_;
  const Options options_;
};

}  // namespace sfu::forward
