#include "worker/transport/transport_table.h"

namespace sfu::transport {

std::optional<TransportId> TransportTable::FindPath(const ice::Path& path) const {
  const auto found = paths_.find(path);
  return found == paths_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<TransportId> TransportTable::FindUfrag(std::string_view ufrag) const {
  const auto found = ufrags_.find(std::string(ufrag));
  return found == ufrags_.end() ? std::nullopt : std::optional(found->second);
}

void TransportTable::AddPath(const ice::Path& path, TransportId transport) {
  paths_.insert_or_assign(path, transport);
  if (watcher_ != nullptr) {
    watcher_->HandlePathAdded(path);
  }
}

void TransportTable::RemovePath(const ice::Path& path, TransportId transport) {
  const auto found = paths_.find(path);
  if (found != paths_.end() && found->second == transport) {
    paths_.erase(found);
    if (watcher_ != nullptr) {
      watcher_->HandlePathRemoved(path);
    }
  }
}

void TransportTable::AddUfrag(std::string_view ufrag, TransportId transport) {
  ufrags_.insert_or_assign(std::string(ufrag), transport);
}

void TransportTable::RemoveUfrag(std::string_view ufrag, TransportId transport) {
  const auto found = ufrags_.find(std::string(ufrag));
  if (found != ufrags_.end() && found->second == transport) {
    ufrags_.erase(found);
  }
}

TransportTableEntries::~TransportTableEntries() {
  for (const ice::Path& path : paths_) {
    table_.RemovePath(path, transport_);
  }
  for (const std::string& ufrag : ufrags_) {
    table_.RemoveUfrag(ufrag, transport_);
  }
}

void TransportTableEntries::AddPath(const ice::Path& path) {
  paths_.push_back(path);
  table_.AddPath(path, transport_);
}

void TransportTableEntries::RemovePath(const ice::Path& path) {
  std::erase(paths_, path);
  table_.RemovePath(path, transport_);
}

void TransportTableEntries::AddUfrag(std::string_view ufrag) {
  ufrags_.emplace_back(ufrag);
  table_.AddUfrag(ufrag, transport_);
}

void TransportTableEntries::RemoveUfrag(std::string_view ufrag) {
  std::erase(ufrags_, ufrag);
  table_.RemoveUfrag(ufrag, transport_);
}

}  // namespace sfu::transport
