#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <absl/types/span.h>

#include "proto/livekit/rtc.pb.h"

namespace sfu::signal {

enum class FrameKind {
  kBinary,  // Protobuf.
  kText,    // Protobuf-JSON.
};

inline constexpr size_t kMaxFrameBytes = 2 * 1024 * 1024;

// One WebSocket message is one protobuf message (signaling contract, section 1.2).
// nullopt when the frame is not a SignalRequest or is too long. Unknown fields are ignored; a
// request with an unknown member decodes to one with no member set.
std::optional<livekit::SignalRequest> DecodeRequest(FrameKind kind,
                                                    absl::Span<const uint8_t> frame);

std::string EncodeResponse(FrameKind kind, const livekit::SignalResponse& response);

}  // namespace sfu::signal
