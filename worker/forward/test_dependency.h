// For tests of worker/forward only: dependency descriptors as encoders write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sfu::forward {

struct TestTemplate {
  int spatial_id;
  int temporal_id;
  std::string indications;  // One of - D S R for each decode target.
  std::vector<int> frame_differences;
  std::vector<int> chain_differences;
};

struct TestStructure {
  std::vector<int> protecting_chains;  // Of each decode target.
  std::vector<TestTemplate> templates;
};

// As in AV1 RTP specification A.8.3: targets are ordered by spatial, then temporal layer.
inline const TestStructure kL1T3 = {{0, 0, 0},
                                    {{0, 0, "SSS", {}, {0}},
                                     {0, 0, "SSS", {4}, {4}},
                                     {0, 1, "-DS", {2}, {2}},
                                     {0, 2, "--D", {1}, {1}},
                                     {0, 2, "--D", {1}, {3}}}};
inline const TestStructure kL2T2Key = {{0, 0, 1, 1},
                                       {{0, 0, "SSSS", {}, {0, 0}},
                                        {0, 0, "SS--", {4}, {4, 3}},
                                        {0, 1, "-D--", {2}, {2, 1}},
                                        {1, 0, "--SS", {1}, {1, 1}},
                                        {1, 0, "--SS", {4}, {1, 4}},
                                        {1, 1, "---D", {2}, {3, 2}}}};
inline const TestStructure kL2T1 = {{0, 1},
                                    {{0, 0, "SS", {}, {0, 0}},
                                     {0, 0, "SR", {2}, {2, 1}},
                                     {1, 0, "-S", {1}, {1, 1}},
                                     {1, 0, "-R", {2, 1}, {1, 1}}}};

class Bits {
 public:
  void Write(int value, int count) {
    for (int i = count - 1; i >= 0; --i, ++size_) {
      if (size_ % 8 == 0) {
        bytes_.push_back(0);
      }
      bytes_.back() = static_cast<uint8_t>(bytes_.back() | (value >> i & 1) << (7 - size_ % 8));
    }
  }
  // ns(n) of the specification.
  void WriteNonSymmetric(int value, int limit) {
    int width = 0;
    while (limit >> width != 0) {
      ++width;
    }
    const int shorter = (1 << width) - limit;
    Write(value < shorter ? value : value + shorter, value < shorter ? width - 1 : width);
  }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
  int size_ = 0;
};

inline std::vector<uint8_t> DependencyBytes(const TestStructure& structure, size_t template_index,
                                            int frame, bool with_structure,
                                            std::optional<int> active = std::nullopt) {
  Bits bits;
  bits.Write(3, 2);  // One packet per frame: it starts and ends it.
  bits.Write(static_cast<int>(template_index), 6);
  bits.Write(frame & 0xffff, 16);
  if (!with_structure && !active) {
    return bits.bytes();
  }
  bits.Write(with_structure ? 1 : 0, 1);
  bits.Write(active ? 1 : 0, 1);
  bits.Write(0, 3);
  const int target_count = static_cast<int>(structure.protecting_chains.size());
  if (with_structure) {
    const auto& templates = structure.templates;
    const int chain_count = static_cast<int>(templates[0].chain_differences.size());
    bits.Write(0, 6);
    bits.Write(target_count - 1, 5);
    for (size_t i = 1; i <= templates.size(); ++i) {
      const bool end = i == templates.size();
      bits.Write(end                                                        ? 3
                 : templates[i].spatial_id != templates[i - 1].spatial_id   ? 2
                 : templates[i].temporal_id != templates[i - 1].temporal_id ? 1
                                                                            : 0,
                 2);
    }
    for (const TestTemplate& each : templates) {
      for (const char indication : each.indications) {
        bits.Write(static_cast<int>(std::string_view("-DSR").find(indication)), 2);
      }
    }
    for (const TestTemplate& each : templates) {
      for (const int difference : each.frame_differences) {
        bits.Write(1, 1);
        bits.Write(difference - 1, 4);
      }
      bits.Write(0, 1);
    }
    bits.WriteNonSymmetric(chain_count, target_count + 1);
    for (const int chain : structure.protecting_chains) {
      bits.WriteNonSymmetric(chain, chain_count);
    }
    for (const TestTemplate& each : templates) {
      for (const int difference : each.chain_differences) {
        bits.Write(difference, 4);
      }
    }
    bits.Write(0, 1);  // No resolutions.
  }
  if (active) {
    bits.Write(*active, target_count);
  }
  return bits.bytes();
}

}  // namespace sfu::forward
