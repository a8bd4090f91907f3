#include "worker/media/tcp_listener.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/synchronization/mutex.h>
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/check.h"
#include "tests/support/seeded_random.h"
#include "worker/ice/credentials.h"
#include "worker/ice/stun_message.h"
#include "worker/media/test_tcp.h"

namespace sfu::media {
namespace {

using testing::HasSubstr;

const SocketAddress kLoopback = SocketAddress::V4({127, 0, 0, 1}, 0);

class TcpListenerTest : public testing::Test {
 protected:
  void Start(const TcpListener::Options& options = {}, uint32_t threads = 4) {
    auto listener = TcpListener::Listen({kLoopback}, 0, options);
    ASSERT_TRUE(listener.ok());
    listener_ = *std::move(listener);
    listener_->Start([this, threads](uint32_t thread, AcceptedConnection connection) {
      if (thread >= threads) {
        return false;
      }
      const absl::MutexLock lock(&mutex_);
      taken_.emplace(thread, std::move(connection));
      return true;
    });
  }
  // A check for a transport of that thread, in its frame.
  std::vector<uint8_t> FramedCheck(uint32_t thread) {
    const std::string ufrag = ice::GenerateCredentials(random_, thread).ufrag;
    return TcpClient::Framed(
        ice::BuildBindingRequest({.username = ufrag + ":peer", .priority = 1}, "secret"));
  }
  std::pair<uint32_t, AcceptedConnection> UntilHandedOver() {
    const absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(
        absl::Condition(
            +[](decltype(taken_)* taken) { return taken->has_value(); }, &taken_),
        absl::Seconds(20));
    SFU_CHECK(taken_.has_value());
    std::pair<uint32_t, AcceptedConnection> result = *std::move(taken_);
    taken_.reset();
    return result;
  }
  TcpClient Connect() { return TcpClient(listener_->port()); }

  SeededRandom random_{1};
  absl::Mutex mutex_;
  std::optional<std::pair<uint32_t, AcceptedConnection>> taken_;
  std::unique_ptr<TcpListener> listener_;
};

TEST_F(TcpListenerTest, HandsAConnectionToTheThreadThatItsFirstCheckNames) {
  Start();
  TcpClient client = Connect();
  std::vector<uint8_t> sent = FramedCheck(3);
  sent.push_back(0);  // The next packet has begun already.
  client.Send(sent);
  const auto [thread, connection] = UntilHandedOver();
  EXPECT_EQ(thread, 3u);
  EXPECT_EQ(connection.received, sent);
  EXPECT_TRUE(connection.remote.is_loopback());

  // The connection is whole: what we write there the client reads.
  EXPECT_EQ(send(connection.descriptor.value(), "\0\1x", 3, 0), 3);
  EXPECT_EQ(client.ReceivePacket(), std::vector<uint8_t>{'x'});
}

TEST_F(TcpListenerTest, WaitsForTheWholeCheck) {
  Start();
  TcpClient client = Connect();
  const std::vector<uint8_t> sent = FramedCheck(1);
  for (const uint8_t byte : sent) {
    client.Send({byte});
  }
  EXPECT_EQ(UntilHandedOver().first, 1u);
}

TEST_F(TcpListenerTest, ClosesWhatIsNoCheck) {
  Start();
  TcpClient browser = Connect();
  const std::string request = "GET / HTTP/1.1\r\n\r\n";
  browser.Send(std::vector<uint8_t>(request.begin(), request.end()));
  EXPECT_EQ(browser.ReceivePacket(), std::nullopt);

  TcpClient stranger = Connect();
  stranger.SendPacket(std::vector<uint8_t>{0x80, 1, 2, 3});
  EXPECT_EQ(stranger.ReceivePacket(), std::nullopt);

  TcpClient empty = Connect();
  empty.Send(std::vector<uint8_t>{0, 0});
  EXPECT_EQ(empty.ReceivePacket(), std::nullopt);
  EXPECT_EQ(listener_->counters().closed_not_check.value(), 3u);
}

TEST_F(TcpListenerTest, ClosesChecksThatNameNobody) {
  Start();
  TcpClient foreign = Connect();
  foreign.SendPacket(ice::BuildBindingRequest({.username = "short:peer", .priority = 1}, "secret"));
  EXPECT_EQ(foreign.ReceivePacket(), std::nullopt);

  TcpClient beyond = Connect();
  beyond.Send(FramedCheck(4));
  EXPECT_EQ(beyond.ReceivePacket(), std::nullopt);
  const Counter& counter = listener_->counters().closed_unknown_thread;
  for (int i = 0; i < 2000 && counter.value() < 2; ++i) {
    absl::SleepFor(
        absl::Milliseconds(10));  // Counted after the thread has refused, and closed, it.
  }
  EXPECT_EQ(counter.value(), 2u);
}

TEST_F(TcpListenerTest, ClosesWhoSaysNothing) {
  Start({.first_check_limit = absl::Milliseconds(50)});
  TcpClient silent = Connect();
  silent.Send(std::vector<uint8_t>{0});
  EXPECT_EQ(silent.ReceivePacket(), std::nullopt);
  EXPECT_EQ(listener_->counters().closed_silent.value(), 1u);
}

TEST_F(TcpListenerTest, BoundsHowManyWait) {
  Start({.limits = {.waiting = 10, .waiting_of_network = 2}});
  TcpClient first = Connect();
  TcpClient second = Connect();
  TcpClient third = Connect();
  EXPECT_EQ(third.ReceivePacket(), std::nullopt);
  EXPECT_EQ(listener_->counters().refused_network_limit.value(), 1u);

  // Who has shown a check does not count any more.
  first.Send(FramedCheck(0));
  UntilHandedOver();
  TcpClient fourth = Connect();
  fourth.Send(FramedCheck(2));
  EXPECT_EQ(UntilHandedOver().first, 2u);
}

TEST_F(TcpListenerTest, ATakenPortIsAnErrorThatNamesPortAndKey) {
  Start();
  const auto again = TcpListener::Listen({kLoopback}, listener_->port(), {});
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(std::string(again.status().message()), HasSubstr("rtc.tcp_port"));
  EXPECT_THAT(std::string(again.status().message()), HasSubstr(std::to_string(listener_->port())));
}

TEST_F(TcpListenerTest, ThePortIsFreeAgainAtOnce) {
  Start();
  TcpClient client = Connect();
  client.Send(FramedCheck(0));
  UntilHandedOver();  // And closed: it lingers in TIME_WAIT.
  const uint16_t port = listener_->port();
  listener_.reset();
  EXPECT_TRUE(TcpListener::Listen({kLoopback}, port, {}).ok());
}

TEST_F(TcpListenerTest, EndsWithConnectionsWaiting) {
  Start();
  TcpClient waiting = Connect();
  waiting.Send(std::vector<uint8_t>{0});
  listener_.reset();
  EXPECT_EQ(waiting.ReceivePacket(), std::nullopt);
}

}  // namespace
}  // namespace sfu::media
