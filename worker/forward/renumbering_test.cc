#include "worker/forward/renumbering.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace sfu::forward {
namespace {

TEST(RenumberingTest, ClosesWhatIsLeftOutAndKeepsWhatIsLost) {  // The vector of media.md 10.2.
  Renumbering numbers(1);
  numbers.SwitchTo(100);
  EXPECT_EQ(numbers.Map(100), 1);
  EXPECT_EQ(numbers.LeaveOut(101), std::nullopt);
  EXPECT_EQ(numbers.Map(102), 2);
  EXPECT_EQ(numbers.LeaveOut(103), std::nullopt);
  EXPECT_EQ(numbers.Map(104), 3);
  EXPECT_EQ(numbers.Map(106), 5);
  EXPECT_EQ(numbers.Map(105), 4);
  EXPECT_EQ(numbers.Map(103), std::nullopt);
}

TEST(RenumberingTest, ASwitchContinuesWithoutAGap) {
  Renumbering numbers(1);
  numbers.SwitchTo(100);
  EXPECT_EQ(numbers.Map(100), 1);
  EXPECT_EQ(numbers.Map(103), 4);
  numbers.SwitchTo(20'000);
  EXPECT_EQ(numbers.Map(20'000), 5);
  EXPECT_EQ(numbers.Map(19'999), std::nullopt);  // Before the switch.
}

TEST(RenumberingTest, LeavingOutALatePacketFreesItsReservedNumber) {
  Renumbering numbers(1);
  numbers.SwitchTo(100);
  numbers.Map(100);
  numbers.Map(102);
  EXPECT_EQ(numbers.LeaveOut(101), 2);
  EXPECT_EQ(numbers.Map(103), 4);
}

TEST(RenumberingTest, RemembersABoundedNumberOfRanges) {
  Renumbering numbers(0);
  numbers.SwitchTo(0);
  for (int64_t in = 0; in < 10'000; in += 2) {
    EXPECT_EQ(numbers.Map(in), in / 2);
    numbers.LeaveOut(in + 1);
  }
  EXPECT_EQ(numbers.Map(9'990), 4995);       // Recent: known exactly.
  EXPECT_EQ(numbers.Map(10), std::nullopt);  // Long ago: better not sent than sent wrongly.
}

// Whatever comes in whatever order: numbers are unique and keep the order of what went in, with
// gaps exactly where something was lost.
class RenumberingProperty : public ::testing::TestWithParam<uint64_t> {};

TEST_P(RenumberingProperty, OutputIsAnIsomorphicImage) {
  SeededRandom random(GetParam());
  Renumbering numbers(1 + random.NextBelow(32'767));
  std::vector<int64_t> sent;  // In the order of their numbers of origin, all sources after another.
  int64_t expected_next = numbers.last() + 1;

  for (int source = 0; source < 20; ++source) {
    const int64_t start = random.NextBelow(65'536);
    numbers.SwitchTo(start);
    // What arrives: the source's packets, a fifth lost, moved about by up to 100 places.
    struct Arrival {
      int64_t in;
      bool left_out;
      int64_t place;
    };
    std::vector<Arrival> arrivals;
    std::set<int64_t> left_out;
    const int64_t count = 1 + random.NextBelow(500);
    for (int64_t i = 0; i < count; ++i) {
      const bool leave_out = i > 0 && random.NextBelow(3) == 0;
      if (i > 0 && random.NextBelow(5) == 0) {
        continue;
      }
      const int64_t delay = i > 0 && random.NextBelow(4) == 0 ? random.NextBelow(60) : 0;
      arrivals.push_back({start + i, leave_out, i + delay});
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const Arrival& a, const Arrival& b) { return a.place < b.place; });
    std::map<int64_t, int64_t> out_of;
    std::set<int64_t> filled;
    int64_t highest = start - 1;
    for (const Arrival& arrival : arrivals) {
      const bool late = arrival.in < highest;
      highest = std::max(highest, arrival.in);
      if (arrival.left_out) {
        const auto gap = numbers.LeaveOut(arrival.in);
        EXPECT_EQ(gap.has_value(), late);
        if (gap) {
          EXPECT_TRUE(filled.insert(*gap).second);
        } else {
          left_out.insert(arrival.in);
        }
        continue;
      }
      const auto out = numbers.Map(arrival.in);
      ASSERT_TRUE(out.has_value()) << "seed " << GetParam();
      EXPECT_TRUE(out_of.emplace(arrival.in, *out).second);
    }
    // Each number of origin up to the highest that was not left out has exactly one place.
    for (int64_t in = start; in <= highest; ++in) {
      if (left_out.contains(in)) {
        continue;
      }
      if (const auto found = out_of.find(in); found != out_of.end()) {
        EXPECT_EQ(found->second, expected_next) << "seed " << GetParam() << " in " << in;
      }
      ++expected_next;
    }
    EXPECT_EQ(numbers.last() + 1, expected_next);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RenumberingProperty, ::testing::Range<uint64_t>(1, 51));

}  // namespace
}  // namespace sfu::forward
