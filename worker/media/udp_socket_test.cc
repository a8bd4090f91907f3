#include "worker/media/udp_socket.h"

#include <vector>

#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/check.h"

namespace {

bool g_would_block = false;
int g_refuse_segments_with = 0;

}  // namespace

// Stands in front of the C library's, to fail as loopback never does.
extern "C" int sendmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags) {
  if (g_would_block) {
    errno = EAGAIN;
    return -1;
  }
  if (g_refuse_segments_with != 0) {
    for (unsigned i = 0; i < count; ++i) {
      if (messages[i].msg_hdr.msg_controllen != 0) {
        count = i;
      }
    }
    if (count == 0) {
      errno = g_refuse_segments_with;
      return -1;
    }
  }
  return static_cast<int>(syscall(SYS_sendmmsg, descriptor, messages, count, flags));
}

namespace sfu::media {
namespace {

using testing::SizeIs;
using transport::DatagramBatch;

const SocketAddress kLoopback = SocketAddress::V4({127, 0, 0, 1}, 0);

std::unique_ptr<UdpSocket> Bound(const SocketAddress& address = kLoopback,
                                 const UdpSocket::Options& options = {}) {
  absl::StatusOr<std::unique_ptr<UdpSocket>> socket = UdpSocket::Bind(address, options);
  SFU_CHECK(socket.ok());
  return *std::move(socket);
}

class UdpSocketTest : public testing::Test {
 protected:
  void Append(const UdpSocket& to, size_t size, uint8_t fill) {
    batch_.Append({.remote = to.local_address()}, std::vector<uint8_t>(size, fill));
  }

  // Loopback delivers before sendmmsg() returns, so what was sent is there.
  std::vector<ReceivedDatagram> ReceiveAll(UdpSocket& socket) {
    std::vector<ReceivedDatagram> datagrams;
    while (socket.Receive(pool_, datagrams, counters_)) {
    }
    return datagrams;
  }

  rtp::PacketPool pool_{1024};  // Outlives the sockets.
  SocketCounters counters_;
  DatagramBatch batch_{128};
};

TEST_F(UdpSocketTest, DeliversDatagramsWithTheirSender) {
  const auto a = Bound();
  const auto b = Bound();
  Append(*b, 100, 7);
  a->Send(batch_, batch_.entries(), counters_);

  const auto received = ReceiveAll(*b);
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].remote, a->local_address());
  EXPECT_THAT(received[0].packet.bytes(), SizeIs(100));
  EXPECT_EQ(received[0].packet.bytes()[99], 7);
}

TEST_F(UdpSocketTest, SpeaksIpv6) {
  const auto local = SocketAddress::Parse("::1", 0);
  const auto bound = UdpSocket::Bind(*local, {});
  if (!bound.ok()) {
    GTEST_SKIP() << "no IPv6 on this machine";
  }
  UdpSocket& socket = **bound;
  Append(socket, 30, 1);
  socket.Send(batch_, batch_.entries(), counters_);
  const auto received = ReceiveAll(socket);
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].remote, socket.local_address());
}

TEST_F(UdpSocketTest, RefusesAPortInUse) {
  const auto first = Bound();
  EXPECT_FALSE(UdpSocket::Bind(first->local_address(), {}).ok());
}

TEST_F(UdpSocketTest, EqualSizesToOneDestinationLeaveAsOneSend) {
  const auto a = Bound();
  const auto b = Bound();
  for (uint8_t i = 0; i < 20; ++i) {
    Append(*b, 1000, i);
  }
  Append(*b, 300, 20);  // A shorter one may end the run.
  Append(*b, 300, 21);  // And begins another with what follows it.
  a->Send(batch_, batch_.entries(), counters_);

  EXPECT_EQ(counters_.datagrams_sent.value(), 22u);
  EXPECT_EQ(counters_.segmented_sends.value(), 1u);
  EXPECT_EQ(counters_.send_calls.value(), 1u);
  const auto received = ReceiveAll(*b);
  ASSERT_THAT(received, SizeIs(22));
  for (uint8_t i = 0; i < 22; ++i) {
    EXPECT_THAT(received[i].packet.bytes(), SizeIs(i < 20 ? 1000 : 300));
    EXPECT_EQ(received[i].packet.bytes()[0], i);
  }
}

TEST_F(UdpSocketTest, ARunEndsWhereTheDestinationChanges) {
  const auto a = Bound();
  const auto b = Bound();
  const auto c = Bound();
  Append(*b, 100, 1);
  Append(*b, 100, 2);
  Append(*c, 100, 3);
  Append(*b, 100, 4);
  a->Send(batch_, batch_.entries(), counters_);

  EXPECT_EQ(counters_.segmented_sends.value(), 1u);
  EXPECT_THAT(ReceiveAll(*b), SizeIs(3));
  const auto received = ReceiveAll(*c);
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].packet.bytes()[0], 3);
}

TEST_F(UdpSocketTest, ARunMayNotGrowInTheMiddle) {
  const auto a = Bound();
  const auto b = Bound();
  Append(*b, 100, 1);
  Append(*b, 200, 2);
  Append(*b, 200, 3);
  a->Send(batch_, batch_.entries(), counters_);
  const auto received = ReceiveAll(*b);
  ASSERT_THAT(received, SizeIs(3));
  EXPECT_THAT(received[0].packet.bytes(), SizeIs(100));
  EXPECT_THAT(received[2].packet.bytes(), SizeIs(200));
}

TEST_F(UdpSocketTest, LongRunsAreCutAtWhatTheKernelTakes) {
  const auto a = Bound();
  const auto b = Bound();
  for (uint8_t i = 0; i < 128; ++i) {
    Append(*b, 1200, i);  // 54 of these fit a segmented send.
  }
  a->Send(batch_, batch_.entries(), counters_);
  EXPECT_EQ(counters_.datagrams_sent.value(), 128u);
  EXPECT_EQ(counters_.segmented_sends.value(), 3u);
  EXPECT_EQ(counters_.segmentation_disabled.value(), 0u);
  const auto received = ReceiveAll(*b);
  ASSERT_THAT(received, SizeIs(128));
  EXPECT_EQ(received[127].packet.bytes()[0], 127);
}

TEST_F(UdpSocketTest, WorksWithoutSegmentation) {
  const auto a = Bound(kLoopback, {.segmentation = false});
  const auto b = Bound();
  for (uint8_t i = 0; i < 100; ++i) {
    Append(*b, 500, i);
  }
  a->Send(batch_, batch_.entries(), counters_);
  EXPECT_EQ(counters_.segmented_sends.value(), 0u);
  EXPECT_EQ(counters_.send_calls.value(), 2u);
  EXPECT_THAT(ReceiveAll(*b), SizeIs(100));
}

// As a device without checksum offload does, or an old driver [PERF-23].
TEST_F(UdpSocketTest, FallsBackForGoodWhenSegmentsAreRefused) {
  for (const int error : {EIO, EINVAL}) {
    SCOPED_TRACE(error);
    const auto a = Bound();
    const auto b = Bound();
    batch_.Clear();
    Append(*b, 50, 0);
    for (uint8_t i = 1; i < 4; ++i) {
      Append(*b, 100, i);
    }
    g_refuse_segments_with = error;
    a->Send(batch_, batch_.entries(), counters_);
    g_refuse_segments_with = 0;
    a->Send(batch_, batch_.entries(), counters_);

    EXPECT_THAT(ReceiveAll(*b), SizeIs(8));
  }
  EXPECT_EQ(counters_.segmentation_disabled.value(), 2u);
  EXPECT_EQ(counters_.segmented_sends.value(), 0u);
  EXPECT_EQ(counters_.unsent_error.value(), 0u);
}

TEST_F(UdpSocketTest, SkipsWhatTheKernelRefuses) {
  const auto a = Bound(kLoopback, {.segmentation = false});
  const auto b = Bound();
  batch_.Append({.remote = SocketAddress::V4({255, 255, 255, 255}, 9)}, {1});  // EACCES.
  Append(*b, 100, 1);
  a->Send(batch_, batch_.entries(), counters_);
  EXPECT_EQ(counters_.unsent_error.value(), 1u);
  EXPECT_THAT(ReceiveAll(*b), SizeIs(1));
}

TEST_F(UdpSocketTest, WhatWouldBlockWaitsInOrder) {
  const auto a = Bound();
  const auto b = Bound();
  for (uint8_t i = 0; i < 3; ++i) {
    Append(*b, 100, i);
  }
  g_would_block = true;
  a->Send(batch_, batch_.entries(), counters_);
  EXPECT_TRUE(a->has_backlog());
  g_would_block = false;
  batch_.Clear();
  Append(*b, 100, 3);
  a->Send(batch_, batch_.entries(), counters_);

  EXPECT_FALSE(a->has_backlog());
  const auto received = ReceiveAll(*b);
  ASSERT_THAT(received, SizeIs(4));
  for (uint8_t i = 0; i < 4; ++i) {
    EXPECT_EQ(received[i].packet.bytes()[0], i);
  }
}

TEST_F(UdpSocketTest, BacklogIsBounded) {
  const auto a = Bound();
  const auto b = Bound();
  for (uint8_t i = 0; i < 100; ++i) {
    Append(*b, 100, i);
  }
  g_would_block = true;
  a->Send(batch_, batch_.entries(), counters_);
  g_would_block = false;
  EXPECT_EQ(counters_.unsent_would_block.value(), 100 - DatagramBatch::kDefaultLimit);

  a->FlushBacklog(counters_);
  EXPECT_FALSE(a->has_backlog());
  EXPECT_THAT(ReceiveAll(*b), SizeIs(DatagramBatch::kDefaultLimit));
}

TEST_F(UdpSocketTest, DropsWhatIsLargerThanABuffer) {
  const auto a = Bound();
  const auto b = Bound();
  const std::vector<uint8_t> huge(4000, 1);
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  ASSERT_EQ(getsockname(b->descriptor(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  ASSERT_EQ(sendto(a->descriptor(), huge.data(), huge.size(), 0,
                   reinterpret_cast<const sockaddr*>(&address), size),
            4000);
  Append(*b, 10, 2);
  a->Send(batch_, batch_.entries(), counters_);

  const auto received = ReceiveAll(*b);
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(counters_.dropped_oversized.value(), 1u);
}

TEST_F(UdpSocketTest, ThrowsDatagramsAwayWhenThePoolIsExhausted) {
  rtp::PacketPool small(8, 8);
  const auto a = Bound();
  const auto b = Bound();
  for (uint8_t i = 0; i < 20; ++i) {
    Append(*b, 10, i);
  }
  a->Send(batch_, batch_.entries(), counters_);

  std::vector<ReceivedDatagram> held;
  int calls = 0;
  while (calls < 100 && counters_.datagrams_received.value() < 20) {
    b->Receive(small, held, counters_);
    ++calls;
  }
  EXPECT_THAT(held, SizeIs(8));
  EXPECT_EQ(counters_.dropped_pool_exhausted.value(), 12u);
}

}  // namespace
}  // namespace sfu::media
