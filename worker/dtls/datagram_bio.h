#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <absl/types/span.h>
#include <openssl/bio.h>

namespace sfu::dtls {

// Both ends of OpenSSL's transport, on our side of it. Internal to this folder.
struct DatagramPipe {
  std::optional<absl::Span<const uint8_t>> incoming;  // Read once, then gone.
  std::deque<std::vector<uint8_t>> outgoing;
  size_t mtu_bytes = 0;
};

// A BIO that keeps datagrams apart: every write becomes one, every read takes one [DTLS-8].
// OpenSSL's memory BIO glues the records of a flight together. The caller owns the result, and
// `pipe` must outlive it.
BIO* NewDatagramBio(DatagramPipe& pipe);

}  // namespace sfu::dtls
