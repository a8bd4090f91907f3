#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "controller/room/room.h"
#include "tests/support/media_oracle.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"
#include "tests/support/simulated_network.h"
#include "tests/support/simulated_queue.h"
#include "tests/support/simulated_worker.h"
#include "tests/support/virtual_client.h"
#include "worker/dtls/context.h"
#include "worker/sctp/usrsctp_association.h"

namespace sfu {

// Controller rooms, a worker and any number of virtual clients, joined by links that lose and
// reorder, on one simulated clock. What must always hold is checked at every step and collected in
// breaches(); the rest by Check...() when nothing is on its way. Everything follows from the seed.
//
// One at a time per process: it owns gettimeofday().
class SimulatedConference {
 public:
  struct Network {
    double loss = 0;
    absl::Duration delay = absl::Milliseconds(20);
    absl::Duration jitter = {};
  };
  struct Options {
    uint64_t seed = 1;
    size_t rooms = 1;
    Network network = {};
  };
  struct Joining {
    size_t room = 0;
    bool single_connection = false;
    bool can_subscribe = true;
    bool can_publish_data = true;
    bool names_candidates = true;
  };
  // Sees each message that passes between the parts, as bytes. `kind`: "response", "command",
  // "result", "event", "fact".
  using Observer = std::function<void(std::string_view kind, const std::string& bytes)>;

  explicit SimulatedConference(const Options& options);
  ~SimulatedConference();

  void SetObserver(Observer observer) { observer_ = std::move(observer); }
  // Of links made from now on, and of those there are. What was on its way is lost.
  void SetNetwork(const Network& network);
  void RunFor(absl::Duration duration);

  // --- What users do. Clients and publications are known by numbers.

  size_t Join(const Joining& joining);
  // The signal connection breaks: nothing that is on its way arrives. The server hears of it after
  // `noticed_after`; the client resumes after `back_after`. Only of clients that are active; others
  // would have to join anew. Returns whether it did.
  bool CutSignal(size_t client, absl::Duration noticed_after, absl::Duration back_after);
  void Leave(size_t client);   // Says so.
  void Vanish(size_t client);  // The signal connection breaks and nothing comes any more.
  uint32_t Publish(size_t client, rtp::MediaKind kind);
  void Unpublish(uint32_t number);
  void SetMuted(uint32_t number, bool muted);
  void SetSubscribed(size_t client, uint32_t number, bool subscribed);
  void SetQuality(size_t client, uint32_t number, livekit::VideoQuality quality);
  void SetDisabled(size_t client, uint32_t number, bool disabled);
  // Only these may see what `client` publishes; nullopt: everybody.
  void AllowOnly(size_t client, const std::optional<std::vector<size_t>>& viewers);
  void RequestKeyframes(size_t client) { clients_[client].client->RequestKeyframes(clock_.Now()); }
  bool SendData(size_t client, bool reliable, std::string_view payload,
                const std::vector<size_t>& to = {});

  // --- At rest: some seconds after the last change, on a network that has healed.

  void CheckViews();       // Every client knows what its room does.
  void CheckMediaFlows();  // Who should receive does, and has the key frame it wanted.
  void CheckStreams(bool lossless);
  void CheckEmpty();  // All have left, and longer ago than rooms wait.

  const std::vector<std::string>& breaches() const { return breaches_; }

  // --- To look at.

  VirtualClient& client(size_t client) { return *clients_[client].client; }
  size_t client_count() const { return clients_.size(); }
  bool gone(size_t client) const { return clients_[client].client->gone(); }
  size_t RoomOf(size_t client) const { return clients_[client].joining.room; }
  std::string IdentityOf(size_t client) const {
    return clients_[client].client->options().identity;
  }
  size_t PublisherOf(uint32_t number) const { return oracle_.PublisherOf(number); }
  std::string SidOf(uint32_t number) { return client(PublisherOf(number)).TrackSid(number); }
  // The live reception of a track; nullptr if there is none.
  const VirtualReception* FindReception(size_t client, uint32_t number);
  SimulatedWorker& worker() { return *worker_; }
  room::Room& room(size_t room) { return *rooms_[room].room; }
  Timestamp now() const { return clock_.Now(); }
  SeededRandom& random() { return random_; }
  uint64_t packets_received() const { return packets_received_; }

 private:
  using Link = VirtualClient::Link;

  struct LinkPair {
    std::unique_ptr<SimulatedLink> up;
    std::unique_ptr<SimulatedLink> down;
  };
  struct Client {
    Joining joining;
    std::unique_ptr<dtls::Context> context;
    std::unique_ptr<VirtualClient> client;
    std::map<Link, LinkPair> links;
    room::JoinParameters parameters;
    std::optional<room::SessionId> session;  // While the signal connection is open.
    std::set<room::SessionId> cut_sessions;
    int connection = 0;  // Counts them: what was on its way by a former one does not arrive.
  };
  struct RoomPlace {
    std::unique_ptr<room::Room> room;
    bool closed = false;
  };
  class Writer;

  room::Moment Now() const { return {clock_.Now(), SimulatedWallClock::WallAt(clock_.Now())}; }
  Timestamp NextEvent() const;
  void Settle();
  void Deliver();
  void PassDatagrams();
  void TakeClientOutputs(size_t index);
  void PerformEffects(size_t room);
  void Perform(size_t room, room::SendSignal& effect);
  void Perform(size_t room, room::CloseSignal& effect);
  void Perform(size_t room, room::SendWorkerCommand& effect);
  void Perform(size_t room, room::RoomFact& effect);
  void Perform(size_t room, room::RoomClosed& effect);
  void HandleWorkerMessage(const worker::v1::WorkerMessage& message);
  void NoteResult(const worker::v1::CommandResult& result);
  void NoteDepartures(const livekit::ParticipantUpdate& update);
  void CloseSignalLater(size_t client);
  void Resume(size_t client);
  std::optional<size_t> FindClient(size_t room, room::SessionId session) const;
  bool IsCut(size_t room, room::SessionId session) const;
  void Connect(Client& client, size_t index);
  SimulatedLink::Options NextLink();
  void Breach(std::string what);
  void Observe(std::string_view kind, const google::protobuf::MessageLite& message);
  void CheckView(size_t client);

  const Options options_;
  SimulatedClock clock_;
  SimulatedWallClock wall_;
  SeededRandom random_;
  Network network_;
  sctp::UsrsctpAssociationFactory associations_;
  SimulatedQueue queue_;
  std::unique_ptr<Writer> writer_;
  std::shared_ptr<worker::ControllerOutbox> outbox_;
  std::unique_ptr<SimulatedWorker> worker_;
  std::vector<RoomPlace> rooms_;
  std::vector<Client> clients_;
  std::map<SocketAddress, std::pair<size_t, Link>> addresses_;
  MediaOracle oracle_;
  std::set<size_t> restricted_;  // Publishers whose tracks not everybody may see.
  Observer observer_;

  std::map<uint64_t, int> results_;  // By request id: how many came.
  uint32_t publications_ = 0;
  uint64_t links_ = 0;
  uint64_t packets_received_ = 0;
  std::vector<std::string> breaches_;  // At most kMaxBreaches.
};

}  // namespace sfu
