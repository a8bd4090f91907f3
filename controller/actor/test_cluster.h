#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>

#include "common/cluster/memory_node_registry.h"
#include "common/runtime/secure_random.h"
#include "common/runtime/system_clock.h"
#include "controller/actor/room_registry.h"
#include "controller/directory/memory_room_directory.h"

// For tests of controller/{actor,api,http}: real rooms on a real loop, with workers that exist as
// far as rooms can tell.
namespace sfu::actor {

class NoObserver : public RoomObserver {
 public:
  void HandleRoomStarted(const livekit::Room&) override {}
  void HandleRoomFinished(const livekit::Room&) override {}
  void HandleFact(const livekit::Room&, const room::RoomFact&) override {}
  void HandleMilestone(const Milestone&) override {}
};

// Says yes to every command, and keeps them.
class FakeWorker : public workerlink::WorkerLink {
 public:
  explicit FakeWorker(workerlink::WorkerLinkHandler& handler) : handler_(handler) {}

  void Send(worker::v1::RoomCommand command) override {
    worker::v1::CommandResult result;
    result.set_request_id(command.request_id());
    if (command.has_open_transport()) {
      worker::v1::TransportOpened& opened = *result.mutable_transport_opened();
      opened.mutable_local_ice()->set_ufrag("ufrag");
      opened.mutable_local_ice()->set_password("a-password-of-22-chars");
      opened.mutable_local_fingerprint()->set_algorithm("sha-256");
      opened.mutable_local_fingerprint()->set_value(std::string(32, 'x'));
    }
    {
      const absl::MutexLock lock(&mutex_);
      commands_.push_back(std::move(command));
    }
    handler_.HandleResult(std::move(result));
  }

  void Attach(const std::string& worker_id) { handler_.HandleAttached(worker_id); }
  void LoseRooms() {
    handler_.HandleDetached();
    handler_.HandleRoomsLost();
  }
  std::vector<worker::v1::RoomCommand> commands() const {
    const absl::MutexLock lock(&mutex_);
    return commands_;
  }
  // As above, once there is one: rooms send on their own loops. Empty after 10 s without.
  std::vector<worker::v1::RoomCommand> AwaitCommands() const {
    const auto has_commands = [this]()
                                  ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !commands_.empty(); };
    const absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&has_commands), absl::Seconds(10));
    return commands_;
  }

 private:
  workerlink::WorkerLinkHandler& handler_;
  mutable absl::Mutex mutex_;
  std::vector<worker::v1::RoomCommand> commands_;
};

struct TestCluster {
  explicit TestCluster(bool auto_create = true, size_t loops = 2)
      : pool(nodes, clock, random, {}),
        rooms({.loops = loops,
               .auto_create = auto_create,
               .room_options = Options(),
               .controller_id = "CO_test"},
              clock, observer, directory, pool) {}
  ~TestCluster() {
    rooms.Stop();
    pool.Stop();
  }

  static room::RoomOptions Options() {
    room::RoomOptions options;
    options.server_info.set_version("1.13.5");
    options.enabled_codecs = room::DefaultEnabledCodecs();
    return options;
  }

  FakeWorker& AddWorker(const std::string& worker_id) {
    FakeWorker* worker = nullptr;
    pool.Add(worker_id, "", [&worker](workerlink::WorkerLinkHandler& handler) {
      auto link = std::make_unique<FakeWorker>(handler);
      worker = link.get();
      return link;
    });
    worker->Attach(worker_id);
    return *worker;
  }

  SystemClock clock;
  SecureRandom random;
  NoObserver observer;
  cluster::MemoryNodeRegistry nodes;
  directory::MemoryRoomDirectory directory;
  WorkerPool pool;
  RoomRegistry rooms;
};

// A client as the room sees it.
class TestListener : public SignalListener {
 public:
  void HandleResponse(livekit::SignalResponse response) override {
    const absl::MutexLock lock(&mutex_);
    responses_.push_back(std::move(response));
  }
  void HandleClose() override {
    const absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

  // The first response of that kind, waiting for it if need be.
  livekit::SignalResponse Await(livekit::SignalResponse::MessageCase kind) {
    livekit::SignalResponse found;
    const auto there = [this, kind, &found]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      for (const livekit::SignalResponse& response : responses_) {
        if (response.message_case() == kind) {
          found = response;
          return true;
        }
      }
      return false;
    };
    const absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(10));
    return found;
  }
  bool AwaitClosed() {
    const absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&closed_), absl::Seconds(10));
  }

 private:
  absl::Mutex mutex_;
  std::vector<livekit::SignalResponse> responses_;
  bool closed_ = false;
};

inline room::JoinParameters JoinOf(std::string room, std::string identity) {
  room::JoinParameters parameters;
  parameters.claims.identity = std::move(identity);
  parameters.claims.video.emplace();
  parameters.claims.video->room_join = true;
  parameters.claims.video->room = std::move(room);
  parameters.client.set_protocol(17);
  return parameters;
}

}  // namespace sfu::actor
