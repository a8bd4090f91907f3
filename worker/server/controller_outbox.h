#pragma once

#include <mutex>
#include <string>

#include "proto/sfu/worker.pb.h"

namespace sfu::worker {

// Takes messages for the controller at the other end of one stream. Thread-safe.
class MessageWriter {
 public:
  virtual ~MessageWriter() = default;
  virtual void Write(v1::WorkerMessage message) = 0;
};

// The way back to one controller, across breaks of its stream: rooms keep it, streams come and go.
// What is sent while there is no stream is dropped, because the snapshot that answers the next
// Attach tells the controller more than stale results could. Thread-safe.
class ControllerOutbox {
 public:
  void Send(v1::WorkerMessage message) {
    const std::lock_guard lock(mutex_);
    if (writer_ != nullptr) {
      writer_->Write(std::move(message));
    }
  }

  void Connect(MessageWriter* writer) {
    const std::lock_guard lock(mutex_);
    writer_ = writer;
  }

  // Returns false if another stream has taken over since. Afterwards nobody touches `writer`.
  bool Disconnect(MessageWriter* writer) {
    const std::lock_guard lock(mutex_);
    if (writer_ != writer) {
      return false;
    }
    writer_ = nullptr;
    return true;
  }

 private:
  std::mutex mutex_;
  MessageWriter* writer_ = nullptr;
};

}  // namespace sfu::worker
