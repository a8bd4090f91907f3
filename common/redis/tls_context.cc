#include "common/redis/tls_context.h"

#include <fmt/format.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "common/net/socket_address.h"

namespace sfu::redis {
namespace {

namespace ssl = boost::asio::ssl;
using ErrorCode = boost::system::error_code;

absl::Status BadFile(std::string_view key, const std::string& file, const ErrorCode& error) {
  return absl::InvalidArgumentError(
      fmt::format("{}: cannot use {}: {}", key, file, error.message()));
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options) : options_(options) {
  SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
}

absl::StatusOr<std::shared_ptr<TlsContext>> TlsContext::Make(const TlsOptions& options) {
  const std::shared_ptr<TlsContext> made(new TlsContext(options));
  ErrorCode error;
  if (options.ca_cert_file.empty()) {
    made->context_.set_default_verify_paths(error);
  } else if (made->context_.load_verify_file(options.ca_cert_file, error); error) {
    return BadFile("redis.tls.ca_cert_file", options.ca_cert_file, error);
  }
  if (!options.client_cert_file.empty()) {
    if (made->context_.use_certificate_chain_file(options.client_cert_file, error); error) {
      return BadFile("redis.tls.client_cert_file", options.client_cert_file, error);
    }
    made->context_.use_private_key_file(options.client_key_file, ssl::context::pem, error);
    if (error) {
      return BadFile("redis.tls.client_key_file", options.client_key_file, error);
    }
  }
  made->context_.set_verify_mode(options.verify ? ssl::verify_peer : ssl::verify_none, error);
  return made;
}

void TlsContext::PrepareClient(SSL& session, const std::string& host) const {
  const std::string& name = options_.server_name.empty() ? host : options_.server_name;
  const bool is_ip = SocketAddress::Parse(name, 0).has_value();
  if (!is_ip) {
    SSL_set_tlsext_host_name(&session, name.c_str());  // Not for addresses (RFC 6066 section 3).
  }
  if (!options_.verify) {
    return;
  }
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(&session);
  if (is_ip) {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str());
  } else {
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  }
}

std::string TlsContext::Explain(const SSL& session, const std::string& words) const {
  const long result = SSL_get_verify_result(&session);  // NOLINT: OpenSSL's type.
  if (!options_.verify || result == X509_V_OK) {
    return words;
  }
  return fmt::format(
      "{}: {} (redis.tls.ca_cert_file says whom to trust, redis.tls.server_name which name the "
      "certificate must have)",
      words, X509_verify_cert_error_string(result));
}

}  // namespace sfu::redis
