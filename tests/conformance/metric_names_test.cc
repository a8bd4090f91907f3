// Compares what we export with the reference server's metrics, as livekit_metrics.txt has them: a
// dashboard that was made for the one must work with the other.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <absl/strings/ascii.h>
#include <absl/strings/str_split.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/metrics/node_metrics.h"
#include "controller/server/controller_metrics.h"
#include "worker/room/room_metrics.h"

namespace sfu {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

struct Row {
  MetricType type = MetricType::Counter;
  std::set<std::string> labels;
  std::vector<double> bounds;
};

struct Contract {
  std::map<std::string, Row> metrics;
  std::set<std::string> left_out;
};

std::vector<double> ParseBounds(const std::string& text) {
  std::istringstream words(text);
  std::vector<double> bounds;
  std::string word;
  if (text.rfind("range", 0) == 0) {
    double first = 0, last = 0;
    words >> word >> first >> last;
    for (int i = 0; i < 15; ++i) {
      bounds.push_back(first * std::pow(last / first, i / 14.0));
    }
    return bounds;
  }
  while (words >> word) {
    bounds.push_back(std::stod(word));
  }
  return bounds;
}

Contract ReadContract() {
  Contract contract;
  std::ifstream file(SFU_METRICS_CONTRACT);
  EXPECT_TRUE(file.good()) << SFU_METRICS_CONTRACT;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    std::vector<std::string> columns;
    for (const absl::string_view column : absl::StrSplit(line, '|')) {
      columns.emplace_back(absl::StripAsciiWhitespace(column));
    }
    if (line.front() == '!') {
      EXPECT_EQ(columns.size(), 2u) << line;  // Not without a reason.
      contract.left_out.insert("livekit_" + columns[0].substr(2));
      continue;
    }
    Row& expected = contract.metrics["livekit_" + columns.at(0)];
    expected.type = columns.at(1) == "counter" ? MetricType::Counter
                    : columns.at(1) == "gauge" ? MetricType::Gauge
                                               : MetricType::Histogram;
    std::istringstream labels(columns.at(2));
    for (std::string label; labels >> label;) {
      expected.labels.insert(label);
    }
    if (columns.size() > 3) {
      expected.bounds = ParseBounds(columns[3]);
    }
  }
  return contract;
}

// Everything that is counted, once, so that every family has a series.
void Exercise(server::ControllerMetrics& metrics) {
  using actor::PublishMilestone;
  using actor::SessionMilestone;
  using actor::SubscribeMilestone;
  livekit::Room room;
  metrics.HandleRoomStarted(room);
  metrics.HandleRoomFinished(room);
  metrics.HandleApiCall("RoomService", "ListRooms", 200, "", absl::Milliseconds(1));
  metrics.HandleJoin(http::SignalObserver::JoinOutcome::kConnected, 16, absl::Milliseconds(1));
  for (const auto step : {SessionMilestone::Step::kActive, SessionMilestone::Step::kEnded}) {
    metrics.HandleMilestone(SessionMilestone{.step = step, .protocol = 16});
  }
  metrics.HandleMilestone(PublishMilestone{.step = PublishMilestone::Step::kSuccess});
  metrics.HandleMilestone(SubscribeMilestone{.step = SubscribeMilestone::Step::kSuccess});
}

void Exercise(mediaroom::RoomCounters& counters) {
  counters
      .StreamsOf(mediaroom::StreamDirection::kIncoming, mediaroom::TrackSource::kMicrophone,
                 rtp::MediaKind::kAudio)
      .Observe({.expected_packets = 1, .round_trip = absl::Milliseconds(1)});
  counters.ObserveQuality(100);
  counters.data_streams[0][0].Observe({.kind = data::StreamKind::kText, .total_bytes = 1}, 1);
}

std::set<std::string> LabelsOf(const prometheus::ClientMetric& metric) {
  std::set<std::string> names;
  for (const prometheus::ClientMetric::Label& label : metric.label) {
    names.insert(label.name);
  }
  return names;
}

class FixedClock : public Clock {
 public:
  Timestamp Now() const override { return Timestamp::FromMicros(1); }
  absl::Time WallNow() const override { return absl::FromUnixSeconds(1000); }
};

class MetricNamesTest : public ::testing::Test {
 protected:
  MetricNamesTest() {
    Exercise(controller_);
    Exercise(rooms_);
    Add(controller_.Collect());
    Add(mediaroom::RoomMetrics({{&rooms_, &transports_}}).Collect());
    Add(NodeMetrics().Collect());
  }

  void Add(const std::vector<MetricFamily>& families) {
    for (const MetricFamily& family : families) {
      // Who exports a name twice exports a quantity twice.
      EXPECT_TRUE(families_.emplace(family.name, family).second) << family.name;
    }
  }

  FixedClock clock_;
  server::ControllerMetrics controller_{clock_};
  mediaroom::RoomCounters rooms_;
  transport::TransportCounters transports_;
  std::map<std::string, MetricFamily> families_;
  const Contract contract_ = ReadContract();
};

TEST_F(MetricNamesTest, EveryMetricOfTheContractIsExportedAsItIsThere) {
  ASSERT_GE(contract_.metrics.size(), 30u);
  for (const auto& [name, expected] : contract_.metrics) {
    SCOPED_TRACE(name);
    const auto family = families_.find(name);
    ASSERT_NE(family, families_.end());
    EXPECT_EQ(family->second.type, expected.type);
    EXPECT_FALSE(family->second.help.empty());
    ASSERT_FALSE(family->second.metric.empty());
    for (const prometheus::ClientMetric& metric : family->second.metric) {
      EXPECT_EQ(LabelsOf(metric), expected.labels);
      if (expected.type != MetricType::Histogram) {
        continue;
      }
      ASSERT_EQ(metric.histogram.bucket.size(), expected.bounds.size() + 1);
      for (size_t i = 0; i < expected.bounds.size(); ++i) {
        EXPECT_NEAR(metric.histogram.bucket[i].upper_bound, expected.bounds[i],
                    expected.bounds[i] * 1e-9);
      }
      EXPECT_TRUE(std::isinf(metric.histogram.bucket.back().upper_bound));
    }
  }
}

TEST_F(MetricNamesTest, TheReferencesPrefixIsUsedForItsOwnNamesOnly) {
  for (const auto& [name, family] : families_) {
    if (name.rfind("livekit_", 0) == 0) {
      EXPECT_TRUE(contract_.metrics.contains(name)) << name;
    } else {
      EXPECT_EQ(name.rfind("sfu_", 0), 0u) << name;
    }
  }
}

TEST_F(MetricNamesTest, WhatIsLeftOutIsNotThere) {
  ASSERT_FALSE(contract_.left_out.empty());
  for (const std::string& name : contract_.left_out) {
    EXPECT_FALSE(families_.contains(name)) << name << " exists by now: move it up in the table";
    EXPECT_FALSE(contract_.metrics.contains(name)) << name;
  }
}

}  // namespace
}  // namespace sfu
