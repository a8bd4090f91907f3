#pragma once

// For the tests of worker/sctp only.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/simulated_clock.h"
#include "tests/support/simulated_network.h"
#include "worker/sctp/association.h"

namespace sfu::sctp {

// One end (an Association or DataChannels), the link that leads away from it, and what it said
// besides packets.
template <typename End, typename Output>
struct TestSide {
  std::unique_ptr<End> end;
  SimulatedLink link;
  std::vector<Output> outputs = {};
  size_t largest_packet_bytes = 0;

  template <typename T>
  std::vector<T> All() const {
    std::vector<T> found;
    for (const Output& output : outputs) {
      if (const T* const wanted = std::get_if<T>(&output)) {
        found.push_back(*wanted);
      }
    }
    return found;
  }
  template <typename T>
  size_t Count() const {
    return static_cast<size_t>(
        std::count_if(outputs.begin(), outputs.end(),
                      [](const Output& output) { return std::holds_alternative<T>(output); }));
  }
};

// Two ends joined in memory and run on simulated time. `set_time_of_day` is told it too: usrsctp
// asks gettimeofday() how old a packet is before it believes its own timer.
template <typename End, typename Output>
class TestPair {
 public:
  using Side = TestSide<End, Output>;

  using SetTimeOfDay = void (*)(Timestamp);

  TestPair(std::unique_ptr<End> first, std::unique_ptr<End> second, SimulatedLink::Options link,
           SetTimeOfDay set_time_of_day)
      : set_time_of_day_(set_time_of_day),
        a{.end = std::move(first), .link = SimulatedLink(link)},
        b{.end = std::move(second), .link = SimulatedLink(Reverse(link))} {
    AdvanceTo(clock.Now());
  }

  void Connect() {
    a.end->Connect(clock.Now());
    b.end->Connect(clock.Now());
    Take(a);
    Take(b);
  }

  // Everything that is due until then, in the order it is due.
  void Run(absl::Duration duration) {
    const Timestamp end = clock.Now() + duration;
    Take(a);
    Take(b);
    while (Next() <= end) {
      AdvanceTo(std::max(clock.Now(), Next()));
      Deliver(a, b);
      Deliver(b, a);
      Tick(a);
      Tick(b);
    }
    AdvanceTo(end);
  }
  template <typename Condition>
  bool RunUntil(absl::Duration limit, Condition condition) {
    const Timestamp end = clock.Now() + limit;
    while (!condition() && clock.Now() < end) {
      Run(absl::Milliseconds(10));
    }
    return condition();
  }

  void AdvanceTo(Timestamp instant) {
    clock.AdvanceTo(instant);
    if (set_time_of_day_ != nullptr) {
      set_time_of_day_(instant);
    }
  }

  // After a call into an end.
  void Take(Side& side) {
    while (std::optional<Output> output = side.end->PollOutput()) {
      if (const SendPacket* const packet = std::get_if<SendPacket>(&*output)) {
        side.largest_packet_bytes = std::max(side.largest_packet_bytes, packet->packet.size());
        side.link.Send(clock.Now(), packet->packet);
      } else {
        side.outputs.push_back(*std::move(output));
      }
    }
  }

  SimulatedClock clock;

 private:
  SetTimeOfDay set_time_of_day_;

 public:
  Side a;
  Side b;

 private:
  static SimulatedLink::Options Reverse(SimulatedLink::Options link) {
    link.seed += 1000;
    return link;
  }
  Timestamp Next() const {
    return std::min(
        {a.link.NextTimeout(), b.link.NextTimeout(), a.end->NextTimeout(), b.end->NextTimeout()});
  }
  void Deliver(Side& from, Side& to) {
    while (std::optional<std::vector<uint8_t>> packet = from.link.PollArrival(clock.Now())) {
      to.end->HandlePacket(clock.Now(), *packet);
      Take(to);
    }
  }
  void Tick(Side& side) {
    if (side.end->NextTimeout() <= clock.Now()) {
      side.end->HandleTimeout(clock.Now());
      Take(side);
    }
  }
};

}  // namespace sfu::sctp
