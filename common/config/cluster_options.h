#pragma once

#include <optional>
#include <string>

#include "common/config/config.h"
#include "common/config/option_table.h"

// For common/config only.
namespace sfu::config {

// What makes processes a cluster: the sections `redis`, `node_selector` and `node_stats`
// (operations contract, 2.4, 4.3 and 2.2), bound to `config`, which must outlive the table.
void AddClusterOptions(OptionTable& table, Config& config);

// What is wrong with them taken together, for the operator.
std::optional<std::string> CheckClusterOptions(const Config& config);

}  // namespace sfu::config
