#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include <absl/types/span.h>

#include "worker/rtp/dependency_descriptor.h"
#include "worker/rtp/rtp_types.h"
#include "worker/rtp/vp8_descriptor.h"
#include "worker/rtp/vp9_descriptor.h"

namespace sfu::rtp {

// What a packet's payload means to a forwarder, read once per received packet [RX-50]. With a
// dependency descriptor its word counts; otherwise that of the codec's own descriptor.
struct PayloadDescription {
  // A receiver that has nothing yet can start decoding here. For H.264 and H.265 true for each
  // packet that starts a parameter set or a key slice, so it may hold for several packets of a
  // frame.
  bool key_frame_start = false;
  // The first packet of a frame (of a spatial layer's frame, where there are such). For H.264,
  // H.265 and AV1 without a dependency descriptor: of a NAL unit or OBU, which a frame's first
  // packet is.
  bool frame_start = false;
  // The last packet of a frame (of a spatial layer's frame, where there are such).
  bool frame_end = false;
  uint8_t spatial_id = 0;
  uint8_t temporal_id = 0;
  // A receiver of lower temporal layers may go up to `temporal_id` from this frame on.
  bool switching_up_point = false;
  // Uses the next lower spatial layer of the same picture (VP9 D).
  bool inter_layer_predicted = false;
  // No other frame refers to it, so it can be left out alone (VP8 N; VP9 Z is about upper layers).
  bool discardable = false;
  // Opus: a packet of a silent period.
  bool dtx = false;

  std::variant<std::monostate, Vp8Descriptor, Vp9Descriptor> descriptor;
  std::optional<DependencyDescriptor> dependency;

  const Vp8Descriptor* vp8() const { return std::get_if<Vp8Descriptor>(&descriptor); }
  const Vp9Descriptor* vp9() const { return std::get_if<Vp9Descriptor>(&descriptor); }
};

// nullopt if the payload is empty, or its VP8, VP9 or RED header is malformed; an unreadable
// payload of the other codecs may be encrypted and is described as the middle of a frame.
// `dependency` is the packet's dependency descriptor as its stream's DependencyDescriptorReader
// understood it, or nullptr.
std::optional<PayloadDescription> DescribePayload(Codec codec, absl::Span<const uint8_t> payload,
                                                  bool marker,
                                                  const DependencyDescriptor* dependency);

}  // namespace sfu::rtp
