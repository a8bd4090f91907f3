// A publisher's bytes and a subscriber's requests through worker/receive and worker/forward:
// nothing crashes, no number is sent twice with other bytes, and everything sent parses.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/byte_reader.h"
#include "common/base/check.h"
#include "worker/forward/forwarder.h"
#include "worker/receive/stream_receiver.h"

namespace sfu {
namespace {

using rtp::Codec;
using rtp::ExtensionType;

constexpr Codec kCodecs[] = {Codec::kVp8,  Codec::kVp9, Codec::kH264,
                             Codec::kH265, Codec::kAv1, Codec::kOpus};

// One track of three encodings with one subscriber.
class Track : public forward::SourceView {
 public:
  explicit Track(Codec codec) : codec_(codec) {
    extensions_.Set(ExtensionType::kMid, 1);
    extensions_.Set(ExtensionType::kAudioLevel, 3);
    extensions_.Set(ExtensionType::kTransportSequenceNumber, 5);
    extensions_.Set(ExtensionType::kDependencyDescriptor, 8);
    extensions_.Set(ExtensionType::kColorSpace, 9);
    for (uint8_t layer = 0; layer < 3; ++layer) {
      receive::StreamConfig config;
      config.ssrc = rtp::Ssrc(layer);
      config.kind = rtp::KindOf(codec);
      config.layer = layer;
      config.formats = {{rtp::PayloadType(96), codec, rtp::PayloadType(97), true}};
      receivers_.push_back(std::make_unique<receive::StreamReceiver>(config));
    }
    forward::ForwarderConfig config;
    config.kind = rtp::KindOf(codec);
    config.ssrc = rtp::Ssrc(100);
    config.rtx_ssrc = rtp::Ssrc(101);
    config.formats = {{codec, rtp::PayloadType(111), rtp::PayloadType(112), true}};
    config.extensions = extensions_;
    config.mid = "7";
    forwarder_ = std::make_unique<forward::Forwarder>(config, *this);
  }

  const rtp::MediaPacket* Find(uint8_t layer, int64_t sequence) const override {
    return receivers_[layer]->history().Find(sequence);
  }
  const rtp::SourceClock* Clock(uint8_t layer) const override {
    const auto& clock = receivers_[layer]->clock();
    return clock ? &*clock : nullptr;
  }
  uint8_t encoding_count() const override { return single_ ? 1 : 3; }

  // One step, as told by the input. False when that is used up.
  bool Step(ByteReader& input) {
    const std::optional<uint8_t> action = input.ReadU8();
    const std::optional<uint8_t> detail = input.ReadU8();
    if (!action || !detail) {
      return false;
    }
    now_ = now_ + absl::Milliseconds(*detail % 64);
    const auto layer = static_cast<uint8_t>(*action >> 4 & 3) % 3;
    receive::StreamReceiver& receiver = *receivers_[static_cast<size_t>(layer)];
    switch (*action & 15) {
      case 0:
        forwarder_->SetTarget(*detail & 3, *detail >> 2 & 3);
        break;
      case 1:
        forwarder_->SetPaused((*detail & 1) != 0);
        break;
      case 2:
        Nack(*detail);
        break;
      case 3:
        forwarder_->SetLiveLayers(*detail & 7);
        break;
      case 4:
        forwarder_->HandlePictureLoss(now_);
        forwarder_->StopSendingMid();
        break;
      case 5:
        receiver.HandleSenderReport(now_, input.ReadU64().value_or(0), *detail * 1000u, now_);
        forwarder_->PollSenderReport(now_, 1);
        break;
      default:
        Packet(receiver, (*action & 15) == 6, *detail, input);
    }
    Poll(receiver);
    return true;
  }

 private:
  void Packet(receive::StreamReceiver& receiver, bool rtx, uint8_t size, ByteReader& input) {
    const std::optional<absl::Span<const uint8_t>> content = input.ReadBytes(size);
    if (!content || content->size() < 12) {
      return;
    }
    rtp::PacketRef packet = pool_.Copy(*content);
    if (!packet) {
      return;
    }
    const absl::Span<uint8_t> bytes = packet.mutable_bytes();
    bytes[0] = static_cast<uint8_t>((bytes[0] & 0x3f) | 0x80);
    bytes[1] = static_cast<uint8_t>((bytes[1] & 0x80) | (rtx ? 97 : 96));
    bytes[8] = bytes[9] = bytes[10] = 0;
    bytes[11] = receiver.layer();
    if ((size & 1) != 0) {  // Mostly, numbers that make sense.
      const uint16_t sequence = ++sequences_[receiver.layer()];
      bytes[2] = static_cast<uint8_t>(sequence >> 8);
      bytes[3] = static_cast<uint8_t>(sequence);
    }
    const rtp::MediaPacket* media = nullptr;
    if (rtx) {
      media = receiver.HandleRetransmission(now_, packet, extensions_);
    } else if (const auto view = rtp::RtpPacketView::Parse(packet.bytes())) {
      media = receiver.HandlePacket(now_, *view, rtp::HeaderExtensions::Parse(*view, extensions_),
                                    std::move(packet));
    }
    if (media == nullptr) {
      return;
    }
    Send(forwarder_->HandlePacket(now_, *media));
    while (const auto replay = forwarder_->PollReplay()) {
      for (int64_t sequence = replay->first; sequence <= replay->last; ++sequence) {
        if (const rtp::MediaPacket* const again = Find(replay->layer, sequence)) {
          Send(forwarder_->HandlePacket(now_, *again));
        }
      }
    }
  }

  void Nack(uint8_t back) {
    const rtp::SequenceNumber missing[] = {
        rtp::SequenceNumber(static_cast<uint16_t>(newest_ - back))};
    std::vector<rtp::OutgoingPacket> out;
    forwarder_->HandleNack(now_, missing, out);
    for (const rtp::OutgoingPacket& packet : out) {
      Check(packet);
    }
  }

  void Send(const std::optional<rtp::OutgoingPacket>& packet) {
    if (packet) {
      Check(*packet);
    }
  }

  void Check(const rtp::OutgoingPacket& packet) {
    const std::vector<uint8_t> bytes = BytesOf(packet);
    const auto view = rtp::RtpPacketView::Parse(bytes);
    SFU_CHECK(view.has_value());
    SFU_CHECK(!rtp::HeaderExtensions::Parse(*view, extensions_).malformed());
    const uint16_t sequence = view->sequence_number().value();
    if (view->ssrc() == rtp::Ssrc(100)) {
      newest_ = sequence;
    }
    const auto [known, is_new] = sent_.emplace(std::pair(view->ssrc().value(), sequence), bytes);
    SFU_CHECK(is_new || known->second == bytes);
  }

  static std::vector<uint8_t> BytesOf(const rtp::OutgoingPacket& packet) {
    std::vector<uint8_t> bytes(packet.size());
    packet.CopyTo(absl::MakeSpan(bytes));
    return bytes;
  }

  void Poll(receive::StreamReceiver& receiver) {
    std::vector<rtp::SequenceNumber> missing;
    receiver.PollMissing(now_, missing);
    (void)receiver.PollKeyframeRequest(now_);
    (void)receiver.TakeReportBlock(now_);
    if (const auto wanted = forwarder_->wanted_keyframe()) {
      SFU_CHECK(*wanted < 3);
      receivers_[*wanted]->WantKeyframe(now_);
    }
  }

  const Codec codec_;
  const bool single_ = codec_ == Codec::kVp9;
  rtp::PacketPool pool_{4096};  // Outlives what holds its packets.
  rtp::ExtensionMap extensions_;
  std::vector<std::unique_ptr<receive::StreamReceiver>> receivers_;
  std::unique_ptr<forward::Forwarder> forwarder_;
  Timestamp now_ = Timestamp::FromMicros(1'000'000);
  uint16_t sequences_[3] = {};
  uint16_t newest_ = 0;
  std::map<std::pair<uint32_t, uint16_t>, std::vector<uint8_t>> sent_;
};

}  // namespace
}  // namespace sfu

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sfu::ByteReader input(absl::MakeConstSpan(data, size));
  sfu::Track track(sfu::kCodecs[input.ReadU8().value_or(0) % std::size(sfu::kCodecs)]);
  while (track.Step(input)) {
  }
  return 0;
}
