#include "worker/media/external_address_finder.h"

#include <array>

#include <absl/synchronization/notification.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "worker/ice/stun_message.h"

namespace sfu::media {
namespace {

using boost::asio::ip::udp;

const SocketAddress kLoopback = *SocketAddress::Parse("127.0.0.1", 0);
const SocketAddress kOutside = *SocketAddress::Parse("203.0.113.9", 4711);

// A STUN server on loopback to which everybody comes from `kOutside`.
class StunServer {
 public:
  StunServer() {
    RunAndWait(loop_, [this] {
      socket_.emplace(loop_.io_context(),
                      udp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
      port_ = socket_->local_endpoint().port();
      Receive();
    });
  }
  ~StunServer() {
    RunAndWait(loop_, [this] { socket_.reset(); });
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void Receive() {
    socket_->async_receive_from(
        boost::asio::buffer(datagram_), sender_,
        [this](const boost::system::error_code& error, size_t size) {
          if (error) {
            return;
          }
          const auto request =
              ice::StunMessageView::Parse(absl::MakeConstSpan(datagram_.data(), size));
          ASSERT_TRUE(request.has_value());
          const ice::StunBytes answer =
              ice::BuildBindingSuccess(request->transaction_id(), kOutside, "");
          socket_->send_to(boost::asio::buffer(answer.data(), answer.size()), sender_);
          Receive();
        });
  }

  AsioLoop loop_{"stun-server"};
  std::optional<udp::socket> socket_;
  uint16_t port_ = 0;
  udp::endpoint sender_;
  std::array<uint8_t, 1500> datagram_;
};

class ExternalAddressFinderTest : public ::testing::Test {
 protected:
  // What is found, waiting for it.
  ExternalAddresses Find(std::vector<std::string> servers) {
    absl::Notification found;
    ExternalAddresses result;
    const ExternalAddressFinder finder(loop_, std::make_unique<SeededRandom>(1),
                                       {.servers = std::move(servers), .addresses = {kLoopback}},
                                       [&](const ExternalAddresses& addresses) {
                                         result = addresses;
                                         found.Notify();
                                       });
    found.WaitForNotification();
    return result;
  }

  AsioLoop loop_{"finder"};
};

TEST_F(ExternalAddressFinderTest, FindsWhatAServerSays) {
  const StunServer server;
  EXPECT_EQ(Find({server.address()}), (ExternalAddresses{{kLoopback, kOutside.WithPort(0)}}));
}

TEST_F(ExternalAddressFinderTest, ServersThatAreNoneDoNotMatter) {
  const StunServer server;
  EXPECT_EQ(Find({"127.0.0.1:1", "[::1]:1", "::1", "name.invalid:3478", server.address()}).size(),
            1u);
}

TEST_F(ExternalAddressFinderTest, MayBeGivenUpBeforeItHasFoundAnything) {
  for (int round = 0; round < 20; ++round) {
    const ExternalAddressFinder finder(
        loop_, std::make_unique<SeededRandom>(1),
        {.servers = {"127.0.0.1:1", "name.invalid"}, .addresses = {kLoopback}},
        [](const ExternalAddresses&) { ADD_FAILURE() << "nothing can be found"; });
  }
}

}  // namespace
}  // namespace sfu::media
