#include "worker/transport/demux.h"

#include <vector>

#include <gtest/gtest.h>

namespace sfu::transport {
namespace {

// RFC 7983 §7 with RFC 5761 §4, spelled out range by range.
DatagramKind Expected(int first, int second) {
  if (first <= 3) {
    return DatagramKind::kStun;
  }
  if (first >= 20 && first <= 63) {
    return DatagramKind::kDtls;
  }
  if (first >= 128 && first <= 191) {
    return second >= 192 && second <= 223 ? DatagramKind::kRtcp : DatagramKind::kRtp;
  }
  return DatagramKind::kUnknown;
}

TEST(DemuxTest, ClassifiesEveryPairOfLeadingBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::vector<uint8_t> datagram = {static_cast<uint8_t>(first),
                                             static_cast<uint8_t>(second), 0, 0};
      ASSERT_EQ(Classify(datagram), Expected(first, second)) << first << " " << second;
    }
  }
}

TEST(DemuxTest, KnowsNothingFromTooLittle) {
  EXPECT_EQ(Classify({}), DatagramKind::kUnknown);
  EXPECT_EQ(Classify({0x80}), DatagramKind::kUnknown);
  EXPECT_EQ(Classify({0x16}), DatagramKind::kDtls);
}

}  // namespace
}  // namespace sfu::transport
