#pragma once

#include <string>

namespace sfu::http {

// PEM files: the certificate with whatever is between it and a root, and its private key.
struct TlsFiles {
  std::string cert_file;
  std::string key_file;
};

}  // namespace sfu::http
