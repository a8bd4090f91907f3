#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "worker/rtp/payload_description.h"

// The first byte picks the codec; the rest is the payload.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sfu::rtp;
  if (size == 0) {
    return 0;
  }
  const auto codec = static_cast<Codec>(data[0] % (static_cast<int>(Codec::kAv1) + 1));
  const absl::Span<const uint8_t> payload(data + 1, size - 1);
  const auto description = DescribePayload(codec, payload, (data[0] & 0x80) != 0, nullptr);
  if (!description) {
    return 0;
  }
  if (const Vp9Descriptor* vp9 = description->vp9()) {
    SFU_CHECK(vp9->size < payload.size());
  }
  const Vp8Descriptor* vp8 = description->vp8();
  if (vp8 == nullptr) {
    return 0;
  }
  SFU_CHECK(vp8->size < payload.size());
  // Written, followed by the byte of payload that tells key frames, it reads the same.
  std::array<uint8_t, Vp8Descriptor::kMaxSize + 1> again;
  const size_t written = vp8->Write(absl::MakeSpan(again));
  SFU_CHECK(written == vp8->WrittenSize());
  again[written] = payload[vp8->size];
  const auto read = Vp8Descriptor::Parse(absl::MakeConstSpan(again.data(), written + 1));
  SFU_CHECK(read && read->picture_id == vp8->picture_id && read->key_index == vp8->key_index &&
            read->tl0_picture_index == vp8->tl0_picture_index &&
            read->temporal_id == vp8->temporal_id && read->layer_sync == vp8->layer_sync &&
            read->key_frame == vp8->key_frame && read->frame_start() == vp8->frame_start());
  return 0;
}
