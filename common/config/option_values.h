#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "common/config/config.h"
#include "common/config/option_table.h"

// For common/config only: how each type of option reads its value.
namespace sfu::config {

Option::Setter SetBool(bool& target);
Option::Setter SetPort(uint16_t& target);
Option::Setter SetUnsigned(uint32_t& target, uint32_t max = UINT32_MAX);
Option::Setter SetUnsigned64(uint64_t& target);
// From `min` to `max`, both included; `accepted` says so.
Option::Setter SetNumber(double& target, double min, double max, std::string accepted);
Option::Setter SetSeconds(absl::Duration& target);   // A bare number of seconds.
Option::Setter SetDuration(absl::Duration& target);  // "500ms", "1m30s".
Option::Setter SetText(std::string& target);
Option::Setter SetOneOf(std::string& target, std::vector<std::string> choices);
Option::Setter SetTexts(std::vector<std::string>& target);
Option::Setter SetTextMap(std::map<std::string, std::string, std::less<>>& target);
Option::Setter SetPortRange(PortRange& target);  // "7882" or "7882-7892".
Option::Setter SetNodeIp(NodeIp& target);        // "v4", "v6" or "v4,v6".
Option::Setter SetIps(std::vector<std::string>& target);
Option::Setter SetCidrs(std::vector<std::string>& target);
Option::Setter SetCodecs(std::vector<Codec>& target);

// For options without effect: only whether the value makes sense.
Option::Setter CheckBool();
Option::Setter CheckNumber();
Option::Setter CheckDuration();
Option::Setter CheckText();

}  // namespace sfu::config
