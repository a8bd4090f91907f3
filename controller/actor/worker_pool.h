#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>

#include "common/base/random.h"
#include "common/cluster/node_registry.h"
#include "common/time/clock.h"
#include "controller/placement/worker_selector.h"
#include "controller/worker_link/worker_link.h"

namespace sfu::actor {

// The workers of this controller: keeps their records in the registry, picks one for a new room,
// and passes on what they send. Thread-safe; taken when rooms come and go, not per message.
class WorkerPool {
 public:
  // Which of the pool's links. Stable for the life of the process, unlike a worker's id.
  using Slot = size_t;

  // What comes from the workers, from threads of their links: only post.
  struct Handlers {
    std::function<void(worker::v1::CommandResult)> result;
    std::function<void(worker::v1::RoomEvent)> event;
    std::function<void(Slot)> attached;
    std::function<void(Slot)> rooms_lost;
  };

  // All must outlive the pool.
  WorkerPool(cluster::NodeRegistry& registry, Clock& clock, Random& random,
             placement::SelectorOptions options);
  ~WorkerPool();

  // Before the first link.
  void SetHandlers(Handlers handlers) { handlers_ = std::move(handlers); }

  // `make` builds the link for the handler it is given. `region` as the worker is configured.
  using MakeLink =
      std::function<std::unique_ptr<workerlink::WorkerLink>(workerlink::WorkerLinkHandler&)>;
  void Add(const std::string& address, const std::string& region, const MakeLink& make);

  struct Choice {
    Slot slot;
    std::string worker_id;
    workerlink::WorkerLink* link;  // As long as the pool.
  };
  // Nullopt when no worker is there.
  std::optional<Choice> Choose();

  // Whether any worker is attached now.
  bool has_worker() const;

  // Waits until some worker can be chosen.
  bool AwaitWorker(absl::Duration timeout);

  // Ends the links. Nothing is handled after it.
  void Stop();

 private:
  class Member;

  cluster::NodeRegistry& registry_;
  Clock& clock_;
  placement::SelectorOptions options_;
  Handlers handlers_;

  mutable absl::Mutex mutex_;
  Random& random_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Member>> members_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Slot> slots_ ABSL_GUARDED_BY(mutex_);  // By worker id; attached ones.
};

}  // namespace sfu::actor
