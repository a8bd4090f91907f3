#include "common/cluster/memory_node_registry.h"

#include <utility>

namespace sfu::cluster {

void MemoryNodeRegistry::Publish(NodeRecord record) {
  const absl::MutexLock lock(&mutex_);
  nodes_[record.id] = std::move(record);
}

void MemoryNodeRegistry::Remove(std::string_view id) {
  const absl::MutexLock lock(&mutex_);
  if (const auto found = nodes_.find(id); found != nodes_.end()) {
    nodes_.erase(found);
  }
}

std::vector<NodeRecord> MemoryNodeRegistry::Nodes() const {
  const absl::MutexLock lock(&mutex_);
  std::vector<NodeRecord> nodes;
  for (const auto& [id, record] : nodes_) {
    nodes.push_back(record);
  }
  return nodes;
}

}  // namespace sfu::cluster
