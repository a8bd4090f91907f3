#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/byte_writer.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::rtcp {

// A picture loss indication, which asks for a key frame (RFC 4585 §6.3.1): sender SSRC, media SSRC.
inline constexpr uint8_t kPictureLossFormat = 1;
inline constexpr size_t kPictureLossSize = kCommonHeaderSize + 8;

struct PictureLoss {
  Ssrc sender{0};
  Ssrc media{0};

  // nullopt unless the packet is one.
  static std::optional<PictureLoss> Parse(const SubPacket& packet);
};

void WritePictureLoss(ByteWriter& out, const PictureLoss& loss);

}  // namespace sfu::rtcp
