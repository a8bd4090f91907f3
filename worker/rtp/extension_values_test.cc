#include "worker/rtp/extension_values.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::rtp {
namespace {

using ::testing::ElementsAre;

TEST(ExtensionValuesTest, AudioLevelHasVoiceInItsTopBit) {
  const AudioLevel level = {.level = 42, .voice = true};
  std::vector<uint8_t> bytes(1);
  WriteAudioLevel(level, absl::MakeSpan(bytes));
  EXPECT_THAT(bytes, ElementsAre(0x80 | 42));
  EXPECT_EQ(ReadAudioLevel(bytes), level);
  EXPECT_EQ(ReadAudioLevel({}), std::nullopt);
}

TEST(ExtensionValuesTest, AbsoluteSendTimeCountsInFixedPointAndWraps) {
  EXPECT_EQ(AbsoluteSendTime(Timestamp::FromMicros(1'500'000)), 3u << 17);
  EXPECT_EQ(AbsoluteSendTime(Timestamp::FromMicros(63'999'999)), 0xffffffu);
  EXPECT_EQ(AbsoluteSendTime(Timestamp::FromMicros(64'000'000)), 0u);
  std::vector<uint8_t> bytes(3);
  WriteAbsoluteSendTime(Timestamp::FromMicros(65'000'000), absl::MakeSpan(bytes));
  EXPECT_THAT(bytes, ElementsAre(0x04, 0, 0));
  EXPECT_EQ(ReadAbsoluteSendTime(bytes), 1u << 18);
}

TEST(ExtensionValuesTest, PlayoutDelayIsTwoNumbersOfTenMilliseconds) {
  std::vector<uint8_t> bytes(3);
  WritePlayoutDelay({.min_ms = 100, .max_ms = 65'000}, absl::MakeSpan(bytes));
  EXPECT_THAT(bytes, ElementsAre(0x00, 0xaf, 0xff));
  EXPECT_EQ(ReadPlayoutDelay(bytes), (PlayoutDelay{.min_ms = 100, .max_ms = 40'950}));
  EXPECT_EQ(ReadPlayoutDelay(absl::MakeConstSpan(bytes).first(2)), std::nullopt);
}

TEST(ExtensionValuesTest, AbsoluteCaptureTimeMayHaveAnOffset) {
  for (const AbsoluteCaptureTime& time :
       {AbsoluteCaptureTime{.ntp = 0x0102030405060708, .clock_offset = std::nullopt},
        AbsoluteCaptureTime{.ntp = 1, .clock_offset = -5}}) {
    std::vector<uint8_t> bytes(kMaxAbsoluteCaptureTimeSize);
    bytes.resize(WriteAbsoluteCaptureTime(time, absl::MakeSpan(bytes)));
    EXPECT_EQ(bytes.size(), time.clock_offset ? 16u : 8u);
    EXPECT_EQ(ReadAbsoluteCaptureTime(bytes), time);
    bytes.pop_back();
    EXPECT_EQ(ReadAbsoluteCaptureTime(bytes), std::nullopt);
  }
}

TEST(ExtensionValuesTest, TransportSequenceNumberIsBigEndian) {
  std::vector<uint8_t> bytes(2);
  WriteTransportSequenceNumber(0x1234, absl::MakeSpan(bytes));
  EXPECT_THAT(bytes, ElementsAre(0x12, 0x34));
  EXPECT_EQ(ReadTransportSequenceNumber(bytes), 0x1234);
}

}  // namespace
}  // namespace sfu::rtp
