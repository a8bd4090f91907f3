#include "common/redis/sentinel_lookup.h"

#include <utility>

#include <fmt/format.h>

namespace sfu::redis {

void SentinelLookup::Start(Callback callback) {
  callback_ = std::move(callback);
  asked_ = 0;
  AskNext();
}

void SentinelLookup::AskNext() {
  if (asked_ == options_.sentinels.size()) {
    Finish(absl::UnavailableError(fmt::format("no sentinel says where {} is; the last one: {}",
                                              options_.sentinel_master_name,
                                              std::string(problem_.message()))));
    return;
  }
  ++asked_;
  session_ = std::make_unique<Session>(
      loop_, options_.sentinels[current_], options_, tls_, SentinelHandshake(options_),
      Session::Handlers{.ready = [this] { HandleReady(); },
                        .closed =
                            [this](absl::Status reason) {
                              problem_ = std::move(reason);
                              current_ = (current_ + 1) % options_.sentinels.size();
                              AskNext();
                            }});
}

void SentinelLookup::HandleReady() {
  session_->Send({"SENTINEL", "get-master-addr-by-name", options_.sentinel_master_name},
                 loop_.Now() + options_.command_timeout,
                 [this](const absl::StatusOr<Reply>& answer) {
                   // Not from within the session that is about to go.
                   loop_.Post([this, answer, alive = std::weak_ptr<bool>(alive_)] {
                     if (!alive.expired()) {
                       HandleAnswer(answer);
                     }
                   });
                 });
}

void SentinelLookup::HandleAnswer(const absl::StatusOr<Reply>& answer) {
  if (answer.ok() && answer->is_array() && answer->items.size() == 2) {
    absl::StatusOr<Endpoint> master =
        Endpoint::Parse(answer->items[0].text.find(':') == std::string::npos
                            ? fmt::format("{}:{}", answer->items[0].text, answer->items[1].text)
                            : fmt::format("[{}]:{}", answer->items[0].text, answer->items[1].text),
                        0);
    if (master.ok() && master->path.empty()) {
      Finish(*std::move(master));
      return;
    }
  }
  problem_ = answer.ok() ? absl::NotFoundError(fmt::format(
                               "{} knows no master of that name (check redis.sentinel_master_name)",
                               options_.sentinels[current_].ToText()))
                         : answer.status();
  current_ = (current_ + 1) % options_.sentinels.size();
  AskNext();
}

void SentinelLookup::Finish(absl::StatusOr<Endpoint> result) {
  session_.reset();
  std::exchange(callback_, nullptr)(std::move(result));
}

}  // namespace sfu::redis
