#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/ice/credentials.h"
#include "worker/ice/path.h"
#include "worker/ice/stun_message.h"
#include "worker/ice/token_bucket.h"

namespace sfu::ice {

// What the session wants done; its owner performs these in order.
struct SendStun {
  Path path;
  StunBytes message;
};
// A path has been validated: datagrams arriving by it belong to this session from now on.
struct PathAdded {
  Path path;
};
// ... and from now on no longer.
struct PathRemoved {
  Path path;
};
// Everything we send takes this path now. Never names a path that was not added before, and names
// the same one again when it becomes nominated. A different path than before is a network route
// change for congestion control ([ICE-15]).
struct PathSelected {
  Path path;
  bool nominated;  // False while it is only the first one that works ([ICE-7]).
};
// Nothing authenticated for Options::disconnect_timeout. Sending is still allowed.
struct Disconnected {};
// The peer is back after Disconnected.
struct Recovered {};
// Nothing authenticated for Options::consent_timeout: nothing may be sent any more (RFC 7675 §5.1).
// Final until Restart(). PathRemoved has been given for every path before.
struct ConsentLost {};
// This ufrag of ours is not answered any more: take it out of the routing table.
struct UfragRetired {
  std::string ufrag;
};
using Output = std::variant<SendStun, PathAdded, PathRemoved, PathSelected, Disconnected, Recovered,
                            ConsentLost, UfragRetired>;

// Why a STUN message was not answered with success.
struct SessionCounters {
  uint64_t checks_answered = 0;
  uint64_t indications = 0;  // Keep-alives, legal and silent.
  uint64_t dropped_unparsable = 0;
  uint64_t dropped_not_a_request = 0;
  uint64_t dropped_bad_fingerprint = 0;
  uint64_t dropped_rate_limited = 0;
  uint64_t dropped_error_budget = 0;  // An error was due, but see Options::errors_per_second.
  uint64_t dropped_closed = 0;        // After consent was lost.
  uint64_t answered_bad_request = 0;
  uint64_t answered_unauthenticated = 0;
  uint64_t answered_unknown_attribute = 0;
  uint64_t answered_role_conflict = 0;
  uint64_t nominations_refused = 0;
  uint64_t path_changes = 0;
  uint64_t paths_evicted = 0;
};

// One peer's ICE, server side and lite: answers connectivity checks, starts none (RFC 8445 §2.5,
// [ICE-2] to [ICE-9], [ICE-14], [ICE-15]). The peer nominates. We need nothing of the peer's own
// credentials: its checks prove themselves by ours.
//
// Feed inputs with Handle*(), each with the time it happened, then take PollOutput() until it
// returns nullopt. Reads no clock and owns no socket. Not thread-safe: lives on the media thread
// of its room.
class Session {
 public:
  static constexpr size_t kMaxPaths = 8;  // [ICE-5]: beyond it the least recently heard one goes.

  // kNew: no valid check yet. kConnected: a path works. kCompleted: a path is nominated.
  // kDisconnected: silence. kClosed: consent lost, only Restart() revives.
  enum class State { kNew, kConnected, kCompleted, kDisconnected, kClosed };

  struct Options {
    absl::Duration disconnect_timeout = absl::Seconds(10);
    absl::Duration consent_timeout = absl::Seconds(30);
    // A nomination elsewhere wins over a selected path that has been silent for so long.
    absl::Duration silent_path = absl::Seconds(1);
    // How long the former credentials outlive the first check with the new ones.
    absl::Duration retire_delay = absl::Seconds(5);
    double checks_per_second = 100;  // Per known path; a burst may be as large.
    // Errors to senders that did not authenticate, over all paths; a burst may be as large. An
    // error never has more bytes than the request it answers.
    double errors_per_second = 20;
  };

  Session(Credentials local, const Options& options);

  // `message` is what the demultiplexer took for STUN (first byte 0 to 3). Without a correct
  // FINGERPRINT it is dropped and counted, never answered: answering would let strangers aim our
  // replies at third parties. A wrong MESSAGE-INTEGRITY earns a 401 (RFC 8489 §9.1.3).
  // Outputs: SendStun first (speed, [ICE-4]), then what follows from it.
  void HandleStun(Timestamp now, const Path& path, absl::Span<const uint8_t> message);

  // A valid SRTP, SRTCP or DTLS record came in by `path`: as good as a check for consent, and a
  // hint where the peer sends from ([ICE-6]). Cheap enough for each packet; never moves to a path
  // that the peer has not nominated.
  void HandleAuthenticatedTraffic(Timestamp now, const Path& path);

  void HandleTimeout(Timestamp now);

  // ICE restart ([ICE-14]): checks must use `local` from now on. The credentials in use stay valid
  // until `retire_delay` after the first check with the new ones, and the selected path stays
  // selected until the new generation nominates.
  void Restart(Credentials local);

  std::optional<Output> PollOutput();
  Timestamp NextTimeout() const;  // Timestamp::Never() before the first valid check.

  State state() const { return state_; }
  // The path to send by; nullopt in kNew and kClosed.
  const std::optional<Path>& selected_path() const { return selected_; }
  // Every path on which the peer has proven itself.
  bool IsKnown(const Path& path) const { return FindTuple(path) != nullptr; }
  // The last sign of life, or nullopt: the owner pauses video after 5 s without one ([ICE-8]).
  std::optional<Timestamp> last_authenticated() const { return last_authenticated_; }
  const Credentials& local_credentials() const { return current_.credentials; }
  const SessionCounters& counters() const { return counters_; }

 private:
  struct Generation {
    uint32_t number = 1;
    Credentials credentials;
    bool used = false;  // A valid check was made with these.
  };
  struct Tuple {
    Path path;
    uint32_t priority = 0;               // From the latest check.
    uint32_t claimed_in_generation = 0;  // Nominated by the peer, not (yet) honoured. 0: no.
    Timestamp last_authenticated = Timestamp::FromMicros(0);
    TokenBucket checks;
    // When the last three non-STUN packets came, oldest at `next_traffic`.
    std::array<Timestamp, 3> traffic = {Timestamp::Never(), Timestamp::Never(), Timestamp::Never()};
    size_t next_traffic = 0;
  };

  const Tuple* FindTuple(const Path& path) const;
  Tuple* FindTuple(const Path& path);
  // The reference is good until the next change to the set.
  Tuple& FindOrAddTuple(const Path& path);
  void EvictOneTuple();

  const Generation* GenerationOf(std::string_view local_ufrag) const;
  void HandleRequest(Timestamp now, const Path& path, const StunMessageView& request);
  void HandleValidCheck(Timestamp now, const Path& path, const StunMessageView& request,
                        const Generation& generation);
  void Nominate(Timestamp now, Tuple& tuple, uint32_t generation, uint32_t nomination);
  void ReconsiderClaim(Timestamp now, Tuple& tuple);
  bool MayMoveTo(Timestamp now, const Tuple& tuple) const;
  void Select(Tuple& tuple, uint32_t generation, uint32_t nomination);
  void NoteUse(Timestamp now, uint32_t generation);
  void NoteAlive(Timestamp now, Tuple& tuple);
  void ExpirePaths(Timestamp now);
  void LoseConsent();
  void RetirePrevious();

  void AnswerError(Timestamp now, const Path& path, const StunMessageView& request, StunError error,
                   std::string_view password, uint64_t& counter);
  void Emit(Output output);

  const Options options_;
  Generation current_;
  std::optional<Generation> previous_;
  Timestamp retire_previous_at_ = Timestamp::Never();

  State state_ = State::kNew;
  std::optional<Timestamp> last_authenticated_;
  std::vector<Tuple> tuples_;  // At most kMaxPaths.
  std::optional<Path> selected_;
  uint32_t nominated_generation_ = 0;  // Of the selected path; 0 while nothing is nominated.
  uint32_t nomination_ = 0;            // The peer's counter at that time, 0 without one.

  TokenBucket errors_;
  std::deque<Output> outputs_;
  SessionCounters counters_;
};

}  // namespace sfu::ice
