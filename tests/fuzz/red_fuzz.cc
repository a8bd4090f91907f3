#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/base/check.h"
#include "worker/rtp/red_payload.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sfu::rtp;
  const absl::Span<const uint8_t> payload(data, size);
  const auto red = RedPayload::Parse(payload);
  if (!red) {
    return 0;
  }
  std::vector<RedBlock> blocks(red->redundant().begin(), red->redundant().end());
  blocks.push_back(red->primary());
  std::vector<uint8_t> again(size);
  SFU_CHECK(WriteRedPayload(blocks, absl::MakeSpan(again)) == size);
  SFU_CHECK(absl::MakeConstSpan(again) == payload);
  return 0;
}
