#include "worker/transport/transport.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/transport_pair.h"
#include "worker/ice/stun_message.h"
#include "worker/rtp/extension_values.h"
#include "worker/rtp/rtp_packet_view.h"

namespace sfu::transport {
namespace {

using rtp::OutgoingPacket;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr uint32_t kSsrc = 0x01020304;

std::vector<uint8_t> PlainRtp(uint16_t sequence, size_t payload_size = 40) {
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
  for (size_t i = 0; i < payload_size; ++i) {
    packet.push_back(static_cast<uint8_t>(i));
  }
  return packet;
}

std::vector<uint8_t> ReceiverReport() { return {0x80, 201, 0, 1, 9, 8, 7, 6}; }

// What a forwarder makes of a packet with 40 bytes of payload: its own header with the two values
// that are stamped on leaving.
OutgoingPacket Outgoing(rtp::PacketRef source, uint16_t sequence,
                        OutgoingPacket::Priority priority = OutgoingPacket::Priority::kVideo) {
  OutgoingPacket packet;
  const std::vector<uint8_t> header = {0x90,
                                       96,
                                       static_cast<uint8_t>(sequence >> 8),
                                       static_cast<uint8_t>(sequence),
                                       0,
                                       0,
                                       0,
                                       1,  // Timestamp.
                                       1,
                                       2,
                                       3,
                                       4,  // kSsrc.
                                       0xBE,
                                       0xDE,
                                       0,
                                       2,  // One-byte extensions, two words.
                                       0x11,
                                       0,
                                       0,  // Id 1: transport-wide sequence number.
                                       0x22,
                                       0,
                                       0,
                                       0,
                                       0};  // Id 2: absolute send time; padding.
  std::copy(header.begin(), header.end(), packet.header.begin());
  packet.header_size = static_cast<uint8_t>(header.size());
  packet.transport_sequence_offset = 17;
  packet.absolute_send_time_offset = 20;
  packet.payload_offset = 12;
  packet.payload_size = static_cast<uint16_t>(source.size() - 12);
  packet.source = std::move(source);
  packet.priority = priority;
  return packet;
}

TransportPair::Options WithoutData() {
  TransportPair::Options options;
  options.peer.has_data = false;
  return options;
}

TEST(TransportTest, ConnectsAsServerWithGcm) {
  TransportPair pair({});
  ASSERT_TRUE(pair.Connect());
  EXPECT_THAT(pair.States(), ElementsAre(TransportState::kConnected));
  EXPECT_EQ(pair.peer.srtp_profile(), srtp::Profile::kAeadAes128Gcm);
  EXPECT_EQ(pair.transport->srtp_overhead_bytes(), 16u);
  EXPECT_TRUE(pair.table.FindPath({.remote = TransportPair::PeerAddress()}).has_value());
}

TEST(TransportTest, ConnectsAsClientWhenThePeerIsPassive) {
  TransportPair::Options options;
  options.peer.dtls_role = dtls::Role::kServer;
  TransportPair pair(options);
  ASSERT_TRUE(pair.Connect());
}

TEST(TransportTest, ConnectsThroughLossAndReordering) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    TransportPair pair({.seed = seed, .loss = 0.2, .jitter = absl::Milliseconds(30)});
    EXPECT_TRUE(pair.Connect(absl::Seconds(60)));
  }
}

TEST(TransportTest, WaitsForThePeersFingerprints) {
  TransportPair pair(WithoutData());
  pair.StartPeer();
  pair.RunFor(absl::Seconds(1));
  EXPECT_THAT(pair.States(), IsEmpty());
  EXPECT_FALSE(pair.transport->can_send_media());

  pair.Configure();
  pair.RunFor(absl::Milliseconds(1));  // No packet of the peer is needed for it.
  EXPECT_THAT(pair.States(), ElementsAre(TransportState::kConnected));
}

TEST(TransportTest, FailsOnAForeignFingerprint) {
  TransportPair pair(WithoutData());
  std::vector<uint8_t> digest = pair.peer.fingerprint().bytes;
  digest[0] ^= 1;
  pair.transport->Configure(
      pair.clock.Now(),
      {.fingerprints = {{.algorithm = dtls::FingerprintAlgorithm::kSha256, .bytes = digest}}});
  pair.StartPeer();
  pair.RunFor(absl::Seconds(2));
  EXPECT_THAT(pair.States(), ElementsAre(TransportState::kFailed));
  EXPECT_EQ(pair.counters.failed_dtls.value(), 1u);
  EXPECT_FALSE(pair.transport->can_send_media());
}

TEST(TransportTest, AnIceRestartDoesNotReviveAFailedHandshake) {
  TransportPair pair(WithoutData());
  pair.transport->Configure(pair.clock.Now(), {});  // No fingerprint: accepts nobody.
  pair.StartPeer();
  pair.RunFor(absl::Seconds(2));
  pair.transport->RestartIce(pair.clock.Now());
  pair.peer.RestartIce(pair.clock.Now(), pair.transport->local_ice());
  pair.RunFor(absl::Seconds(2));
  EXPECT_THAT(pair.States(), ElementsAre(TransportState::kFailed));
}

TEST(TransportTest, DecryptsWhatThePeerSends) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  ASSERT_TRUE(pair.peer.SendRtp(PlainRtp(1)));
  ASSERT_TRUE(pair.peer.SendRtcp(ReceiverReport()));
  pair.RunFor(absl::Milliseconds(50));

  const auto packets = pair.TransportOutputsOf<RtpReceived>();
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_EQ(packets[0].packet.bytes(), absl::MakeConstSpan(PlainRtp(1)));
  const auto reports = pair.TransportOutputsOf<RtcpReceived>();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].packet.bytes(), absl::MakeConstSpan(ReceiverReport()));
}

TEST(TransportTest, EncryptsAndStampsWhatItSends) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  ASSERT_TRUE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), 100)));
  ASSERT_TRUE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), 101)));
  const Timestamp sent = pair.clock.Now();
  pair.RunFor(absl::Milliseconds(50));

  const auto packets = pair.PeerOutputsOf<VirtualPeer::Rtp>();
  ASSERT_THAT(packets, SizeIs(2));
  for (uint16_t i = 0; i < 2; ++i) {
    const auto view = rtp::RtpPacketView::Parse(packets[i].bytes);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->ssrc().value(), kSsrc);
    EXPECT_EQ(view->sequence_number().value(), 100 + i);
    EXPECT_THAT(view->payload(), SizeIs(40));
    EXPECT_EQ(view->payload()[39], 39);
    const absl::Span<const uint8_t> bytes = packets[i].bytes;
    EXPECT_EQ(rtp::ReadTransportSequenceNumber(bytes.subspan(17, 2)), 1 + i);
    EXPECT_EQ(rtp::ReadAbsoluteSendTime(bytes.subspan(20, 3)), rtp::AbsoluteSendTime(sent));
  }
}

TEST(TransportTest, RecordsStampedPacketsForCongestionControl) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  ASSERT_TRUE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), 100)));
  OutgoingPacket unstamped = Outgoing(pair.Packet(PlainRtp(0)), 101);
  unstamped.transport_sequence_offset = 0;
  ASSERT_TRUE(pair.transport->Enqueue(std::move(unstamped)));

  DatagramBatch batch;
  pair.transport->Flush(pair.clock.Now(), batch);
  ASSERT_THAT(batch.entries(), SizeIs(2));
  ASSERT_THAT(pair.transport->sent(), SizeIs(1));
  EXPECT_EQ(pair.transport->sent()[0].transport_sequence, 1);
  EXPECT_EQ(pair.transport->sent()[0].size_bytes, batch.entries()[0].size_bytes);
  EXPECT_EQ(pair.transport->sent()[0].sent, pair.clock.Now());
}

TEST(TransportTest, JoinsPrefixAndPadding) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  OutgoingPacket prefixed = Outgoing(pair.Packet(PlainRtp(0)), 100);
  prefixed.prefix = {0xAA, 0xBB};
  prefixed.prefix_size = 2;
  ASSERT_TRUE(pair.transport->Enqueue(std::move(prefixed)));
  OutgoingPacket padding = Outgoing(pair.Packet(PlainRtp(0)), 101);
  padding.source.reset();
  padding.payload_size = 0;
  padding.padding_size = 200;
  padding.header[0] |= 0x20;
  padding.priority = OutgoingPacket::Priority::kPadding;
  ASSERT_TRUE(pair.transport->Enqueue(std::move(padding)));
  pair.RunFor(absl::Milliseconds(50));

  const auto packets = pair.PeerOutputsOf<VirtualPeer::Rtp>();
  ASSERT_THAT(packets, SizeIs(2));
  const auto first = rtp::RtpPacketView::Parse(packets[0].bytes);
  ASSERT_TRUE(first.has_value());
  EXPECT_THAT(first->payload(), SizeIs(42));
  EXPECT_THAT(first->payload().first(3), ElementsAre(0xAA, 0xBB, 0));
  const auto second = rtp::RtpPacketView::Parse(packets[1].bytes);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->padding_size(), 200u);
  EXPECT_THAT(second->payload(), IsEmpty());
}

TEST(TransportTest, SendsControlThenAudioThenTheRest) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  ASSERT_TRUE(pair.transport->Enqueue(
      Outgoing(pair.Packet(PlainRtp(0)), 100, OutgoingPacket::Priority::kVideo)));
  ASSERT_TRUE(pair.transport->Enqueue(
      Outgoing(pair.Packet(PlainRtp(0, 20)), 101, OutgoingPacket::Priority::kAudio)));
  ASSERT_TRUE(pair.transport->SendRtcp(ReceiverReport()));
  DatagramBatch batch;
  pair.transport->Flush(pair.clock.Now(), batch);

  ASSERT_THAT(batch.entries(), SizeIs(3));
  EXPECT_EQ(batch.entries()[0].size_bytes, 8u + 20);
  EXPECT_EQ(batch.entries()[1].size_bytes, 24u + 20 + 16);
  EXPECT_EQ(batch.entries()[2].size_bytes, 24u + 40 + 16);
}

TEST(TransportTest, FlushesInChunks) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  for (uint16_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), i)));
  }
  DatagramBatch batch(2);
  std::vector<size_t> sizes;
  while (pair.transport->has_pending()) {
    batch.Clear();
    pair.transport->Flush(pair.clock.Now(), batch);
    sizes.push_back(batch.size());
  }
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
  pair.transport_outputs.clear();
  EXPECT_EQ(pair.pool.in_use(), 0u);
}

TEST(TransportTest, RefusesMediaBeforeTheConnection) {
  TransportPair pair(WithoutData());
  EXPECT_FALSE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), 1)));
  EXPECT_FALSE(pair.transport->SendRtcp(ReceiverReport()));
  EXPECT_FALSE(pair.transport->has_pending());
  EXPECT_EQ(pair.counters.unsent_not_connected.value(), 2u);
}

TEST(TransportTest, DropsWhatWouldNotFitADatagram) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  ASSERT_TRUE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0, 1500)), 1)));
  pair.FlushTransport();
  EXPECT_EQ(pair.counters.unsent_too_large.value(), 1u);
}

TEST(TransportTest, CarriesDataBothWays) {
  TransportPair pair({.loss = 0.1});
  ASSERT_TRUE(pair.Connect());
  const std::vector<uint8_t> up = {1, 2, 3};
  const std::vector<uint8_t> down(20'000, 7);  // Several SCTP packets.
  ASSERT_TRUE(pair.peer.SendMessage(pair.clock.Now(), "_reliable", up));
  ASSERT_EQ(pair.transport->SendData(pair.clock.Now(), DataChannelKind::kReliable, down),
            DataSendResult::kSent);
  pair.RunFor(absl::Seconds(10));

  const auto received = pair.TransportOutputsOf<DataMessage>();
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].channel, DataChannelKind::kReliable);
  EXPECT_EQ(received[0].bytes, up);
  const auto delivered = pair.PeerOutputsOf<VirtualPeer::Message>();
  ASSERT_THAT(delivered, SizeIs(1));
  EXPECT_EQ(delivered[0].label, "_reliable");
  EXPECT_EQ(delivered[0].bytes, down);
  EXPECT_THAT(pair.TransportOutputsOf<DataChannelsOpen>(), SizeIs(1));
}

TEST(TransportTest, TellsTheThreeChannelsApart) {
  TransportPair pair({});
  ASSERT_TRUE(pair.Connect());
  pair.RunFor(absl::Seconds(1));
  const std::vector<uint8_t> bytes = {5};
  ASSERT_TRUE(pair.peer.SendMessage(pair.clock.Now(), "_lossy", bytes));
  ASSERT_TRUE(pair.peer.SendMessage(pair.clock.Now(), "_data_track", bytes));
  pair.RunFor(absl::Seconds(1));

  std::vector<DataChannelKind> kinds;
  for (const DataMessage& message : pair.TransportOutputsOf<DataMessage>()) {
    kinds.push_back(message.channel);
  }
  EXPECT_THAT(kinds, ElementsAre(DataChannelKind::kLossy, DataChannelKind::kDataTrack));
}

TEST(TransportTest, OpensTheChannelsItselfWhenAsked) {
  TransportPair::Options options;
  options.transport.opens_data_channels = true;
  options.peer.opens_data_channels = false;
  TransportPair pair(options);
  ASSERT_TRUE(pair.Connect());
  pair.RunFor(absl::Seconds(1));
  EXPECT_TRUE(pair.peer.IsChannelOpen("_data_track"));
  EXPECT_THAT(pair.TransportOutputsOf<DataChannelsOpen>(), SizeIs(1));
  EXPECT_EQ(pair.transport->SendData(pair.clock.Now(), DataChannelKind::kLossy, {1}),
            DataSendResult::kSent);
}

TEST(TransportTest, StartsDataWhenItsSectionComesLater) {
  TransportPair pair({});
  pair.transport->Configure(pair.clock.Now(), {.fingerprints = {pair.peer.fingerprint()}});
  pair.StartPeer();
  pair.RunFor(absl::Seconds(2));
  EXPECT_FALSE(pair.peer.IsChannelOpen("_reliable"));

  pair.Configure();  // Now with the section.
  pair.RunFor(absl::Seconds(10));
  EXPECT_TRUE(pair.peer.IsChannelOpen("_reliable"));
  EXPECT_THAT(pair.TransportOutputsOf<DataChannelsOpen>(), SizeIs(1));
}

TEST(TransportTest, RefusesDataItCannotCarry) {
  TransportPair pair({});
  EXPECT_EQ(pair.transport->SendData(pair.clock.Now(), DataChannelKind::kReliable, {1}),
            DataSendResult::kNotOpen);
  ASSERT_TRUE(pair.Connect());
  const std::vector<uint8_t> too_large(70'000);
  EXPECT_EQ(pair.transport->SendData(pair.clock.Now(), DataChannelKind::kReliable, too_large),
            DataSendResult::kTooLarge);
}

TEST(TransportTest, HoldsLossyDataBackFromASlowReader) {
  TransportPair pair({});
  ASSERT_TRUE(pair.Connect());
  pair.peer.Vanish();
  const std::vector<uint8_t> message(10'000);
  DataSendResult result = DataSendResult::kSent;
  for (int i = 0; i < 20 && result == DataSendResult::kSent; ++i) {
    result = pair.transport->SendData(pair.clock.Now(), DataChannelKind::kReliable, message);
  }
  ASSERT_EQ(result, DataSendResult::kSent);  // Reliable data waits up to its own bound.
  EXPECT_EQ(pair.transport->SendData(pair.clock.Now(), DataChannelKind::kLossy, message),
            DataSendResult::kSlowReader);
}

TEST(TransportTest, DropsAndCountsGarbage) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  const SocketAddress from = TransportPair::PeerAddress();
  std::vector<uint8_t> forged = PlainRtp(7);
  forged.resize(forged.size() + 16);
  pair.Inject(from, forged);
  pair.Inject(from, {0x80, 96, 0});         // Cut short.
  pair.Inject(from, {0x50, 1, 2, 3});       // TURN channel data.
  pair.Inject(from, {0x80, 200, 0, 6, 1});  // RTCP cut short.
  pair.Inject(from, {20});                  // DTLS cut short.
  pair.Inject(TransportPair::PeerAddress(99), forged);

  EXPECT_EQ(pair.counters.dropped_authentication.value(), 1u);
  EXPECT_EQ(pair.counters.dropped_malformed.value(), 2u);
  EXPECT_EQ(pair.counters.dropped_unknown_kind.value(), 1u);
  EXPECT_EQ(pair.unroutable, 1u);
  EXPECT_THAT(pair.TransportOutputsOf<RtpReceived>(), IsEmpty());
  EXPECT_EQ(pair.transport->state(), TransportState::kConnected);
}

TEST(TransportTest, DropsReplays) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  ASSERT_TRUE(pair.peer.SendRtp(PlainRtp(1)));
  std::vector<uint8_t> captured;
  while (const auto output = pair.peer.PollOutput()) {
    captured = std::get<VirtualPeer::Datagram>(*output).bytes;
  }
  pair.Inject(TransportPair::PeerAddress(), captured);
  pair.Inject(TransportPair::PeerAddress(), captured);
  EXPECT_THAT(pair.TransportOutputsOf<RtpReceived>(), SizeIs(1));
  EXPECT_EQ(pair.counters.dropped_replay.value(), 1u);
}

TEST(TransportTest, LimitsWhatOnePeerMayMakeUsDecrypt) {
  TransportPair::Options options = WithoutData();
  options.transport.ingress.rtp_packets_per_second = 5;
  TransportPair pair(options);
  ASSERT_TRUE(pair.Connect());
  for (uint16_t i = 1; i <= 8; ++i) {
    ASSERT_TRUE(pair.peer.SendRtp(PlainRtp(i)));
  }
  pair.RunFor(absl::Milliseconds(50));
  EXPECT_THAT(pair.TransportOutputsOf<RtpReceived>(), SizeIs(5));
  EXPECT_EQ(pair.counters.dropped_ingress_limit.value(), 3u);
}

TEST(TransportTest, FollowsThePeerToAnotherAddress) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  pair.RunFor(absl::Seconds(2));  // The old path has been silent for long enough.
  pair.peer.MoveTo(pair.clock.Now(), TransportPair::PeerAddress(77));
  pair.RunFor(absl::Seconds(1));

  EXPECT_THAT(pair.TransportOutputsOf<PathChanged>(), SizeIs(1));
  EXPECT_TRUE(pair.table.FindPath({.remote = TransportPair::PeerAddress(77)}).has_value());
  ASSERT_TRUE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), 1)));
  pair.RunFor(absl::Milliseconds(50));
  EXPECT_THAT(pair.PeerOutputsOf<VirtualPeer::Rtp>(), SizeIs(1));
  EXPECT_THAT(pair.States(), ElementsAre(TransportState::kConnected));  // Nobody noticed.
}

TEST(TransportTest, ReportsSilenceAndRecovery) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  pair.peer.Vanish();
  pair.RunFor(absl::Seconds(15));
  EXPECT_THAT(pair.States(),
              ElementsAre(TransportState::kConnected, TransportState::kDisconnected));
  EXPECT_TRUE(pair.transport->can_send_media());

  pair.peer.Return(pair.clock.Now());
  pair.RunFor(absl::Seconds(1));
  EXPECT_THAT(pair.States(), ElementsAre(TransportState::kConnected, TransportState::kDisconnected,
                                         TransportState::kConnected));
}

TEST(TransportTest, HoldsVideoBackFromASilentPeer) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  pair.peer.Vanish();
  pair.RunFor(absl::Seconds(6));
  pair.datagrams_sent = 0;
  ASSERT_TRUE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), 1)));
  ASSERT_TRUE(pair.transport->Enqueue(
      Outgoing(pair.Packet(PlainRtp(0)), 2, OutgoingPacket::Priority::kAudio)));
  pair.FlushTransport();
  EXPECT_EQ(pair.datagrams_sent, 1u);
  EXPECT_EQ(pair.counters.unsent_silent_peer.value(), 1u);
}

TEST(TransportTest, StopsSendingWhenConsentExpiresUntilAnIceRestart) {
  TransportPair pair({});
  ASSERT_TRUE(pair.Connect());
  pair.peer.Vanish();
  pair.RunFor(absl::Seconds(40));
  EXPECT_EQ(pair.States().back(), TransportState::kFailed);
  EXPECT_EQ(pair.table.path_count(), 0u);
  EXPECT_FALSE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), 1)));
  pair.datagrams_sent = 0;
  pair.RunFor(absl::Seconds(10));
  EXPECT_EQ(pair.datagrams_sent, 0u);

  pair.transport->RestartIce(pair.clock.Now());
  pair.peer.Return(pair.clock.Now());
  pair.peer.RestartIce(pair.clock.Now(), pair.transport->local_ice());
  pair.RunFor(absl::Seconds(1));
  EXPECT_EQ(pair.States().back(), TransportState::kConnected);
  EXPECT_TRUE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), 2)));
}

TEST(TransportTest, KeepsSendingThroughAnIceRestart) {
  TransportPair pair(WithoutData());
  ASSERT_TRUE(pair.Connect());
  const std::string old_ufrag = pair.transport->local_ice().ufrag;
  pair.transport->RestartIce(pair.clock.Now());
  EXPECT_TRUE(pair.transport->can_send_media());
  EXPECT_TRUE(pair.table.FindUfrag(old_ufrag).has_value());

  pair.peer.RestartIce(pair.clock.Now(), pair.transport->local_ice());
  pair.RunFor(absl::Seconds(10));
  EXPECT_FALSE(pair.table.FindUfrag(old_ufrag).has_value());
  EXPECT_THAT(pair.States(), ElementsAre(TransportState::kConnected));
  ASSERT_TRUE(pair.peer.SendRtp(PlainRtp(1)));
  pair.RunFor(absl::Milliseconds(50));
  EXPECT_THAT(pair.TransportOutputsOf<RtpReceived>(), SizeIs(1));
}

TEST(TransportTest, MediaOutlivesThePeersCloseNotify) {
  TransportPair pair({});
  ASSERT_TRUE(pair.Connect());
  pair.peer.Close();
  pair.RunFor(absl::Seconds(1));
  EXPECT_THAT(pair.States(), ElementsAre(TransportState::kConnected));
  EXPECT_TRUE(pair.transport->Enqueue(Outgoing(pair.Packet(PlainRtp(0)), 1)));
  ASSERT_TRUE(pair.peer.SendRtp(PlainRtp(1)));
  pair.RunFor(absl::Seconds(1));
  EXPECT_THAT(pair.TransportOutputsOf<RtpReceived>(), SizeIs(1));
}

TEST(TransportTest, SaysGoodbyeAndLeavesNothingBehind) {
  TransportPair pair({});
  ASSERT_TRUE(pair.Connect());
  pair.transport->Close(pair.clock.Now());
  EXPECT_TRUE(pair.transport->has_pending());
  pair.FlushTransport();
  pair.ClearOutputs();
  pair.transport.reset();
  EXPECT_EQ(pair.table.path_count(), 0u);
  EXPECT_EQ(pair.table.ufrag_count(), 0u);
  EXPECT_EQ(pair.pool.in_use(), 0u);
}

}  // namespace
}  // namespace sfu::transport
