#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/base/sequence_unwrapper.h"

namespace sfu::rtp {

// How a frame stands to a decode target (AV1 RTP specification, A.5).
enum class DecodeTargetIndication : uint8_t {
  kNotPresent = 0,
  kDiscardable = 1,
  kSwitch = 2,
  kRequired = 3,
};

// Limits of what we accept. The wire would allow 32 chains and any number of frame differences;
// encoders use one chain per spatial layer (at most four) and a handful of references.
inline constexpr size_t kMaxDecodeTargets = 32;
inline constexpr size_t kMaxChains = 8;
inline constexpr size_t kMaxFrameDifferences = 8;
inline constexpr size_t kMaxTemplates = 64;

// What one frame depends on: from its template, or given for the frame itself.
struct FrameDependencies {
  uint64_t indications = 0;  // Two bits per decode target, target 0 lowest.
  std::array<uint16_t, kMaxFrameDifferences> frame_differences = {};  // 1..4096, back from here.
  std::array<uint8_t, kMaxChains> chain_differences = {};             // 0: the chain starts here.
  uint8_t frame_difference_count = 0;
  uint8_t spatial_id = 0;
  uint8_t temporal_id = 0;

  DecodeTargetIndication indication(size_t decode_target) const {
    return static_cast<DecodeTargetIndication>(indications >> (2 * decode_target) & 3);
  }
};

// The template dependency structure, sent with key frames and valid until the next.
struct DependencyStructure {
  struct DecodeTarget {
    uint8_t spatial_id = 0;
    uint8_t temporal_id = 0;
    uint8_t protecting_chain = 0;  // Meaningless when chain_count is 0.
  };

  uint8_t template_id_offset = 0;
  uint8_t template_count = 0;
  uint8_t decode_target_count = 0;
  uint8_t chain_count = 0;
  uint8_t max_spatial_id = 0;
  std::array<DecodeTarget, kMaxDecodeTargets> decode_targets = {};
  std::array<FrameDependencies, kMaxTemplates> templates = {};

  uint32_t all_decode_targets() const {
    return static_cast<uint32_t>((uint64_t{1} << decode_target_count) - 1);
  }
  bool HasTemplate(uint8_t template_id) const { return IndexOf(template_id) < template_count; }
  // Precondition: HasTemplate(template_id).
  const FrameDependencies& TemplateOf(uint8_t template_id) const {
    return templates[IndexOf(template_id)];
  }

 private:
  size_t IndexOf(uint8_t template_id) const {
    return (template_id + kMaxTemplates - template_id_offset) % kMaxTemplates;
  }
};

// One packet's dependency descriptor, resolved against the structure that was in force.
//
//    0                   1                   2
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |S|E|template id|         frame number          |  then, if longer than three bytes,
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   flags(5): structure present, active targets present, custom indications, frame differences,
//   chains; the structure; the active target mask; the custom parts.
struct DependencyDescriptor {
  bool start_of_frame = false;
  bool end_of_frame = false;
  bool has_structure = false;  // The packet carries a structure: a key frame starts here.
  uint8_t template_id = 0;
  uint16_t frame_number = 0;
  uint8_t decode_target_count = 0;
  uint8_t chain_count = 0;
  // Bit per decode target; what this packet says, or nullopt if it says nothing (the last stands).
  std::optional<uint32_t> active_decode_targets;
  FrameDependencies dependencies;
};

// Reads the descriptors of one stream [RX-51]. They can only be read in the light of the last
// structure, so this keeps the current one and its predecessor for late packets. One per stream.
class DependencyDescriptorReader {
 public:
  // nullopt if the bytes are malformed, exceed the limits above, use a template that no known
  // structure has, or no structure was seen yet. A structure is taken over only from a descriptor
  // that parses whole and starts a frame. A packet of a frame before the current structure's is
  // read in the light of the previous one and changes nothing here.
  std::optional<DependencyDescriptor> Read(absl::Span<const uint8_t> value);

  // nullptr before the first one.
  const DependencyStructure* structure() const { return current_ ? &*current_ : nullptr; }
  // Counts accepted structures, so that a consumer can tell a new one from the last.
  uint32_t structure_generation() const { return generation_; }
  // Targets the encoder produces at this moment, according to the latest descriptor that said so.
  uint32_t active_decode_targets() const { return active_decode_targets_; }

 private:
  void TakeOver(const DependencyStructure& structure, int64_t frame);

  std::optional<DependencyStructure> current_;
  std::optional<DependencyStructure> previous_;
  SequenceUnwrapper<uint16_t> frame_numbers_;
  int64_t structure_frame_ = 0;  // The frame that brought `current_`.
  uint32_t generation_ = 0;
  uint32_t active_decode_targets_ = 0;
};

// Reads just the structure out of a descriptor that carries one; nullopt otherwise.
std::optional<DependencyStructure> ReadDependencyStructure(absl::Span<const uint8_t> value);

}  // namespace sfu::rtp
