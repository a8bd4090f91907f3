#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "tests/support/simulated_conference.h"

namespace sfu {

// People who cannot make up their minds: does something at random to a conference, time and again,
// and keeps account of the data that was sent.
class RandomCall {
 public:
  struct Options {
    size_t rooms = 1;
    uint32_t cuts_percent = 0;  // How often what happens is that a signal connection breaks.
  };
  RandomCall(SimulatedConference& conference, const Options& options)
      : conference_(conference), random_(conference.random().NextU64()), options_(options) {}

  void RunFor(absl::Duration duration);
  void EndPauses();  // Everybody unmutes and wants to see and show everything.
  void EverybodyLeaves();

  // What is wrong with the data that arrived.
  std::vector<std::string> CheckData();

  // How often something was done.
  const std::map<std::string, int>& actions() const { return actions_; }

 private:
  static constexpr size_t kMaxPresent = 6;
  static constexpr size_t kMaxTracksEach = 3;

  struct SentData {
    size_t sender = 0;
    bool reliable = false;
    bool permitted = false;
    std::vector<size_t> to;         // Empty: everybody.
    std::vector<size_t> listeners;  // Whose channel was open.
  };

  void ActOnce();
  void Join();
  void CutSignal();
  void Leave();
  void Publish(size_t client);
  void ActOnOwnTrack(size_t client);
  void ActOnOthersTrack(size_t client);
  void SendData(size_t client);
  void Count(const std::string& action) { ++actions_[action]; }
  bool Chance(uint32_t percent) { return random_.NextBelow(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[random_.NextBelow(static_cast<uint32_t>(from.size()))];
  }
  std::vector<size_t> Present() const;
  std::vector<uint32_t> Named(size_t client) const;  // Publications that have a SID.

  SimulatedConference& conference_;
  SeededRandom random_;
  const Options options_;
  std::map<size_t, bool> may_send_data_;
  std::vector<SentData> data_;
  std::map<std::string, int> actions_;
};

}  // namespace sfu
