#include "worker/rtcp/rtcp_types.h"

#include "common/base/check.h"

namespace sfu::rtcp {

void WriteCommonHeader(ByteWriter& out, PacketType type, uint8_t count, size_t body_size,
                       bool padded) {
  SFU_CHECK(count < 32 && body_size % 4 == 0 && body_size / 4 <= UINT16_MAX);
  out.WriteU8(static_cast<uint8_t>(0x80 | (padded ? 0x20 : 0) | count));
  out.WriteU8(static_cast<uint8_t>(type));
  out.WriteU16(static_cast<uint16_t>(body_size / 4));
}

}  // namespace sfu::rtcp
