#include "controller/signal/signal_session.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"

namespace sfu::signal {
namespace {

class SignalSessionTest : public testing::Test {
 protected:
  room::Moment Now() const { return {clock_.Now(), absl::FromUnixMillis(1'700'000'000'123)}; }

  void Receive(const livekit::SignalRequest& request) {
    const std::string bytes = request.SerializeAsString();
    Receive(FrameKind::kBinary, bytes);
  }
  void Receive(FrameKind kind, std::string_view bytes) {
    session_.HandleFrame(Now(), kind,
                         {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  }
  void Start() {
    session_.HandleResponse(Join());
    ASSERT_TRUE(PollResponse());
  }
  static livekit::SignalResponse Join() {
    livekit::SignalResponse response;
    response.mutable_join()->set_ping_interval(5);
    return response;
  }
  template <typename Output>
  std::optional<Output> Poll() {
    std::optional<SignalOutput> output = session_.PollOutput();
    if (!output || !std::holds_alternative<Output>(*output)) {
      return std::nullopt;
    }
    return std::get<Output>(*std::move(output));
  }
  std::optional<livekit::SignalResponse> PollResponse() {
    const std::optional<SendFrame> frame = Poll<SendFrame>();
    livekit::SignalResponse response;
    if (!frame || frame->kind != FrameKind::kBinary || !response.ParseFromString(frame->payload)) {
      return std::nullopt;
    }
    return response;
  }

  SimulatedClock clock_;
  SignalSession session_{clock_.Now()};
};

TEST_F(SignalSessionTest, Trap07_NothingComesBeforeJoin) {
  livekit::SignalResponse token;
  token.set_refresh_token("too early");
  session_.HandleResponse(token);
  livekit::SignalResponse update;
  update.mutable_update();
  session_.HandleResponse(update);
  EXPECT_FALSE(session_.started());
  EXPECT_FALSE(session_.PollOutput());

  session_.HandleResponse(Join());
  EXPECT_TRUE(session_.started());
  EXPECT_TRUE(PollResponse()->has_join());
  EXPECT_TRUE(PollResponse()->has_update());
  EXPECT_FALSE(session_.PollOutput());
  EXPECT_EQ(session_.counters().dropped_before_first, 1u);
}

TEST_F(SignalSessionTest, LeaveMayComeFirst) {
  livekit::SignalResponse leave;
  leave.mutable_leave();
  session_.HandleResponse(leave);
  session_.HandleCloseSignal();
  EXPECT_TRUE(PollResponse()->has_leave());
  EXPECT_EQ(Poll<CloseConnection>()->code, 1000);
}

TEST_F(SignalSessionTest, Trap11_BothPingsAreAnsweredInMilliseconds) {
  Start();
  livekit::SignalRequest ping;
  ping.set_ping(1);
  Receive(ping);
  EXPECT_EQ(PollResponse()->pong(), 1'700'000'000'123);
  livekit::SignalRequest ping_req;
  ping_req.mutable_ping_req()->set_timestamp(99);
  Receive(ping_req);
  const auto pong = PollResponse();
  EXPECT_EQ(pong->pong_resp().last_ping_timestamp(), 99);
  EXPECT_EQ(pong->pong_resp().timestamp(), 1'700'000'000'123);
  EXPECT_FALSE(session_.PollOutput()) << "pings are no business of the room";
}

TEST_F(SignalSessionTest, RequestsAreForwardedEvenBeforeTheJoin) {
  livekit::SignalRequest request;
  request.mutable_add_track()->set_cid("cid");
  Receive(request);
  EXPECT_EQ(Poll<ForwardRequest>()->request.add_track().cid(), "cid");
}

TEST_F(SignalSessionTest, AnswersInTheKindOfFrameTheClientLastUsed) {
  Start();
  Receive(FrameKind::kText, R"({"leave":{"reason":"CLIENT_INITIATED"},"unknown":{"x":[1]}})");
  EXPECT_EQ(Poll<ForwardRequest>()->request.leave().reason(), livekit::CLIENT_INITIATED);
  livekit::SignalResponse response;
  response.set_refresh_token("t");
  session_.HandleResponse(response);
  const auto text = Poll<SendFrame>();
  ASSERT_TRUE(text);
  EXPECT_EQ(text->kind, FrameKind::kText);
  EXPECT_EQ(text->payload, R"({"refreshToken":"t"})");
  livekit::SignalRequest binary;
  binary.mutable_simulate();
  Receive(binary);
  Poll<ForwardRequest>();
  session_.HandleResponse(response);
  EXPECT_EQ(PollResponse()->refresh_token(), "t");
}

TEST_F(SignalSessionTest, UnknownMembersAreForwardedAsNothing) {
  const std::string unknown_member("\xca\x3e\x00", 3);  // Field 1001, empty message.
  Receive(FrameKind::kBinary, unknown_member);
  const auto forwarded = Poll<ForwardRequest>();
  ASSERT_TRUE(forwarded);
  EXPECT_EQ(forwarded->request.message_case(), livekit::SignalRequest::MESSAGE_NOT_SET);
}

TEST_F(SignalSessionTest, UndecodableFrameEndsTheConnection) {
  Start();
  Receive(FrameKind::kBinary, "\xff\xff");
  EXPECT_EQ(Poll<CloseConnection>()->code, 1000);
  EXPECT_EQ(session_.counters().undecodable_frames, 1u);
  session_.HandleResponse(Join());
  EXPECT_FALSE(session_.PollOutput()) << "closing is the last output";
}

TEST_F(SignalSessionTest, OversizedFrameEndsTheConnection) {
  Receive(FrameKind::kBinary, std::string(kMaxFrameBytes + 1, '\0'));
  EXPECT_TRUE(Poll<CloseConnection>());
}

TEST_F(SignalSessionTest, PingsTheClientEveryTenSeconds) {
  Start();
  clock_.AdvanceTo(session_.NextTimeout());
  session_.HandleTimeout(clock_.Now());
  EXPECT_TRUE(Poll<SendPing>());
  EXPECT_EQ(session_.NextTimeout(), clock_.Now() + absl::Seconds(10));
}

TEST_F(SignalSessionTest, SilenceEndsTheConnectionWithACodeThatMakesClientsResume) {
  Start();
  const Timestamp start = clock_.Now();
  std::optional<CloseConnection> close;
  while (!close) {
    clock_.AdvanceTo(session_.NextTimeout());
    session_.HandleTimeout(clock_.Now());
    close = Poll<CloseConnection>();
  }
  EXPECT_EQ(clock_.Now() - start, absl::Seconds(35));
  EXPECT_NE(close->code, 1000);
  EXPECT_EQ(session_.NextTimeout(), Timestamp::Never());
}

TEST_F(SignalSessionTest, APongIsASignOfLife) {
  Start();
  for (int i = 0; i < 100; ++i) {
    clock_.AdvanceTo(session_.NextTimeout());
    session_.HandleTimeout(clock_.Now());
    ASSERT_FALSE(Poll<CloseConnection>()) << i;
    session_.HandleWebSocketPong(clock_.Now());
  }
}

TEST_F(SignalSessionTest, EveryTruncationOfARequestIsHandled) {
  livekit::SignalRequest request;
  request.mutable_add_track()->set_cid("cid");
  request.mutable_add_track()->add_layers()->set_width(1);
  const std::string bytes = request.SerializeAsString();
  for (size_t length = 0; length < bytes.size(); ++length) {
    SignalSession session(clock_.Now());
    session.HandleFrame(Now(), FrameKind::kBinary,
                        {reinterpret_cast<const uint8_t*>(bytes.data()), length});
    EXPECT_TRUE(session.PollOutput()) << length;
  }
}

}  // namespace
}  // namespace sfu::signal
