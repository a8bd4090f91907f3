#pragma once

#include <cstdint>
#include <string>

#include <absl/time/time.h>

namespace sfu::cluster {

enum class NodeKind { kController, kWorker };

// What a node has on its shoulders, as it last said itself.
struct NodeLoad {
  uint32_t rooms = 0;
  uint32_t transports = 0;
  double cpu_load = 0;  // Of the busiest media thread, 0 to 1.
};

// One process of the cluster, as the others see it.
struct NodeRecord {
  std::string id;  // "ND_...": new with every start of the process.
  NodeKind kind = NodeKind::kWorker;
  std::string address = "";  // host:port of its gRPC side; empty within one process.
  std::string region = "";
  bool draining = false;  // Keeps what it has, takes nothing new.
  NodeLoad load = {};
  absl::Time updated_at = absl::InfinitePast();
};

// A node that has been silent for this long is taken for gone.
inline constexpr absl::Duration kNodeSilenceLimit = absl::Seconds(5);

}  // namespace sfu::cluster
