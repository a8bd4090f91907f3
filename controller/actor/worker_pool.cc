#include "controller/actor/worker_pool.h"

#include <algorithm>
#include <utility>

namespace sfu::actor {

// One worker's record, kept by what its link reports. The link calls it, never twice at once.
class WorkerPool::Member : public workerlink::WorkerLinkHandler {
 public:
  Member(WorkerPool& pool, Slot slot, const std::string& address, const std::string& region)
      : pool_(pool), slot_(slot) {
    record_.kind = cluster::NodeKind::kWorker;
    record_.address = address;
    record_.region = region;
  }

  void HandleAttached(const std::string& worker_id) override {
    Leave();
    record_.id = worker_id;
    {
      const absl::MutexLock lock(&pool_.mutex_);
      pool_.slots_[worker_id] = slot_;
    }
    Publish();
    pool_.handlers_.attached(slot_);
  }
  void HandleDetached() override { Leave(); }
  void HandleRoomsLost() override { pool_.handlers_.rooms_lost(slot_); }
  void HandleResult(worker::v1::CommandResult result) override {
    pool_.handlers_.result(std::move(result));
  }
  void HandleEvent(worker::v1::RoomEvent event) override {
    pool_.handlers_.event(std::move(event));
  }
  void HandleLoad(const worker::v1::LoadReport& load) override {
    record_.load = {.rooms = load.rooms(),
                    .transports = load.transports(),
                    .cpu_load = static_cast<double>(load.cpu_load())};
    Publish();
  }

  std::unique_ptr<workerlink::WorkerLink> link;

 private:
  void Publish() {
    record_.updated_at = pool_.clock_.WallNow();
    record_.heard_at = pool_.clock_.Now();
    pool_.registry_.Publish(record_);
  }
  void Leave() {
    if (record_.id.empty()) {
      return;
    }
    pool_.registry_.Remove(record_.id);
    const absl::MutexLock lock(&pool_.mutex_);
    pool_.slots_.erase(record_.id);
  }

  WorkerPool& pool_;
  const Slot slot_;
  cluster::NodeRecord record_;
};

WorkerPool::WorkerPool(cluster::NodeRegistry& registry, Clock& clock, Random& random,
                       placement::SelectorOptions options)
    : registry_(registry), clock_(clock), options_(std::move(options)), random_(random) {}

WorkerPool::~WorkerPool() { Stop(); }

void WorkerPool::Add(const std::string& address, const std::string& region, const MakeLink& make) {
  Member* member = nullptr;
  {
    const absl::MutexLock lock(&mutex_);
    members_.push_back(std::make_unique<Member>(*this, members_.size(), address, region));
    member = members_.back().get();
  }
  std::unique_ptr<workerlink::WorkerLink> link = make(*member);
  const absl::MutexLock lock(&mutex_);
  member->link = std::move(link);  // The worker may have attached already.
}

std::optional<WorkerPool::Choice> WorkerPool::Choose() {
  const std::vector<cluster::NodeRecord> nodes = registry_.Nodes();
  const absl::MutexLock lock(&mutex_);
  // The registry may know workers that are not ours to command.
  std::vector<cluster::NodeRecord> ours;
  for (const cluster::NodeRecord& node : nodes) {
    const auto slot = slots_.find(node.id);
    if (slot != slots_.end() && members_[slot->second]->link != nullptr) {
      ours.push_back(node);
    }
  }
  const std::optional<std::string> id =
      placement::SelectWorker(ours, clock_.Now(), options_, random_);
  if (!id) {
    return std::nullopt;
  }
  const Slot slot = slots_.at(*id);
  return Choice{.slot = slot, .worker_id = *id, .link = members_[slot]->link.get()};
}

bool WorkerPool::has_worker() const {
  const absl::MutexLock lock(&mutex_);
  return !slots_.empty();
}

bool WorkerPool::AwaitWorker(absl::Duration timeout) {
  const auto any = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return std::any_of(slots_.begin(), slots_.end(),
                       [this](const auto& slot) { return members_[slot.second]->link != nullptr; });
  };
  const absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&any), timeout);
}

void WorkerPool::Stop() {
  std::vector<std::unique_ptr<workerlink::WorkerLink>> links;
  {
    const absl::MutexLock lock(&mutex_);
    slots_.clear();
    for (const std::unique_ptr<Member>& member : members_) {
      links.push_back(std::move(member->link));
    }
  }
  links.clear();  // Waits for calls to the members.
}

}  // namespace sfu::actor
