#include "worker/rtp/payload_description.h"

#include "worker/rtp/av1_payload.h"
#include "worker/rtp/h264_payload.h"
#include "worker/rtp/h265_payload.h"
#include "worker/rtp/opus_payload.h"
#include "worker/rtp/red_payload.h"

namespace sfu::rtp {
namespace {

// All of these: false if malformed.

bool DescribeVp8(absl::Span<const uint8_t> payload, PayloadDescription& description) {
  const std::optional<Vp8Descriptor> vp8 = Vp8Descriptor::Parse(payload);
  if (!vp8) {
    return false;
  }
  description.key_frame_start = vp8->key_frame;
  description.frame_start = vp8->frame_start();
  description.temporal_id = vp8->temporal_id.value_or(0);
  description.switching_up_point = vp8->layer_sync;
  description.discardable = vp8->non_reference;
  description.descriptor = *vp8;
  return true;
}

bool DescribeVp9(absl::Span<const uint8_t> payload, PayloadDescription& description) {
  const std::optional<Vp9Descriptor> vp9 = Vp9Descriptor::Parse(payload);
  if (!vp9) {
    return false;
  }
  description.key_frame_start =
      vp9->frame_start && !vp9->inter_picture_predicted && vp9->spatial_id == 0;
  description.frame_start = vp9->frame_start;
  description.frame_end = vp9->frame_end;
  description.spatial_id = vp9->spatial_id;
  description.temporal_id = vp9->temporal_id;
  description.switching_up_point = vp9->switching_up_point;
  description.inter_layer_predicted = vp9->inter_layer_predicted;
  description.descriptor = *vp9;
  return true;
}

// An unreadable payload of these three is described as nothing in particular: with end-to-end
// encryption even NAL unit headers may be ciphertext, and such streams must still pass [E2E-4].

void DescribeH264(absl::Span<const uint8_t> payload, PayloadDescription& description) {
  if (const std::optional<H264Payload> h264 = H264Payload::Parse(payload)) {
    description.key_frame_start = h264->key_frame_start;
    description.frame_start = h264->nal_start;
  }
}

void DescribeH265(absl::Span<const uint8_t> payload, PayloadDescription& description) {
  if (const std::optional<H265Payload> h265 = H265Payload::Parse(payload)) {
    description.key_frame_start = h265->key_frame_start;
    description.frame_start = h265->nal_start;
    description.temporal_id = h265->temporal_id;
    description.switching_up_point = h265->temporal_switch;
  }
}

void DescribeAv1(absl::Span<const uint8_t> payload, PayloadDescription& description) {
  if (const std::optional<Av1AggregationHeader> av1 = Av1AggregationHeader::Parse(payload)) {
    description.key_frame_start = av1->new_coded_video_sequence;
    description.frame_start = !av1->starts_with_continuation;
  }
}

bool DescribeByCodec(Codec codec, absl::Span<const uint8_t> payload,
                     PayloadDescription& description) {
  switch (codec) {
    case Codec::kOpus:
      description.dtx = IsOpusDtx(payload);
      return true;
    case Codec::kRed: {
      const std::optional<RedPayload> red = RedPayload::Parse(payload);
      description.dtx = red && IsOpusDtx(red->primary().data);
      return red.has_value();
    }
    case Codec::kPcmu:
    case Codec::kPcma:
      return true;
    case Codec::kVp8:
      return DescribeVp8(payload, description);
    case Codec::kVp9:
      return DescribeVp9(payload, description);
    case Codec::kH264:
      DescribeH264(payload, description);
      return true;
    case Codec::kH265:
      DescribeH265(payload, description);
      return true;
    case Codec::kAv1:
      DescribeAv1(payload, description);
      return true;
  }
  return false;
}

void DescribeByDependency(const DependencyDescriptor& dependency, PayloadDescription& description) {
  const FrameDependencies& frame = dependency.dependencies;
  bool switches = false;
  bool required = false;
  for (size_t target = 0; target < dependency.decode_target_count; ++target) {
    switches = switches || frame.indication(target) == DecodeTargetIndication::kSwitch;
    required = required || frame.indication(target) == DecodeTargetIndication::kRequired;
  }
  description.key_frame_start =
      dependency.start_of_frame && dependency.has_structure && frame.frame_difference_count == 0;
  description.frame_start = dependency.start_of_frame;
  description.frame_end = dependency.end_of_frame;
  description.spatial_id = frame.spatial_id;
  description.temporal_id = frame.temporal_id;
  description.switching_up_point = switches;
  description.discardable = !switches && !required;
  description.dependency = dependency;
}

}  // namespace

std::optional<PayloadDescription> DescribePayload(Codec codec, absl::Span<const uint8_t> payload,
                                                  bool marker,
                                                  const DependencyDescriptor* dependency) {
  if (payload.empty()) {
    return std::nullopt;
  }
  PayloadDescription description;
  if (KindOf(codec) == MediaKind::kAudio) {  // Each packet is a frame that decodes by itself.
    description.key_frame_start = true;
    description.frame_start = true;
    description.frame_end = true;
  }
  if (!DescribeByCodec(codec, payload, description)) {
    return std::nullopt;
  }
  description.frame_end = description.frame_end || marker;
  if (dependency != nullptr) {
    DescribeByDependency(*dependency, description);
  }
  return description;
}

}  // namespace sfu::rtp
