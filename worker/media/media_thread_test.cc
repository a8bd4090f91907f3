#include "worker/media/media_thread.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <absl/synchronization/notification.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/check.h"
#include "common/runtime/system_clock.h"
#include "tests/support/seeded_random.h"
#include "worker/ice/credentials.h"
#include "worker/ice/stun_message.h"
#include "worker/media/media_metrics.h"
#include "worker/media/test_tcp.h"

namespace sfu::media {
namespace {

using transport::TransportId;

const SocketAddress kLoopback = SocketAddress::V4({127, 0, 0, 1}, 0);
const TransportId kTransport(5);

// Stands for the rooms: claims the path of each check for kTransport, and returns to its sender
// whatever else comes, `copies` times.
class EchoSink : public transport::PacketSink {
 public:
  EchoSink(const MediaThreadContext& context, size_t copies, const std::string& ufrag = "abcdefgh")
      : context_(context), copies_(copies) {
    context.table.AddUfrag(ufrag, kTransport);
  }

  void HandleDatagram(Timestamp now, TransportId transport, const ice::Path& path,
                      rtp::PacketRef packet) override {
    SFU_CHECK(transport == kTransport);
    handled_.fetch_add(1);
    context_.table.AddPath(path, transport);
    last_path_ = path;
    next_timeout_ = now + absl::Milliseconds(20);
    for (size_t i = 0; i < copies_; ++i) {
      waiting_.push_back(packet);
    }
  }
  void HandleTimeout(Timestamp) override {
    next_timeout_ = Timestamp::Never();
    if (!timer_fired.HasBeenNotified()) {
      timer_fired.Notify();
    }
  }
  Timestamp NextTimeout() const override { return next_timeout_; }
  bool Flush(Timestamp, transport::DatagramBatch& batch) override {
    while (!waiting_.empty() && !batch.full()) {
      batch.Append(last_path_, waiting_.back().bytes());
      waiting_.pop_back();
    }
    return !waiting_.empty();
  }

  const MediaThreadContext& context() const { return context_; }
  int handled() const { return handled_.load(); }

  absl::Notification timer_fired;

 private:
  const MediaThreadContext context_;
  const size_t copies_;
  std::atomic<int> handled_ = 0;
  ice::Path last_path_;
  std::vector<rtp::PacketRef> waiting_;
  Timestamp next_timeout_ = Timestamp::Never();
};

// Says a few times that there is more, and never sends anything.
class IdleSink : public transport::PacketSink {
 public:
  void HandleDatagram(Timestamp, TransportId, const ice::Path&, rtp::PacketRef) override {}
  void HandleTimeout(Timestamp) override {}
  Timestamp NextTimeout() const override { return Timestamp::Never(); }
  bool Flush(Timestamp, transport::DatagramBatch&) override { return ++flushes_ < 10; }

 private:
  int flushes_ = 0;
};

class MediaThreadTest : public testing::Test {
 protected:
  void StartThread(size_t copies = 1) {
    auto sockets = OpenMediaSockets({{kLoopback, {kLoopback}}}, {}, 1, {});
    ASSERT_TRUE(sockets.ok());
    thread_ = std::make_unique<MediaThread>(
        options_, clock_, std::make_unique<SeededRandom>(1), std::move(sockets->front()),
        [&](const MediaThreadContext& context) {
          auto sink = std::make_unique<EchoSink>(context, copies);
          sink_ = sink.get();
          return sink;
        });
    thread_->Start();
    server_ = thread_->candidates().front().address;
    auto client = UdpSocket::Bind(kLoopback, {});
    ASSERT_TRUE(client.ok());
    client_ = *std::move(client);
  }

  void Send(absl::Span<const uint8_t> bytes) {
    transport::DatagramBatch batch;
    batch.Append({.remote = server_}, bytes);
    client_->Send(batch, batch.entries(), client_counters_);
  }
  void SendCheck() {
    Send(ice::BuildBindingRequest({.username = "abcdefgh:peer", .priority = 1}, "secret"));
  }
  // Waits for `count` datagrams, up to some seconds.
  std::vector<ReceivedDatagram> Receive(size_t count) {
    std::vector<ReceivedDatagram> datagrams;
    const Timestamp end = clock_.Now() + absl::Seconds(20);
    while (datagrams.size() < count && clock_.Now() < end) {
      client_->Receive(pool_, datagrams, client_counters_);
    }
    return datagrams;
  }
  // Everything sent before has been routed when this returns.
  void Sync() {
    for (int pass = 0; pass < 2; ++pass) {
      absl::Notification done;
      ASSERT_TRUE(thread_->Post([&](Timestamp) { done.Notify(); }));
      done.WaitForNotification();
    }
  }

  MediaThread::Options options_;
  SystemClock clock_;
  rtp::PacketPool pool_{1024};
  std::unique_ptr<MediaThread> thread_;
  EchoSink* sink_ = nullptr;
  SocketAddress server_;
  std::unique_ptr<UdpSocket> client_;
  SocketCounters client_counters_;
};

TEST_F(MediaThreadTest, RoutesByUfragFirstAndByPathFromThenOn) {
  StartThread();
  SendCheck();
  EXPECT_EQ(Receive(1).size(), 1u);
  Send({0x80, 1, 2, 3});
  const auto echoed = Receive(1);
  ASSERT_EQ(echoed.size(), 1u);
  EXPECT_EQ(echoed[0].remote, server_);
}

TEST_F(MediaThreadTest, DropsAndCountsWhatBelongsToNobody) {
  StartThread();
  Send({0x80, 1, 2, 3});
  Send({0, 1, 2, 3});
  Send(ice::BuildBindingRequest({.username = "unknown:peer", .priority = 1}, "secret"));
  SendCheck();
  ASSERT_EQ(Receive(1).size(), 1u);
  Sync();
  EXPECT_EQ(thread_->counters().dropped_unknown_transport.value(), 1u);
  EXPECT_EQ(thread_->counters().dropped_not_stun_check.value(), 1u);
  EXPECT_EQ(thread_->counters().dropped_unknown_ufrag.value(), 1u);
  EXPECT_EQ(client_counters_.datagrams_received.value(), 1u);
}

TEST_F(MediaThreadTest, FlushesMoreThanOneChunk) {
  StartThread(/*copies=*/300);
  SendCheck();
  EXPECT_EQ(Receive(300).size(), 300u);
}

// A media thread that goes round and round serves nobody, and says nothing.
TEST(MediaThreadDeathTest, ASinkThatAsksForMoreMustHaveFilledTheBatch) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto run = [] {
    auto sockets = OpenMediaSockets({{kLoopback, {kLoopback}}}, {}, 1, {});
    SFU_CHECK(sockets.ok());
    const SystemClock clock;
    MediaThread thread({}, clock, std::make_unique<SeededRandom>(1), std::move(sockets->front()),
                       [](const MediaThreadContext&) { return std::make_unique<IdleSink>(); });
    thread.Start();
    absl::Notification passed;
    thread.Post([&](Timestamp) { passed.Notify(); });
    passed.WaitForNotification();
  };
  EXPECT_DEATH(run(), "batch_.full");
}

TEST_F(MediaThreadTest, WakesForTimers) {
  StartThread();
  SendCheck();
  EXPECT_TRUE(sink_->timer_fired.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(MediaThreadTest, RunsPostedTasksAndSendsWhatTheyLeave) {
  StartThread();
  SendCheck();
  ASSERT_EQ(Receive(1).size(), 1u);
  Sync();
  const ice::Path path = {.remote = client_->local_address()};
  ASSERT_TRUE(thread_->Post([this, path](Timestamp now) {
    const std::vector<uint8_t> word = {42};
    sink_->HandleDatagram(now, kTransport, path, sink_->context().pool.Copy(word));
  }));
  const auto received = Receive(1);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].packet.bytes()[0], 42);
}

TEST_F(MediaThreadTest, ServesConnectionsAsItDoesSockets) {
  StartThread(/*copies=*/100);
  TcpServer server;
  TcpClient client(server.port());
  auto [descriptor, remote] = server.Accept();
  const auto check =
      ice::BuildBindingRequest({.username = "abcdefgh:peer", .priority = 1}, "secret");
  ASSERT_TRUE(thread_->Adopt({std::move(descriptor), remote, TcpClient::Framed(check)}));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.ReceivePacket(), std::vector<uint8_t>(check.begin(), check.end()));
  }
  client.SendPacket(std::vector<uint8_t>{0x80, 1, 2, 3});
  EXPECT_EQ(client.ReceivePacket(), (std::vector<uint8_t>{0x80, 1, 2, 3}));
}

TEST_F(MediaThreadTest, ClosesConnectionsThatBelongToNobody) {
  options_.tcp.unused_limit = absl::Milliseconds(100);
  StartThread();
  TcpServer server;
  TcpClient client(server.port());
  auto [descriptor, remote] = server.Accept();
  const auto check =
      ice::BuildBindingRequest({.username = "unknown:peer", .priority = 1}, "secret");
  ASSERT_TRUE(thread_->Adopt({std::move(descriptor), remote, TcpClient::Framed(check)}));
  EXPECT_EQ(client.ReceivePacket(), std::nullopt);
  Sync();
  EXPECT_EQ(thread_->counters().dropped_unknown_ufrag.value(), 1u);
  EXPECT_EQ(thread_->counters().tcp.closed_unused.value(), 1u);
}

TEST_F(MediaThreadTest, CountsWhatIsForAConnectionThatHasEnded) {
  StartThread();
  const ice::Path path = {.remote = kLoopback, .local_socket = TcpConnections::kFirstNumber + 7};
  ASSERT_TRUE(thread_->Post([this, path](Timestamp now) {
    const std::vector<uint8_t> word = {42};
    sink_->HandleDatagram(now, kTransport, path, sink_->context().pool.Copy(word));
  }));
  Sync();
  EXPECT_EQ(thread_->counters().tcp.unsent_no_connection.value(), 1u);
}

TEST_F(MediaThreadTest, StopDestroysWhatWasNotRun) {
  StartThread();
  thread_->Stop();
  const auto alive = std::make_shared<int>(0);
  EXPECT_FALSE(thread_->Post([alive](Timestamp) {}));
  EXPECT_EQ(alive.use_count(), 1);
}

TEST_F(MediaThreadTest, ExportsEachMetricOnceWithAName) {
  StartThread();
  SendCheck();
  ASSERT_EQ(Receive(1).size(), 1u);
  Sync();
  const MediaMetrics metrics({thread_.get()});
  std::vector<std::string> names;
  double received = 0;
  for (const prometheus::MetricFamily& family : metrics.Collect()) {
    EXPECT_FALSE(family.help.empty()) << family.name;
    names.push_back(family.name);
    if (family.name == "sfu_udp_datagrams_total") {
      received = family.metric[0].counter.value;
    }
  }
  EXPECT_EQ(received, 1);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

// Two threads, one port, which the first receives by.
class SharedPortTest : public testing::Test {
 protected:
  SharedPortTest() {
    auto probe = UdpSocket::Bind(kLoopback, {});
    SFU_CHECK(probe.ok());
    const uint16_t port = (*probe)->local_address().port();
    probe->reset();
    auto sockets = OpenMediaSockets({{kLoopback, {kLoopback}}}, {port, port}, 2, {});
    SFU_CHECK(sockets.ok());
    for (uint32_t index = 0; index < 2; ++index) {
      ufrags_.push_back(ice::GenerateCredentials(random_, index).ufrag);
      MediaThread::Options options;
      options.index = index;
      threads_.push_back(std::make_unique<MediaThread>(
          options, clock_, std::make_unique<SeededRandom>(index), std::move(sockets->at(index)),
          [&](const MediaThreadContext& context) {
            auto sink = std::make_unique<EchoSink>(context, 1, ufrags_[index]);
            sinks_.push_back(sink.get());
            return sink;
          },
          &exchange_));
    }
    for (const auto& thread : threads_) {
      thread->Start();
    }
    server_ = threads_.front()->candidates().front().address;
  }
  ~SharedPortTest() override {
    for (const auto& thread : threads_) {
      thread->Stop();
    }
  }

  struct Client {
    std::unique_ptr<UdpSocket> socket;
    SocketCounters counters;
  };
  std::unique_ptr<Client> NewClient() {
    auto client = std::make_unique<Client>();
    auto socket = UdpSocket::Bind(kLoopback, {});
    SFU_CHECK(socket.ok());
    client->socket = *std::move(socket);
    return client;
  }
  void Send(Client& client, absl::Span<const uint8_t> bytes) {
    transport::DatagramBatch batch;
    batch.Append({.remote = server_}, bytes);
    client.socket->Send(batch, batch.entries(), client.counters);
  }
  std::vector<uint8_t> CheckFor(const std::string& ufrag) {
    const auto check =
        ice::BuildBindingRequest({.username = ufrag + ":peer", .priority = 1}, "secret");
    return {check.begin(), check.end()};
  }
  // What comes back, within some seconds; from the address it was sent to.
  std::vector<uint8_t> Echo(Client& client) {
    std::vector<ReceivedDatagram> datagrams;
    const Timestamp end = clock_.Now() + absl::Seconds(20);
    while (datagrams.empty() && clock_.Now() < end) {
      client.socket->Receive(pool_, datagrams, client.counters);
    }
    SFU_CHECK(!datagrams.empty() && datagrams[0].remote == server_);
    return {datagrams[0].packet.bytes().begin(), datagrams[0].packet.bytes().end()};
  }

  SystemClock clock_;
  SeededRandom random_{1};
  rtp::PacketPool pool_{1024};
  ThreadExchange exchange_{2};
  std::vector<std::string> ufrags_;
  std::vector<std::unique_ptr<MediaThread>> threads_;
  std::vector<EchoSink*> sinks_;
  SocketAddress server_;
};

TEST_F(SharedPortTest, EachThreadServesItsOwnPeersOnOnePort) {
  for (uint32_t index = 0; index < 2; ++index) {
    const auto client = NewClient();
    Send(*client, CheckFor(ufrags_[index]));
    EXPECT_EQ(Echo(*client), CheckFor(ufrags_[index]));
    for (uint8_t i = 0; i < 100; ++i) {
      const std::vector<uint8_t> packet = {0x80, i, 3};
      Send(*client, packet);
      EXPECT_EQ(Echo(*client), packet);
    }
    EXPECT_EQ(sinks_[index]->handled(), 101);
  }
  EXPECT_EQ(threads_[0]->counters().handed_over.value(), 101u);
  EXPECT_EQ(threads_[1]->counters().sockets.datagrams_received.value(), 0u);
}

TEST_F(SharedPortTest, APathFollowsWhoProvedItLast) {
  const auto client = NewClient();
  for (const uint32_t index : {0u, 1u, 0u, 1u}) {
    Send(*client, CheckFor(ufrags_[index]));
    EXPECT_EQ(Echo(*client), CheckFor(ufrags_[index]));
    const int before = sinks_[index]->handled();
    const std::vector<uint8_t> packet = {0x80, 1, 2, 3};
    Send(*client, packet);
    EXPECT_EQ(Echo(*client), packet);
    EXPECT_EQ(sinks_[index]->handled(), before + 1);
  }
}

TEST_F(SharedPortTest, WhatBelongsToNobodyIsNotHandedOverForLong) {
  const auto client = NewClient();
  Send(*client, {0x80, 1, 2, 3});
  Send(*client, CheckFor(ice::GenerateCredentials(random_, 7).ufrag));  // There is no such thread.
  Send(*client, CheckFor(ice::GenerateCredentials(random_, 1).ufrag));  // It has no such transport.
  Send(*client, CheckFor(ufrags_[1]));
  EXPECT_EQ(Echo(*client), CheckFor(ufrags_[1]));
  EXPECT_EQ(threads_[0]->counters().dropped_unknown_transport.value(), 1u);
  EXPECT_EQ(threads_[0]->counters().dropped_unknown_ufrag.value(), 1u);
  EXPECT_EQ(threads_[1]->counters().dropped_unknown_ufrag.value(), 1u);
  EXPECT_EQ(threads_[0]->counters().handed_over.value(), 2u);
}

TEST(ThreadExchangeTest, AThreadThatIsBehindGetsNoMore) {
  ThreadExchange exchange(2);
  const std::vector<uint8_t> datagram = {1, 2, 3};
  const ice::Path path = {.remote = kLoopback, .local_socket = 4};
  for (size_t i = 0; i < ThreadExchange::kRingDatagrams; ++i) {
    EXPECT_TRUE(exchange.Push(0, 1, path, datagram));
  }
  EXPECT_FALSE(exchange.Push(0, 1, path, datagram));
  EXPECT_TRUE(exchange.Push(1, 0, path, datagram));

  size_t taken = 0;
  exchange.TakeAll(1, [&](const ThreadExchange::Datagram& waiting) {
    EXPECT_EQ(waiting.path, path);
    EXPECT_EQ(absl::MakeConstSpan(waiting.bytes).first(waiting.size),
              absl::MakeConstSpan(datagram));
    ++taken;
  });
  EXPECT_EQ(taken, ThreadExchange::kRingDatagrams);
  EXPECT_TRUE(exchange.Push(0, 1, path, datagram));
}

TEST(MediaSocketsTest, EachThreadHasAPortOfItsOwn) {
  const auto two = OpenMediaSockets({{kLoopback, {kLoopback}}}, {}, 2, {});
  ASSERT_TRUE(two.ok());
  ASSERT_EQ(two->size(), 2u);
  EXPECT_NE(two->at(0).candidates[0].address.port(), two->at(1).candidates[0].address.port());
}

TEST(MediaSocketsTest, EveryThreadOffersTheFirstPortAfterItsOwn) {
  const auto two = OpenMediaSockets({{kLoopback, {kLoopback}}}, {}, 2, {});
  ASSERT_TRUE(two.ok());
  ASSERT_EQ(two->at(0).candidates.size(), 1u);
  ASSERT_EQ(two->at(1).candidates.size(), 2u);
  EXPECT_EQ(two->at(1).candidates[1].address, two->at(0).candidates[0].address);
  EXPECT_GT(ice::CandidatePriority(two->at(1).candidates[0]),
            ice::CandidatePriority(two->at(1).candidates[1]));
  // It is the first thread that receives there, for both.
  EXPECT_EQ(two->at(1).sockets[0].receiver, 0u);
  EXPECT_EQ(two->at(1).sockets[1].receiver, 1u);
}

TEST(MediaSocketsTest, TheLowestFreePortsAreTaken) {
  // Some port that has a free one above it.
  uint16_t port = 0;
  std::unique_ptr<UdpSocket> taken;
  absl::StatusOr<std::vector<ThreadSockets>> one = absl::UnknownError("");
  for (int attempt = 0; attempt < 100 && !one.ok(); ++attempt) {
    auto socket = UdpSocket::Bind(kLoopback, {});
    ASSERT_TRUE(socket.ok());
    taken = *std::move(socket);
    port = taken->local_address().port();
    one = OpenMediaSockets({{kLoopback, {kLoopback}}},
                           {port, static_cast<uint16_t>(std::min(port + 1, 65'535))}, 1, {});
  }
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->front().candidates.front().address.port(), port + 1);
}

TEST(MediaSocketsTest, FewerPortsThanThreadsAreShared) {
  auto probe = OpenMediaSockets({{kLoopback, {kLoopback}}}, {}, 1, {});
  ASSERT_TRUE(probe.ok());
  const uint16_t port = probe->front().candidates.front().address.port();
  EXPECT_FALSE(OpenMediaSockets({{kLoopback, {kLoopback}}}, {port, port}, 2, {}).ok());  // Taken.

  probe->clear();
  const auto one = OpenMediaSockets({{kLoopback, {kLoopback}}}, {port, port}, 2, {});
  ASSERT_TRUE(one.ok());
  ASSERT_EQ(one->size(), 2u);
  for (const ThreadSockets& thread : *one) {
    ASSERT_EQ(thread.candidates.size(), 1u);
    EXPECT_EQ(thread.candidates[0].address.port(), port);
    EXPECT_EQ(thread.sockets[0].receiver, 0u);
  }
}

TEST(MediaSocketsTest, AnAddressThatTheMachineDoesNotHaveIsLeftOut) {
  const SocketAddress elsewhere = SocketAddress::V4({203, 0, 113, 5}, 0);
  const auto kept = KeepBindable({{elsewhere, {elsewhere}}, {kLoopback, {kLoopback}}});
  ASSERT_TRUE(kept.ok());
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ(kept->front().local, kLoopback);
  EXPECT_EQ(kept->front().advertised, std::vector<SocketAddress>{kLoopback});
  EXPECT_FALSE(KeepBindable({{elsewhere, {elsewhere}}}).ok());
}

TEST(MediaSocketsTest, WhatALeftOutAddressAdvertisesPassesToTheNext) {
  const SocketAddress elsewhere = SocketAddress::V4({203, 0, 113, 5}, 0);
  const SocketAddress external = SocketAddress::V4({198, 51, 100, 1}, 0);
  const auto kept = KeepBindable({{elsewhere, {external}}, {kLoopback, {}}});
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->front().advertised, std::vector<SocketAddress>{external});
}

TEST(MediaSocketsTest, CandidatesNameTheAdvertisedAddressWithTheBoundPort) {
  const SocketAddress external = SocketAddress::V4({203, 0, 113, 5}, 0);
  const auto sockets = OpenMediaSockets({{kLoopback, {external, kLoopback}}}, {}, 1, {});
  ASSERT_TRUE(sockets.ok());
  const auto& candidates = sockets->front().candidates;
  ASSERT_EQ(candidates.size(), 2u);
  const uint16_t port = sockets->front().sockets[0].socket->local_address().port();
  EXPECT_EQ(candidates[0].address, external.WithPort(port));
  EXPECT_EQ(candidates[0].preference_rank, 0);
  EXPECT_EQ(candidates[1].preference_rank, 1);
}

}  // namespace
}  // namespace sfu::media
