#include "common/redis/node_codec.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace sfu::redis {
namespace {

namespace json = boost::json;

constexpr char kVersion = '1';

std::string Text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

uint64_t Count(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) {
    return 0;
  }
  if (value->is_int64() && value->get_int64() >= 0) {
    return static_cast<uint64_t>(value->get_int64());
  }
  return value->is_uint64() ? value->get_uint64() : std::numeric_limits<uint64_t>::max();
}

uint32_t Count32(const json::object& object, std::string_view name) {
  return static_cast<uint32_t>(
      std::min<uint64_t>(Count(object, name), std::numeric_limits<uint32_t>::max()));
}

double Number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) {
    return 0;
  }
  double number = -1;
  if (value->is_double()) {
    number = value->get_double();
  } else if (value->is_int64()) {
    number = static_cast<double>(value->get_int64());
  } else if (value->is_uint64()) {
    number = static_cast<double>(value->get_uint64());
  }
  return std::isfinite(number) && number >= 0 ? number : std::numeric_limits<double>::max();
}

absl::Time Instant(const json::object& object, std::string_view name) {
  const uint64_t millis = Count(object, name);
  return millis == 0 || millis > uint64_t{1} << 53
             ? absl::InfinitePast()
             : absl::FromUnixMillis(static_cast<int64_t>(millis));
}

json::value Millis(absl::Time time) {
  return time == absl::InfinitePast() ? 0 : absl::ToUnixMillis(time);
}

// JSON has no infinity; a node of ours that measures nonsense must not be unreadable.
double Finite(double number) {
  return std::isfinite(number) ? number : std::numeric_limits<double>::max();
}

}  // namespace

std::string EncodeNode(const cluster::NodeRecord& record, uint64_t sequence) {
  const cluster::NodeLoad& load = record.load;
  const json::object object = {
      {"kind", record.kind == cluster::NodeKind::kWorker ? "worker" : "controller"},
      {"address", record.address},
      {"region", record.region},
      {"draining", record.draining},
      {"started_at_ms", Millis(record.started_at)},
      {"updated_at_ms", Millis(record.updated_at)},
      {"sequence", sequence},
      {"rooms", load.rooms},
      {"clients", load.clients},
      {"transports", load.transports},
      {"tracks_in", load.tracks_in},
      {"tracks_out", load.tracks_out},
      {"bytes_per_second_in", Finite(load.bytes_per_second_in)},
      {"bytes_per_second_out", Finite(load.bytes_per_second_out)},
      {"cpu_load", Finite(load.cpu_load)},
      {"load_average_1min", Finite(load.load_average_1min)},
      {"cpu_count", load.cpu_count},
  };
  return kVersion + json::serialize(object);
}

std::optional<DecodedNode> DecodeNode(std::string_view id, std::string_view text) {
  if (id.empty() || id.size() > kMaxNodeIdBytes || text.size() > kMaxNodeBytes ||
      !text.starts_with(kVersion)) {
    return std::nullopt;
  }
  json::error_code error;
  const json::value value = json::parse(text.substr(1), error);
  if (error || !value.is_object()) {
    return std::nullopt;
  }
  const json::object& object = value.get_object();
  const std::string kind = Text(object, "kind");
  if (kind != "worker" && kind != "controller") {
    return std::nullopt;
  }
  const json::value* draining = object.if_contains("draining");
  DecodedNode node;
  node.sequence = Count(object, "sequence");
  node.record = {
      .id = std::string(id),
      .kind = kind == "worker" ? cluster::NodeKind::kWorker : cluster::NodeKind::kController,
      .address = Text(object, "address"),
      .region = Text(object, "region"),
      .draining = draining != nullptr && draining->is_bool() && draining->get_bool(),
      .load = {.rooms = Count32(object, "rooms"),
               .clients = Count32(object, "clients"),
               .transports = Count32(object, "transports"),
               .tracks_in = Count32(object, "tracks_in"),
               .tracks_out = Count32(object, "tracks_out"),
               .bytes_per_second_in = Number(object, "bytes_per_second_in"),
               .bytes_per_second_out = Number(object, "bytes_per_second_out"),
               .cpu_load = Number(object, "cpu_load"),
               .load_average_1min = Number(object, "load_average_1min"),
               .cpu_count = Count32(object, "cpu_count")},
      .started_at = Instant(object, "started_at_ms"),
      .updated_at = Instant(object, "updated_at_ms"),
  };
  return node;
}

}  // namespace sfu::redis
