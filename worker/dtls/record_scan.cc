#include "worker/dtls/record_scan.h"

#include "common/base/byte_reader.h"

namespace sfu::dtls {
namespace {

constexpr uint8_t kChangeCipherSpec = 20;
constexpr uint8_t kApplicationData = 23;
constexpr uint8_t kVersionMajor = 0xfe;  // Of every DTLS up to 1.2; the records of 1.3 differ.
constexpr size_t kMaxFragmentBytes = 16'384 + 2'048;

}  // namespace

std::optional<RecordScan> ScanRecords(absl::Span<const uint8_t> datagram) {
  if (datagram.empty()) {
    return std::nullopt;
  }
  RecordScan scan;
  ByteReader reader(datagram);
  while (reader.remaining() > 0) {
    const std::optional<uint8_t> type = reader.ReadU8();
    const std::optional<uint8_t> version_major = reader.ReadU8();
    const bool skipped = reader.Skip(1 + 2 + 6);
    const std::optional<uint16_t> length = reader.ReadU16();
    if (!type || !version_major || !skipped || !length || !reader.Skip(*length)) {
      return std::nullopt;
    }
    if (*type < kChangeCipherSpec || *type > kApplicationData || *version_major != kVersionMajor ||
        *length > kMaxFragmentBytes) {
      return std::nullopt;
    }
    scan.application_data_records += *type == kApplicationData ? 1 : 0;
  }
  return scan;
}

}  // namespace sfu::dtls
