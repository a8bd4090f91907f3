#include "worker/rtp/dependency_descriptor.h"

#include <algorithm>

#include "worker/rtp/bit_reader.h"

namespace sfu::rtp {
namespace {

constexpr size_t kMandatorySize = 3;
constexpr uint8_t kMaxSpatialId = 3;
constexpr uint8_t kMaxTemporalId = 7;
// A frame up to this far behind the current structure's is late, not the start of a new numbering.
constexpr int64_t kLateFrames = 512;

struct Flags {
  bool structure = false;
  bool active_targets = false;
  bool custom_indications = false;
  bool custom_frame_differences = false;
  bool custom_chains = false;
};

Flags ReadFlags(BitReader& reader) {
  Flags flags;
  flags.structure = reader.ReadFlag();
  flags.active_targets = reader.ReadFlag();
  flags.custom_indications = reader.ReadFlag();
  flags.custom_frame_differences = reader.ReadFlag();
  flags.custom_chains = reader.ReadFlag();
  return flags;
}

uint64_t ReadIndications(BitReader& reader, size_t decode_target_count) {
  uint64_t indications = 0;
  for (size_t i = 0; i < decode_target_count; ++i) {
    indications |= static_cast<uint64_t>(reader.ReadBits(2)) << (2 * i);
  }
  return indications;
}

// The parts of a structure, in the order of the wire. False: malformed or beyond our limits;
// running out of bits is found by the caller.

bool ReadTemplateLayers(BitReader& reader, DependencyStructure& structure) {
  enum NextLayer : uint8_t { kSame = 0, kNextTemporal = 1, kNextSpatial = 2, kNoMore = 3 };
  uint8_t spatial_id = 0;
  uint8_t temporal_id = 0;
  while (true) {
    if (structure.template_count == kMaxTemplates || spatial_id > kMaxSpatialId ||
        temporal_id > kMaxTemporalId || reader.failed()) {
      return false;
    }
    FrameDependencies& added = structure.templates[structure.template_count++];
    added.spatial_id = spatial_id;
    added.temporal_id = temporal_id;
    switch (reader.ReadBits(2)) {
      case kSame:
        break;
      case kNextTemporal:
        ++temporal_id;
        break;
      case kNextSpatial:
        ++spatial_id;
        temporal_id = 0;
        break;
      case kNoMore:
      default:
        structure.max_spatial_id = spatial_id;
        return true;
    }
  }
}

bool ReadTemplateFrameDifferences(BitReader& reader, FrameDependencies& dependencies) {
  while (reader.ReadFlag()) {
    if (dependencies.frame_difference_count == kMaxFrameDifferences) {
      return false;
    }
    dependencies.frame_differences[dependencies.frame_difference_count++] =
        static_cast<uint16_t>(reader.ReadBits(4) + 1);
  }
  return true;
}

bool ReadChains(BitReader& reader, absl::Span<FrameDependencies> templates,
                DependencyStructure& structure) {
  const uint32_t chain_count = reader.ReadNonSymmetric(structure.decode_target_count + 1u);
  if (chain_count > kMaxChains) {
    return false;
  }
  structure.chain_count = static_cast<uint8_t>(chain_count);
  if (chain_count == 0) {
    return true;
  }
  for (size_t i = 0; i < structure.decode_target_count; ++i) {
    structure.decode_targets[i].protecting_chain =
        static_cast<uint8_t>(reader.ReadNonSymmetric(chain_count));
  }
  for (FrameDependencies& dependencies : templates) {
    for (size_t chain = 0; chain < chain_count; ++chain) {
      dependencies.chain_differences[chain] = static_cast<uint8_t>(reader.ReadBits(4));
    }
  }
  return true;
}

// A decode target is as high as the highest template that it contains.
void DeriveDecodeTargetLayers(absl::Span<const FrameDependencies> templates,
                              DependencyStructure& structure) {
  for (size_t i = 0; i < structure.decode_target_count; ++i) {
    DependencyStructure::DecodeTarget& target = structure.decode_targets[i];
    for (const FrameDependencies& dependencies : templates) {
      if (dependencies.indication(i) != DecodeTargetIndication::kNotPresent) {
        target.spatial_id = std::max(target.spatial_id, dependencies.spatial_id);
        target.temporal_id = std::max(target.temporal_id, dependencies.temporal_id);
      }
    }
  }
}

std::optional<DependencyStructure> ReadStructure(BitReader& reader) {
  DependencyStructure structure;
  structure.template_id_offset = static_cast<uint8_t>(reader.ReadBits(6));
  structure.decode_target_count = static_cast<uint8_t>(reader.ReadBits(5) + 1);
  if (!ReadTemplateLayers(reader, structure)) {
    return std::nullopt;
  }
  const absl::Span<FrameDependencies> templates =
      absl::MakeSpan(structure.templates).first(structure.template_count);
  for (FrameDependencies& dependencies : templates) {
    dependencies.indications = ReadIndications(reader, structure.decode_target_count);
  }
  for (FrameDependencies& dependencies : templates) {
    if (!ReadTemplateFrameDifferences(reader, dependencies)) {
      return std::nullopt;
    }
  }
  if (!ReadChains(reader, templates, structure)) {
    return std::nullopt;
  }
  DeriveDecodeTargetLayers(templates, structure);
  const bool has_resolutions = reader.ReadFlag();
  for (size_t i = 0; has_resolutions && i <= structure.max_spatial_id; ++i) {
    reader.ReadBits(32);  // Width and height; the layers' sizes are known from signaling.
  }
  return reader.failed() ? std::nullopt : std::optional(structure);
}

// What the descriptor says in place of its template's parts. False: beyond our limits.
bool ReadCustomParts(BitReader& reader, const Flags& flags, DependencyDescriptor& descriptor) {
  FrameDependencies& dependencies = descriptor.dependencies;
  if (flags.custom_indications) {
    dependencies.indications = ReadIndications(reader, descriptor.decode_target_count);
  }
  if (flags.custom_frame_differences) {
    dependencies.frame_difference_count = 0;
    for (uint32_t nibbles = reader.ReadBits(2); nibbles != 0; nibbles = reader.ReadBits(2)) {
      if (dependencies.frame_difference_count == kMaxFrameDifferences) {
        return false;
      }
      dependencies.frame_differences[dependencies.frame_difference_count++] =
          static_cast<uint16_t>(reader.ReadBits(size_t{4} * nibbles) + 1);
    }
  }
  if (flags.custom_chains) {
    for (size_t chain = 0; chain < descriptor.chain_count; ++chain) {
      dependencies.chain_differences[chain] = static_cast<uint8_t>(reader.ReadBits(8));
    }
  }
  return true;
}

DependencyDescriptor ReadMandatoryPart(BitReader& reader) {
  DependencyDescriptor descriptor;
  descriptor.start_of_frame = reader.ReadFlag();
  descriptor.end_of_frame = reader.ReadFlag();
  descriptor.template_id = static_cast<uint8_t>(reader.ReadBits(6));
  descriptor.frame_number = static_cast<uint16_t>(reader.ReadBits(16));
  return descriptor;
}

}  // namespace

std::optional<DependencyDescriptor> DependencyDescriptorReader::Read(
    absl::Span<const uint8_t> value) {
  if (value.size() < kMandatorySize) {
    return std::nullopt;
  }
  BitReader reader(value);
  DependencyDescriptor descriptor = ReadMandatoryPart(reader);
  const Flags flags = value.size() > kMandatorySize ? ReadFlags(reader) : Flags();

  const int64_t frame = frame_numbers_.PeekUnwrap(descriptor.frame_number);
  const bool late = current_ && frame < structure_frame_ && frame >= structure_frame_ - kLateFrames;
  std::optional<DependencyStructure> carried;
  if (flags.structure) {
    carried = ReadStructure(reader);
    if (!carried || !descriptor.start_of_frame) {
      return std::nullopt;
    }
  }
  const std::optional<DependencyStructure>& known = late ? previous_ : current_;
  const std::optional<DependencyStructure>& structure = carried ? carried : known;
  if (!structure || !structure->HasTemplate(descriptor.template_id)) {
    return std::nullopt;
  }
  descriptor.has_structure = carried.has_value();
  descriptor.decode_target_count = structure->decode_target_count;
  descriptor.chain_count = structure->chain_count;
  descriptor.dependencies = structure->TemplateOf(descriptor.template_id);
  if (carried) {
    descriptor.active_decode_targets = carried->all_decode_targets();
  }
  if (flags.active_targets) {
    descriptor.active_decode_targets = reader.ReadBits(structure->decode_target_count);
  }
  if (!ReadCustomParts(reader, flags, descriptor) || reader.failed()) {
    return std::nullopt;
  }

  frame_numbers_.Unwrap(descriptor.frame_number);
  if (late) {
    return descriptor;
  }
  if (carried) {
    TakeOver(*carried, frame);
  }
  active_decode_targets_ = descriptor.active_decode_targets.value_or(active_decode_targets_);
  return descriptor;
}

void DependencyDescriptorReader::TakeOver(const DependencyStructure& structure, int64_t frame) {
  // Each packet that starts the same frame could carry it; that is one structure, not several.
  if (current_ && frame == structure_frame_) {
    return;
  }
  previous_ = current_;
  current_ = structure;
  structure_frame_ = frame;
  ++generation_;
}

std::optional<DependencyStructure> ReadDependencyStructure(absl::Span<const uint8_t> value) {
  if (value.size() <= kMandatorySize) {
    return std::nullopt;
  }
  BitReader reader(value);
  const DependencyDescriptor descriptor = ReadMandatoryPart(reader);
  if (!ReadFlags(reader).structure) {
    return std::nullopt;
  }
  std::optional<DependencyStructure> structure = ReadStructure(reader);
  if (!structure || !structure->HasTemplate(descriptor.template_id)) {
    return std::nullopt;
  }
  return structure;
}

}  // namespace sfu::rtp
