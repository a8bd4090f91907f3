#include "tests/support/simulated_worker.h"

#include <utility>

#include <fmt/format.h>

#include "worker/ice/path.h"
#include "worker/ice/stun_message.h"

namespace sfu {

SimulatedWorker::SimulatedWorker(uint64_t seed, const Clock& clock,
                                 std::shared_ptr<const dtls::Context> dtls,
                                 sctp::AssociationFactory& associations)
    : random_(seed),
      candidates_({{.address = Address()}}),
      host_({.thread_index = 0,
             .table = table_,
             .transport_counters = counters_,
             .pool = pool_,
             .random = random_,
             .candidates = candidates_},
            clock, std::move(dtls), associations) {}

void SimulatedWorker::HandleCommand(Timestamp now, const worker::v1::RoomCommand& command,
                                    const std::shared_ptr<worker::ControllerOutbox>& outbox) {
  host_.HandleCommand(now, mediaroom::RoomHandle(command.room()), command, outbox);
}

// As the media thread routes.
void SimulatedWorker::HandleDatagram(Timestamp now, const SocketAddress& from,
                                     absl::Span<const uint8_t> datagram) {
  const ice::Path path{.remote = from};
  std::optional<transport::TransportId> found = table_.FindPath(path);
  if (!found) {
    if (const std::optional<std::string_view> ufrag = ice::LocalUfragOf(datagram)) {
      found = table_.FindUfrag(*ufrag);
    }
  }
  if (!found) {
    ++unroutable_;
    return;
  }
  host_.HandleDatagram(now, *found, path, pool_.Copy(datagram));
}

void SimulatedWorker::HandleTimeout(Timestamp now) {
  if (host_.NextTimeout() <= now) {
    host_.HandleTimeout(now);
  }
}

std::vector<SimulatedWorker::Datagram> SimulatedWorker::Flush(Timestamp now) {
  std::vector<Datagram> datagrams;
  bool more = true;
  while (more) {
    batch_.Clear();
    more = host_.Flush(now, batch_);
    for (const transport::DatagramBatch::Entry& entry : batch_.entries()) {
      const absl::Span<const uint8_t> bytes = batch_.BytesOf(entry);
      datagrams.push_back({entry.path.remote, {bytes.begin(), bytes.end()}});
    }
  }
  batch_.Clear();
  return datagrams;
}

std::string SimulatedWorker::Leftovers() const {
  std::string left;
  const auto note = [&](std::string_view what, uint64_t count) {
    if (count != 0) {
      left += fmt::format("{} {}; ", count, what);
    }
  };
  note("rooms", host_.room_count());
  note("transports", host_.transport_count());
  note("paths in the table", table_.path_count());
  note("ufrags in the table", table_.ufrag_count());
  note("packets out of the pool", pool_.in_use());
  note("armed timers", host_.NextTimeout() == Timestamp::Never() ? 0 : 1);
  return left;
}

}  // namespace sfu
