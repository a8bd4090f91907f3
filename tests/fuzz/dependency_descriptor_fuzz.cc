#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/base/check.h"
#include "worker/rtp/dependency_descriptor.h"
#include "worker/rtp/dependency_descriptor_writer.h"

// A sequence of descriptors of one stream, each with its length in one byte in front.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sfu::rtp;
  DependencyDescriptorReader reader;
  absl::Span<const uint8_t> rest(data, size);
  while (!rest.empty()) {
    const size_t length = std::min<size_t>(rest[0], rest.size() - 1);
    const absl::Span<const uint8_t> value = rest.subspan(1, length);
    rest.remove_prefix(1 + length);
    ReadDependencyStructure(value);
    const auto descriptor = reader.Read(value);
    if (!descriptor) {
      continue;
    }
    SFU_CHECK(descriptor->decode_target_count >= 1 &&
              descriptor->decode_target_count <= kMaxDecodeTargets);
    SFU_CHECK(descriptor->chain_count <= kMaxChains);

    DependencyDescriptorRewrite rewrite;
    rewrite.frame_number = descriptor->frame_number;
    rewrite.active_decode_targets = 1;
    rewrite.decode_target_count = descriptor->decode_target_count;
    std::vector<uint8_t> out(value.size() + kMaxDependencyDescriptorGrowth);
    const size_t written = RewriteDependencyDescriptor(value, rewrite, absl::MakeSpan(out));
    SFU_CHECK(written >= 3);
    DependencyDescriptorReader copy = reader;
    const auto again = copy.Read(absl::MakeConstSpan(out).first(written));
    SFU_CHECK(again && again->frame_number == descriptor->frame_number);
    SFU_CHECK(again->dependencies.indications == descriptor->dependencies.indications);
    SFU_CHECK(again->dependencies.chain_differences == descriptor->dependencies.chain_differences);
    SFU_CHECK(descriptor->has_structure || again->active_decode_targets == 1u);
  }
  return 0;
}
