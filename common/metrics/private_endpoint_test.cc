#include "common/metrics/private_endpoint.h"

#include <string>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/metrics/process_metrics.h"

namespace sfu {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class OneGauge : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    prometheus::MetricFamily family;
    family.name = "livekit_room_total";
    family.type = prometheus::MetricType::Gauge;
    family.metric.emplace_back();
    family.metric.back().gauge.value = 3;
    return {family};
  }
};

std::string Exchange(uint16_t port, const std::string& request) {
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(send(client, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string answer;
  char chunk[4096];
  for (ssize_t size = 0; (size = recv(client, chunk, sizeof(chunk), 0)) > 0;) {
    answer.append(chunk, static_cast<size_t>(size));
  }
  close(client);
  return answer;
}

std::unique_ptr<PrivateEndpoint> Start(PrivateEndpointOptions options) {
  options.addresses = {"127.0.0.1"};
  options.constant_labels = {{"node_id", "ND_1"}};
  auto endpoint = PrivateEndpoint::Start(
      options, {std::make_shared<OneGauge>(), std::make_shared<ProcessMetrics>()});
  EXPECT_TRUE(endpoint.ok()) << endpoint.status().message();
  return *std::move(endpoint);
}

TEST(PrivateEndpointTest, ServesMetricsOnEveryPath) {
  const auto endpoint = Start({});
  for (const char* path : {"/", "/metrics"}) {
    const std::string answer =
        Exchange(endpoint->port(), std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("livekit_room_total{node_id=\"ND_1\"} 3"));
    EXPECT_THAT(answer, HasSubstr("\nprocess_resident_memory_bytes "));
  }
}

TEST(PrivateEndpointTest, AsksForThePasswordWhenThereIsOne) {
  PrivateEndpointOptions options;
  options.username = "u";
  options.password = "p";
  const auto endpoint = Start(options);
  const std::string refused = Exchange(endpoint->port(), "GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(refused, HasSubstr("WWW-Authenticate: Basic realm=\"Protected Area\""));
  EXPECT_THAT(refused, Not(HasSubstr("room_total")));
  EXPECT_THAT(Exchange(endpoint->port(), "GET / HTTP/1.1\r\nAuthorization: Basic dTpw\r\n\r\n"),
              HasSubstr("room_total"));
}

TEST(PrivateEndpointTest, ProbesAnswerWithTheReason) {
  PrivateEndpointOptions options;
  options.username = "u";  // A kubelet has no password.
  options.password = "p";
  options.ready = [] { return std::optional<std::string>("draining"); };
  const auto endpoint = Start(options);
  const std::string live = Exchange(endpoint->port(), "GET /livez?verbose HTTP/1.1\r\n\r\n");
  EXPECT_THAT(live, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(live, HasSubstr("\r\n\r\nok\n"));
  const std::string ready = Exchange(endpoint->port(), "GET /readyz HTTP/1.1\r\n\r\n");
  EXPECT_THAT(ready, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(ready, HasSubstr("draining\n"));
  EXPECT_THAT(Exchange(endpoint->port(), "HEAD /readyz HTTP/1.1\r\n\r\n"),
              Not(HasSubstr("draining")));
}

TEST(PrivateEndpointTest, ATakenPortIsAnError) {
  const auto endpoint = Start({});
  PrivateEndpointOptions options;
  options.addresses = {"127.0.0.1"};
  options.port = endpoint->port();
  EXPECT_FALSE(PrivateEndpoint::Start(options, {}).ok());
}

}  // namespace
}  // namespace sfu
