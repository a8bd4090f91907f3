// For tests of worker/forward only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "worker/forward/forwarder_config.h"
#include "worker/forward/source_view.h"
#include "worker/rtp/media_packet.h"
#include "worker/rtp/outgoing_packet.h"
#include "worker/rtp/rtp_packet_view.h"
#include "worker/rtp/rtp_packet_writer.h"

namespace sfu::forward {

// One published track as a test describes it: makes its packets and remembers them as a history.
class TestSource : public SourceView {
 public:
  static constexpr uint8_t kAudioLevelId = 3;
  static constexpr uint8_t kDependencyId = 8;

  struct Spec {
    uint8_t layer = 0;
    int64_t sequence = 0;
    int64_t timestamp = 0;
    bool marker = false;
    rtp::Codec codec = rtp::Codec::kOpus;
    std::vector<uint8_t> payload = {};
    std::vector<uint8_t> dependency_descriptor = {};
    std::optional<uint8_t> audio_level = {};
    uint32_t ssrc = 0;  // 0: 1000 + layer.
  };

  explicit TestSource(uint8_t encoding_count = 1) : encoding_count_(encoding_count) {}

  // A packet as worker/receive would describe it; an empty payload is one that carries nothing.
  const rtp::MediaPacket& Make(const Spec& spec) {
    rtp::ExtensionMap map;
    map.Set(rtp::ExtensionType::kAudioLevel, kAudioLevelId);
    map.Set(rtp::ExtensionType::kDependencyDescriptor, kDependencyId);
    rtp::ExtensionBlockWriter extensions(map, true);
    const uint8_t level = spec.audio_level.value_or(0);
    if (spec.audio_level) {
      extensions.Add(rtp::ExtensionType::kAudioLevel, absl::MakeConstSpan(&level, 1));
    }
    extensions.Add(rtp::ExtensionType::kDependencyDescriptor, spec.dependency_descriptor);
    rtp::RtpHeader header;
    header.marker = spec.marker;
    header.sequence_number = rtp::SequenceNumber(static_cast<uint16_t>(spec.sequence));
    header.timestamp = static_cast<uint32_t>(spec.timestamp);
    header.ssrc = rtp::Ssrc(spec.ssrc != 0 ? spec.ssrc : 1000u + spec.layer);
    std::vector<uint8_t> bytes(2000);
    bytes.resize(rtp::WriteRtpHeader(header, extensions, absl::MakeSpan(bytes)));
    bytes.insert(bytes.end(), spec.payload.begin(), spec.payload.end());

    rtp::MediaPacket media;
    media.packet = pool_.Copy(bytes);
    const auto view = rtp::RtpPacketView::Parse(media.packet.bytes());
    const auto values = rtp::HeaderExtensions::Parse(*view, map);
    media.sequence = spec.sequence;
    media.timestamp = spec.timestamp;
    media.ssrc = header.ssrc;
    media.codec = spec.codec;
    media.marker = spec.marker;
    media.layer = spec.layer;
    media.extensions = rtp::PassedExtensions::From(values);
    std::optional<rtp::DependencyDescriptor> dependency;
    if (!spec.dependency_descriptor.empty()) {
      dependency = readers_[spec.layer].Read(spec.dependency_descriptor);
    }
    if (const auto description = rtp::DescribePayload(spec.codec, view->payload(), spec.marker,
                                                      dependency ? &*dependency : nullptr)) {
      media.description = *description;
      media.payload_offset = static_cast<uint16_t>(view->payload_offset());
      media.payload_size = static_cast<uint16_t>(view->payload().size());
    }
    return packets_[{spec.layer, spec.sequence}] = std::move(media);
  }

  void SetClock(uint8_t layer, const rtp::SourceClock& clock) { clocks_[layer] = clock; }
  void Forget(uint8_t layer, int64_t sequence) { packets_.erase({layer, sequence}); }

  const rtp::MediaPacket* Find(uint8_t layer, int64_t sequence) const override {
    const auto found = packets_.find({layer, sequence});
    return found == packets_.end() ? nullptr : &found->second;
  }
  const rtp::SourceClock* Clock(uint8_t layer) const override {
    const auto found = clocks_.find(layer);
    return found == clocks_.end() ? nullptr : &found->second;
  }
  uint8_t encoding_count() const override { return encoding_count_; }
  void set_encoding_count(uint8_t count) { encoding_count_ = count; }

 private:
  rtp::PacketPool pool_{1 << 20};
  uint8_t encoding_count_;
  std::map<std::pair<uint8_t, int64_t>, rtp::MediaPacket> packets_;
  std::map<uint8_t, rtp::SourceClock> clocks_;
  std::map<uint8_t, rtp::DependencyDescriptorReader> readers_;
};

// A VP8 payload with all descriptor fields and `size` bytes behind them.
struct Vp8Spec {
  uint16_t picture_id = 0;
  uint8_t tl0 = 0;
  uint8_t temporal_id = 0;
  bool sync = false;
  uint8_t key_index = 0;
  bool start = true;
  bool key = false;
  bool long_id = true;
  size_t size = 20;
};

inline std::vector<uint8_t> Vp8Payload(const Vp8Spec& spec) {
  rtp::Vp8Descriptor descriptor;
  descriptor.partition_start = spec.start;
  descriptor.picture_id = spec.picture_id;
  descriptor.long_picture_id = spec.long_id;
  descriptor.tl0_picture_index = spec.tl0;
  descriptor.temporal_id = spec.temporal_id;
  descriptor.layer_sync = spec.sync;
  descriptor.key_index = spec.key_index;
  std::vector<uint8_t> payload(descriptor.WrittenSize() + spec.size);
  const size_t size = descriptor.Write(absl::MakeSpan(payload));
  for (size_t i = size; i < payload.size(); ++i) {
    payload[i] = static_cast<uint8_t>(spec.picture_id + i);
  }
  payload[size] = spec.key ? 0x10 : 0x11;  // Lowest bit: not a key frame.
  return payload;
}

inline ForwarderConfig AudioConfig() {
  ForwarderConfig config;
  config.ssrc = rtp::Ssrc(7777);
  config.formats = {{rtp::Codec::kOpus, rtp::PayloadType(111), std::nullopt, true}};
  config.extensions.Set(rtp::ExtensionType::kMid, 1);
  config.extensions.Set(rtp::ExtensionType::kAudioLevel, 4);
  config.extensions.Set(rtp::ExtensionType::kTransportSequenceNumber, 5);
  config.mid = "0";
  config.first_sequence = 100;
  config.first_timestamp = 5000;
  return config;
}

inline ForwarderConfig VideoConfig(rtp::Codec codec = rtp::Codec::kVp8) {
  ForwarderConfig config;
  config.kind = rtp::MediaKind::kVideo;
  config.ssrc = rtp::Ssrc(8888);
  config.rtx_ssrc = rtp::Ssrc(8889);
  config.formats = {{codec, rtp::PayloadType(96), rtp::PayloadType(97), true}};
  config.extensions.Set(rtp::ExtensionType::kTransportSequenceNumber, 5);
  config.extensions.Set(rtp::ExtensionType::kDependencyDescriptor, 8);
  config.first_sequence = 100;
  config.first_rtx_sequence = 500;
  config.first_timestamp = 90'000;
  return config;
}

inline std::vector<uint8_t> BytesOf(const rtp::OutgoingPacket& packet) {
  std::vector<uint8_t> bytes(packet.size());
  packet.CopyTo(absl::MakeSpan(bytes));
  return bytes;
}

// A sent packet, joined and parsed.
struct Sent {
  explicit Sent(const rtp::OutgoingPacket& packet)
      : bytes(BytesOf(packet)), view(*rtp::RtpPacketView::Parse(bytes)) {}
  Sent(const Sent&) = delete;

  uint16_t sequence() const { return view.sequence_number().value(); }

  std::vector<uint8_t> bytes;
  rtp::RtpPacketView view;
};

}  // namespace sfu::forward
