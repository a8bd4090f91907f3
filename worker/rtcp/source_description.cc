#include "worker/rtcp/source_description.h"

#include <cstdint>

#include "common/base/check.h"

namespace sfu::rtcp {
namespace {

constexpr uint8_t kCname = 1;
constexpr size_t kMaxNameSize = 255;

// The item list ends with at least one zero byte and fills a word (RFC 3550 §6.5).
size_t ChunkSize(const SourceName& name) {
  const size_t items = 2 + name.cname.size() + 1;
  return 4 + (items + 3) / 4 * 4;
}

}  // namespace

size_t SourceDescriptionSize(absl::Span<const SourceName> names) {
  size_t size = kCommonHeaderSize;
  for (const SourceName& name : names) {
    size += ChunkSize(name);
  }
  return size;
}

void WriteSourceDescription(ByteWriter& out, absl::Span<const SourceName> names) {
  SFU_CHECK(names.size() <= kMaxSourceNames);
  WriteCommonHeader(out, PacketType::kSourceDescription, static_cast<uint8_t>(names.size()),
                    SourceDescriptionSize(names) - kCommonHeaderSize);
  for (const SourceName& name : names) {
    SFU_CHECK(name.cname.size() <= kMaxNameSize);
    const size_t start = out.size();
    out.WriteU32(name.ssrc.value());
    out.WriteU8(kCname);
    out.WriteU8(static_cast<uint8_t>(name.cname.size()));
    out.WriteBytes(absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(name.cname.data()),
                                       name.cname.size()));
    out.WriteZeros(ChunkSize(name) - (out.size() - start));
  }
}

}  // namespace sfu::rtcp
