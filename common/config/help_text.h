#pragma once

#include <string>

#include "common/config/config.h"
#include "common/config/load_config.h"
#include "common/config/option_table.h"

// For common/config only: what the program prints about itself.
namespace sfu::config {

std::string ProgramName(Program program);
std::string HelpText(Program program);
std::string VerboseHelpText(Program program, const OptionTable& table);

// The ports to open in a firewall (operations contract, section 1.2).
std::string PortsText(const Config& config);

}  // namespace sfu::config
