#include "worker/dtls/record_scan.h"

#include <vector>

#include <gtest/gtest.h>

namespace sfu::dtls {
namespace {

std::vector<uint8_t> Record(uint8_t type, size_t length) {
  std::vector<uint8_t> record = {type, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9};
  record.push_back(static_cast<uint8_t>(length >> 8));
  record.push_back(static_cast<uint8_t>(length));
  record.resize(record.size() + length, 0xab);
  return record;
}

std::vector<uint8_t> operator+(std::vector<uint8_t> a, const std::vector<uint8_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(RecordScanTest, CountsApplicationData) {
  const std::optional<RecordScan> scan =
      ScanRecords(Record(22, 30) + Record(23, 0) + Record(20, 1) + Record(23, 7));
  ASSERT_TRUE(scan);
  EXPECT_EQ(scan->application_data_records, 2u);
}

TEST(RecordScanTest, RejectsEveryTruncation) {
  const std::vector<uint8_t> datagram = Record(22, 5) + Record(23, 5);
  for (size_t size = 0; size < datagram.size(); ++size) {
    const bool between_records = size == 18;
    EXPECT_EQ(ScanRecords(absl::MakeConstSpan(datagram).first(size)).has_value(), between_records)
        << size;
  }
}

TEST(RecordScanTest, RejectsOtherTypesVersionsAndLengths) {
  EXPECT_FALSE(ScanRecords(Record(19, 3)));
  EXPECT_FALSE(ScanRecords(Record(24, 3)));
  EXPECT_FALSE(ScanRecords(Record(22, 20'000)));
  std::vector<uint8_t> tls = Record(22, 3);
  tls[1] = 3;
  EXPECT_FALSE(ScanRecords(tls));
}

}  // namespace
}  // namespace sfu::dtls
