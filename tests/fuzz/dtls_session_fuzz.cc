#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <absl/time/time.h>

#include "common/base/byte_reader.h"
#include "common/base/check.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_gettimeofday.h"
#include "worker/dtls/session.h"

namespace {

using sfu::ByteReader;
using sfu::Timestamp;
using sfu::dtls::Context;
using sfu::dtls::Output;
using sfu::dtls::SendDatagram;
using sfu::dtls::Session;

const Context& SharedContext() {
  static const Context* const context = [] {
    sfu::SeededRandom random(1);
    return new Context(
        sfu::dtls::Certificate::Generate(random, absl::FromUnixSeconds(1'760'000'000)));
  }();
  return *context;
}

std::vector<std::vector<uint8_t>> TakeDatagrams(Session& session) {
  std::vector<std::vector<uint8_t>> datagrams;
  while (std::optional<Output> output = session.PollOutput()) {
    if (auto* datagram = std::get_if<SendDatagram>(&*output)) {
      datagrams.push_back(std::move(datagram->bytes));
    }
  }
  return datagrams;
}

void Advance(Timestamp& now, absl::Duration step) {
  now = now + step;
  sfu::SetSimulatedTimeOfDay(now);
}

}  // namespace

// A server between a genuine client and an attacker, by instructions of the form
// | what 1 | length 1 | bytes ... |: the bytes as a datagram, the bytes written over the client's
// next datagram, or that datagram as it is; with time passing in between.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 4096) {
    return 0;
  }
  Timestamp now = Timestamp::FromMicros(1'000'000);
  sfu::SetSimulatedTimeOfDay(now);
  Session server(SharedContext(), {});
  Session client(SharedContext(), {.role = sfu::dtls::Role::kClient});
  server.SetRemoteFingerprints({SharedContext().fingerprint()});
  client.SetRemoteFingerprints({SharedContext().fingerprint()});
  client.Start(now);
  std::vector<std::vector<uint8_t>> from_client = TakeDatagrams(client);

  ByteReader reader(absl::MakeConstSpan(data, size));
  for (int step = 0; step < 64 && reader.remaining() >= 2; ++step) {
    const uint8_t what = *reader.ReadU8();
    const auto bytes = reader.ReadBytes(*reader.ReadU8());
    if (!bytes) {
      break;
    }
    if (what % 4 == 0) {
      server.HandleDatagram(now, *bytes);
    } else if (!from_client.empty()) {
      std::vector<uint8_t> datagram = std::move(from_client.front());
      from_client.erase(from_client.begin());
      const size_t offset = what % 4 == 1 ? datagram.size() : size_t{what} / 4;
      for (size_t i = 0; i < bytes->size() && offset + i < datagram.size(); ++i) {
        datagram[offset + i] = (*bytes)[i];
      }
      server.HandleDatagram(now, datagram);
    }
    for (const std::vector<uint8_t>& datagram : TakeDatagrams(server)) {
      client.HandleDatagram(now, datagram);
    }
    client.SendApplicationData(*bytes);
    Advance(now, absl::Milliseconds(50));
    client.HandleTimeout(now);
    server.HandleTimeout(now);
    for (std::vector<uint8_t>& datagram : TakeDatagrams(client)) {
      from_client.push_back(std::move(datagram));
    }
    SFU_CHECK(server.NextTimeout() > now);
  }
  return 0;
}
