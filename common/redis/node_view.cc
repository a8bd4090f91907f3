#include "common/redis/node_view.h"

#include <algorithm>
#include <optional>

#include "common/redis/node_codec.h"

namespace sfu::redis {

NodeView::News NodeView::HandleSnapshot(Timestamp asked_at, absl::Time wall_now,
                                        const std::vector<Entry>& entries) {
  News news;
  for (const Entry& entry : entries) {
    auto found = nodes_.find(entry.id);
    if (entry.text == kLeft) {
      if (found != nodes_.end()) {
        nodes_.erase(found);
      }
      continue;
    }
    const bool is_new = found == nodes_.end();
    if (!is_new && found->second.text == entry.text) {
      continue;
    }
    std::optional<DecodedNode> decoded = DecodeNode(entry.id, entry.text);
    if (!decoded || (is_new && nodes_.size() >= kMaxNodes)) {
      ++news.nonsense;
      continue;
    }
    // It was written at some moment before now: the age says when, unless Redis's clock was set.
    // A change cannot be older than the last look.
    const absl::Duration age = std::max(entry.age, absl::ZeroDuration());
    Timestamp heard_at = asked_at + -std::min(age, absl::Hours(24));
    if (!is_new) {
      heard_at = std::max(heard_at, previous_);
    }
    Known& known = nodes_[entry.id];
    known.record = std::move(decoded->record);
    known.record.heard_at = heard_at;
    known.text = entry.text;
    // An old entry says nothing about its author's clock of today.
    if (cluster::IsAvailable(known.record, asked_at) && !known.skew_told) {
      const absl::Duration ahead = known.record.updated_at - wall_now;
      if (known.record.updated_at != absl::InfinitePast() &&
          absl::AbsDuration(ahead) > kSkewLimit) {
        known.skew_told = true;
        news.skewed.emplace_back(entry.id, ahead);
      }
    }
  }
  std::erase_if(nodes_, [asked_at](const auto& node) {
    return asked_at - node.second.record.heard_at > kForgetAfter;
  });
  previous_ = asked_at;
  return news;
}

std::vector<cluster::NodeRecord> NodeView::Nodes() const {
  std::vector<cluster::NodeRecord> nodes;
  nodes.reserve(nodes_.size());
  for (const auto& [id, known] : nodes_) {
    nodes.push_back(known.record);
  }
  return nodes;
}

}  // namespace sfu::redis
