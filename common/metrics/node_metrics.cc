#include "common/metrics/node_metrics.h"

#include <fstream>
#include <sstream>
#include <string>

#include "common/metrics/metric_family.h"

namespace sfu {

std::vector<prometheus::MetricFamily> NodeMetrics::Collect() const {
  const Packets now = Read();
  prometheus::MetricFamily family =
      GaugeFamily("livekit_node_packet_total",
                  "Packets that the host sent, or dropped instead, since the start.");
  // An interface may have gone, and its count with it.
  const auto since = [](uint64_t value, uint64_t start) {
    return value < start ? 0.0 : static_cast<double>(value - start);
  };
  AddValue(family, since(now.out, start_.out), {{"type", "out"}});
  AddValue(family, since(now.dropped, start_.dropped), {{"type", "dropped"}});
  return {std::move(family)};
}

// /proc/net/dev: two lines of headings, then "name: " and 16 columns, of which the 10th is packets
// sent and the 12th packets dropped on the way out.
NodeMetrics::Packets NodeMetrics::Read() {
  std::ifstream file("/proc/net/dev");
  Packets sum;
  std::string line;
  while (std::getline(file, line)) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) {
      continue;
    }
    std::istringstream columns(line.substr(colon + 1));
    uint64_t value = 0;
    for (int column = 1; column <= 12 && columns >> value; ++column) {
      sum.out += column == 10 ? value : 0;
      sum.dropped += column == 12 ? value : 0;
    }
  }
  return sum;
}

}  // namespace sfu
