#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/check.h"
#include "controller/room/room.h"
#include "controller/room/test_peer.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"

// For tests and fuzzing only.
namespace sfu::room {

inline JoinParameters TestJoin(std::string_view identity) {
  JoinParameters parameters;
  parameters.claims.identity = std::string(identity);
  parameters.claims.expires_at = absl::FromUnixSeconds(1'700'003'600);
  parameters.claims.video.emplace();
  parameters.claims.video->room_join = true;
  parameters.claims.video->room = "lobby";
  parameters.client.set_sdk(livekit::ClientInfo::JS);
  parameters.client.set_protocol(17);
  parameters.auto_subscribe = true;
  return parameters;
}

inline RoomOptions TestOptions() {
  RoomOptions options;
  options.server_info.set_version("1.13.5");
  options.server_info.set_protocol(17);
  options.enabled_codecs = DefaultEnabledCodecs();
  options.token_key = "key";
  options.token_secret = "secret";
  return options;
}

// A room with a worker that does as it is told, a clock, and what every client has received.
class TestRoom {
 public:
  using Command = worker::v1::RoomCommand;

  explicit TestRoom(RoomOptions options = TestOptions(), uint64_t seed = 1)
      : random_(seed), room_(std::move(options), "lobby", {.room = 7, .epoch = 1}, random_, Now()) {
    Drain();
  }

  Room& room() { return room_; }
  Moment Now() const { return {clock_.Now(), kStart + (clock_.Now() - SimulatedClock().Now())}; }

  // Moves time in the steps the room asks for.
  void Advance(absl::Duration delta) {
    const Timestamp end = clock_.Now() + delta;
    while (room_.NextTimeout() <= end) {
      if (room_.NextTimeout() > clock_.Now()) {
        clock_.AdvanceTo(room_.NextTimeout());
      }
      const Timestamp due = room_.NextTimeout();
      room_.HandleTimeout(Now());
      Drain();
      // A deadline that has passed must be gone, or the owner would spin.
      SFU_CHECK(room_.NextTimeout() > clock_.Now() || room_.NextTimeout() > due);
    }
    clock_.AdvanceTo(end);
  }

  SessionId Join(std::string_view identity) { return Join(TestJoin(identity)); }
  SessionId Join(JoinParameters parameters) {
    const Expected<SessionId, JoinRefusal> session = room_.Join(Now(), parameters);
    SFU_CHECK(session);
    parameters_.insert_or_assign(*session, std::move(parameters));
    Drain();
    return *session;
  }
  // The client of a former session comes back by a new connection, whatever has become of the old.
  SessionId Resume(SessionId former) {
    const SessionId session = Join(ResumptionOf(former));
    participants_[session] = ParticipantOf(former);
    return session;
  }
  JoinParameters ResumptionOf(SessionId former) {
    JoinParameters parameters = parameters_.at(former);
    parameters.publisher_offer.reset();
    parameters.reconnect = true;
    if (const auto joined = sids_.find(former); joined != sids_.end()) {
      parameters.participant_sid = joined->second;
    }
    return parameters;
  }
  // Joined, and its primary connection is up.
  SessionId JoinActive(std::string_view identity) { return JoinActive(TestJoin(identity)); }
  SessionId JoinActive(JoinParameters parameters) {
    const bool single = parameters.single_peer_connection;
    const SessionId session = Join(std::move(parameters));
    if (!single) {
      AnswerLatestOffer(session);
    }
    Connect(session);
    return session;
  }

  void Request(SessionId session, const livekit::SignalRequest& request) {
    room_.HandleRequest(Now(), session, request);
    Drain();
  }
  void CloseSignal(SessionId session) {
    room_.HandleSignalClosed(Now(), session);
    Drain();
  }
  void Event(const worker::v1::RoomEvent& event) {
    room_.HandleWorkerEvent(Now(), event);
    Drain();
  }
  template <typename Action>
  auto Do(Action action) {
    auto result = action(room_);
    Drain();
    return result;
  }

  // --- What a client does.

  livekit::TrackInfo AddTrack(SessionId session, std::string_view cid, livekit::TrackType type,
                              livekit::TrackSource source) {
    livekit::SignalRequest request;
    request.mutable_add_track()->set_cid(std::string(cid));
    request.mutable_add_track()->set_type(type);
    request.mutable_add_track()->set_source(source);
    Request(session, request);
    const livekit::SignalResponse* response =
        Last(session, livekit::SignalResponse::kTrackPublished);
    return response == nullptr ? livekit::TrackInfo() : response->track_published().track();
  }
  void Offer(SessionId session, livekit::SessionDescription offer) {
    livekit::SignalRequest request;
    *request.mutable_offer() = std::move(offer);
    Request(session, request);
  }
  bool AnswerLatestOffer(SessionId session) {
    const livekit::SignalResponse* offer = Last(session, livekit::SignalResponse::kOffer);
    if (offer == nullptr) {
      return false;
    }
    livekit::SignalRequest request;
    *request.mutable_answer() = TestPeer::Answer(offer->offer());
    Request(session, request);
    return true;
  }
  void Subscribe(SessionId session, const std::string& track_sid, bool subscribe) {
    livekit::SignalRequest request;
    request.mutable_subscription()->add_track_sids(track_sid);
    request.mutable_subscription()->set_subscribe(subscribe);
    Request(session, request);
  }

  // --- What the worker reports.

  // All transports of the participant come up.
  void Connect(SessionId session) {
    for (const Command& command : std::vector<Command>(commands_)) {
      if (command.has_open_transport() &&
          command.open_transport().participant() == ParticipantOf(session)) {
        worker::v1::RoomEvent event;
        event.mutable_transport_state()->set_transport(command.open_transport().transport());
        event.mutable_transport_state()->set_state(worker::v1::TransportState::STATE_CONNECTED);
        Event(event);
      }
    }
  }
  // One transport of the participant, in the order opened: with two, the one it publishes on first.
  void ChangeTransport(SessionId session, size_t index, worker::v1::TransportState::State state) {
    std::vector<uint64_t> transports;
    for (const Command& command : commands_) {
      if (command.has_open_transport() &&
          command.open_transport().participant() == ParticipantOf(session)) {
        transports.push_back(command.open_transport().transport());
      }
    }
    worker::v1::RoomEvent event;
    event.mutable_transport_state()->set_transport(transports.at(index));
    event.mutable_transport_state()->set_state(state);
    Event(event);
  }
  // Media flows on every section of the participant that has a track.
  void StartMedia(SessionId session) {
    for (const worker::v1::Receiver& receiver : LatestReceivers(session)) {
      if (receiver.track() == 0) {
        continue;
      }
      worker::v1::RoomEvent event;
      event.mutable_track_started()->set_track(receiver.track());
      event.mutable_track_started()->set_mid(receiver.mid());
      event.mutable_track_started()->set_codec(receiver.formats(0).codec());
      Event(event);
    }
  }
  // Everything to do with one published track, in the usual order.
  livekit::TrackInfo Publish(SessionId session, TestPeer& peer, livekit::TrackType type,
                             livekit::TrackSource source, std::string_view cid = "cid") {
    const livekit::TrackInfo info = AddTrack(session, cid, type, source);
    peer.AddMedia(type == livekit::AUDIO ? "audio" : "video", "sendonly", cid);
    Offer(session, peer.Offer(++offers_));
    StartMedia(session);
    Advance(absl::Milliseconds(200));
    return info;
  }

  // --- What came out.

  const std::vector<livekit::SignalResponse>& Inbox(SessionId session) { return inbox_[session]; }
  void ClearInboxes() {
    for (auto& [session, responses] : inbox_) {
      responses.clear();
    }
    commands_before_ = commands_.size();
  }
  const livekit::SignalResponse* Last(SessionId session,
                                      livekit::SignalResponse::MessageCase message) {
    const std::vector<livekit::SignalResponse>& responses = inbox_[session];
    for (size_t i = responses.size(); i > 0; --i) {
      if (responses[i - 1].message_case() == message) {
        return &responses[i - 1];
      }
    }
    return nullptr;
  }
  size_t Count(SessionId session, livekit::SignalResponse::MessageCase message) {
    size_t count = 0;
    for (const livekit::SignalResponse& response : inbox_[session]) {
      count += response.message_case() == message ? 1 : 0;
    }
    return count;
  }
  std::vector<livekit::SignalResponse::MessageCase> Cases(SessionId session) {
    std::vector<livekit::SignalResponse::MessageCase> cases;
    for (const livekit::SignalResponse& response : inbox_[session]) {
      cases.push_back(response.message_case());
    }
    return cases;
  }
  // The newest information that this client has of somebody.
  std::optional<livekit::ParticipantInfo> Known(SessionId session, std::string_view identity) {
    std::optional<livekit::ParticipantInfo> known;
    for (const livekit::SignalResponse& response : inbox_[session]) {
      for (const livekit::ParticipantInfo& info : response.update().participants()) {
        if (info.identity() == identity) {
          known = info;
        }
      }
    }
    return known;
  }
  bool IsClosed(SessionId session) const { return closed_.contains(session); }
  bool room_closed() const { return room_closed_; }

  const std::vector<Command>& commands() const { return commands_; }
  // Since the last ClearInboxes().
  std::vector<Command> CommandsOf(Command::CommandCase kind) const {
    std::vector<Command> found;
    for (size_t i = commands_before_; i < commands_.size(); ++i) {
      if (commands_[i].command_case() == kind) {
        found.push_back(commands_[i]);
      }
    }
    return found;
  }
  std::vector<worker::v1::Receiver> LatestReceivers(SessionId session) {
    std::vector<worker::v1::Receiver> receivers;
    for (const Command& command : commands_) {
      if (command.has_configure_receivers() &&
          command.configure_receivers().transport() >> 32 == ParticipantOf(session)) {
        receivers.assign(command.configure_receivers().receivers().begin(),
                         command.configure_receivers().receivers().end());
      }
    }
    return receivers;
  }
  std::vector<worker::v1::Sender> LatestSenders(SessionId session) {
    std::vector<worker::v1::Sender> senders;
    for (const Command& command : commands_) {
      if (command.has_configure_senders() &&
          command.configure_senders().transport() >> 32 == ParticipantOf(session)) {
        senders.assign(command.configure_senders().senders().begin(),
                       command.configure_senders().senders().end());
      }
    }
    return senders;
  }
  const std::vector<RoomFact>& facts() const { return facts_; }

  // The worker keeps silent until told to answer.
  void HoldResults() { holding_ = true; }
  void ReleaseResults() {
    holding_ = false;
    Drain();
  }
  void RefuseNext(worker::v1::Refusal refusal) { refuse_next_ = refusal; }

  uint64_t ParticipantOf(SessionId session) {
    SFU_CHECK(participants_.contains(session));
    return participants_.at(session);
  }

 private:
  static constexpr absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

  void Drain() {
    for (;;) {
      while (std::optional<Effect> effect = room_.PollEffect()) {
        std::visit([this](auto& value) { Perform(value); }, *effect);
      }
      if (holding_ || unanswered_.empty()) {
        return;
      }
      worker::v1::CommandResult result = std::move(unanswered_.front());
      unanswered_.pop_front();
      room_.HandleWorkerResult(Now(), result);
    }
  }

  void Perform(SendSignal& effect) {
    SFU_CHECK(!closed_.contains(effect.session));
    if (effect.response.has_join()) {
      joining_ = effect.session;
      sids_[effect.session] = effect.response.join().participant().sid();
    }
    inbox_[effect.session].push_back(std::move(effect.response));
  }
  void Perform(struct CloseSignal& effect) { closed_[effect.session] = true; }
  void Perform(SendWorkerCommand& effect) {
    const Command& command = effect.command;
    SFU_CHECK(command.room() == 7 && command.request_id() >> 32 == 7);
    worker::v1::CommandResult result;
    result.set_request_id(command.request_id());
    if (command.has_configure_participant() && joining_) {
      participants_[*joining_] = command.configure_participant().participant();
      joining_.reset();
    }
    if (command.has_open_transport() || command.has_restart_ice()) {
      FillOpened(*result.mutable_transport_opened());
    }
    if (refuse_next_ != worker::v1::REFUSAL_UNSPECIFIED) {
      result.set_refusal(std::exchange(refuse_next_, worker::v1::REFUSAL_UNSPECIFIED));
    }
    unanswered_.push_back(std::move(result));
    commands_.push_back(command);
  }
  void Perform(RoomFact& fact) { facts_.push_back(std::move(fact)); }
  void Perform(RoomClosed&) { room_closed_ = true; }

  void FillOpened(worker::v1::TransportOpened& opened) {
    opened.mutable_local_ice()->set_ufrag("server" + std::to_string(++opened_));
    opened.mutable_local_ice()->set_password("server-password-0123456789");
    opened.mutable_local_fingerprint()->set_algorithm("sha-256");
    opened.mutable_local_fingerprint()->set_value(std::string(32, '\xa5'));
    worker::v1::Candidate& candidate = *opened.add_candidates();
    candidate.set_foundation("1");
    candidate.set_ip("192.0.2.1");
    candidate.set_port(7882);
    candidate.set_priority(2130706431);
  }

  SimulatedClock clock_;
  SeededRandom random_;
  Room room_;
  std::map<SessionId, std::vector<livekit::SignalResponse>> inbox_;
  std::map<SessionId, bool> closed_;
  std::map<SessionId, uint64_t> participants_;
  std::map<SessionId, JoinParameters> parameters_;
  std::map<SessionId, std::string> sids_;
  std::optional<SessionId> joining_;
  std::vector<Command> commands_;
  size_t commands_before_ = 0;
  std::deque<worker::v1::CommandResult> unanswered_;
  std::vector<RoomFact> facts_;
  worker::v1::Refusal refuse_next_ = worker::v1::REFUSAL_UNSPECIFIED;
  uint32_t offers_ = 0;
  int opened_ = 0;
  bool holding_ = false;
  bool room_closed_ = false;
};

}  // namespace sfu::room
