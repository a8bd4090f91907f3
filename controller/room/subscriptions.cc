#include "controller/room/subscriptions.h"

#include <absl/time/time.h>

#include "common/base/check.h"

namespace sfu::room {
namespace {

constexpr absl::Duration kNotFoundLimit = absl::Seconds(60);

}  // namespace

Subscription* Subscriptions::Find(std::string_view track_sid) {
  const auto found = subscriptions_.find(track_sid);
  return found == subscriptions_.end() ? nullptr : &found->second;
}

Subscription* Subscriptions::FindOrAdd(std::string_view track_sid) {
  if (Subscription* known = Find(track_sid)) {
    return known;
  }
  if (subscriptions_.size() >= kMaxEntries) {
    ++dropped_;
    return nullptr;
  }
  return &subscriptions_[std::string(track_sid)];
}

void Subscriptions::Erase(std::string_view track_sid) {
  const auto found = subscriptions_.find(track_sid);
  if (found != subscriptions_.end()) {
    SFU_CHECK(!found->second.sender);
    subscriptions_.erase(found);
  }
}

void Subscriptions::Start(Subscription& subscription, SenderHandle sender,
                          ParticipantHandle publisher) {
  SFU_CHECK(!subscription.sender);
  subscription.sender = sender;
  ++watched_[publisher];
}

void Subscriptions::Stop(Subscription& subscription, ParticipantHandle publisher) {
  if (!subscription.sender) {
    return;
  }
  subscription.sender.reset();
  subscription.active = false;
  const auto watched = watched_.find(publisher);
  SFU_CHECK(watched != watched_.end());
  if (--watched->second == 0) {
    watched_.erase(watched);
  }
}

std::optional<std::pair<std::string, Subscription*>> Subscriptions::FindBySender(
    SenderHandle sender) {
  for (auto& [sid, subscription] : subscriptions_) {
    if (subscription.sender == sender) {
      return std::pair(sid, &subscription);
    }
  }
  return std::nullopt;
}

std::vector<std::string> Subscriptions::TrackSids() const {
  std::vector<std::string> sids;
  sids.reserve(subscriptions_.size());
  for (const auto& [sid, subscription] : subscriptions_) {
    sids.push_back(sid);
  }
  return sids;
}

void Subscriptions::NoteMissing(Timestamp now, std::string_view track_sid) {
  if (missing_.size() < kMaxEntries) {
    missing_.emplace_back(now + kNotFoundLimit, track_sid);
  } else {
    ++dropped_;
  }
}

std::vector<std::string> Subscriptions::TakeOverdue(Timestamp now) {
  std::vector<std::string> overdue;
  while (!missing_.empty() && missing_.front().first <= now) {
    overdue.push_back(std::move(missing_.front().second));
    missing_.pop_front();
  }
  return overdue;
}

}  // namespace sfu::room
