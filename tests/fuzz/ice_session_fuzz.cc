#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <absl/time/time.h>

#include "common/base/byte_reader.h"
#include "common/base/check.h"
#include "worker/ice/session.h"

namespace {

using sfu::ByteReader;
using sfu::SocketAddress;
using sfu::Timestamp;
using namespace sfu::ice;

Credentials CredentialsOf(uint32_t generation) {
  return {.ufrag = "AAufrag" + std::to_string(generation),
          .password = "password of at least 22 characters"};
}

// Plays the owner: performs outputs and checks the promises of session.h.
class Harness {
 public:
  void HandleStun(const Path& path, absl::Span<const uint8_t> message) {
    session_.HandleStun(now_, path, message);
    TakeOutputs(message.size());
  }
  // A genuine check, with one byte of it changed unless `change` is 0.
  void HandleCheck(const Path& path, uint8_t flags, uint8_t position, uint8_t change) {
    BindingRequest request;
    const Credentials credentials = CredentialsOf(generation_ - std::min(generation_, flags & 1u));
    const std::string username = credentials.ufrag + ":x";
    request.username = username;
    request.priority = flags;
    request.use_candidate = (flags & 2) != 0;
    if ((flags & 4) != 0) {
      request.nomination = flags >> 5;
    }
    if ((flags & 8) != 0) {
      request.ice_controlled = 1;
    }
    StunBytes message = BuildBindingRequest(request, credentials.password);
    message[position % message.size()] ^= change;
    HandleStun(path, message);
  }
  void HandleTraffic(const Path& path) {
    session_.HandleAuthenticatedTraffic(now_, path);
    TakeOutputs(0);
  }
  void Restart() {
    session_.Restart(CredentialsOf(++generation_));
    TakeOutputs(0);
  }
  void Advance(absl::Duration step) {
    const Timestamp end = now_ + step;
    while (session_.NextTimeout() <= end) {
      SFU_CHECK(session_.NextTimeout() >= now_);  // Or time would stand still here.
      now_ = session_.NextTimeout();
      session_.HandleTimeout(now_);
      TakeOutputs(0);
      SFU_CHECK(session_.NextTimeout() > now_);
    }
    now_ = end;
  }

 private:
  void TakeOutputs(size_t request_bytes) {
    while (std::optional<Output> output = session_.PollOutput()) {
      if (const auto* const sent = std::get_if<SendStun>(&*output)) {
        const auto view = StunMessageView::Parse(sent->message);
        SFU_CHECK(view && view->FingerprintIsCorrect());
        SFU_CHECK(view->has_integrity() || sent->message.size() <= request_bytes);
      } else if (const auto* const added = std::get_if<PathAdded>(&*output)) {
        SFU_CHECK(paths_.insert(added->path).second);
      } else if (const auto* const removed = std::get_if<PathRemoved>(&*output)) {
        SFU_CHECK(paths_.erase(removed->path) == 1);
      } else if (const auto* const selected = std::get_if<PathSelected>(&*output)) {
        SFU_CHECK(paths_.contains(selected->path));
      } else if (std::holds_alternative<ConsentLost>(*output)) {
        SFU_CHECK(paths_.empty());
      }
    }
    SFU_CHECK(paths_.size() <= Session::kMaxPaths);
    SFU_CHECK(session_.selected_path().has_value() == !paths_.empty());
    SFU_CHECK(!session_.selected_path() || paths_.contains(*session_.selected_path()));
  }

  Timestamp now_ = Timestamp::FromMicros(1'000'000);
  uint32_t generation_ = 0;
  Session session_{CredentialsOf(0), {}};
  std::set<Path> paths_;
};

}  // namespace

// Instructions | what 1 | argument 1 | argument 1 | argument 1 | and for raw datagrams their bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Harness harness;
  ByteReader reader(absl::MakeConstSpan(data, size));
  while (reader.remaining() >= 4) {
    const uint8_t what = *reader.ReadU8();
    const uint8_t first = *reader.ReadU8();
    const uint8_t second = *reader.ReadU8();
    const uint8_t third = *reader.ReadU8();
    const Path path = {
        .remote = SocketAddress::V4({192, 0, 2, static_cast<uint8_t>(what >> 4)}, 1000),
        .local_socket = what >> 3 & 1u};
    switch (what & 7) {
      case 0:
        if (const auto datagram = reader.ReadBytes(std::min<size_t>(first, reader.remaining()))) {
          harness.HandleStun(path, *datagram);
        }
        break;
      case 1:
        harness.HandleTraffic(path);
        break;
      case 2:
        harness.Restart();
        break;
      case 3:
        harness.Advance(absl::Milliseconds(first << 8 | second));
        break;
      default:
        harness.HandleCheck(path, first, second, (what & 7) == 7 ? third : 0);
        break;
    }
  }
  return 0;
}
