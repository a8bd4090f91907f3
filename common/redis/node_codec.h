#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/cluster/node_record.h"

namespace sfu::redis {

// What a node says about itself in Redis: a version, '1', and JSON that an operator can read.
//
//   1{"kind":"worker","address":"10.0.0.5:7885","region":"eu","sequence":4711,...}
//
// The sequence rises with every record that is published, so that a reader can tell news from a
// repetition without trusting any clock.
std::string EncodeNode(const cluster::NodeRecord& record, uint64_t sequence);

struct DecodedNode {
  cluster::NodeRecord record;  // Without `heard_at`.
  uint64_t sequence = 0;
};

// Nullopt unless `text` is of our version and makes sense; unknown members are skipped. Numbers
// that no machine can have (negative, not finite) are read as the worst there is: a node that
// lies gets no rooms by it. At most kMaxNodeBytes.
std::optional<DecodedNode> DecodeNode(std::string_view id, std::string_view text);

inline constexpr size_t kMaxNodeBytes = 4096;
inline constexpr size_t kMaxNodeIdBytes = 64;

}  // namespace sfu::redis
