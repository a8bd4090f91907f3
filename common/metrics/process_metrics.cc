#include "common/metrics/process_metrics.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/metrics/metric_family.h"

namespace sfu {
namespace {

using prometheus::MetricFamily;

MetricFamily One(MetricFamily family, double value) {
  AddValue(family, value);
  return family;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

struct Memory {
  double virtual_bytes = 0;
  double resident_bytes = 0;
};

Memory MemoryInUse() {
  std::ifstream file("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  file >> total_pages >> resident_pages;
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  return {total_pages * page, resident_pages * page};
}

// Seconds since 1970: when the host booted, and how many ticks later we started (proc(5), stat,
// column 22). The second column, a name in parentheses, may have spaces in it.
double StartTime() {
  std::ifstream host("/proc/stat");
  double boot = 0;
  for (std::string word; host >> word;) {
    if (word == "btime") {
      host >> boot;
      break;
    }
  }
  std::ifstream process("/proc/self/stat");
  std::string text;
  std::getline(process, text);
  std::istringstream columns(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string column;
  for (int number = 3; number <= 22; ++number) {
    columns >> column;
  }
  return boot + std::strtod(column.c_str(), nullptr) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double OpenDescriptors() {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) {
    return 0;
  }
  int count = 0;
  while (readdir(directory) != nullptr) {
    ++count;
  }
  closedir(directory);
  return count - 3;  // ".", ".." and the directory itself.
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  const Memory memory = MemoryInUse();
  return {
      One(CounterFamily("process_cpu_seconds_total", "CPU time used."),
          Seconds(usage.ru_utime) + Seconds(usage.ru_stime)),
      One(GaugeFamily("process_resident_memory_bytes", "Memory in RAM."), memory.resident_bytes),
      One(GaugeFamily("process_virtual_memory_bytes", "Address space in use."),
          memory.virtual_bytes),
      One(GaugeFamily("process_start_time_seconds", "Start, in seconds since 1970."), StartTime()),
      One(GaugeFamily("process_open_fds", "Open file descriptors."), OpenDescriptors()),
      One(GaugeFamily("process_max_fds", "Limit of open file descriptors."),
          static_cast<double>(descriptors.rlim_cur)),
  };
}

}  // namespace sfu
