#include "worker/sctp/usrsctp_stack.h"

#include <utility>

#include <usrsctp.h>

namespace sfu::sctp {
namespace {

// Simulated clocks of different tests all start at the same instant, so a big step back is a new
// one. A small one is a media thread that read its clock a moment before another.
constexpr absl::Duration kNewClock = absl::Seconds(1);

int HandleOutput(void* address, void* packet, size_t size, uint8_t /*tos*/, uint8_t /*set_df*/) {
  const auto* const bytes = static_cast<const uint8_t*>(packet);
  UsrsctpStack::Get().Deliver(
      reinterpret_cast<uintptr_t>(address),
      {.kind = UsrsctpEvent::Kind::kPacket, .bytes = {bytes, bytes + size}});
  return 0;
}

void Configure() {
  // Extensions that browsers do not use over DTLS, each of them parsing a peer's bytes.
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auto_asconf(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_nrsack_enable(0);
  usrsctp_sysctl_set_sctp_pktdrop_enable(0);
  usrsctp_sysctl_set_sctp_pr_enable(1);
  usrsctp_sysctl_set_sctp_reconfig_enable(1);
  // No answer to packets that belong to nothing.
  usrsctp_sysctl_set_sctp_blackhole(2);
  // [SCTP-3].
  usrsctp_sysctl_set_sctp_initial_cwnd(10);
  usrsctp_sysctl_set_sctp_max_burst_default(10);
  usrsctp_sysctl_set_sctp_max_retran_chunk(0);  // Never give up: ICE decides when a path is dead.
  // Its default of 512 would throttle small messages long before the send buffer is full.
  usrsctp_sysctl_set_sctp_max_chunks_on_queue(16'384);
}

}  // namespace

void UsrsctpInbox::Push(UsrsctpEvent event) {
  const std::lock_guard lock(mutex_);
  const bool full =
      contents_.events.size() >= kMaxEvents || bytes_ + event.bytes.size() > kMaxBytes;
  if (full && event.kind == UsrsctpEvent::Kind::kPacket) {
    ++contents_.dropped_packets;
    return;
  }
  if (full) {
    contents_.overflowed = true;
  } else {
    bytes_ += event.bytes.size();
    contents_.events.push_back(std::move(event));
  }
  pending_.store(true, std::memory_order_release);
}

void UsrsctpInbox::NoteSendSpace(uint32_t bytes) {
  const std::lock_guard lock(mutex_);
  contents_.send_space_bytes = bytes;
  pending_.store(true, std::memory_order_release);
}

UsrsctpInbox::Contents UsrsctpInbox::Take() {
  const std::lock_guard lock(mutex_);
  pending_.store(false, std::memory_order_release);
  bytes_ = 0;
  return std::exchange(contents_, {});
}

UsrsctpStack& UsrsctpStack::Get() {
  static auto* const stack = new UsrsctpStack;  // Outlives every thread on purpose.
  return *stack;
}

UsrsctpStack::UsrsctpStack() {
  usrsctp_init_nothreads(0, &HandleOutput, nullptr);
  Configure();
}

uintptr_t UsrsctpStack::Register(UsrsctpInbox& inbox) {
  const std::lock_guard lock(table_mutex_);
  const uintptr_t id = next_id_++;
  inboxes_.emplace(id, &inbox);
  return id;
}

void UsrsctpStack::Unregister(uintptr_t id) {
  const std::lock_guard lock(table_mutex_);
  inboxes_.erase(id);
}

void UsrsctpStack::Advance(Timestamp now) {
  const int64_t clock = clock_micros_.load(std::memory_order_relaxed);
  if (clock <= now.micros() && now - Timestamp::FromMicros(clock) < kTick) {
    return;
  }
  const std::lock_guard lock(mutex_);
  AdvanceLocked(now);
}

void UsrsctpStack::AdvanceLocked(Timestamp now) {
  const int64_t clock = clock_micros_.load(std::memory_order_relaxed);
  if (clock == INT64_MIN || Timestamp::FromMicros(clock) - now > kNewClock) {
    clock_micros_.store(now.micros(), std::memory_order_relaxed);
    return;
  }
  const int64_t ticks = (now - Timestamp::FromMicros(clock)) / kTick;
  if (ticks <= 0) {
    return;
  }
  clock_micros_.store(clock + ticks * absl::ToInt64Microseconds(kTick), std::memory_order_relaxed);
  usrsctp_handle_timers(static_cast<uint32_t>(ticks * absl::ToInt64Milliseconds(kTick)));
}

void UsrsctpStack::Deliver(uintptr_t id, UsrsctpEvent event) {
  const std::lock_guard lock(table_mutex_);
  if (const auto found = inboxes_.find(id); found != inboxes_.end()) {
    found->second->Push(std::move(event));
  }
}

void UsrsctpStack::DeliverSendSpace(uintptr_t id, uint32_t bytes) {
  const std::lock_guard lock(table_mutex_);
  if (const auto found = inboxes_.find(id); found != inboxes_.end()) {
    found->second->NoteSendSpace(bytes);
  }
}

}  // namespace sfu::sctp
