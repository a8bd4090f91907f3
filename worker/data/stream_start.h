#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "proto/livekit/models.pb.h"

namespace sfu::data {

enum class StreamKind : uint8_t { kText, kBytes, kUnknown };
inline constexpr size_t kStreamKinds = 3;

// The first half of a MIME type, as far as it is worth telling apart.
enum class MediaType : uint8_t { kText, kImage, kApplication, kAudio, kVideo, kUnknown };
inline constexpr size_t kMediaTypes = 6;

// What a data stream's header says of it: closed sets and a number, nothing of its content.
struct StreamStart {
  StreamKind kind = StreamKind::kUnknown;
  MediaType media_type = MediaType::kUnknown;
  std::optional<uint64_t> total_bytes;  // Unset where the sender does not know it yet.
};

StreamStart Describe(const livekit::DataStream::Header& header);

}  // namespace sfu::data
