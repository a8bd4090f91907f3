#include "worker/rtcp/transport_feedback.h"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "worker/rtcp/rtcp_test_support.h"

namespace sfu::rtcp {
namespace {

using ::testing::ElementsAreArray;

constexpr TransportFeedbackHeader kHeader = {
    .sender = Ssrc(0x11111111), .media = Ssrc(0x22222222), .feedback_count = 0};

TransportArrival At(int64_t sequence, int64_t micros) {
  return {.sequence = sequence, .arrival = Timestamp::FromMicros(micros)};
}

struct Report {
  size_t taken = 0;
  std::vector<uint8_t> bytes;
};

Report Write(int64_t base, const std::vector<TransportArrival>& arrivals, size_t capacity = 4096) {
  Report report;
  report.bytes = Written(
      [&](ByteWriter& out) { report.taken = WriteTransportFeedback(out, kHeader, base, arrivals); },
      capacity);
  return report;
}

// Expects the message to say what `arrivals` say, with every other number from `base` on lost.
void ExpectReports(const std::vector<uint8_t>& bytes, int64_t base,
                   absl::Span<const TransportArrival> arrivals) {
  const std::optional<TransportFeedbackView> view = TransportFeedbackView::Parse(Only(bytes));
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->base_sequence(), SequenceNumber(static_cast<uint16_t>(base)));
  const int64_t last = arrivals.back().sequence;
  ASSERT_EQ(view->status_count(), last - base + 1);
  const int64_t reference_micros = int64_t{view->reference_time()} * 64'000;
  TransportFeedbackView::Cursor cursor = view->statuses();
  for (int64_t sequence = base; sequence <= last; ++sequence) {
    const auto status = cursor.Next();
    ASSERT_TRUE(status.has_value());
    ASSERT_EQ(status->sequence, SequenceNumber(static_cast<uint16_t>(sequence)));
    const bool received = sequence == arrivals.front().sequence;
    ASSERT_EQ(status->received, received) << sequence;
    if (received) {
      const int64_t ticks = arrivals.front().arrival.micros() / 250;
      ASSERT_EQ(reference_micros + absl::ToInt64Microseconds(status->since_reference), ticks * 250);
      arrivals.remove_prefix(1);
    }
  }
  EXPECT_FALSE(cursor.Next().has_value());
}

// Expects the arrivals to be reported in as many messages of at most `capacity` bytes as it takes.
void ExpectAllReported(int64_t base, absl::Span<const TransportArrival> arrivals, size_t capacity) {
  while (!arrivals.empty()) {
    const Report report = Write(base, {arrivals.begin(), arrivals.end()}, capacity);
    ASSERT_GT(report.taken, 0u);
    ASSERT_EQ(report.bytes.size() % 4, 0u);
    ExpectReports(report.bytes, base, arrivals.first(report.taken));
    base = arrivals[report.taken - 1].sequence + 1;
    arrivals.remove_prefix(report.taken);
  }
}

std::vector<uint16_t> ChunksOf(const std::vector<uint8_t>& bytes, size_t count) {
  std::vector<uint16_t> chunks;
  for (size_t i = 0; i < count; ++i) {
    chunks.push_back(static_cast<uint16_t>(bytes[20 + 2 * i] << 8 | bytes[21 + 2 * i]));
  }
  return chunks;
}

TEST(TransportFeedbackTest, WritesTheConformanceVector) {
  const std::vector<TransportArrival> arrivals = {At(100, 1'000'000), At(101, 1'000'250),
                                                  At(103, 1'070'250), At(104, 1'069'000)};
  const Report report = Write(100, arrivals);
  EXPECT_EQ(report.taken, 4u);
  EXPECT_THAT(report.bytes,
              ElementsAreArray({0x8f, 0xcd, 0x00, 0x06, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22,
                                0x22, 0x22, 0x00, 0x64, 0x00, 0x05, 0x00, 0x00, 0x0f, 0x00,
                                0xd4, 0xa0, 0xa0, 0x01, 0x01, 0x18, 0xff, 0xfb}));
  ExpectReports(report.bytes, 100, arrivals);
  ExpectTruncationsFail<TransportFeedbackView>(report.bytes, 24);
}

TEST(TransportFeedbackTest, PadsToWholeWords) {
  const Report report = Write(7, {At(7, 64'000)});
  EXPECT_EQ(report.bytes.size(), 24u);
  EXPECT_EQ(report.bytes[0], 0xaf);
  EXPECT_EQ(report.bytes.back(), 1);
  ExpectReports(report.bytes, 7, {At(7, 64'000)});
}

TEST(TransportFeedbackTest, ReportsWhatWasLostBeforeTheFirstArrival) {
  const Report report = Write(100, {At(103, 64'000)});
  ExpectReports(report.bytes, 100, {At(103, 64'000)});
}

TEST(TransportFeedbackTest, ChoosesTheSizeOfADeltaByItsRange) {
  const std::vector<TransportArrival> small = {At(1, 0), At(2, 63'750)};
  const std::vector<TransportArrival> large = {At(1, 0), At(2, 64'000)};
  EXPECT_EQ(ChunksOf(Write(1, small).bytes, 1)[0], 0x2000 | 2) << "a run of small ones";
  EXPECT_EQ(ChunksOf(Write(1, large).bytes, 1)[0], 0xc000 | 1 << 12 | 2 << 10);
  ExpectReports(Write(1, small).bytes, 1, small);
  ExpectReports(Write(1, large).bytes, 1, large);
}

TEST(TransportFeedbackTest, EndsTheMessageWhereADeltaDoesNotFit) {
  constexpr int64_t kStart = 10'000'000;
  constexpr int64_t kMaxDelta = 8'191'750;
  EXPECT_EQ(Write(1, {At(1, kStart), At(2, kStart + kMaxDelta)}).taken, 2u);
  EXPECT_EQ(Write(1, {At(1, kStart), At(2, kStart + kMaxDelta + 250)}).taken, 1u);
  EXPECT_EQ(Write(1, {At(1, kStart), At(2, kStart - kMaxDelta - 250)}).taken, 2u);
  EXPECT_EQ(Write(1, {At(1, kStart), At(2, kStart - kMaxDelta - 500)}).taken, 1u);
}

TEST(TransportFeedbackTest, SplitsLongRuns) {
  const std::vector<TransportArrival> exactly = {At(0, 0), At(8192, 0)};
  const Report one_run = Write(1, {At(8192, 0)});
  EXPECT_THAT(ChunksOf(one_run.bytes, 2), ElementsAreArray({0x1fff, 0x2001}));
  ExpectReports(one_run.bytes, 1, {At(8192, 0)});
  const Report two_chunks = Write(1, {At(8193, 0)});
  EXPECT_EQ(ChunksOf(two_chunks.bytes, 2)[0], 0x1fff);
  ExpectReports(two_chunks.bytes, 1, {At(8193, 0)});
  ExpectReports(Write(0, exactly).bytes, 0, exactly);
}

TEST(TransportFeedbackTest, StopsAtTheStatusLimit) {
  EXPECT_EQ(Write(0, {At(0, 0), At(0x7ffd, 0)}).taken, 2u);
  EXPECT_EQ(Write(0, {At(0, 0), At(0x7ffe, 0)}).taken, 1u);
  EXPECT_EQ(Write(0, {At(0x7ffe, 0)}).taken, 0u);
  EXPECT_TRUE(Write(0, {At(0x7ffe, 0)}).bytes.empty());
}

TEST(TransportFeedbackTest, CountsAcrossTheSequenceWrap) {
  const std::vector<TransportArrival> arrivals = {At(65534, 0), At(65535, 500), At(65537, 1000)};
  ExpectReports(Write(65534, arrivals).bytes, 65534, arrivals);
}

TEST(TransportFeedbackTest, TakesOnlyWhatFitsTheMemory) {
  std::vector<TransportArrival> arrivals;
  for (int64_t i = 0; i < 1000; ++i) {
    arrivals.push_back(At(i * 3, i * 100'000));  // All large deltas.
  }
  ExpectAllReported(0, arrivals, 301);
  EXPECT_EQ(Write(0, {At(0, 0)}, kMinTransportFeedbackSize).taken, 1u);
  EXPECT_EQ(Write(0, {At(0, 0)}, kMinTransportFeedbackSize - 1).taken, 0u);
}

TEST(TransportFeedbackTest, SurvivesEveryPatternOfLossAndDelay) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SeededRandom random(seed);
    const uint32_t loss_percent = random.NextBelow(100);
    const uint32_t large_percent = random.NextBelow(30);
    const int64_t base = random.NextBelow(70'000);
    int64_t micros = random.NextBelow(1'000'000'000);
    std::vector<TransportArrival> arrivals;
    for (int64_t i = 0; i < 200; ++i) {
      if (random.NextBelow(100) >= loss_percent) {
        arrivals.push_back(At(base + i, micros));
      }
      micros += random.NextBelow(100) < large_percent ? random.NextBelow(1'000'000)
                                                      : random.NextBelow(60'000);
      micros -= random.NextBelow(4) == 0 ? random.NextBelow(20'000) : 0;
      micros = std::max<int64_t>(micros, 0);
    }
    ExpectAllReported(base, arrivals, 4096);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(TransportFeedbackTest, RefusesChunksThatMakeNoSense) {
  const std::vector<uint8_t> good = Write(1, {At(1, 0), At(2, 0)}).bytes;
  const auto with_chunk = [&](uint16_t chunk, uint16_t count) {
    std::vector<uint8_t> bytes = good;
    bytes[14] = static_cast<uint8_t>(count >> 8);
    bytes[15] = static_cast<uint8_t>(count);
    bytes[20] = static_cast<uint8_t>(chunk >> 8);
    bytes[21] = static_cast<uint8_t>(chunk);
    return TransportFeedbackView::Parse(Only(bytes)).has_value();
  };
  EXPECT_TRUE(with_chunk(0x2002, 2));
  EXPECT_TRUE(with_chunk(0x3fff, 2)) << "a run beyond the count";
  EXPECT_FALSE(with_chunk(0x2000, 2)) << "a run of none";
  EXPECT_FALSE(with_chunk(0x6002, 2)) << "the reserved symbol";
  EXPECT_FALSE(with_chunk(0x2002, 0)) << "no status at all";
  EXPECT_FALSE(with_chunk(0x2003, 3)) << "a delta missing";
  EXPECT_FALSE(with_chunk(0x0002, 20)) << "a chunk missing";
}

TEST(ReferenceTimeUnwrapperTest, GoesOnAcrossTheWrap) {
  ReferenceTimeUnwrapper unwrapper;
  const absl::Duration before = unwrapper.Unwrap(0xffffff);
  EXPECT_EQ(unwrapper.Unwrap(0) - before, absl::Milliseconds(64));
  EXPECT_EQ(unwrapper.Unwrap(0xfffffe) - before, absl::Milliseconds(-64));

  const int64_t wrap_micros = (int64_t{1} << 24) * 64'000;
  const std::vector<uint8_t> bytes = Write(1, {At(1, wrap_micros)}).bytes;
  EXPECT_EQ(TransportFeedbackView::Parse(Only(bytes))->reference_time(), 0u);
}

}  // namespace
}  // namespace sfu::rtcp
