#pragma once

#include <cstddef>
#include <string_view>

#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/rtcp_types.h"

namespace sfu::rtcp {

// A source description with one CNAME per source (RFC 3550 §6.5). Only written: what peers call
// themselves does not matter here, so a received one is skipped.
//
//   |                             SSRC                              |
//   |    CNAME=1    |     length    | name ...      | 0 to a word   |
struct SourceName {
  Ssrc ssrc;
  std::string_view cname;  // At most 255 bytes.
};

inline constexpr size_t kMaxSourceNames = 31;

size_t SourceDescriptionSize(absl::Span<const SourceName> names);
void WriteSourceDescription(ByteWriter& out, absl::Span<const SourceName> names);

}  // namespace sfu::rtcp
