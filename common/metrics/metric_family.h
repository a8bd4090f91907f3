#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <absl/types/span.h>
#include <prometheus/metric_family.h>

#include "common/metrics/histogram.h"

// What a module's ..._metrics.cc needs to give its counters names.
namespace sfu {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

prometheus::MetricFamily CounterFamily(std::string name, std::string help);
prometheus::MetricFamily GaugeFamily(std::string name, std::string help);
prometheus::MetricFamily HistogramFamily(std::string name, std::string help);

// One metric of a counter's or a gauge's family.
void AddValue(prometheus::MetricFamily& family, double value, MetricLabels labels = {});

// One metric of a histogram's family: several threads' histograms of the same bounds, summed.
void AddHistogram(prometheus::MetricFamily& family, absl::Span<const Histogram* const> parts,
                  MetricLabels labels = {});

// How many observations a histogram has, to leave out those of series that never were.
uint64_t CountOf(const Histogram& histogram);

}  // namespace sfu
