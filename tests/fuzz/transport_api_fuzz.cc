#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <absl/time/time.h>

#include "common/base/byte_reader.h"
#include "common/base/check.h"
#include "tests/support/transport_pair.h"
#include "worker/ice/session.h"
#include "worker/rtcp/compound_view.h"

namespace {

using sfu::ByteReader;
using sfu::TransportPair;
using sfu::VirtualPeer;
using namespace sfu::transport;
using sfu::rtp::OutgoingPacket;

constexpr size_t kMaxSteps = 64;

OutgoingPacket Outgoing(TransportPair& pair, absl::Span<const uint8_t> bytes, uint8_t shape,
                        uint16_t sequence) {
  OutgoingPacket packet;
  packet.header = {0x90,
                   96,
                   static_cast<uint8_t>(sequence >> 8),
                   static_cast<uint8_t>(sequence),
                   0,
                   0,
                   0,
                   1,
                   1,
                   2,
                   3,
                   4,
                   0xBE,
                   0xDE,
                   0,
                   2,
                   0x11,
                   0,
                   0,
                   0x22,
                   0,
                   0,
                   0,
                   0};
  packet.header_size = 24;
  packet.transport_sequence_offset = 17;
  packet.absolute_send_time_offset = 20;
  packet.priority = static_cast<OutgoingPacket::Priority>(shape % 4);
  packet.source = pair.Packet(bytes);
  packet.payload_size = packet.source ? static_cast<uint16_t>(bytes.size()) : 0;
  packet.prefix_size = (shape >> 2) % OutgoingPacket::kMaxPrefixSize;
  if ((shape & 0x80) != 0) {
    packet.header[0] |= 0x20;
    packet.padding_size = shape;
  }
  return packet;
}

std::vector<uint8_t> WithRtpHeader(absl::Span<const uint8_t> bytes, uint16_t sequence) {
  std::vector<uint8_t> packet = {0x80,
                                 96,
                                 static_cast<uint8_t>(sequence >> 8),
                                 static_cast<uint8_t>(sequence),
                                 0,
                                 0,
                                 0,
                                 1,
                                 9,
                                 8,
                                 7,
                                 6};
  packet.insert(packet.end(), bytes.begin(), bytes.end());
  return packet;
}

std::vector<uint8_t> WithRtcpHeader(absl::Span<const uint8_t> bytes) {
  std::vector<uint8_t> packet = {0x80, 201, 0, 1, 9, 8, 7, 6};
  packet.insert(packet.end(), bytes.begin(), bytes.end());
  return packet;
}

void Configure(TransportPair& pair, uint8_t how) {
  RemoteParameters remote;
  remote.is_dtls_server = (how & 1) != 0;
  remote.max_message_bytes = (how & 2) != 0 ? 1000 : 0;
  remote.fingerprints = {pair.peer.fingerprint()};
  remote.fingerprints[0].bytes[0] ^= how & 4;
  pair.transport->Configure(pair.clock.Now(), std::move(remote));
}

void Step(TransportPair& pair, uint8_t what, absl::Span<const uint8_t> bytes, uint16_t sequence) {
  const sfu::Timestamp now = pair.clock.Now();
  const uint8_t detail = what >> 4;
  switch (what % 16) {
    case 0:
      pair.RunFor(absl::Milliseconds(10) * (detail + 1));
      break;
    case 1:
      pair.RunFor(absl::Seconds(1) * (detail + 1));
      break;
    case 2:  // Whichever timer is next, fired alone and perhaps late.
      if (pair.transport->NextTimeout() != sfu::Timestamp::Never()) {
        pair.clock.AdvanceTo(std::max(now, pair.transport->NextTimeout()));
        pair.clock.Advance(absl::Milliseconds(detail));
        pair.transport->HandleTimeout(pair.clock.Now(), pair.transport_outputs);
      }
      break;
    case 3:
      pair.Inject(TransportPair::PeerAddress(), bytes);
      break;
    case 4:
      pair.Inject(TransportPair::PeerAddress(static_cast<uint8_t>(100 + detail)), bytes);
      break;
    case 5:
      pair.peer.SendRtp(WithRtpHeader(bytes, sequence));
      break;
    case 6:
      pair.peer.SendRtcp(WithRtcpHeader(bytes));
      break;
    case 7:
      pair.transport->Enqueue(
          Outgoing(pair, bytes, what ^ (bytes.empty() ? 0 : bytes[0]), sequence));
      break;
    case 8:
      pair.transport->SendRtcp(WithRtcpHeader(bytes));
      break;
    case 9:
      pair.transport->SendData(now, static_cast<DataChannelKind>(detail % kDataChannelKinds),
                               bytes);
      break;
    case 10:
      if (!bytes.empty()) {
        pair.peer.SendMessage(now, detail % 2 == 0 ? "_reliable" : "_lossy", bytes);
      }
      break;
    case 11:
      pair.peer.SendSctp(now, bytes);
      break;
    case 12:
      Configure(pair, detail);
      break;
    case 13:
      pair.transport->RestartIce(now);
      if (detail % 2 == 0) {
        pair.peer.RestartIce(now, pair.transport->local_ice());
      }
      break;
    case 14:
      if (detail < 4) {
        pair.peer.MoveTo(now, TransportPair::PeerAddress(static_cast<uint8_t>(2 + detail)));
      } else if (detail < 8) {
        pair.peer.Vanish();
      } else if (detail < 12) {
        pair.peer.Return(now);
      } else {
        pair.peer.Close();
      }
      break;
    case 15:
      pair.transport->Close(now);
      break;
  }
}

void CheckInvariants(TransportPair& pair, std::optional<TransportState>& last_state) {
  for (const TransportOutput& output : pair.transport_outputs) {
    if (const auto* change = std::get_if<StateChanged>(&output)) {
      SFU_CHECK(change->state != TransportState::kConnecting);
      SFU_CHECK(change->state != last_state);
      last_state = change->state;
    } else if (const auto* message = std::get_if<DataMessage>(&output)) {
      SFU_CHECK(message->bytes.size() <= DataPath::kMaxReceivedMessageBytes);
    } else if (const auto* report = std::get_if<RtcpReceived>(&output)) {
      SFU_CHECK(report->packet.size() <= sfu::rtcp::CompoundView::kMaxSize);
    }
  }
  SFU_CHECK(pair.table.path_count() <= sfu::ice::Session::kMaxPaths);
  SFU_CHECK(pair.table.ufrag_count() <= 2);
  SFU_CHECK(!pair.transport->can_send_media() || pair.table.path_count() > 0);
  pair.ClearOutputs();
}

}  // namespace

// A transport and its client, genuine so far as the input lets it be. First byte: how the two are
// set up. Then instructions | what 1 | length 1 | bytes ... |: calls of the transport's API,
// datagrams from strangers, from the client and in the client's name, and time.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 4096) {
    return 0;
  }
  TransportPair::Options options;
  options.seed = 1;
  options.loss = (data[0] & 1) != 0 ? 0.2 : 0.0;
  options.peer.dtls_role = (data[0] & 2) != 0 ? sfu::dtls::Role::kServer : sfu::dtls::Role::kClient;
  options.peer.opens_data_channels = (data[0] & 4) == 0;
  options.transport.opens_data_channels = (data[0] & 8) != 0;
  TransportPair pair(options);
  if ((data[0] & 16) != 0) {
    pair.Connect(absl::Seconds(5));
  } else {
    pair.StartPeer();
  }

  std::optional<TransportState> last_state;
  ByteReader reader(absl::MakeConstSpan(data + 1, size - 1));
  for (uint16_t step = 0; step < kMaxSteps && reader.remaining() >= 2; ++step) {
    const uint8_t what = *reader.ReadU8();
    const size_t length = std::min<size_t>(*reader.ReadU8(), reader.remaining());
    Step(pair, what, *reader.ReadBytes(length), static_cast<uint16_t>(step + 1));
    CheckInvariants(pair, last_state);
  }
  pair.RunFor(absl::Seconds(1));
  CheckInvariants(pair, last_state);

  pair.transport.reset();
  SFU_CHECK(pair.table.path_count() == 0 && pair.table.ufrag_count() == 0);
  SFU_CHECK(pair.pool.in_use() == 0);
  return 0;
}
