#pragma once

#include <memory>
#include <string>

#include <absl/status/statusor.h>
#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include "common/redis/redis_options.h"

namespace sfu::redis {

// What all TLS connections to Redis share: trusted authorities and our certificate. TLS 1.2 and
// later. Never verifies less than the server's chain and name, unless told so (tls.insecure).
class TlsContext {
 public:
  // Reads the files; the error names the key whose file is of no use.
  static absl::StatusOr<std::shared_ptr<TlsContext>> Make(const TlsOptions& options);

  // For TlsOptions::server_name or, without one, the host that the connection goes to.
  void PrepareClient(SSL& session, const std::string& host) const;

  // `words`, with why the certificate was refused if that was it.
  std::string Explain(const SSL& session, const std::string& words) const;

  boost::asio::ssl::context& context() { return context_; }

 private:
  explicit TlsContext(const TlsOptions& options);

  const TlsOptions options_;
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_client};
};

}  // namespace sfu::redis
