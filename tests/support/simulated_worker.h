#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "proto/sfu/worker.pb.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"
#include "worker/dtls/context.h"
#include "worker/ice/candidate.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/sctp/association.h"
#include "worker/server/controller_outbox.h"
#include "worker/server/room_host.h"
#include "worker/transport/datagram_batch.h"
#include "worker/transport/transport_counters.h"
#include "worker/transport/transport_table.h"

namespace sfu {

// Both clocks of a process on simulated time.
class SimulatedWallClock : public Clock {
 public:
  explicit SimulatedWallClock(const SimulatedClock& clock) : clock_(clock) {}
  Timestamp Now() const override { return clock_.Now(); }
  absl::Time WallNow() const override { return WallAt(clock_.Now()); }
  static absl::Time WallAt(Timestamp now) {
    return absl::FromUnixSeconds(1'700'000'000) + (now - Timestamp::FromMicros(0));
  }

 private:
  const SimulatedClock& clock_;
};

// A worker of one media thread without the thread: its rooms, its packet pool and its routing
// table, driven as MediaThread drives them, one datagram per pass.
class SimulatedWorker {
 public:
  struct Datagram {
    SocketAddress to;
    std::vector<uint8_t> bytes;
  };

  // All referred to must outlive the worker.
  SimulatedWorker(uint64_t seed, const Clock& clock, std::shared_ptr<const dtls::Context> dtls,
                  sctp::AssociationFactory& associations);

  void HandleCommand(Timestamp now, const worker::v1::RoomCommand& command,
                     const std::shared_ptr<worker::ControllerOutbox>& outbox);
  void HandleDatagram(Timestamp now, const SocketAddress& from, absl::Span<const uint8_t> datagram);
  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const { return host_.NextTimeout(); }
  // The end of a pass.
  std::vector<Datagram> Flush(Timestamp now);

  // Nothing of any call is left: "" if so, else what is.
  std::string Leftovers() const;

  const transport::TransportCounters& counters() const { return counters_; }
  const worker::RoomHost& host() const { return host_; }
  uint64_t unroutable() const { return unroutable_; }

  static SocketAddress Address() { return SocketAddress::V4({198, 51, 100, 1}, 7882); }

 private:
  SeededRandom random_;
  transport::TransportTable table_;
  transport::TransportCounters counters_;
  rtp::PacketPool pool_{64 * 1024};
  const std::vector<ice::HostCandidate> candidates_;
  worker::RoomHost host_;  // Refers to all of the above.
  transport::DatagramBatch batch_;
  uint64_t unroutable_ = 0;
};

}  // namespace sfu
