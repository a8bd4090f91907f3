// For tests of worker/receive only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "worker/receive/stream_receiver.h"
#include "worker/rtp/extension_block_writer.h"
#include "worker/rtp/rtp_packet_writer.h"

namespace sfu::receive {

// Packets as they come out of decryption.
class TestStream {
 public:
  struct Spec {
    uint16_t sequence = 0;
    uint32_t timestamp = 0;
    bool marker = false;
    uint8_t payload_type = 96;
    uint32_t ssrc = 1000;
    std::vector<uint8_t> payload = {0x10, 0x11, 1, 2};  // VP8: S, not a key frame.
    uint8_t padding = 0;
  };

  TestStream() {
    extensions_.Set(rtp::ExtensionType::kAudioLevel, 3);
    extensions_.Set(rtp::ExtensionType::kMid, 1);
  }

  static StreamConfig VideoConfig() {
    StreamConfig config;
    config.ssrc = rtp::Ssrc(1000);
    config.kind = rtp::MediaKind::kVideo;
    config.formats = {{rtp::PayloadType(96), rtp::Codec::kVp8, rtp::PayloadType(97), true}};
    return config;
  }
  static StreamConfig AudioConfig() {
    StreamConfig config;
    config.ssrc = rtp::Ssrc(1000);
    config.formats = {{rtp::PayloadType(111), rtp::Codec::kOpus, std::nullopt, true},
                      {rtp::PayloadType(63), rtp::Codec::kRed, std::nullopt, true}};
    return config;
  }
  static std::vector<uint8_t> KeyFrame() { return {0x10, 0x10, 1, 2}; }

  rtp::PacketRef Make(const Spec& spec) {
    rtp::RtpHeader header;
    header.padding = spec.padding > 0;
    header.marker = spec.marker;
    header.payload_type = rtp::PayloadType(spec.payload_type);
    header.sequence_number = rtp::SequenceNumber(spec.sequence);
    header.timestamp = spec.timestamp;
    header.ssrc = rtp::Ssrc(spec.ssrc);
    std::vector<uint8_t> bytes(rtp::kFixedHeaderSize);
    rtp::WriteRtpHeader(header, absl::MakeSpan(bytes));
    bytes.insert(bytes.end(), spec.payload.begin(), spec.payload.end());
    bytes.resize(bytes.size() + spec.padding);
    if (spec.padding > 0) {
      bytes.back() = spec.padding;
    }
    return pool_.Copy(bytes);
  }
  const rtp::MediaPacket* Deliver(StreamReceiver& receiver, Timestamp now, const Spec& spec) {
    rtp::PacketRef packet = Make(spec);
    const auto view = rtp::RtpPacketView::Parse(packet.bytes());
    return receiver.HandlePacket(now, *view, rtp::HeaderExtensions::Parse(*view, extensions_),
                                 packet);
  }
  // The same packet over RTX.
  const rtp::MediaPacket* Repair(StreamReceiver& receiver, Timestamp now, Spec spec) {
    std::vector<uint8_t> payload = {static_cast<uint8_t>(spec.sequence >> 8),
                                    static_cast<uint8_t>(spec.sequence)};
    payload.insert(payload.end(), spec.payload.begin(), spec.payload.end());
    spec.payload = payload;
    spec.payload_type = 97;
    spec.ssrc = 2000;
    spec.sequence = next_rtx_sequence_++;
    return receiver.HandleRetransmission(now, Make(spec), extensions_);
  }

  rtp::PacketPool& pool() { return pool_; }

 private:
  rtp::PacketPool pool_{1 << 16};
  rtp::ExtensionMap extensions_;
  uint16_t next_rtx_sequence_ = 1;
};

}  // namespace sfu::receive
