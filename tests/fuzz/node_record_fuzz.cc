#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/check.h"
#include "common/redis/node_codec.h"

// Any bytes as a node's entry in Redis: what is accepted has loads that can be compared, and is
// read as the same when written again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sfu::redis;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto node = DecodeNode("ND_fuzz", text);
  if (!node) {
    return 0;
  }
  const sfu::cluster::NodeLoad& load = node->record.load;
  for (const double number : {load.cpu_load, load.load_average_1min, load.bytes_per_second_in,
                              load.bytes_per_second_out}) {
    SFU_CHECK(std::isfinite(number) && number >= 0);
  }
  const std::string again = EncodeNode(node->record, node->sequence);
  if (again.size() <= kMaxNodeBytes) {  // Escapes may take more room than what they stand for.
    const auto repeated = DecodeNode("ND_fuzz", again);
    SFU_CHECK(repeated.has_value());
    SFU_CHECK(EncodeNode(repeated->record, repeated->sequence) == again);
  }
  return 0;
}
