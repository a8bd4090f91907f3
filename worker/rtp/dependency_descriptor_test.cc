#include "worker/rtp/dependency_descriptor.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/rtp/bit_writer.h"
#include "worker/rtp/dependency_descriptor_writer.h"

namespace sfu::rtp {
namespace {

struct Template {
  int spatial_id;
  int temporal_id;
  std::string indications;  // One of - D S R for each decode target.
  std::vector<int> frame_differences;
  std::vector<int> chain_differences;
};

struct Structure {
  int template_id_offset = 0;
  std::vector<int> protecting_chains;  // Of each decode target.
  std::vector<Template> templates;
  bool resolutions = false;
};

// Structures as the AV1 RTP specification (A.8.3) and libwebrtc's encoders have them.
const Structure kL1T3 = {.template_id_offset = 10,
                         .protecting_chains = {0, 0, 0},
                         .templates = {{0, 0, "SSS", {}, {0}},
                                       {0, 0, "SSS", {4}, {4}},
                                       {0, 1, "-DS", {2}, {2}},
                                       {0, 2, "--D", {1}, {1}},
                                       {0, 2, "--D", {1}, {3}}},
                         .resolutions = true};

const Structure kL2T2KeyShift = {.template_id_offset = 60,  // Template ids wrap at 64.
                                 .protecting_chains = {0, 0, 1, 1},
                                 .templates = {{0, 0, "SSSS", {}, {0, 0}},
                                               {0, 0, "SS--", {2}, {2, 1}},
                                               {0, 0, "SS--", {4}, {4, 1}},
                                               {0, 1, "-D--", {2}, {2, 3}},
                                               {1, 0, "--SS", {1}, {1, 1}},
                                               {1, 0, "--SS", {4}, {3, 4}},
                                               {1, 1, "---D", {2}, {1, 2}}},
                                 .resolutions = false};

void WriteNonSymmetric(BitWriter& writer, uint32_t value, uint32_t limit) {
  size_t width = 0;
  while (limit >> width != 0) {
    ++width;
  }
  const uint32_t short_values = (1u << width) - limit;
  if (value < short_values) {
    writer.WriteBits(value, width - 1);
  } else {
    writer.WriteBits(value + short_values, width);
  }
}

void WriteStructure(BitWriter& writer, const Structure& structure) {
  const auto target_count = static_cast<uint32_t>(structure.protecting_chains.size());
  const auto chain_count =
      static_cast<uint32_t>(structure.templates.front().chain_differences.size());
  writer.WriteBits(static_cast<uint32_t>(structure.template_id_offset), 6);
  writer.WriteBits(target_count - 1, 5);
  for (size_t i = 1; i <= structure.templates.size(); ++i) {
    if (i == structure.templates.size()) {
      writer.WriteBits(3, 2);
    } else if (structure.templates[i].spatial_id != structure.templates[i - 1].spatial_id) {
      writer.WriteBits(2, 2);
    } else {
      writer.WriteBits(
          structure.templates[i].temporal_id != structure.templates[i - 1].temporal_id ? 1 : 0, 2);
    }
  }
  for (const Template& each : structure.templates) {
    for (const char indication : each.indications) {
      writer.WriteBits(static_cast<uint32_t>(std::string_view("-DSR").find(indication)), 2);
    }
  }
  for (const Template& each : structure.templates) {
    for (const int difference : each.frame_differences) {
      writer.WriteBits(1, 1);
      writer.WriteBits(static_cast<uint32_t>(difference - 1), 4);
    }
    writer.WriteBits(0, 1);
  }
  WriteNonSymmetric(writer, chain_count, target_count + 1);
  for (const int chain : structure.protecting_chains) {
    WriteNonSymmetric(writer, static_cast<uint32_t>(chain), chain_count);
  }
  for (const Template& each : structure.templates) {
    for (const int difference : each.chain_differences) {
      writer.WriteBits(static_cast<uint32_t>(difference), 4);
    }
  }
  writer.WriteBits(structure.resolutions ? 1 : 0, 1);
  if (structure.resolutions) {
    for (int i = 0; i <= structure.templates.back().spatial_id; ++i) {
      writer.WriteBits(1279, 16);
      writer.WriteBits(719, 16);
    }
  }
}

constexpr uint8_t kStart = 0x80;
constexpr uint8_t kEnd = 0x40;

std::vector<uint8_t> Mandatory(int template_id, uint16_t frame, uint8_t flags = kStart | kEnd) {
  return {static_cast<uint8_t>(flags | template_id), static_cast<uint8_t>(frame >> 8),
          static_cast<uint8_t>(frame)};
}

std::vector<uint8_t> WithStructure(const Structure& structure, uint16_t frame,
                                   uint8_t flags = kStart | kEnd) {
  std::vector<uint8_t> bytes = Mandatory(structure.template_id_offset, frame, flags);
  bytes.resize(255);
  BitWriter writer(absl::MakeSpan(bytes).subspan(3));
  writer.WriteBits(0x10, 5);
  WriteStructure(writer, structure);
  bytes.resize(3 + writer.size_bytes());
  return bytes;
}

std::string IndicationsOf(const DependencyDescriptor& descriptor) {
  std::string text;
  for (size_t i = 0; i < descriptor.decode_target_count; ++i) {
    text += "-DSR"[static_cast<size_t>(descriptor.dependencies.indication(i))];
  }
  return text;
}

void ExpectTemplatesRead(const Structure& structure) {
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.Read(WithStructure(structure, 100)).has_value());
  for (size_t i = 0; i < structure.templates.size(); ++i) {
    const Template& expected = structure.templates[i];
    const int id = (structure.template_id_offset + static_cast<int>(i)) % 64;
    const auto read = reader.Read(Mandatory(id, static_cast<uint16_t>(101 + i)));
    ASSERT_TRUE(read.has_value()) << i;
    EXPECT_EQ(read->dependencies.spatial_id, expected.spatial_id) << i;
    EXPECT_EQ(read->dependencies.temporal_id, expected.temporal_id) << i;
    EXPECT_EQ(IndicationsOf(*read), expected.indications) << i;
    ASSERT_EQ(read->dependencies.frame_difference_count, expected.frame_differences.size()) << i;
    for (size_t j = 0; j < expected.frame_differences.size(); ++j) {
      EXPECT_EQ(read->dependencies.frame_differences[j], expected.frame_differences[j]) << i;
    }
    ASSERT_EQ(read->chain_count, expected.chain_differences.size());
    for (size_t j = 0; j < expected.chain_differences.size(); ++j) {
      EXPECT_EQ(read->dependencies.chain_differences[j], expected.chain_differences[j]) << i;
    }
  }
}

TEST(DependencyDescriptorTest, ResolvesEveryTemplate) {
  ExpectTemplatesRead(kL1T3);
  ExpectTemplatesRead(kL2T2KeyShift);
}

TEST(DependencyDescriptorTest, DerivesTheLayersOfDecodeTargets) {
  const auto structure = ReadDependencyStructure(WithStructure(kL2T2KeyShift, 1));
  ASSERT_TRUE(structure.has_value());
  ASSERT_EQ(structure->decode_target_count, 4);
  const auto expect = [&](size_t target, int spatial_id, int temporal_id, int chain) {
    EXPECT_EQ(structure->decode_targets[target].spatial_id, spatial_id) << target;
    EXPECT_EQ(structure->decode_targets[target].temporal_id, temporal_id) << target;
    EXPECT_EQ(structure->decode_targets[target].protecting_chain, chain) << target;
  };
  expect(0, 0, 0, 0);
  expect(1, 0, 1, 0);
  expect(2, 1, 0, 1);
  expect(3, 1, 1, 1);
  EXPECT_EQ(structure->all_decode_targets(), 0xfu);
}

// Nine decode targets (s, t), each made of all frames of layers up to it: L3T3's frame sets.
TEST(DependencyDescriptorTest, ReadsTheFrameSetsOfThreeByThreeLayers) {
  Structure structure;
  for (int spatial_id = 0; spatial_id < 3; ++spatial_id) {
    for (int temporal_id = 0; temporal_id < 3; ++temporal_id) {
      structure.protecting_chains.push_back(spatial_id);
      std::string indications;
      for (int target = 0; target < 9; ++target) {
        const bool present = target / 3 >= spatial_id && target % 3 >= temporal_id;
        indications += present ? (temporal_id == 2 ? 'D' : 'S') : '-';
      }
      structure.templates.push_back({spatial_id, temporal_id, indications, {1, 12}, {1, 2, 3}});
    }
  }
  ExpectTemplatesRead(structure);
  const auto read = ReadDependencyStructure(WithStructure(structure, 1));
  for (size_t target = 0; target < 9; ++target) {
    EXPECT_EQ(read->decode_targets[target].spatial_id, target / 3);
    EXPECT_EQ(read->decode_targets[target].temporal_id, target % 3);
    EXPECT_EQ(read->decode_targets[target].protecting_chain, target / 3);
  }
}

TEST(DependencyDescriptorTest, ReadsCustomParts) {
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.Read(WithStructure(kL1T3, 1)).has_value());
  std::vector<uint8_t> bytes = Mandatory(11, 2, kStart);
  bytes.resize(32);
  BitWriter writer(absl::MakeSpan(bytes).subspan(3));
  writer.WriteBits(0x0f, 5);      // Everything but a structure.
  writer.WriteBits(0b011, 3);     // Active decode targets.
  writer.WriteBits(0b000111, 6);  // Indications: not present, discardable, required.
  writer.WriteBits(1, 2);         // Frame differences: 4 bits, 12 bits, end.
  writer.WriteBits(4, 4);
  writer.WriteBits(3, 2);
  writer.WriteBits(4095, 12);
  writer.WriteBits(0, 2);
  writer.WriteBits(200, 8);  // Chain.
  bytes.resize(3 + writer.size_bytes());

  const auto read = reader.Read(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->start_of_frame);
  EXPECT_FALSE(read->end_of_frame);
  EXPECT_EQ(read->active_decode_targets, 0b011u);
  EXPECT_EQ(reader.active_decode_targets(), 0b011u);
  EXPECT_EQ(IndicationsOf(*read), "-DR");
  ASSERT_EQ(read->dependencies.frame_difference_count, 2);
  EXPECT_EQ(read->dependencies.frame_differences[0], 5);
  EXPECT_EQ(read->dependencies.frame_differences[1], 4096);
  EXPECT_EQ(read->dependencies.chain_differences[0], 200);

  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(reader.Read(cut).has_value(), size == 3) << size;
  }
}

TEST(DependencyDescriptorTest, RejectsEveryTruncationOfAStructure) {
  const std::vector<uint8_t> bytes = WithStructure(kL1T3, 7);
  DependencyDescriptorReader reader;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(reader.Read(cut).has_value()) << size;
    EXPECT_FALSE(ReadDependencyStructure(cut).has_value()) << size;
    EXPECT_EQ(reader.structure(), nullptr);
  }
  EXPECT_TRUE(reader.Read(bytes).has_value());
}

TEST(DependencyDescriptorTest, NeedsAStructureFirstAndATemplateOfIt) {
  DependencyDescriptorReader reader;
  EXPECT_FALSE(reader.Read(Mandatory(10, 1)).has_value());
  ASSERT_TRUE(reader.Read(WithStructure(kL1T3, 1)).has_value());
  EXPECT_TRUE(reader.Read(Mandatory(14, 2)).has_value());
  EXPECT_FALSE(reader.Read(Mandatory(15, 2)).has_value());
  EXPECT_FALSE(reader.Read(Mandatory(9, 2)).has_value());
}

TEST(DependencyDescriptorTest, RefusesAStructureInTheMiddleOfAFrame) {
  DependencyDescriptorReader reader;
  EXPECT_FALSE(reader.Read(WithStructure(kL1T3, 1, kEnd)).has_value());
  EXPECT_EQ(reader.structure_generation(), 0u);
}

TEST(DependencyDescriptorTest, ReadsLatePacketsWithThePreviousStructure) {
  DependencyDescriptorReader reader;
  ASSERT_TRUE(reader.Read(WithStructure(kL1T3, 65534)).has_value());
  ASSERT_TRUE(reader.Read(WithStructure(kL2T2KeyShift, 1)).has_value());
  EXPECT_EQ(reader.structure_generation(), 2u);

  const auto late = reader.Read(Mandatory(12, 65535));
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ(IndicationsOf(*late), "-DS");
  EXPECT_TRUE(reader.Read(WithStructure(kL1T3, 65534)).has_value()) << "retransmitted";
  EXPECT_EQ(reader.structure_generation(), 2u);
  EXPECT_EQ(reader.structure()->decode_target_count, 4);
  EXPECT_FALSE(reader.Read(Mandatory(12, 2)).has_value()) << "its time is over";
}

TEST(DependencyDescriptorTest, TakesARepeatedStructureOnce) {
  DependencyDescriptorReader reader;
  reader.Read(WithStructure(kL1T3, 5));
  reader.Read(WithStructure(kL1T3, 5));
  EXPECT_EQ(reader.structure_generation(), 1u);
  reader.Read(WithStructure(kL1T3, 6));
  EXPECT_EQ(reader.structure_generation(), 2u);
}

class RewriteDependencyDescriptorTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(reader_.Read(WithStructure(kL1T3, 1)).has_value()); }

  std::vector<uint8_t> Rewrite(const std::vector<uint8_t>& original,
                               std::optional<uint32_t> active_decode_targets) {
    std::vector<uint8_t> out(original.size() + kMaxDependencyDescriptorGrowth);
    out.resize(RewriteDependencyDescriptor(original,
                                           {.frame_number = 0x0102,
                                            .active_decode_targets = active_decode_targets,
                                            .decode_target_count = 3},
                                           absl::MakeSpan(out)));
    return out;
  }

  DependencyDescriptorReader reader_;
};

TEST_F(RewriteDependencyDescriptorTest, ChangesTheFrameNumberOnly) {
  std::vector<uint8_t> expected = WithStructure(kL1T3, 0x0102);
  EXPECT_EQ(Rewrite(WithStructure(kL1T3, 77), std::nullopt), expected);
  EXPECT_EQ(Rewrite(WithStructure(kL1T3, 77), 0b001), expected) << "no mask beside a structure";
  EXPECT_EQ(Rewrite(Mandatory(11, 77), std::nullopt), Mandatory(11, 0x0102));
}

TEST_F(RewriteDependencyDescriptorTest, AddsAMask) {
  const std::vector<uint8_t> rewritten = Rewrite(Mandatory(12, 77), 0b001);
  EXPECT_EQ(rewritten.size(), 4u);
  const auto read = reader_.Read(rewritten);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->frame_number, 0x0102);
  EXPECT_EQ(read->active_decode_targets, 0b001u);
  EXPECT_EQ(IndicationsOf(*read), "-DS");
}

TEST_F(RewriteDependencyDescriptorTest, KeepsCustomPartsAndReplacesTheMask) {
  for (const bool has_mask : {false, true}) {
    std::vector<uint8_t> original = Mandatory(12, 77);
    original.resize(32);
    BitWriter writer(absl::MakeSpan(original).subspan(3));
    writer.WriteBits(has_mask ? 0x0d : 0x05, 5);  // Custom indications and chains.
    if (has_mask) {
      writer.WriteBits(0b111, 3);
    }
    writer.WriteBits(0b111001, 6);
    writer.WriteBits(99, 8);
    original.resize(3 + writer.size_bytes());

    const auto read = reader_.Read(Rewrite(original, 0b010));
    ASSERT_TRUE(read.has_value()) << has_mask;
    EXPECT_EQ(read->active_decode_targets, 0b010u);
    EXPECT_EQ(IndicationsOf(*read), "RSD");
    EXPECT_EQ(read->dependencies.chain_differences[0], 99);
  }
}

TEST_F(RewriteDependencyDescriptorTest, RefusesWhatIsTooShortOrDoesNotFit) {
  EXPECT_TRUE(Rewrite({0x80, 0x00}, 0b1).empty());
  EXPECT_TRUE(Rewrite({0x80, 0x00, 0x01, 0x48}, std::nullopt).size() == 4u);
  std::vector<uint8_t> out(3);
  EXPECT_EQ(RewriteDependencyDescriptor(
                Mandatory(12, 77),
                {.frame_number = 1, .active_decode_targets = 1, .decode_target_count = 3},
                absl::MakeSpan(out)),
            0u);
}

}  // namespace
}  // namespace sfu::rtp
