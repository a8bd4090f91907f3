#pragma once

#include <string_view>
#include <vector>

#include "common/cluster/node_record.h"

namespace sfu::cluster {

// Which nodes live and how loaded they are. Nodes publish themselves every few seconds; a record
// that is not renewed stays for a while, and its `heard_at` tells. Thread-safe, never waits.
class NodeRegistry {
 public:
  virtual ~NodeRegistry() = default;

  // Replaces the one with the same id. `heard_at` is the caller's now.
  virtual void Publish(NodeRecord record) = 0;
  virtual void Remove(std::string_view id) = 0;
  virtual std::vector<NodeRecord> Nodes() const = 0;  // By id. What is known here and now.
};

}  // namespace sfu::cluster
