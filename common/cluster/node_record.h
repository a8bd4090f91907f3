#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu::cluster {

enum class NodeKind { kController, kWorker };

// What a node has on its shoulders, as it last said itself. What a kind of node has not stays 0.
struct NodeLoad {
  uint32_t rooms = 0;
  uint32_t clients = 0;  // Participants.
  uint32_t transports = 0;
  uint32_t tracks_in = 0;   // Published to it.
  uint32_t tracks_out = 0;  // Subscribed to from it.
  double bytes_per_second_in = 0;
  double bytes_per_second_out = 0;
  double cpu_load = 0;           // Of the busiest media thread, 0 to 1.
  double load_average_1min = 0;  // Of the machine: processes that run or would like to.
  uint32_t cpu_count = 0;        // Of the machine; 0: not said.
};

// One process of the cluster, as the others see it.
struct NodeRecord {
  std::string id;  // "ND_...": new with every start of the process.
  NodeKind kind = NodeKind::kWorker;
  std::string address = "";  // host:port of its gRPC side; empty within one process.
  std::string region = "";
  bool draining = false;  // Keeps what it has, takes nothing new.
  NodeLoad load = {};
  // By the node's own wall clock, which may be wrong: for people to read, not to decide by.
  absl::Time started_at = absl::InfinitePast();
  absl::Time updated_at = absl::InfinitePast();
  // The last sign of life, on the monotonic clock of the process that holds this record.
  Timestamp heard_at = Timestamp::FromMicros(std::numeric_limits<int64_t>::min() / 2);
};

// A node that has been silent for this long is taken for gone (operations contract, 4.2).
inline constexpr absl::Duration kNodeSilenceLimit = absl::Seconds(5);

inline bool IsAvailable(const NodeRecord& node, Timestamp now) {
  return now - node.heard_at < kNodeSilenceLimit;
}

}  // namespace sfu::cluster
