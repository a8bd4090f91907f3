#include "worker/media/tcp_connection.h"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/media/test_tcp.h"

namespace sfu::media {
namespace {

using testing::SizeIs;
using transport::DatagramBatch;
using transport::DatagramContent;

constexpr ice::Path kPath = {};
const Timestamp kStart = Timestamp::FromMicros(1'000'000);

class TcpConnectionTest : public testing::Test {
 protected:
  // A client that does not read has little room, so that the connection is soon full.
  explicit TcpConnectionTest(int client_buffer_bytes = 4096)
      : client_(server_.port(), client_buffer_bytes), connection_(Accept({})) {}

  TcpConnection Accept(std::vector<uint8_t> received) {
    auto [descriptor, remote] = server_.Accept();
    return TcpConnection({std::move(descriptor), remote, std::move(received)});
  }

  // Reads until `count` packets are there, or the connection has ended.
  bool Receive(size_t count) {
    bool open = true;
    while (open && received_.size() < count) {
      open = connection_.Receive(absl::MakeSpan(scratch_), pool_, received_, counters_);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return open;
  }
  // Sends one packet whose bytes all are `fill`.
  bool Send(Timestamp now, DatagramContent content, uint8_t fill, size_t size = 1000) {
    batch_.Clear();
    batch_.Append(kPath, std::vector<uint8_t>(size, fill), content);
    return connection_.Send(now, batch_, batch_.entries(), counters_);
  }
  // Sends video until the connection takes no more. Returns how many packets that took.
  uint64_t Fill() {
    while (!connection_.has_backlog()) {
      EXPECT_TRUE(Send(kStart, DatagramContent::kVideo, 'v'));
    }
    return counters_.packets_sent.value();
  }
  // Reads `count` packets at the client while the connection flushes; returns their first bytes.
  std::string ReadAtClient(Timestamp now, size_t count) {
    std::string fills;
    std::thread reader([&] {
      while (fills.size() < count) {
        const auto packet = client_.ReceivePacket();
        if (!packet) {
          return;
        }
        fills.push_back(static_cast<char>(packet->at(0)));
        EXPECT_EQ(*packet, std::vector<uint8_t>(packet->size(), packet->at(0)));  // Undamaged.
      }
    });
    while (connection_.has_backlog() && connection_.FlushBacklog(now, counters_)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    reader.join();
    return fills;
  }

  TcpServer server_;
  TcpClient client_;
  TcpConnection connection_;
  rtp::PacketPool pool_{1024};
  std::vector<ReceivedDatagram> received_;
  DatagramBatch batch_;
  TcpCounters counters_;
  std::vector<uint8_t> scratch_ = std::vector<uint8_t>(4096);
};

TEST_F(TcpConnectionTest, ReceivesPacketsFromWhoTheyAreFrom) {
  client_.SendPacket(std::vector<uint8_t>{1, 2, 3});
  client_.SendPacket(std::vector<uint8_t>(1500, 7));
  EXPECT_TRUE(Receive(2));
  ASSERT_THAT(received_, SizeIs(2));
  EXPECT_EQ(received_[0].remote, connection_.remote());
  EXPECT_THAT(received_[0].packet.bytes(), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(received_[1].packet.bytes(), SizeIs(1500));
}

TEST_F(TcpConnectionTest, ContinuesAfterWhatTheListenerHasRead) {
  const std::vector<uint8_t> second = TcpClient::Framed(std::vector<uint8_t>{2, 2});
  std::vector<uint8_t> read = TcpClient::Framed(std::vector<uint8_t>{1});
  read.push_back(second[0]);
  TcpClient other(server_.port());
  TcpConnection connection = Accept(read);
  EXPECT_TRUE(connection.TakeReceived(pool_, received_, counters_));
  EXPECT_THAT(received_, SizeIs(1));
  other.Send(absl::MakeConstSpan(second).subspan(1));
  while (received_.size() < 2) {
    ASSERT_TRUE(connection.Receive(absl::MakeSpan(scratch_), pool_, received_, counters_));
  }
  EXPECT_THAT(received_[1].packet.bytes(), testing::ElementsAre(2, 2));
}

TEST_F(TcpConnectionTest, PassesOverWhatIsTooLargeForAPacket) {
  client_.SendPacket(std::vector<uint8_t>(rtp::PacketRef::kCapacity + 1, 1));
  client_.SendPacket(std::vector<uint8_t>{2});
  EXPECT_TRUE(Receive(1));
  EXPECT_THAT(received_[0].packet.bytes(), testing::ElementsAre(2));
  EXPECT_EQ(counters_.dropped_oversized.value(), 1u);
}

TEST_F(TcpConnectionTest, EndsWhenThePeerDoes) {
  shutdown(client_.descriptor(), SHUT_WR);
  EXPECT_FALSE(Receive(1));
  EXPECT_EQ(counters_.closed_by_peer.value(), 1u);
}

TEST_F(TcpConnectionTest, EndsOnGarbage) {
  client_.Send(std::vector<uint8_t>(100, 'G'));
  EXPECT_FALSE(Receive(1));
  EXPECT_EQ(counters_.closed_broken.value(), 1u);
}

TEST_F(TcpConnectionTest, SendsABatchInOrder) {
  for (uint8_t i = 0; i < 10; ++i) {
    batch_.Append(kPath, std::vector<uint8_t>(20 + i, i), DatagramContent::kVideo);
  }
  EXPECT_TRUE(connection_.Send(kStart, batch_, batch_.entries(), counters_));
  for (uint8_t i = 0; i < 10; ++i) {
    EXPECT_EQ(client_.ReceivePacket(), std::vector<uint8_t>(20 + i, i));
  }
  EXPECT_EQ(counters_.packets_sent.value(), 10u);
}

TEST_F(TcpConnectionTest, LateVideoIsDroppedAndAudioArrives) {
  const uint64_t before = Fill();
  EXPECT_TRUE(Send(kStart, DatagramContent::kVideo, 'v'));
  EXPECT_TRUE(Send(kStart, DatagramContent::kAudio, 'a', 100));
  EXPECT_TRUE(Send(kStart, DatagramContent::kPadding, 'p', 100));
  EXPECT_TRUE(Send(kStart, DatagramContent::kControl, 'c', 100));

  // What the kernel has taken is out of reach, and a frame it has begun must be finished.
  const std::string fills = ReadAtClient(kStart + absl::Milliseconds(201), before + 2);
  EXPECT_EQ(fills.substr(fills.size() - 2), "ac");
  EXPECT_THAT(fills.substr(0, fills.size() - 2), testing::Each('v'));
  EXPECT_GE(counters_.unsent_late.value(), 2u);  // The video that waited, and the padding.
  EXPECT_FALSE(connection_.has_backlog());
}

TEST_F(TcpConnectionTest, WhatIsInTimeArrivesCompletely) {
  const uint64_t before = Fill();
  EXPECT_TRUE(Send(kStart, DatagramContent::kVideo, 'w'));
  EXPECT_TRUE(Send(kStart, DatagramContent::kAudio, 'a'));
  const std::string fills = ReadAtClient(kStart + absl::Milliseconds(100), before + 2);
  EXPECT_EQ(fills.substr(fills.size() - 2), "wa");
  EXPECT_EQ(counters_.unsent_late.value(), 0u);
}

TEST_F(TcpConnectionTest, WhatWaitsIsBounded) {
  Fill();
  for (int i = 0; i < 2000; ++i) {
    EXPECT_TRUE(Send(kStart, DatagramContent::kVideo, 'v'));
  }
  EXPECT_GT(counters_.unsent_queue_full.value(), 0u);
  EXPECT_TRUE(Send(kStart, DatagramContent::kAudio, 'a'));
  const uint64_t refused = counters_.unsent_queue_full.value();
  EXPECT_TRUE(Send(kStart, DatagramContent::kControl, 'c'));
  EXPECT_EQ(counters_.unsent_queue_full.value(), refused);
}

}  // namespace
}  // namespace sfu::media
