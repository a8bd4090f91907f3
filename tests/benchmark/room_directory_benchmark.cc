// What agreeing on a room costs over a local redis-server, which this starts: one claim after the
// other, many at once, an owner's renewal, and the memory that a room takes there.

#include <atomic>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "common/runtime/system_clock.h"
#include "controller/directory/redis_room_directory.h"
#include "tests/support/redis_probe.h"
#include "tests/support/redis_server.h"

namespace {

using sfu::directory::RedisRoomDirectory;
using sfu::directory::RoomKeyMaker;
using sfu::directory::RoomLocation;

struct Cluster {
  sfu::RedisServer server;
  sfu::RedisProbe probe{server};
  sfu::SystemClock clock;
  RedisRoomDirectory directory{probe.client(), clock,
                               RoomKeyMaker(RoomKeyMaker::ApiKeys{{"k", "s"}})};
};

// What a controller asks for: ids of the length that ours have.
const RoomLocation kLocation = {"ND_abcdefghijkl", "ND_mnopqrstuvwx"};

std::string RoomName(int64_t number) { return "room-" + std::to_string(number); }

void ClaimInTurn(benchmark::State& state) {
  Cluster cluster;
  int64_t number = 0;
  for (auto _ : state) {
    absl::Notification done;
    cluster.directory.Claim(RoomName(number++), kLocation,
                            [&done](const absl::StatusOr<RoomLocation>&) { done.Notify(); });
    done.WaitForNotification();
  }
  state.SetItemsProcessed(state.iterations());
}

void ClaimManyAtOnce(benchmark::State& state) {
  Cluster cluster;
  int64_t number = 0;
  for (auto _ : state) {
    std::atomic<int64_t> waiting = state.range(0);
    absl::Notification done;
    for (int64_t i = 0; i < state.range(0); ++i) {
      cluster.directory.Claim(RoomName(number++), kLocation,
                              [&](const absl::StatusOr<RoomLocation>&) {
                                if (--waiting == 0) {
                                  done.Notify();
                                }
                              });
    }
    done.WaitForNotification();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void RenewAll(benchmark::State& state) {
  Cluster cluster;
  std::vector<std::pair<std::string, RoomLocation>> rooms;
  for (int64_t i = 0; i < state.range(0); ++i) {
    rooms.emplace_back(RoomName(i), RoomLocation{kLocation.controller_id, kLocation.worker_id, 1});
  }
  for (auto _ : state) {
    cluster.directory.Renew(rooms, [](const std::string&, const RoomLocation&) {});
    (void)cluster.probe.Ask({"PING"});  // Answered after the renewal.
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void MemoryPerRoom(benchmark::State& state) {
  const auto used = [](Cluster& cluster) {
    const std::string info = cluster.probe.Ask({"INFO", "memory"})->text;
    return std::stod(info.substr(info.find("used_memory:") + 12));
  };
  for (auto _ : state) {
    Cluster cluster;
    (void)cluster.probe.Ask({"CONFIG", "SET", "activerehashing", "no"});
    const double before = used(cluster);
    std::vector<std::pair<std::string, RoomLocation>> rooms;
    for (int64_t i = 0; i < state.range(0); ++i) {
      rooms.emplace_back(RoomName(i),
                         RoomLocation{kLocation.controller_id, kLocation.worker_id, 1});
    }
    cluster.directory.Renew(rooms, [](const std::string&, const RoomLocation&) {});
    (void)cluster.probe.Ask({"PING"});
    (void)cluster.probe.Ask({"PING"});
    state.counters["bytes/room"] = (used(cluster) - before) / static_cast<double>(state.range(0));
  }
}

BENCHMARK(ClaimInTurn)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(ClaimManyAtOnce)->Arg(1000)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(RenewAll)->Arg(1000)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(MemoryPerRoom)->Arg(10'000)->Iterations(1)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
