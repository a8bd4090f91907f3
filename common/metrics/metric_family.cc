#include "common/metrics/metric_family.h"

#include <limits>
#include <utility>

#include "common/base/check.h"

namespace sfu {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Family(std::string name, std::string help, MetricType type) {
  MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

}  // namespace

MetricFamily CounterFamily(std::string name, std::string help) {
  return Family(std::move(name), std::move(help), MetricType::Counter);
}

MetricFamily GaugeFamily(std::string name, std::string help) {
  return Family(std::move(name), std::move(help), MetricType::Gauge);
}

MetricFamily HistogramFamily(std::string name, std::string help) {
  return Family(std::move(name), std::move(help), MetricType::Histogram);
}

void AddValue(MetricFamily& family, double value, MetricLabels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

void AddHistogram(MetricFamily& family, absl::Span<const Histogram* const> parts,
                  MetricLabels labels) {
  SFU_CHECK(!parts.empty());
  ClientMetric metric;
  metric.label = std::move(labels);
  const absl::Span<const double> bounds = parts.front()->bounds();
  uint64_t total = 0;
  for (size_t i = 0; i <= bounds.size(); ++i) {
    for (const Histogram* part : parts) {
      total += part->bucket(i);
    }
    metric.histogram.bucket.push_back(
        {total, i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity()});
  }
  for (const Histogram* part : parts) {
    metric.histogram.sample_sum += part->sum();
  }
  metric.histogram.sample_count = total;
  family.metric.push_back(std::move(metric));
}

uint64_t CountOf(const Histogram& histogram) {
  uint64_t count = 0;
  for (size_t i = 0; i <= histogram.bounds().size(); ++i) {
    count += histogram.bucket(i);
  }
  return count;
}

}  // namespace sfu
