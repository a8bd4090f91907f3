#include "common/redis/redis_client.h"

#include <atomic>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/redis_probe.h"
#include "tests/support/redis_server.h"

namespace sfu::redis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string TextOf(const absl::StatusOr<Reply>& reply) {
  return reply.ok() ? reply->text : "!" + std::string(reply.status().message());
}

TEST(RedisClientTest, ManyCommandsAreAnsweredInOrder) {
  const RedisServer server;
  RedisProbe probe(server);
  ASSERT_EQ(probe.error(), "");
  constexpr int kCommands = 5000;
  std::vector<std::string> answers;
  absl::Notification done;
  for (int i = 0; i < kCommands; ++i) {
    probe.client().Send({"ECHO", std::to_string(i)}, [&](const absl::StatusOr<Reply>& reply) {
      answers.push_back(TextOf(reply));
      if (answers.size() == kCommands) {
        done.Notify();
      }
    });
  }
  done.WaitForNotification();
  for (int i = 0; i < kCommands; ++i) {
    ASSERT_EQ(answers[static_cast<size_t>(i)], std::to_string(i));
  }
  EXPECT_EQ(probe.client().counters().commands.value(), 5000u);
  EXPECT_EQ(probe.client().counters().command_failures.value(), 0u);
}

TEST(RedisClientTest, ScriptsAreSentInFullWhereTheyAreUnknown) {
  const RedisServer server;
  RedisProbe probe(server);
  ASSERT_EQ(probe.error(), "");
  const Script script("return KEYS[1] .. ARGV[1]");
  for (int round = 0; round < 3; ++round) {
    absl::Notification done;
    std::string answer;
    probe.client().Evaluate(script, {"a"}, {"b"}, [&](const absl::StatusOr<Reply>& reply) {
      answer = TextOf(reply);
      done.Notify();
    });
    done.WaitForNotification();
    EXPECT_EQ(answer, "ab");
    if (round == 1) {
      ASSERT_TRUE(probe.Ask({"SCRIPT", "FLUSH"}).ok());
    }
  }
}

TEST(RedisClientTest, SpeaksOverAUnixSocket) {
  const RedisServer server;
  RedisProbe probe(config::Redis{.address = server.unix_socket()});
  ASSERT_EQ(probe.error(), "");
  EXPECT_EQ(TextOf(probe.Ask({"PING"})), "PONG");
}

TEST(RedisClientTest, ResolvesNames) {
  const RedisServer server;
  RedisProbe probe(config::Redis{.address = fmt::format("localhost:{}", server.port())});
  ASSERT_EQ(probe.error(), "");  // localhost may be ::1 first, where nobody listens.
}

TEST(RedisClientTest, LogsInWithPasswordAndUser) {
  const RedisServer server({.arguments = {"--requirepass", "open sesame"}});
  config::Redis config = RedisProbe::ConfigFor(server);
  EXPECT_THAT(RedisProbe(config).error(), HasSubstr("wants a password (set redis.password)"));
  config.password = "wrong";
  EXPECT_THAT(RedisProbe(config).error(), AllOf(HasSubstr("unable to connect to redis: "),
                                                HasSubstr("redis.username and redis.password")));
  config.password = "open sesame";
  RedisProbe probe(config);
  ASSERT_EQ(probe.error(), "");
  ASSERT_TRUE(probe
                  .Ask({"ACL", "SETUSER", "sfu", "on", ">pass", "~sfu:*", "+@read", "+@write",
                        "+@scripting", "+@connection", "+time"})
                  .ok());
  config.username = "sfu";
  config.password = "pass";
  EXPECT_EQ(RedisProbe(config).error(), "");
  ASSERT_TRUE(probe.Ask({"ACL", "SETUSER", "sfu", "-@scripting"}).ok());
  EXPECT_THAT(RedisProbe(config).error(), HasSubstr("the user needs ~sfu:*"));
}

TEST(RedisClientTest, AnUnwantedPasswordIsTold) {
  const RedisServer server;
  config::Redis config = RedisProbe::ConfigFor(server);
  config.password = "needless";
  EXPECT_THAT(RedisProbe(config).error(), HasSubstr("check redis.username and redis.password"));
}

TEST(RedisClientTest, UsesTheDatabaseItIsTold) {
  const RedisServer server;
  config::Redis config = RedisProbe::ConfigFor(server);
  config.db = 3;
  RedisProbe probe(config);
  ASSERT_EQ(probe.error(), "");
  ASSERT_TRUE(probe.Ask({"SET", "key", "here"}).ok());
  RedisProbe other(server);
  EXPECT_EQ(other.Ask({"GET", "key"})->kind, Reply::Kind::kNull);
  config.db = 99;
  EXPECT_THAT(RedisProbe(config).error(), HasSubstr("check redis.db"));
}

TEST(RedisClientTest, TlsTrustsWhomItIsToldToTrust) {
  const RedisServer server({.tls = true});
  config::Redis config = RedisProbe::ConfigFor(server);
  EXPECT_THAT(RedisProbe(config).error(), HasSubstr("redis.tls.enabled is false"));
  config.tls.enabled = true;
  EXPECT_THAT(RedisProbe(config).error(),
              AllOf(HasSubstr("certificate"), HasSubstr("redis.tls.ca_cert_file")));
  config.tls.ca_cert_file = server.certificate_file();
  EXPECT_THAT(RedisProbe(config).error(), HasSubstr("redis.tls.server_name"));
  config.tls.server_name = "another.test";
  EXPECT_THAT(RedisProbe(config).error(), HasSubstr("redis.tls.server_name"));
  config.tls.server_name = "redis.test";
  RedisProbe probe(config);
  ASSERT_EQ(probe.error(), "");
  EXPECT_EQ(TextOf(probe.Ask({"ECHO", std::string(100'000, 'x')})), std::string(100'000, 'x'));
}

TEST(RedisClientTest, TlsWithoutVerification) {
  const RedisServer server({.tls = true});
  RedisProbe probe(
      config::Redis{.address = server.address(), .use_tls = true, .tls = {.insecure = true}});
  EXPECT_EQ(probe.error(), "");
}

TEST(RedisClientTest, TlsWithOurCertificate) {
  const RedisServer server({.arguments = {"--tls-auth-clients", "yes"}, .tls = true});
  config::Redis config = {
      .address = server.address(),
      .tls = {
          .enabled = true, .server_name = "redis.test", .ca_cert_file = server.certificate_file()}};
  EXPECT_NE(RedisProbe(config).error(), "");
  config.tls.client_cert_file = server.certificate_file();
  config.tls.client_key_file = server.key_file();
  EXPECT_EQ(RedisProbe(config).error(), "");
  config.tls.client_key_file = "/nonexistent";
  EXPECT_THAT(RedisProbe(config).error(), HasSubstr("redis.tls.client_key_file: cannot use"));
}

TEST(RedisClientTest, TlsToAPlainPortIsTold) {
  const RedisServer server;
  RedisProbe probe(config::Redis{.address = server.address(), .use_tls = true});
  EXPECT_THAT(probe.error(), HasSubstr("redis.tls.enabled is true"));
}

TEST(RedisClientTest, NobodyThereIsFatalAtTheStart) {
  RedisServer server;
  server.Kill();
  EXPECT_THAT(RedisProbe(server).error(),
              AllOf(HasSubstr("unable to connect to redis: cannot connect to 127.0.0.1:"),
                    HasSubstr("Connection refused"), HasSubstr("redis.address")));
  EXPECT_THAT(RedisProbe(config::Redis{.address = "no.such.host.invalid:1"}).error(),
              HasSubstr("cannot resolve no.such.host.invalid:1"));
  EXPECT_THAT(RedisProbe(config::Redis{.address = "/nonexistent/redis.sock"}).error(),
              HasSubstr("cannot connect to /nonexistent/redis.sock"));
}

TEST(RedisClientTest, AServerThatDoesNotAnswerIsFatalAtTheStart) {
  RedisServer server;
  server.Pause();
  EXPECT_THAT(RedisProbe(config::Redis{.address = server.address(),
                                       .dial_timeout = absl::Milliseconds(300)})
                  .error(),
              HasSubstr("does not answer within 300ms"));
}

TEST(RedisClientTest, ComesBackAfterTheServerDoes) {
  RedisServer server;
  RedisProbe probe(server);
  ASSERT_EQ(probe.error(), "");
  server.Kill();
  // Commands fail while it is away, and once that is known, at once.
  EXPECT_TRUE(Eventually([&probe] { return !probe.Ask({"PING"}).ok(); }));
  EXPECT_TRUE(Eventually([&probe] { return !probe.client().is_connected(); }));
  const Timestamp asked_at = probe.loop().Now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(absl::IsUnavailable(probe.Ask({"PING"}).status()));
  }
  EXPECT_LT(probe.loop().Now() - asked_at, absl::Seconds(10));  // Not a hundred timeouts.
  server.Start();
  EXPECT_EQ(TextOf(probe.AskUntilAnswered({"PING"})), "PONG");
  EXPECT_GE(probe.client().counters().connected.value(), 2u);
}

TEST(RedisClientTest, ASlowServerMakesNobodyWaitLong) {
  RedisServer server;
  config::Redis config = RedisProbe::ConfigFor(server);
  config.read_timeout = absl::Milliseconds(200);
  config.write_timeout = absl::Seconds(30);  // The connection is kept.
  RedisProbe probe(config);
  ASSERT_EQ(probe.error(), "");
  server.Pause();
  EXPECT_TRUE(absl::IsDeadlineExceeded(probe.Ask({"SET", "key", "1"}).status()));
  server.Resume();
  // The answers that come late are not taken for others'.
  EXPECT_EQ(TextOf(probe.AskUntilAnswered({"ECHO", "x"})), "x");
  EXPECT_EQ(TextOf(probe.AskUntilAnswered({"GET", "key"})), "1");
  EXPECT_EQ(probe.client().counters().connected.value(), 1u);
}

TEST(RedisClientTest, AServerThatStaysSilentIsLeftAndFoundAgain) {
  RedisServer server;
  config::Redis config = RedisProbe::ConfigFor(server);
  config.dial_timeout = absl::Milliseconds(200);
  config.read_timeout = absl::Milliseconds(200);
  config.write_timeout = absl::Milliseconds(200);
  RedisProbe probe(config);
  ASSERT_EQ(probe.error(), "");
  server.Pause();
  EXPECT_FALSE(probe.Ask({"PING"}).ok());
  EXPECT_TRUE(Eventually([&probe] { return !probe.client().is_connected(); }));
  server.Resume();
  EXPECT_EQ(TextOf(probe.AskUntilAnswered({"PING"})), "PONG");
}

TEST(RedisClientTest, RefusesWhatWouldPileUp) {
  RedisServer server;
  config::Redis config = RedisProbe::ConfigFor(server);
  config.read_timeout = absl::Seconds(30);
  RedisProbe probe(config);
  ASSERT_EQ(probe.error(), "");
  server.Pause();
  std::atomic<int> answered = 0;
  std::atomic<int> refused = 0;
  for (size_t i = 0; i < RedisClient::kMaxOutstanding + 5; ++i) {
    probe.client().Send(
        {"PING"}, [&](const absl::StatusOr<Reply>& reply) { ++(reply.ok() ? answered : refused); });
  }
  EXPECT_EQ(refused.load(), 5);
  EXPECT_EQ(probe.client().refused_over_limit(), 5u);
  server.Resume();
  EXPECT_TRUE(Eventually([&] { return answered == int{RedisClient::kMaxOutstanding}; }));
}

TEST(RedisClientTest, AGiantValueCostsAConnectionAndNoMore) {
  const RedisServer server;
  RedisProbe probe(server);
  ASSERT_EQ(probe.error(), "");
  ASSERT_TRUE(probe.Ask({"SETRANGE", "giant", "20000000", "x"}).ok());
  EXPECT_FALSE(probe.Ask({"GET", "giant"}).ok());
  EXPECT_EQ(TextOf(probe.AskUntilAnswered({"PING"})), "PONG");
}

TEST(RedisClientTest, WhoStillWaitsAtTheEndIsTold) {
  RedisServer server;
  absl::StatusOr<Reply> told = absl::UnknownError("");
  {
    RedisProbe probe(server);
    ASSERT_EQ(probe.error(), "");
    server.Pause();
    probe.client().Send({"PING"}, [&](absl::StatusOr<Reply> reply) { told = std::move(reply); });
  }
  EXPECT_TRUE(absl::IsUnavailable(told.status()));
}

class SentinelTest : public ::testing::Test {
 protected:
  SentinelTest() {
    RedisProbe replica(replica_);
    // A sentinel that looks too early knows no replica for the next ten seconds.
    EXPECT_TRUE(Eventually([&replica] {
      return TextOf(replica.Ask({"INFO", "replication"})).find("master_link_status:up") !=
             std::string::npos;
    }));
    sentinel_.emplace(RedisServer::Options{
        .arguments = {},
        .sentinel_config = fmt::format("sentinel monitor haven 127.0.0.1 {} 1\n"
                                       "sentinel down-after-milliseconds haven 300\n"
                                       "sentinel failover-timeout haven 2000\n",
                                       master_.port())});
    config_ = {.sentinel_master_name = "haven", .sentinel_addresses = {sentinel_->address()}};
  }

  bool SentinelKnowsTheReplica() const {
    const std::string command =
        fmt::format("redis-cli -p {} sentinel replicas haven", sentinel_->port());
    std::string output;
    FILE* const pipe = popen(command.c_str(), "r");
    for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) {
      output += static_cast<char>(c);
    }
    pclose(pipe);
    return output.find(std::to_string(replica_.port())) != std::string::npos;
  }

  RedisServer master_;
  RedisServer replica_{{.arguments = {"--replicaof", "127.0.0.1", std::to_string(master_.port()),
                                      "--repl-diskless-sync-delay", "0"}}};
  std::optional<RedisServer> sentinel_;
  config::Redis config_;
};

TEST_F(SentinelTest, LeadsToTheMasterAndToTheNextOne) {
  RedisServer gone;
  gone.Kill();
  config_.sentinel_addresses = {gone.address(), sentinel_->address()};
  RedisProbe probe(config_);
  ASSERT_EQ(probe.error(), "");
  ASSERT_TRUE(probe.Ask({"SET", "key", "1"}).ok());
  ASSERT_TRUE(Eventually([this] { return SentinelKnowsTheReplica(); }));
  master_.Kill();
  EXPECT_TRUE(Eventually([&probe] { return probe.Ask({"SET", "key", "2"}).ok(); }));
  RedisProbe replica(replica_);
  EXPECT_EQ(TextOf(replica.Ask({"GET", "key"})), "2");
}

TEST_F(SentinelTest, MistakesAreTold) {
  config_.sentinel_master_name = "nobody";
  EXPECT_THAT(RedisProbe(config_).error(), HasSubstr("redis.sentinel_master_name"));
  sentinel_->Kill();
  EXPECT_THAT(RedisProbe(config_).error(),
              AllOf(HasSubstr("no sentinel says where nobody is"), HasSubstr("Connection refused"),
                    HasSubstr("redis.sentinel_addresses")));
}

}  // namespace
}  // namespace sfu::redis
