#pragma once

#include <map>
#include <string>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>

#include "common/cluster/node_registry.h"

namespace sfu::cluster {

// The registry of a cluster that is one process, or one controller that knows its workers.
class MemoryNodeRegistry : public NodeRegistry {
 public:
  void Publish(NodeRecord record) override;
  void Remove(std::string_view id) override;
  std::vector<NodeRecord> Nodes() const override;

 private:
  mutable absl::Mutex mutex_;  // A few writes per second; never on a media thread.
  std::map<std::string, NodeRecord, std::less<>> nodes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sfu::cluster
