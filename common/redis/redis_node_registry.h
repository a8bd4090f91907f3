#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>

#include "common/cluster/node_registry.h"
#include "common/redis/node_view.h"
#include "common/redis/redis_client.h"
#include "common/time/clock.h"

namespace sfu::redis {

// The registry that a cluster shares: the hash `sfu:nodes`, one field per node. Every node writes
// its own and reads all of them once a second; asking for nodes costs no round trip. Whatever
// Redis loses, the next heartbeats put back. While it is away, a process still knows those that
// it publishes itself, and the others for as long as silence is allowed.
class RedisNodeRegistry : public cluster::NodeRegistry {
 public:
  static constexpr absl::Duration kRefreshInterval = absl::Seconds(1);

  // Both must outlive the registry. Not constructed or destroyed in a callback of the client.
  RedisNodeRegistry(RedisClient& client, const Clock& clock);
  ~RedisNodeRegistry() override;

  // `heard_at` is what this process goes by; the others judge by themselves.
  void Publish(cluster::NodeRecord record) override;
  void Remove(std::string_view id) override;
  std::vector<cluster::NodeRecord> Nodes() const override;

  // Entries that no node of ours can have written, and keys of ours that held something else.
  uint64_t nonsense() const;

 private:
  struct State;

  RedisClient& client_;
  const Clock& clock_;
  const std::shared_ptr<State> state_;  // Shared with commands under way.
  std::unique_ptr<LoopTimer> timer_;    // On the client's loop.
};

}  // namespace sfu::redis
