#pragma once

#include <optional>
#include <vector>

#include <absl/types/span.h>

#include "common/sdp/session_description.h"
#include "controller/negotiation/codec_preferences.h"
#include "controller/negotiation/negotiation_types.h"

// Payload types and header extensions that both sides know. Internal to this module.
namespace sfu::negotiation {

enum class ConnectionModel { kDual, kUnified };

// A codec as one section of the peer's description has it.
struct MatchedFormat {
  Codec codec = worker::v1::CODEC_UNSPECIFIED;
  sdp::PayloadType media;
  std::optional<sdp::PayloadType> rtx;
};

// The usable formats of `section`, in its order.
std::vector<MatchedFormat> MatchFormats(const sdp::MediaSection& section,
                                        const CodecPreferences& codecs, MediaDirection direction);

// The RTCP feedback of this direction. `with_video`: an audio section of a connection that also
// sends video shares its congestion control (media rule CC-1).
std::vector<std::string> WantedFeedback(MediaKind kind, MediaDirection direction, bool with_video,
                                        const NegotiationOptions& options);

// The members of `wanted` that `offered` has as well.
std::vector<std::string> CommonFeedback(absl::Span<const std::string> offered,
                                        absl::Span<const std::string> wanted);

// The header extensions of this direction with the ids of our own offers (media rule EXT-1).
std::vector<sdp::HeaderExtension> WantedExtensions(MediaKind kind, MediaDirection direction,
                                                   ConnectionModel model, bool with_video,
                                                   const NegotiationOptions& options);

// What a section may carry in one direction or the other. Sections of a single connection that we
// send on, or do not use yet, accept all of it: Chromium offers no extension again that the
// sections before turned down, and a simulcast section without rid fails to be offered at all.
std::vector<sdp::HeaderExtension> EitherWayExtensions(MediaKind kind,
                                                      const NegotiationOptions& options);

// The members of `offered` that are wanted, with the offerer's ids.
std::vector<sdp::HeaderExtension> CommonExtensions(absl::Span<const sdp::HeaderExtension> offered,
                                                   absl::Span<const sdp::HeaderExtension> wanted);

// As the worker wants them.
worker::v1::PayloadFormat ToPayloadFormat(const MatchedFormat& format);
void AppendExtensionIds(absl::Span<const sdp::HeaderExtension> extensions,
                        google::protobuf::RepeatedPtrField<worker::v1::ExtensionId>& ids);

}  // namespace sfu::negotiation
