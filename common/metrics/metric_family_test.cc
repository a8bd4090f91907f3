#include "common/metrics/metric_family.h"

#include <cmath>

#include <gtest/gtest.h>

namespace sfu {
namespace {

constexpr double kBounds[] = {1, 2};

TEST(HistogramTest, AValueOnABoundBelongsToIt) {
  Histogram histogram(kBounds);
  histogram.Observe(1);
  histogram.Observe(2.5);
  EXPECT_EQ(histogram.bucket(0), 1u);
  EXPECT_EQ(histogram.bucket(1), 0u);
  EXPECT_EQ(histogram.bucket(2), 1u);
  EXPECT_EQ(histogram.sum(), 3.5);
}

TEST(HistogramTest, WhatIsNoNumberIsLeftOut) {
  Histogram histogram(kBounds);
  histogram.Observe(std::nan(""));
  EXPECT_EQ(CountOf(histogram), 0u);
  EXPECT_EQ(histogram.sum(), 0);
}

TEST(MetricFamilyTest, SumsTheHistogramsOfThreadsCumulatively) {
  Histogram first(kBounds), second(kBounds);
  first.Observe(0.5);
  second.Observe(1.5);
  second.Observe(9);
  prometheus::MetricFamily family = HistogramFamily("h", "help");
  AddHistogram(family, {&first, &second}, {{"kind", "x"}});
  const prometheus::ClientMetric::Histogram& sum = family.metric.front().histogram;
  ASSERT_EQ(sum.bucket.size(), 3u);
  EXPECT_EQ(sum.bucket[0].cumulative_count, 1u);
  EXPECT_EQ(sum.bucket[1].cumulative_count, 2u);
  EXPECT_EQ(sum.bucket[2].cumulative_count, 3u);
  EXPECT_EQ(sum.sample_count, 3u);
  EXPECT_EQ(sum.sample_sum, 11);
  EXPECT_EQ(family.metric.front().label.front().value, "x");
}

}  // namespace
}  // namespace sfu
