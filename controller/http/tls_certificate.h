#pragma once

#include <memory>

#include <absl/status/statusor.h>
#include <boost/asio/ssl/context.hpp>

#include "common/time/timestamp.h"
#include "controller/http/tls_files.h"

namespace sfu::http {

// What a server that speaks TLS (1.2 or later) shows its clients. Renewed certificates are taken
// from the files without a restart: connections from then on see them, those that are there keep
// theirs. On one thread.
class TlsCertificate {
 public:
  // The status of a failure names the option, the file and the reason.
  static absl::StatusOr<std::unique_ptr<TlsCertificate>> Load(Timestamp now, TlsFiles files);
  ~TlsCertificate();

  // For a connection that begins now. Every few seconds at the most it looks whether the files have
  // changed; new ones that cannot be used are a warning, and the old ones go on.
  std::shared_ptr<boost::asio::ssl::context> ContextAt(Timestamp now);

 private:
  struct Modified;

  TlsCertificate(Timestamp now, TlsFiles files);

  const TlsFiles files_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::unique_ptr<Modified> modified_;
  Timestamp next_look_;
};

}  // namespace sfu::http
