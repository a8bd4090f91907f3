#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu::dtls {

// What a datagram consists of, as far as can be told without keys. Internal to this folder.
struct RecordScan {
  size_t application_data_records = 0;
};

// Walks the record headers of a datagram (RFC 6347 §4.1):
//
//   | type 1 | version 2 | epoch 2 | sequence number 6 | length 2 | fragment ...
//
// Returns nullopt unless every record is of a known type and version and ends within the datagram.
// OpenSSL passes over such records in silence; we want to count them.
std::optional<RecordScan> ScanRecords(absl::Span<const uint8_t> datagram);

}  // namespace sfu::dtls
