#include "controller/http/front_door.h"

#include <string>

#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/runtime/asio_loop.h"
#include "controller/actor/test_cluster.h"

namespace sfu::http {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr char kKey[] = "key";
constexpr char kSecret[] = "a-secret-of-more-than-thirty-two-characters";

class NoApiObserver : public api::ApiObserver, public SignalObserver {
 public:
  void HandleApiCall(std::string_view, std::string_view, int, std::string_view,
                     absl::Duration) override {}
  void HandleJoin(JoinOutcome, int32_t, absl::Duration) override {}
  void HandleRequest(bool) override {}
  void HandleResponse(livekit::SignalResponse::MessageCase, bool) override {}
};

// What became of an upgrade.
class FakeSocket : public WebSocket {
 public:
  explicit FakeSocket(Loop& loop) : loop_(loop) {}

  Loop& loop() override { return loop_; }
  void Accept() override { events_ += "accept "; }
  void Refuse(api::HttpResponse response) override {
    events_ += "refuse " + std::to_string(response.status) + " " + response.body;
    decided_.Notify();
  }
  void Send(signal::FrameKind, std::string payload) override {
    livekit::SignalResponse response;
    EXPECT_TRUE(response.ParseFromString(payload));
    events_ += response.has_join() ? "join " : response.has_leave() ? "leave " : "";
    if ((response.has_join() || response.has_leave()) && !decided_.HasBeenNotified()) {
      decided_.Notify();
    }
  }
  void Ping() override {}
  void Close(uint16_t code) override { events_ += "close " + std::to_string(code); }

  std::string Await() {
    decided_.WaitForNotification();
    std::string events;
    RunAndWait(loop_, [&] { events = events_; });
    return events;
  }

 private:
  Loop& loop_;
  std::string events_;  // On the loop.
  absl::Notification decided_;
};

class FrontDoorTest : public ::testing::Test {
 protected:
  explicit FrontDoorTest(bool auto_create = true) : cluster_(auto_create) {
    cluster_.AddWorker("WK_1");
    door_ = std::make_unique<FrontDoor>(
        FrontDoor::Options{.keys = {{kKey, kSecret}},
                           .ice_servers = {},
                           .find_asset =
                               [](std::string_view name) {
                                 return name == "index.html"
                                            ? std::optional<Asset>({"text/html", "page"})
                                            : std::nullopt;
                               },
                           .try_key = std::nullopt},
        cluster_.rooms, api_, cluster_.clock, observer_);
  }

  std::string Token(std::string identity = "ann", bool join = true, std::string room = "room") {
    auth::Claims claims;
    claims.identity = std::move(identity);
    claims.expires_at = cluster_.clock.WallNow() + absl::Hours(1);
    claims.video.emplace();
    claims.video->room_join = join;
    claims.video->room_list = true;
    claims.video->room = std::move(room);
    return auth::SignToken(claims, kKey, kSecret);
  }
  // As the query of a v1 join has it.
  static std::string JoinRequest() {
    livekit::JoinRequest join;
    join.mutable_client_info()->set_protocol(17);
    livekit::WrappedJoinRequest wrapped;
    wrapped.set_join_request(join.SerializeAsString());
    return absl::WebSafeBase64Escape(wrapped.SerializeAsString());
  }
  api::HttpResponse Ask(std::string method, std::string target,
                        std::vector<std::pair<std::string, std::string>> headers = {},
                        std::string body = "") {
    api::HttpResponse result;
    absl::Notification done;
    door_->HandleRequest({.method = std::move(method),
                          .target = std::move(target),
                          .headers = std::move(headers),
                          .body = std::move(body)},
                         [&](api::HttpResponse response) {
                           result = std::move(response);
                           done.Notify();
                         });
    done.WaitForNotification();
    return result;
  }
  // "status body".
  std::string Get(std::string target,
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
    const api::HttpResponse response = Ask("GET", std::move(target), std::move(headers));
    return std::to_string(response.status) + " " + response.body;
  }
  std::string Upgrade(const std::string& target,
                      const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    auto socket = std::make_shared<FakeSocket>(loop_);
    RunAndWait(loop_, [&] {
      users_.push_back(door_->HandleUpgrade(
          {.method = "GET", .target = target, .headers = headers, .body = ""}, socket));
    });
    return socket->Await();
  }
  ~FrontDoorTest() override {
    RunAndWait(loop_, [this] {
      for (const std::shared_ptr<WebSocketUser>& user : users_) {
        if (user != nullptr) {
          user->HandleClosed();
        }
      }
      users_.clear();
    });
    cluster_.rooms.Stop();  // As the server does: rooms talk to the loop until they are stopped.
  }

  actor::TestCluster cluster_;
  NoApiObserver observer_;
  api::ApiServer api_{cluster_.rooms, {}, cluster_.clock, observer_};
  std::unique_ptr<FrontDoor> door_;
  AsioLoop loop_{"http"};
  std::vector<std::shared_ptr<WebSocketUser>> users_;
};

class WithoutAutoCreateTest : public FrontDoorTest {
 protected:
  WithoutAutoCreateTest() : FrontDoorTest(/*auto_create=*/false) {}
};

TEST_F(FrontDoorTest, HealthIsTheRootAndNothingElse) {
  EXPECT_EQ(Get("/"), "200 OK");
  EXPECT_EQ(Get("//"), "200 OK");
  EXPECT_EQ(Ask("HEAD", "/").status, 200);
  EXPECT_EQ(Ask("POST", "/").status, 404);
  EXPECT_EQ(Get("/nothing"), "404 404 page not found\n");
}

TEST_F(FrontDoorTest, Trap03_HeadOfTheRootIsFineFromAnyOrigin) {
  const api::HttpResponse response = Ask("HEAD", "/", {{"Origin", "https://app.example"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.headers,
              Contains(Pair("Access-Control-Allow-Origin", "https://app.example")));
}

TEST_F(FrontDoorTest, Trap04_TokensAreTakenFromTheHeaderOrTheQuery) {
  const std::string token = Token();
  const std::pair<std::string, std::string> header = {"Authorization", "Bearer " + token};
  EXPECT_EQ(Get("/rtc/validate?access_token=" + token), "200 success");
  EXPECT_EQ(Get("/rtc/validate", {header}), "200 success");
  EXPECT_EQ(Get("/livekit//rtc/validate?access_token=" + token), "200 success");
  EXPECT_THAT(Upgrade("/rtc?access_token=" + token), StartsWith("accept join "));
  EXPECT_THAT(Upgrade("/rtc", {header}), StartsWith("accept join "));
  EXPECT_THAT(Upgrade("/rtc/v1?join_request=" + JoinRequest(), {header}),
              StartsWith("accept join "));
}

// Signaling contract, section 1.4.
TEST_F(FrontDoorTest, RefusalsHaveTheStatusAndTextThatClientsKnow) {
  EXPECT_EQ(Get("/rtc/validate", {{"Authorization", "Basic x"}}),
            "401 invalid authorization header. Must start with Bearer ");
  EXPECT_EQ(Get("/rtc/validate?access_token=x"), "401 invalid authorization token");
  EXPECT_EQ(Get("/rtc/validate"), "401 permissions denied");
  EXPECT_EQ(Get("/rtc/validate?access_token=" + Token("ann", /*join=*/false)),
            "401 no permissions to access the room");
  EXPECT_EQ(Get("/rtc/validate?access_token=" + Token("")), "400 identity cannot be empty");
  EXPECT_EQ(Get("/rtc/validate?access_token=" + Token("ann", true, "")), "400 no room name");
  EXPECT_EQ(Get("/rtc/v1/validate?access_token=" + Token()), "400 join_request is required");
  EXPECT_EQ(Get("/rtc/v1/validate?join_request=!&access_token=" + Token()),
            "400 cannot base64 decode wrapped join request");
  auth::Claims claims;
  claims.identity = "ann";
  claims.expires_at = cluster_.clock.WallNow() + absl::Hours(1);
  EXPECT_EQ(Get("/rtc/validate?access_token=" + auth::SignToken(claims, "other", kSecret)),
            "401 invalid API key");
  EXPECT_THAT(Get("/rtc/validate?access_token=" + auth::SignToken(claims, kKey, "wrong")),
              StartsWith("401 invalid authorization token: "));
}

TEST_F(FrontDoorTest, SignalPathsWithoutUpgradeAreNotFoundAndEmpty) {
  EXPECT_EQ(Get("/rtc?access_token=" + Token()), "404 ");
  EXPECT_EQ(Get("/rtc/v1?access_token=" + Token()), "404 ");
}

TEST_F(FrontDoorTest, Trap02_ValidateIsReadableFromAnyOriginEvenWhenItRefuses) {
  for (const char* path : {"/rtc/validate", "/rtc/v1/validate"}) {
    const api::HttpResponse response = Ask("GET", path);
    EXPECT_EQ(response.status, 401) << path;
    EXPECT_THAT(response.headers, Contains(Pair("Access-Control-Allow-Origin", "*"))) << path;
  }
}

// Clients take a 404 there for a server without v1, and fall back in silence.
TEST_F(FrontDoorTest, Trap01_NothingThatIsWrongWithAV1JoinIs404) {
  const std::string token = "&access_token=" + Token();
  const std::string request = "join_request=" + JoinRequest();
  for (const std::string& query : std::vector<std::string>{
           "", "access_token=x", token, request, "join_request=!" + token,
           request + "&access_token=" + Token(""), request + "&access_token=" + Token("ann", false),
           request + "&access_token=" + Token("ann", true, "")}) {
    EXPECT_THAT(Upgrade("/rtc/v1?" + query),
                AnyOf(StartsWith("refuse 400 "), StartsWith("refuse 401 ")))
        << query;
    EXPECT_THAT(Get("/rtc/v1/validate?" + query), AnyOf(StartsWith("400 "), StartsWith("401 ")))
        << query;
  }
  EXPECT_EQ(Get("/rtc/v1/validate?" + request + token), "200 success");
}

TEST_F(WithoutAutoCreateTest, Trap01_AMissingRoomIs404InTheWordsThatClientsKnow) {
  const std::string query = "?join_request=" + JoinRequest() + "&access_token=" + Token();
  EXPECT_EQ(Upgrade("/rtc/v1" + query), "refuse 404 requested room does not exist");
  EXPECT_EQ(Get("/rtc/v1/validate" + query), "404 requested room does not exist");
}

TEST_F(FrontDoorTest, Trap07_AnUpgradeIsAcceptedWithTheJoinResponse) {
  EXPECT_THAT(Upgrade("/rtc?access_token=" + Token()), StartsWith("accept join "));
}

TEST_F(FrontDoorTest, AnUpgradeIsRefusedWithTheReason) {
  EXPECT_EQ(Upgrade("/rtc"), "refuse 401 permissions denied");
  EXPECT_EQ(Upgrade("/rtc/v1?access_token=" + Token()), "refuse 400 join_request is required");
  EXPECT_EQ(Upgrade("/other?access_token=" + Token()), "refuse 404 404 page not found\n");
  door_->Drain();
  EXPECT_THAT(Upgrade("/rtc?access_token=" + Token()), StartsWith("refuse 503 "));
}

TEST_F(FrontDoorTest, Trap29_AnUnknownResumeIsAcceptedAndToldToLeave) {
  EXPECT_THAT(Upgrade("/rtc?reconnect=1&sid=PA_x&access_token=" + Token()),
              StartsWith("accept leave close 1000"));
}

TEST_F(FrontDoorTest, TheServerApiIsBehindTheSameDoor) {
  Upgrade("/rtc?access_token=" + Token());
  const api::HttpResponse rooms =
      Ask("POST", "/twirp/livekit.RoomService/ListRooms",
          {{"Authorization", "Bearer " + Token()}, {"Content-Type", "application/json"}}, "{}");
  EXPECT_EQ(rooms.status, 200);
  EXPECT_THAT(rooms.body, HasSubstr("\"name\":\"room\""));
  EXPECT_EQ(Ask("POST", "/twirp/livekit.RoomService/ListRooms",
                {{"Content-Type", "application/json"}}, "{}")
                .body,
            R"({"code":"unauthenticated","msg":"permissions denied"})");
  EXPECT_EQ(Ask("POST", "/twirp/livekit.RoomService/SendData",
                {{"Content-Type", "application/json"}}, "{}")
                .status,
            501);
  EXPECT_EQ(
      Ask("POST", "/twirp/livekit.Ingress/Nothing", {{"Content-Type", "application/json"}}).status,
      404);
}

TEST_F(FrontDoorTest, TheTryPageIsServedButTokensOnlyForThePlaceholderKey) {
  EXPECT_EQ(Ask("GET", "/try").status, 301);
  EXPECT_EQ(Get("/try/"), "200 page");
  EXPECT_EQ(Get("/try/../secret"), "404 404 page not found\n");
  EXPECT_EQ(Ask("GET", "/try/token?name=a&room=r").status, 403);
}

TEST_F(FrontDoorTest, ProbesTellWhatIsWrong) {
  EXPECT_EQ(Get("/livez"), "200 ok");
  EXPECT_EQ(Get("/readyz"), "200 ok");
  EXPECT_EQ(Ask("HEAD", "/readyz").status, 200);
  EXPECT_EQ(Ask("POST", "/readyz").status, 404);
  door_->Drain();
  EXPECT_EQ(Get("/livez"), "200 ok");  // Or an orchestrator would kill what says goodbye.
  EXPECT_EQ(Get("/readyz"), "503 stopping");
}

TEST_F(FrontDoorTest, WithoutAWorkerItLivesButIsNotReady) {
  FrontDoor door({.keys = {{kKey, kSecret}},
                  .ice_servers = {},
                  .find_asset = {},
                  .try_key = std::nullopt,
                  .why_not_ready = [] { return std::optional<std::string>("no worker"); }},
                 cluster_.rooms, api_, cluster_.clock, observer_);
  EXPECT_EQ(door.WhyNotLive(), std::nullopt);
  EXPECT_EQ(door.WhyNotReady(), "no worker");
}

}  // namespace
}  // namespace sfu::http
