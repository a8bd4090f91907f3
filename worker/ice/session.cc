#include "worker/ice/session.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace sfu::ice {
namespace {

// [ICE-6]: so many packets within so long mean that the peer's sending has moved.
constexpr absl::Duration kMovedWindow = absl::Milliseconds(500);

// One input causes at most a handful; more means that nobody takes them.
constexpr size_t kMaxUntakenOutputs = 256;

}  // namespace

Session::Session(Credentials local, const Options& options)
    : options_(options), current_{.number = 1, .credentials = std::move(local), .used = false} {}

void Session::HandleStun(Timestamp now, const Path& path, absl::Span<const uint8_t> message) {
  if (state_ == State::kClosed) {
    ++counters_.dropped_closed;
    return;
  }
  Tuple* const known = FindTuple(path);
  if (known != nullptr &&
      !known->checks.Take(now, options_.checks_per_second, options_.checks_per_second)) {
    ++counters_.dropped_rate_limited;
    return;
  }
  const std::optional<StunMessageView> view = StunMessageView::Parse(message);
  if (!view) {
    ++counters_.dropped_unparsable;
    return;
  }
  if (view->is_binding() && view->message_class() == StunClass::kIndication) {
    ++counters_.indications;
    return;
  }
  if (!view->is_binding() || view->message_class() != StunClass::kRequest) {
    ++counters_.dropped_not_a_request;
    return;
  }
  if (!view->FingerprintIsCorrect()) {
    ++counters_.dropped_bad_fingerprint;
    return;
  }
  HandleRequest(now, path, *view);
}

// The order of [ICE-2]: nothing is told to a sender before it has proven to know our password, but
// that it has not.
void Session::HandleRequest(Timestamp now, const Path& path, const StunMessageView& request) {
  if (!request.username() || !request.has_integrity()) {
    AnswerError(now, path, request, StunError::kBadRequest, {}, counters_.answered_bad_request);
    return;
  }
  const std::optional<SplitUsernameParts> ufrags = SplitUsername(*request.username());
  const Generation* const generation = ufrags ? GenerationOf(ufrags->local) : nullptr;
  if (generation == nullptr ||
      request.CheckIntegrity(generation->credentials.password) != IntegrityResult::kCorrect) {
    AnswerError(now, path, request, StunError::kUnauthenticated, {},
                counters_.answered_unauthenticated);
    return;
  }
  const std::string_view password = generation->credentials.password;
  if (!request.unknown_required().empty()) {
    AnswerError(now, path, request, StunError::kUnknownAttribute, password,
                counters_.answered_unknown_attribute);
    return;
  }
  if (!request.priority()) {
    AnswerError(now, path, request, StunError::kBadRequest, password,
                counters_.answered_bad_request);
    return;
  }
  if (request.ice_controlled()) {
    // A lite agent cannot take the controlling role: the peer has to.
    AnswerError(now, path, request, StunError::kRoleConflict, password,
                counters_.answered_role_conflict);
    return;
  }
  HandleValidCheck(now, path, request, *generation);
}

void Session::HandleValidCheck(Timestamp now, const Path& path, const StunMessageView& request,
                               const Generation& generation) {
  Emit(SendStun{path, BuildBindingSuccess(request.transaction_id(), path.remote,
                                          generation.credentials.password)});
  ++counters_.checks_answered;
  const uint32_t number = generation.number;
  NoteUse(now, number);

  Tuple& tuple = FindOrAddTuple(path);
  tuple.priority = *request.priority();
  NoteAlive(now, tuple);
  if (!selected_) {
    Select(tuple, 0, 0);  // [ICE-7]
  }
  // With renomination agreed, libwebrtc sends the counter in place of USE-CANDIDATE.
  if (request.use_candidate() || request.nomination()) {
    Nominate(now, tuple, number, request.nomination().value_or(0));
  } else {
    ReconsiderClaim(now, tuple);
  }
}

void Session::HandleAuthenticatedTraffic(Timestamp now, const Path& path) {
  Tuple* const tuple = FindTuple(path);
  if (tuple == nullptr) {
    return;
  }
  NoteAlive(now, *tuple);
  tuple->traffic[tuple->next_traffic] = now;
  tuple->next_traffic = (tuple->next_traffic + 1) % tuple->traffic.size();
  ReconsiderClaim(now, *tuple);
}

void Session::HandleTimeout(Timestamp now) {
  if (now >= retire_previous_at_) {
    RetirePrevious();
  }
  if ((state_ == State::kConnected || state_ == State::kCompleted) &&
      now >= *last_authenticated_ + options_.disconnect_timeout) {
    state_ = State::kDisconnected;
    Emit(Disconnected{});
  }
  ExpirePaths(now);
}

void Session::Restart(Credentials local) {
  if (state_ == State::kClosed) {
    RetirePrevious();
    Emit(UfragRetired{current_.credentials.ufrag});
    state_ = State::kNew;
  } else if (current_.used || !previous_) {
    RetirePrevious();
    previous_ = std::move(current_);
  } else {
    // Nobody used the latest ones; those before are what the peer still speaks.
    Emit(UfragRetired{current_.credentials.ufrag});
  }
  current_ = {.number = current_.number + 1, .credentials = std::move(local), .used = false};
  retire_previous_at_ = Timestamp::Never();
}

std::optional<Output> Session::PollOutput() {
  if (outputs_.empty()) {
    return std::nullopt;
  }
  std::optional<Output> output(std::move(outputs_.front()));
  outputs_.pop_front();
  return output;
}

Timestamp Session::NextTimeout() const {
  Timestamp next = retire_previous_at_;
  if (state_ == State::kConnected || state_ == State::kCompleted) {
    next = std::min(next, *last_authenticated_ + options_.disconnect_timeout);
  }
  for (const Tuple& tuple : tuples_) {
    next = std::min(next, tuple.last_authenticated + options_.consent_timeout);
  }
  return next;
}

const Session::Tuple* Session::FindTuple(const Path& path) const {
  const auto found = std::find_if(tuples_.begin(), tuples_.end(),
                                  [&](const Tuple& tuple) { return tuple.path == path; });
  return found == tuples_.end() ? nullptr : &*found;
}

Session::Tuple* Session::FindTuple(const Path& path) {
  return const_cast<Tuple*>(std::as_const(*this).FindTuple(path));
}

Session::Tuple& Session::FindOrAddTuple(const Path& path) {
  if (Tuple* const known = FindTuple(path)) {
    return *known;
  }
  if (tuples_.size() == kMaxPaths) {
    EvictOneTuple();
  }
  Tuple& added = tuples_.emplace_back();
  added.path = path;
  Emit(PathAdded{path});
  return added;
}

void Session::EvictOneTuple() {
  auto oldest = tuples_.end();
  for (auto tuple = tuples_.begin(); tuple != tuples_.end(); ++tuple) {
    if (tuple->path != selected_ &&
        (oldest == tuples_.end() || tuple->last_authenticated < oldest->last_authenticated)) {
      oldest = tuple;
    }
  }
  ++counters_.paths_evicted;
  Emit(PathRemoved{oldest->path});
  tuples_.erase(oldest);
}

const Session::Generation* Session::GenerationOf(std::string_view local_ufrag) const {
  if (local_ufrag == current_.credentials.ufrag) {
    return &current_;
  }
  if (previous_ && local_ufrag == previous_->credentials.ufrag) {
    return &*previous_;
  }
  return nullptr;
}

// [ICE-6]. The first nomination of a generation always holds. Later ones in the same generation
// may come from a client that nominates every pair it has, so they need a reason to be believed.
void Session::Nominate(Timestamp now, Tuple& tuple, uint32_t generation, uint32_t nomination) {
  if (generation < nominated_generation_) {
    ++counters_.nominations_refused;  // Said before the restart, arrived after it.
    return;
  }
  if (generation > nominated_generation_ || nomination > nomination_) {
    Select(tuple, generation, nomination);
    return;
  }
  if (tuple.path == selected_) {
    return;
  }
  if (nomination != 0) {
    ++counters_.nominations_refused;  // Overtaken by a later one.
    return;
  }
  tuple.claimed_in_generation = generation;
  if (MayMoveTo(now, tuple)) {
    Select(tuple, generation, nomination_);
  } else {
    ++counters_.nominations_refused;
  }
}

// A client with regular nomination says it once; what it needs to be believed may come later.
void Session::ReconsiderClaim(Timestamp now, Tuple& tuple) {
  if (tuple.claimed_in_generation != 0 && tuple.claimed_in_generation == nominated_generation_ &&
      MayMoveTo(now, tuple)) {
    Select(tuple, nominated_generation_, nomination_);
  }
}

bool Session::MayMoveTo(Timestamp now, const Tuple& tuple) const {
  const Tuple* const selected = FindTuple(*selected_);
  SFU_CHECK(selected != nullptr);
  if (tuple.priority >= selected->priority ||
      now - selected->last_authenticated >= options_.silent_path) {
    return true;
  }
  const Timestamp third_last = tuple.traffic[tuple.next_traffic];
  return third_last != Timestamp::Never() && now - third_last <= kMovedWindow;
}

void Session::Select(Tuple& tuple, uint32_t generation, uint32_t nomination) {
  const bool moved = selected_ != tuple.path;
  const bool nominated = generation != 0;
  const bool newly_nominated = nominated && nominated_generation_ == 0;
  if (moved && selected_) {
    ++counters_.path_changes;
  }
  selected_ = tuple.path;
  nominated_generation_ = generation;
  nomination_ = nomination;
  tuple.claimed_in_generation = 0;
  if (state_ != State::kDisconnected) {
    state_ = nominated ? State::kCompleted : State::kConnected;
  }
  if (moved || newly_nominated) {
    Emit(PathSelected{tuple.path, nominated});
  }
}

void Session::NoteUse(Timestamp now, uint32_t generation) {
  if (generation != current_.number || current_.used) {
    return;
  }
  current_.used = true;
  if (previous_) {
    retire_previous_at_ = now + options_.retire_delay;
  }
}

void Session::NoteAlive(Timestamp now, Tuple& tuple) {
  tuple.last_authenticated = now;
  last_authenticated_ = now;
  if (state_ == State::kDisconnected) {
    state_ = nominated_generation_ != 0 ? State::kCompleted : State::kConnected;
    Emit(Recovered{});
  }
}

// Consent belongs to a path, not to a peer (RFC 7675 §5.1). Forgetting silent paths also keeps us
// from taking a stranger, who got the same address from the same NAT, for this peer.
void Session::ExpirePaths(Timestamp now) {
  for (auto tuple = tuples_.begin(); tuple != tuples_.end();) {
    if (now < tuple->last_authenticated + options_.consent_timeout) {
      ++tuple;
      continue;
    }
    Emit(PathRemoved{tuple->path});
    tuple = tuples_.erase(tuple);
  }
  if (!selected_ || FindTuple(*selected_) != nullptr) {
    return;
  }
  if (tuples_.empty()) {
    LoseConsent();
    return;
  }
  const auto latest = std::max_element(
      tuples_.begin(), tuples_.end(),
      [](const Tuple& a, const Tuple& b) { return a.last_authenticated < b.last_authenticated; });
  Select(*latest, 0, 0);
}

void Session::LoseConsent() {
  selected_.reset();
  last_authenticated_.reset();
  nominated_generation_ = 0;
  nomination_ = 0;
  state_ = State::kClosed;
  Emit(ConsentLost{});
}

void Session::RetirePrevious() {
  retire_previous_at_ = Timestamp::Never();
  if (previous_) {
    Emit(UfragRetired{previous_->credentials.ufrag});
    previous_.reset();
  }
}

void Session::AnswerError(Timestamp now, const Path& path, const StunMessageView& request,
                          StunError error, std::string_view password, uint64_t& counter) {
  StunBytes answer = BuildBindingError(request.transaction_id(), error, password,
                                       error == StunError::kUnknownAttribute
                                           ? absl::MakeConstSpan(request.unknown_required())
                                           : absl::Span<const uint16_t>());
  // A request with a forged source must not make us send more than it cost its sender.
  if ((password.empty() && answer.size() > request.size()) ||
      !errors_.Take(now, options_.errors_per_second, options_.errors_per_second)) {
    ++counters_.dropped_error_budget;
    return;
  }
  ++counter;
  Emit(SendStun{path, std::move(answer)});
}

void Session::Emit(Output output) {
  SFU_CHECK(outputs_.size() < kMaxUntakenOutputs);
  outputs_.push_back(std::move(output));
}

}  // namespace sfu::ice
