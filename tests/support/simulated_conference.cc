#include "tests/support/simulated_conference.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/base/check.h"
#include "controller/room/test_room.h"
#include "tests/support/simulated_gettimeofday.h"
#include "worker/dtls/certificate.h"

namespace sfu {
namespace {

constexpr absl::Duration kSignalDelay = absl::Milliseconds(15);
constexpr absl::Duration kWorkerDelay = absl::Milliseconds(3);
constexpr size_t kMaxBreaches = 50;

std::unique_ptr<dtls::Context> MakeContext(Random& random) {
  const absl::Time made = SimulatedWallClock::WallAt(Timestamp::FromMicros(0));
  return std::make_unique<dtls::Context>(dtls::Certificate::Generate(random, made));
}

}  // namespace

// The stream from the worker: in order, and never before the call that wrote it is over.
class SimulatedConference::Writer : public worker::MessageWriter {
 public:
  explicit Writer(SimulatedConference& conference) : conference_(conference) {}
  void Write(worker::v1::WorkerMessage message) override {
    conference_.queue_.At(
        conference_.clock_.Now() + kWorkerDelay,
        [this, message = std::move(message)] { conference_.HandleWorkerMessage(message); });
  }

 private:
  SimulatedConference& conference_;
};

SimulatedConference::SimulatedConference(const Options& options)
    : options_(options),
      wall_(clock_),
      random_(options.seed),
      network_(options.network),
      writer_(std::make_unique<Writer>(*this)),
      outbox_(std::make_shared<worker::ControllerOutbox>()) {
  SetSimulatedTimeOfDay(clock_.Now());
  outbox_->Connect(writer_.get());
  worker_ = std::make_unique<SimulatedWorker>(options.seed + 1000, wall_, MakeContext(random_),
                                              associations_);
  for (size_t i = 0; i < options.rooms; ++i) {
    room::RoomOptions room_options = room::TestOptions();
    room_options.empty_timeout = absl::Seconds(60);
    rooms_.push_back({std::make_unique<room::Room>(
                          std::move(room_options), fmt::format("room {}", i),
                          room::RoomPlacement{.room = i + 1, .epoch = 1}, random_, Now()),
                      false});
    PerformEffects(i);
  }
}

SimulatedConference::~SimulatedConference() = default;

// --- Time.

void SimulatedConference::RunFor(absl::Duration duration) {
  const Timestamp end = clock_.Now() + duration;
  Settle();
  while (NextEvent() <= end) {
    clock_.AdvanceTo(std::max(clock_.Now(), NextEvent()));
    SetSimulatedTimeOfDay(clock_.Now());
    Settle();
  }
  clock_.AdvanceTo(end);
  SetSimulatedTimeOfDay(end);
}

Timestamp SimulatedConference::NextEvent() const {
  Timestamp next = std::min(queue_.NextTimeout(), worker_->NextTimeout());
  for (const RoomPlace& place : rooms_) {
    if (!place.closed) {
      next = std::min(next, place.room->NextTimeout());
    }
  }
  for (const Client& client : clients_) {
    next = std::min(next, client.client->NextTimeout());
    for (const auto& [link, pair] : client.links) {
      next = std::min({next, pair.up->NextTimeout(), pair.down->NextTimeout()});
    }
  }
  return next;
}

// Everything that is due now.
void SimulatedConference::Settle() {
  // A deadline that stays due is a bug that would otherwise hang the test.
  for (int turns = 0; turns < 1000; ++turns) {
    while (queue_.RunOne(clock_.Now())) {
      PassDatagrams();
    }
    Deliver();
    if (worker_->NextTimeout() <= clock_.Now()) {
      worker_->HandleTimeout(clock_.Now());
    }
    PassDatagrams();
    for (size_t i = 0; i < rooms_.size(); ++i) {
      if (!rooms_[i].closed && rooms_[i].room->NextTimeout() <= clock_.Now()) {
        rooms_[i].room->HandleTimeout(Now());
        PerformEffects(i);
      }
    }
    for (size_t i = 0; i < clients_.size(); ++i) {
      VirtualClient& client = *clients_[i].client;
      if (client.NextTimeout() <= clock_.Now()) {
        client.HandleTimeout(clock_.Now(), Now().wall);
      }
      TakeClientOutputs(i);
    }
    if (NextEvent() > clock_.Now()) {
      return;
    }
  }
  const bool settled = false;
  SFU_CHECK(settled);
}

void SimulatedConference::Deliver() {
  for (size_t i = 0; i < clients_.size(); ++i) {
    Client& client = clients_[i];
    for (auto& [link, pair] : client.links) {
      const uint16_t port_offset = link == Link::kPublisher ? 0 : 1;
      const SocketAddress& base = client.client->options().address;
      const SocketAddress from = base.WithPort(static_cast<uint16_t>(base.port() + port_offset));
      while (const auto datagram = pair.up->PollArrival(clock_.Now())) {
        worker_->HandleDatagram(clock_.Now(), from, *datagram);
        PassDatagrams();
      }
      while (const auto datagram = pair.down->PollArrival(clock_.Now())) {
        if (!client.client->gone()) {
          client.client->HandleDatagram(clock_.Now(), link, *datagram);
          TakeClientOutputs(i);
        }
      }
    }
  }
}

void SimulatedConference::PassDatagrams() {
  for (const SimulatedWorker::Datagram& datagram : worker_->Flush(clock_.Now())) {
    const auto found = addresses_.find(datagram.to);
    if (found == addresses_.end()) {
      Breach("the worker sends to a stranger");
      continue;
    }
    const auto& [client, link] = found->second;
    clients_[client].links.at(link).down->Send(clock_.Now(), datagram.bytes);
  }
}

void SimulatedConference::TakeClientOutputs(size_t index) {
  Client& client = clients_[index];
  for (auto& [link, pair] : client.links) {
    while (const auto datagram = client.client->PollDatagram(clock_.Now(), link)) {
      pair.up->Send(clock_.Now(), datagram->bytes);
    }
  }
  for (const VirtualClient::Arrival& arrival : client.client->TakeArrivals()) {
    ++packets_received_;
    if (auto breach = oracle_.Judge(clock_.Now(), index, arrival.mark)) {
      Breach(*std::move(breach));
    } else if (arrival.track_sid != SidOf(arrival.mark.track)) {
      Breach(fmt::format("client {} received track {} ({}) as {}", index, arrival.mark.track,
                         SidOf(arrival.mark.track), arrival.track_sid));
    }
  }
  for (livekit::SignalRequest& request : client.client->TakeRequests()) {
    queue_.At(clock_.Now() + kSignalDelay,
              [this, index, connection = client.connection, request = std::move(request)] {
                const auto session = clients_[index].session;
                if (session && clients_[index].connection == connection) {
                  const size_t room = clients_[index].joining.room;
                  rooms_[room].room->HandleRequest(Now(), *session, request);
                  PerformEffects(room);
                }
              });
  }
}

// --- The controller's side.

void SimulatedConference::PerformEffects(size_t room) {
  while (std::optional<room::Effect> effect = rooms_[room].room->PollEffect()) {
    std::visit([&](auto& value) { Perform(room, value); }, *effect);
  }
}

std::optional<size_t> SimulatedConference::FindClient(size_t room, room::SessionId session) const {
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (clients_[i].joining.room == room && clients_[i].session == session) {
      return i;
    }
  }
  return std::nullopt;
}

bool SimulatedConference::IsCut(size_t room, room::SessionId session) const {
  return std::any_of(clients_.begin(), clients_.end(), [&](const Client& client) {
    return client.joining.room == room && client.cut_sessions.contains(session);
  });
}

void SimulatedConference::Perform(size_t room, room::SendSignal& effect) {
  Observe("response", effect.response);
  NoteDepartures(effect.response.update());
  const std::optional<size_t> index = FindClient(room, effect.session);
  if (!index) {
    if (!IsCut(room, effect.session)) {
      Breach("a message to a session that is over");
    }
    return;
  }
  if (effect.response.has_leave() &&
      effect.response.leave().action() != livekit::LeaveRequest::DISCONNECT) {
    Breach(fmt::format("client {} is told to come back", *index));
  }
  queue_.At(clock_.Now() + kSignalDelay,
            [this, index = *index, connection = clients_[*index].connection,
             response = std::move(effect.response)] {
              VirtualClient& client = *clients_[index].client;
              if (!client.gone() && clients_[index].connection == connection) {
                client.HandleResponse(clock_.Now(), response);
                TakeClientOutputs(index);
              }
            });
}

// Nobody is said to have left who has not.
void SimulatedConference::NoteDepartures(const livekit::ParticipantUpdate& update) {
  for (const livekit::ParticipantInfo& info : update.participants()) {
    const bool left = info.state() == livekit::ParticipantInfo::DISCONNECTED;
    for (size_t i = 0; left && i < clients_.size(); ++i) {
      if (clients_[i].client->sid() == info.sid() && !clients_[i].client->gone()) {
        Breach(fmt::format("client {} is said to have left", i));
      }
    }
  }
}

void SimulatedConference::Perform(size_t room, room::CloseSignal& effect) {
  if (const std::optional<size_t> index = FindClient(room, effect.session)) {
    clients_[*index].session.reset();
    queue_.At(clock_.Now() + kSignalDelay,
              [this, index = *index, connection = clients_[*index].connection] {
                if (clients_[index].connection == connection) {
                  clients_[index].client->Vanish();
                }
              });
  }
}

void SimulatedConference::Perform(size_t /*room*/, room::SendWorkerCommand& effect) {
  Observe("command", effect.command);
  if (!results_.emplace(effect.command.request_id(), 0).second) {
    Breach("a request id is used twice");
  }
  queue_.At(clock_.Now() + kWorkerDelay, [this, command = std::move(effect.command)] {
    worker_->HandleCommand(clock_.Now(), command, outbox_);
  });
}

void SimulatedConference::Perform(size_t /*room*/, room::RoomFact& effect) {
  std::visit([this](const auto& fact) { Observe("fact", fact.participant); }, effect);
}

void SimulatedConference::Perform(size_t room, room::RoomClosed& /*effect*/) {
  rooms_[room].closed = true;
}

void SimulatedConference::HandleWorkerMessage(const worker::v1::WorkerMessage& message) {
  const bool is_result = message.has_result();
  Observe(is_result ? "result" : "event", message);
  if (is_result) {
    NoteResult(message.result());
  }
  const uint64_t handle = is_result ? message.result().request_id() >> 32 : message.event().room();
  const size_t room = handle - 1;
  SFU_CHECK(room < rooms_.size());
  if (rooms_[room].closed) {
    return;
  }
  if (is_result) {
    rooms_[room].room->HandleWorkerResult(Now(), message.result());
  } else {
    rooms_[room].room->HandleWorkerEvent(Now(), message.event());
  }
  PerformEffects(room);
}

void SimulatedConference::NoteResult(const worker::v1::CommandResult& result) {
  const auto request = results_.find(result.request_id());
  if (request == results_.end()) {
    Breach("a result that nobody asked for");
  } else if (++request->second > 1) {
    Breach("a second result of one command");
  }
  if (result.refusal() != worker::v1::REFUSAL_UNSPECIFIED) {
    Breach(fmt::format("the worker refused: {}", worker::v1::Refusal_Name(result.refusal())));
  }
}

void SimulatedConference::CloseSignalLater(size_t client) {
  queue_.At(clock_.Now() + kSignalDelay, [this, client] {
    if (const auto session = std::exchange(clients_[client].session, std::nullopt)) {
      const size_t room = clients_[client].joining.room;
      rooms_[room].room->HandleSignalClosed(Now(), *session);
      PerformEffects(room);
    }
  });
}

// --- Clients come and go.

SimulatedLink::Options SimulatedConference::NextLink() {
  return {.seed = options_.seed * 1'000'003 + ++links_,
          .delay = network_.delay,
          .jitter = network_.jitter,
          .loss = network_.loss};
}

void SimulatedConference::Connect(Client& client, size_t index) {
  const SocketAddress& base = client.client->options().address;
  for (const Link link : {Link::kPublisher, Link::kSubscriber}) {
    client.links[link] = {std::make_unique<SimulatedLink>(NextLink()),
                          std::make_unique<SimulatedLink>(NextLink())};
    const uint16_t port_offset = link == Link::kPublisher ? 0 : 1;
    addresses_[base.WithPort(static_cast<uint16_t>(base.port() + port_offset))] = {index, link};
  }
}

void SimulatedConference::SetNetwork(const Network& network) {
  network_ = network;
  for (size_t i = 0; i < clients_.size(); ++i) {
    Connect(clients_[i], i);
  }
}

size_t SimulatedConference::Join(const Joining& joining) {
  const size_t index = clients_.size();
  SFU_CHECK(index < 250);
  Client& added = clients_.emplace_back();
  added.joining = joining;
  added.context = MakeContext(random_);
  const SocketAddress address =
      SocketAddress::V4({203, 0, 113, static_cast<uint8_t>(1 + index)}, 40'000);
  added.client = std::make_unique<VirtualClient>(
      VirtualClient::Options{.identity = fmt::format("user {}", index),
                             .single_connection = joining.single_connection,
                             .can_subscribe = joining.can_subscribe,
                             .names_candidates = joining.names_candidates,
                             .address = address},
      random_, *added.context, associations_);
  Connect(added, index);
  oracle_.AddClient(index, joining.room);
  if (!joining.can_subscribe) {
    oracle_.Block(clock_.Now(), MediaOracle::Reason::kMayNotSubscribe, index);
  }
  for (const size_t publisher : restricted_) {
    oracle_.Block(clock_.Now(), MediaOracle::Reason::kNotAllowed, index, publisher);
  }
  room::JoinParameters parameters = room::TestJoin(added.client->options().identity);
  parameters.claims.video->can_subscribe = joining.can_subscribe;
  parameters.claims.video->can_publish_data = joining.can_publish_data;
  parameters.single_peer_connection = joining.single_connection;
  added.parameters = parameters;
  parameters.publisher_offer = added.client->FirstOffer();
  queue_.At(clock_.Now() + kSignalDelay, [this, index, parameters] {
    Client& client = clients_[index];
    room::Room& room = *rooms_[client.joining.room].room;
    const auto session = room.Join(Now(), parameters);
    if (!session) {
      Breach("a client may not join");
      return;
    }
    client.session = *session;
    PerformEffects(client.joining.room);
  });
  return index;
}

bool SimulatedConference::CutSignal(size_t index, absl::Duration noticed_after,
                                    absl::Duration back_after) {
  Client& client = clients_[index];
  room::Room& room = *rooms_[client.joining.room].room;
  const auto known = room.FindParticipant(IdentityOf(index));
  if (!client.session || !known || known->state() != livekit::ParticipantInfo::ACTIVE) {
    return false;
  }
  ++client.connection;
  client.cut_sessions.insert(*client.session);
  client.client->HandleSignalLost();
  oracle_.Excuse(index, clock_.Now() + back_after + 2 * kSignalDelay);
  queue_.At(clock_.Now() + noticed_after,
            [this, place = client.joining.room, session = *client.session] {
              rooms_[place].room->HandleSignalClosed(Now(), session);
              PerformEffects(place);
            });
  queue_.At(clock_.Now() + back_after, [this, index] { Resume(index); });
  client.session.reset();
  return true;
}

void SimulatedConference::Resume(size_t index) {
  Client& client = clients_[index];
  if (client.client->gone()) {
    return;
  }
  room::JoinParameters parameters = client.parameters;
  parameters.reconnect = true;
  parameters.participant_sid = client.client->sid();
  const auto session = rooms_[client.joining.room].room->Join(Now(), parameters);
  if (!session) {
    Breach("a client may not resume");
    return;
  }
  client.session = *session;
  PerformEffects(client.joining.room);
}

void SimulatedConference::Leave(size_t client) {
  clients_[client].client->Leave();
  TakeClientOutputs(client);
  CloseSignalLater(client);
}

void SimulatedConference::Vanish(size_t client) {
  clients_[client].client->Vanish();
  CloseSignalLater(client);
}

// --- What users do.

uint32_t SimulatedConference::Publish(size_t client, rtp::MediaKind kind) {
  const uint32_t number = ++publications_;
  oracle_.AddTrack(number, client, clients_[client].joining.room);
  clients_[client].client->Publish(number, kind);
  TakeClientOutputs(client);
  return number;
}

void SimulatedConference::Unpublish(uint32_t number) {
  const size_t publisher = PublisherOf(number);
  clients_[publisher].client->Unpublish(number);
  for (size_t i = 0; i < clients_.size(); ++i) {
    oracle_.Block(clock_.Now(), MediaOracle::Reason::kUnpublished, i, number);
  }
  TakeClientOutputs(publisher);
}

void SimulatedConference::SetMuted(uint32_t number, bool muted) {
  const size_t publisher = PublisherOf(number);
  clients_[publisher].client->SetMuted(number, muted);
  TakeClientOutputs(publisher);
}

void SimulatedConference::SetSubscribed(size_t client, uint32_t number, bool subscribed) {
  using Reason = MediaOracle::Reason;
  subscribed ? oracle_.Lift(Reason::kUnsubscribed, client, number)
             : oracle_.Block(clock_.Now(), Reason::kUnsubscribed, client, number);
  clients_[client].client->Subscribe(SidOf(number), subscribed);
  TakeClientOutputs(client);
}

void SimulatedConference::SetQuality(size_t client, uint32_t number,
                                     livekit::VideoQuality quality) {
  oracle_.Lift(MediaOracle::Reason::kDisabled, client, number);  // One message says both.
  clients_[client].client->SetQuality(SidOf(number), quality);
  TakeClientOutputs(client);
}

void SimulatedConference::SetDisabled(size_t client, uint32_t number, bool disabled) {
  using Reason = MediaOracle::Reason;
  disabled ? oracle_.Block(clock_.Now(), Reason::kDisabled, client, number)
           : oracle_.Lift(Reason::kDisabled, client, number);
  clients_[client].client->SetQuality(SidOf(number), livekit::HIGH, disabled);
  TakeClientOutputs(client);
}

void SimulatedConference::AllowOnly(size_t client,
                                    const std::optional<std::vector<size_t>>& viewers) {
  std::optional<std::vector<std::string>> identities;
  if (viewers) {
    identities.emplace();
    for (const size_t viewer : *viewers) {
      identities->push_back(IdentityOf(viewer));
    }
  }
  for (size_t i = 0; i < clients_.size(); ++i) {
    using Reason = MediaOracle::Reason;
    if (viewers && std::find(viewers->begin(), viewers->end(), i) == viewers->end()) {
      oracle_.Block(clock_.Now(), Reason::kNotAllowed, i, client);
    } else {
      oracle_.Lift(Reason::kNotAllowed, i, client);
    }
  }
  viewers ? (void)restricted_.insert(client) : (void)restricted_.erase(client);
  clients_[client].client->AllowOnly(identities);
  TakeClientOutputs(client);
}

bool SimulatedConference::SendData(size_t client, bool reliable, std::string_view payload,
                                   const std::vector<size_t>& to) {
  std::vector<std::string> identities;
  for (const size_t receiver : to) {
    identities.push_back(IdentityOf(receiver));
  }
  const bool sent = clients_[client].client->SendData(clock_.Now(), reliable, payload, identities);
  TakeClientOutputs(client);
  return sent;
}

// --- Checks.

void SimulatedConference::Breach(std::string what) {
  if (breaches_.size() < kMaxBreaches) {
    breaches_.push_back(
        fmt::format("[{:.3f} s] {}", static_cast<double>(clock_.Now().micros()) / 1e6, what));
  }
}

void SimulatedConference::Observe(std::string_view kind,
                                  const google::protobuf::MessageLite& message) {
  if (observer_) {
    observer_(kind, message.SerializeAsString());
  }
}

const VirtualReception* SimulatedConference::FindReception(size_t client, uint32_t number) {
  const std::string sid = SidOf(number);
  for (const auto& reception : clients_[client].client->receptions()) {
    if (!reception->ended() && reception->format().track_sid == sid) {
      return reception.get();
    }
  }
  return nullptr;
}

void SimulatedConference::CheckViews() {
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (!clients_[i].client->gone()) {
      CheckView(i);
    }
  }
  for (const auto& [request, count] : results_) {
    if (count != 1) {
      Breach(fmt::format("command {:x} has {} results", request, count));
    }
  }
}

void SimulatedConference::CheckView(size_t index) {
  const VirtualClient& client = *clients_[index].client;
  if (!client.joined() || !client.connected()) {
    Breach(fmt::format("client {} is not connected", index));
    return;
  }
  if (client.unclaimed() > 0) {
    Breach(fmt::format("client {} has {} packets of nobody", index, client.unclaimed()));
  }
  std::map<std::string, livekit::ParticipantInfo> expected;
  for (const livekit::ParticipantInfo& info :
       rooms_[clients_[index].joining.room].room->Participants()) {
    if (info.identity() != client.options().identity) {
      expected[info.identity()] = info;
    }
  }
  for (const auto& [identity, info] : client.others()) {
    if (!expected.contains(identity)) {
      Breach(fmt::format("client {} still sees {}", index, identity));
    }
  }
  for (const auto& [identity, info] : expected) {
    const auto known = client.others().find(identity);
    if (known == client.others().end()) {
      Breach(fmt::format("client {} does not see {}", index, identity));
    } else if (known->second.SerializeAsString() != info.SerializeAsString()) {
      Breach(fmt::format("client {} sees {} as\n{}but it is\n{}", index, identity,
                         known->second.DebugString(), info.DebugString()));
    }
  }
}

void SimulatedConference::CheckMediaFlows() {
  constexpr absl::Duration kFresh = absl::Milliseconds(500);
  constexpr absl::Duration kPatience = absl::Seconds(2);
  for (uint32_t number = 1; number <= publications_; ++number) {
    const VirtualPublication* const media = client(PublisherOf(number)).FindPublication(number);
    if (media == nullptr || !media->sending()) {
      continue;
    }
    for (size_t i = 0; i < clients_.size(); ++i) {
      if (gone(i) || !oracle_.MayReceive(i, number)) {
        continue;
      }
      const VirtualReception* const reception = FindReception(i, number);
      if (reception == nullptr || reception->packets().empty() ||
          clock_.Now() - reception->packets().rbegin()->second.at > kFresh) {
        Breach(fmt::format("client {} does not receive track {}", i, number));
        continue;
      }
      const auto wanted = reception->keyframe_wanted_since();
      if (wanted && clock_.Now() - *wanted > kPatience) {
        Breach(fmt::format("client {} waits for a key frame of track {}", i, number));
      }
    }
  }
}

void SimulatedConference::CheckStreams(bool lossless) {
  for (size_t i = 0; i < clients_.size(); ++i) {
    for (const auto& reception : clients_[i].client->receptions()) {
      for (const std::string& breach : reception->Check(lossless)) {
        Breach(fmt::format("client {}: {}", i, breach));
      }
    }
    if (clients_[i].client->refused_packets() > 0) {
      Breach(fmt::format("client {} could not decrypt {} packets", i,
                         clients_[i].client->refused_packets()));
    }
  }
}

void SimulatedConference::CheckEmpty() {
  for (size_t i = 0; i < rooms_.size(); ++i) {
    if (!rooms_[i].closed) {
      Breach(fmt::format("room {} is open", i));
    }
  }
  if (const std::string left = worker_->Leftovers(); !left.empty()) {
    Breach("the worker still has " + left);
  }
  for (const auto& [request, count] : results_) {
    if (count != 1) {
      Breach(fmt::format("command {:x} has {} results", request, count));
    }
  }
}

}  // namespace sfu
