#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/base/check.h"
#include "worker/rtp/extension_block_writer.h"
#include "worker/rtp/extension_values.h"
#include "worker/rtp/header_extensions.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/rtp/retransmission.h"
#include "worker/rtp/rtp_packet_view.h"

namespace {

using namespace sfu::rtp;

ExtensionMap AllTypes() {
  ExtensionMap map;
  for (size_t i = 0; i < kExtensionTypeCount; ++i) {
    map.Set(static_cast<ExtensionType>(i), static_cast<uint8_t>(i + 1));
  }
  return map;
}

// What was read can be written, and reads the same then.
void CheckRoundTrip(const HeaderExtensions& extensions, const ExtensionMap& map) {
  ExtensionBlockWriter writer(map, true);
  for (size_t i = 0; i < ExtensionBlockWriter::kMaxElements; ++i) {
    const auto type = static_cast<ExtensionType>(i);
    SFU_CHECK(writer.Add(type, extensions.Value(type)) == extensions.Has(type));
  }
  std::vector<uint8_t> packet = {0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  packet.resize(12 + writer.size());
  writer.Write(absl::MakeSpan(packet).subspan(12));
  if (writer.size() == 0) {
    return;
  }
  const auto view = RtpPacketView::Parse(packet);
  SFU_CHECK(view.has_value());
  const HeaderExtensions again = HeaderExtensions::Parse(*view, map);
  SFU_CHECK(!again.malformed());
  for (size_t i = 0; i < ExtensionBlockWriter::kMaxElements; ++i) {
    const auto type = static_cast<ExtensionType>(i);
    SFU_CHECK(again.Value(type) == extensions.Value(type));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::Span<const uint8_t> bytes(data, size);
  const std::optional<RtpPacketView> view = RtpPacketView::Parse(bytes);
  if (!view) {
    return 0;
  }
  SFU_CHECK(view->payload_offset() + view->payload().size() + view->padding_size() == size);
  static const ExtensionMap map = AllTypes();
  const HeaderExtensions extensions = HeaderExtensions::Parse(*view, map);
  ReadAudioLevel(extensions.Value(ExtensionType::kAudioLevel));
  ReadTransportSequenceNumber(extensions.Value(ExtensionType::kTransportSequenceNumber));
  ReadAbsoluteSendTime(extensions.Value(ExtensionType::kAbsoluteSendTime));
  ReadAbsoluteCaptureTime(extensions.Value(ExtensionType::kAbsoluteCaptureTime));
  ReadPlayoutDelay(extensions.Value(ExtensionType::kPlayoutDelay));
  CheckRoundTrip(extensions, map);

  if (size <= PacketRef::kCapacity) {
    PacketPool pool(1, 1);
    PacketRef packet = pool.Copy(bytes);
    if (RestoreOriginal(packet, Ssrc(1), PayloadType(96))) {
      const auto restored = RtpPacketView::Parse(packet.bytes());
      SFU_CHECK(restored && restored->payload() == view->payload().subspan(2));
      SFU_CHECK(restored->extension_block() == view->extension_block());
    }
  }
  return 0;
}
