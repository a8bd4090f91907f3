#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <absl/time/time.h>
#include <usrsctp.h>

#include "common/base/byte_reader.h"
#include "common/base/check.h"
#include "tests/support/simulated_gettimeofday.h"
#include "worker/sctp/data_channel.h"
#include "worker/sctp/usrsctp_association.h"

namespace {

using sfu::ByteReader;
using sfu::Timestamp;
using namespace sfu::sctp;

using Packets = std::deque<std::vector<uint8_t>>;

constexpr size_t kMaxPacketsInFlight = 256;

std::unique_ptr<DataChannels> MakeEnd() {
  UsrsctpAssociationFactory factory;
  std::unique_ptr<Association> association = factory.Create({});
  // Or hardly a changed packet would get beyond its checksum. A peer can compute it, after all.
  usrsctp_enable_crc32c_offload();
  return std::make_unique<DataChannels>(std::move(association));
}

void Take(DataChannels& end, Packets& packets) {
  while (std::optional<ChannelOutput> output = end.PollOutput()) {
    if (auto* const packet = std::get_if<SendPacket>(&*output)) {
      SFU_CHECK(packet->packet.size() <= AssociationOptions().max_packet_bytes);
      if (packets.size() < kMaxPacketsInFlight) {
        packets.push_back(std::move(packet->packet));
      }
    } else if (const auto* const message = std::get_if<ChannelMessage>(&*output)) {
      SFU_CHECK(message->payload.size() <= AssociationOptions().max_receive_bytes);
    }
  }
  SFU_CHECK(end.size() <= DataChannels::kMaxChannels);
  SFU_CHECK(end.buffered_bytes() <= AssociationOptions().send_buffer_bytes);
}

void DeliverAll(Timestamp now, Packets& packets, DataChannels& to, Packets& answers) {
  for (size_t i = 0; i < kMaxPacketsInFlight && !packets.empty(); ++i) {
    const std::vector<uint8_t> packet = std::move(packets.front());
    packets.pop_front();
    to.HandlePacket(now, packet);
    Take(to, answers);
  }
}

}  // namespace

// A victim and a genuine peer, between which an attacker stands who knows the verification tags.
// Instructions | what 1 | length 1 | bytes ... |: the bytes written over the peer's next packet,
// over a copy of its common header and thus a packet of the attacker's own, or into a message;
// with packets delivered, swallowed and time passing in between.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 4096) {
    return 0;
  }
  static Timestamp now = Timestamp::FromMicros(1'000'000);  // The stack outlives each run.
  const auto advance = [](absl::Duration step) {
    now = now + step;
    sfu::SetSimulatedTimeOfDay(now);
  };
  advance(absl::Seconds(1));
  const std::unique_ptr<DataChannels> victim = MakeEnd();
  const std::unique_ptr<DataChannels> peer = MakeEnd();
  Packets to_victim;
  Packets to_peer;
  std::vector<uint8_t> common_header(12);

  victim->Connect(now);
  Take(*victim, to_peer);
  peer->Connect(now);
  Take(*peer, to_victim);

  ByteReader reader(absl::MakeConstSpan(data, size));
  while (reader.remaining() >= 2) {
    const uint8_t what = *reader.ReadU8();
    const size_t length = std::min<size_t>(*reader.ReadU8(), reader.remaining());
    const absl::Span<const uint8_t> bytes = *reader.ReadBytes(length);
    if (!to_victim.empty() && to_victim.front().size() >= common_header.size()) {
      std::copy_n(to_victim.front().begin(), common_header.size(), common_header.begin());
    }
    switch (what % 8) {
      case 0:  // Everything as it should be.
        DeliverAll(now, to_victim, *victim, to_peer);
        DeliverAll(now, to_peer, *peer, to_victim);
        break;
      case 1:
        if (!to_victim.empty()) {
          std::vector<uint8_t>& packet = to_victim.front();
          const size_t offset = std::min<size_t>(size_t{what} >> 3, packet.size());
          std::copy_n(bytes.begin(), std::min(bytes.size(), packet.size() - offset),
                      packet.begin() + static_cast<ptrdiff_t>(offset));
        }
        break;
      case 2: {
        std::vector<uint8_t> packet = common_header;
        packet.insert(packet.end(), bytes.begin(), bytes.end());
        victim->HandlePacket(now, packet);
        Take(*victim, to_peer);
        break;
      }
      case 3:
        victim->HandlePacket(now, bytes);
        Take(*victim, to_peer);
        break;
      case 4:
        if (!to_victim.empty()) {
          to_victim.pop_front();
        }
        break;
      case 5:
        advance(absl::Milliseconds(10) * (what >> 3));
        victim->HandleTimeout(now);
        Take(*victim, to_peer);
        peer->HandleTimeout(now);
        Take(*peer, to_victim);
        break;
      case 6: {
        ChannelParameters parameters;
        parameters.ordered = (what & 8) != 0;
        if ((what & 16) != 0) {
          parameters.max_retransmits = 0;
        }
        const std::optional<uint16_t> stream = peer->Open(now, parameters);
        if (stream) {
          peer->Send(now, *stream, true, bytes);
        }
        Take(*peer, to_victim);
        break;
      }
      default:
        (what & 8 ? victim : peer)->Close(now, static_cast<uint16_t>(what >> 4));
        Take(*victim, to_peer);
        Take(*peer, to_victim);
        break;
    }
  }
  return 0;
}
