#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/base/sequence_unwrapper.h"
#include "worker/forward/renumbering.h"
#include "worker/rtp/media_packet.h"

namespace sfu::forward {

// The numbers a packet's codec descriptor was sent with: what a retransmission must repeat.
struct CodecNumbers {
  uint16_t picture_id = 0;  // VP8.
  uint8_t tl0_picture_index = 0;
  uint8_t key_index = 0;
  uint16_t frame_number = 0;    // Dependency descriptor.
  uint32_t decode_targets = 0;  // Mask for the dependency descriptor; 0: not written.
};
static_assert(sizeof(CodecNumbers) <= 12, "one per retransmittable packet");

// Keeps VP8's picture id, TL0PICIDX and KEYIDX contiguous over left-out pictures and switches of
// source [TX-20], and the frame numbers of dependency descriptors over switches of source [TX-22].
// Other codecs have nothing to rewrite [TX-21, TX-23].
class CodecMunger {
 public:
  // `packet` is the first of a source.
  void SwitchTo(const rtp::MediaPacket& packet);

  // nullopt if the packet's picture was left out.
  std::optional<CodecNumbers> Map(const rtp::MediaPacket& packet);

  // The packet's picture is not sent.
  void LeaveOut(const rtp::MediaPacket& packet);

  // The rewritten start of the payload. Writes to `prefix` and returns its size, 0 if the payload
  // stays as it is; `replaced` is how much of the payload it stands for.
  static size_t WritePrefix(const rtp::MediaPacket& packet, const CodecNumbers& numbers,
                            absl::Span<uint8_t> prefix, size_t& replaced);

  // The rewritten dependency descriptor; returns its size, 0 if the packet has none that fits.
  static size_t WriteDependencyDescriptor(const rtp::MediaPacket& packet,
                                          const CodecNumbers& numbers, absl::Span<uint8_t> out);

 private:
  int64_t UnwrapPictureId(const rtp::Vp8Descriptor& descriptor);
  void SwitchVp8(const rtp::Vp8Descriptor& descriptor);
  std::optional<CodecNumbers> MapVp8(const rtp::Vp8Descriptor& descriptor);

  Renumbering pictures_{1};
  std::optional<int64_t> last_picture_in_;
  uint8_t tl0_offset_ = 0;
  uint8_t last_tl0_ = 0;
  uint8_t key_index_offset_ = 0;
  uint8_t last_key_index_ = 0;
  uint16_t frame_offset_ = 0;
  uint16_t last_frame_ = 0;
};

}  // namespace sfu::forward
