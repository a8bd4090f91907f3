#include "controller/http/tls_certificate.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "common/log/log.h"

namespace sfu::http {
namespace {

namespace ssl = boost::asio::ssl;

constexpr absl::Duration kLookInterval = absl::Seconds(10);

absl::Status Unusable(std::string_view option, const std::string& file, std::string_view reason) {
  return absl::FailedPreconditionError(fmt::format("{}: cannot use {}: {}", option, file, reason));
}

absl::Status CheckReadable(std::string_view option, const std::string& file) {
  errno = 0;
  const std::ifstream stream(file);
  return stream ? absl::OkStatus() : Unusable(option, file, strerror(errno));
}

absl::StatusOr<std::shared_ptr<ssl::context>> MakeContext(const TlsFiles& files) {
  for (const auto& [option, file] :
       {std::pair("tls.cert_file", files.cert_file), std::pair("tls.key_file", files.key_file)}) {
    if (const absl::Status status = CheckReadable(option, file); !status.ok()) {
      return status;
    }
  }
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // An idle WebSocket then keeps some 30 KB less.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  // A key that wants a passphrase is an error, not a question on the terminal.
  context->set_password_callback([](size_t, ssl::context::password_purpose) { return ""; });
  boost::system::error_code error;
  context->use_certificate_chain_file(files.cert_file, error);
  if (error) {
    return Unusable("tls.cert_file", files.cert_file, error.message());
  }
  context->use_private_key_file(files.key_file, ssl::context::pem, error);
  if (error) {
    return Unusable("tls.key_file", files.key_file, error.message());
  }
  return context;
}

std::pair<int64_t, int64_t> ModifiedAt(const std::string& file) {
  struct stat status{};
  return stat(file.c_str(), &status) == 0
             ? std::pair<int64_t, int64_t>(status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
             : std::pair<int64_t, int64_t>(0, 0);
}

}  // namespace

// When each of the two files was last written.
struct TlsCertificate::Modified {
  explicit Modified(const TlsFiles& files)
      : cert(ModifiedAt(files.cert_file)), key(ModifiedAt(files.key_file)) {}

  bool operator==(const Modified&) const = default;

  std::pair<int64_t, int64_t> cert;
  std::pair<int64_t, int64_t> key;
};

absl::StatusOr<std::unique_ptr<TlsCertificate>> TlsCertificate::Load(Timestamp now,
                                                                     TlsFiles files) {
  std::unique_ptr<TlsCertificate> certificate(new TlsCertificate(now, std::move(files)));
  absl::StatusOr<std::shared_ptr<ssl::context>> context = MakeContext(certificate->files_);
  if (!context.ok()) {
    return context.status();
  }
  certificate->context_ = *std::move(context);
  return certificate;
}

TlsCertificate::TlsCertificate(Timestamp now, TlsFiles files)
    : files_(std::move(files)),
      modified_(std::make_unique<Modified>(files_)),  // Before they are read.
      next_look_(now + kLookInterval) {}

TlsCertificate::~TlsCertificate() = default;

std::shared_ptr<ssl::context> TlsCertificate::ContextAt(Timestamp now) {
  if (now < next_look_) {
    return context_;
  }
  next_look_ = now + kLookInterval;
  auto modified = std::make_unique<Modified>(files_);
  if (*modified == *modified_) {
    return context_;
  }
  modified_ = std::move(modified);
  absl::StatusOr<std::shared_ptr<ssl::context>> context = MakeContext(files_);
  if (context.ok()) {
    context_ = *std::move(context);
    log::Write(log::Level::kInfo, "tls.certificate_renewed");
  } else {
    // Halfway through a renewal certificate and key do not match; the next look settles it.
    log::Write(log::Level::kWarning, "tls.certificate_not_renewed",
               {{"reason", log::Public(std::string(context.status().message()))}});
  }
  return context_;
}

}  // namespace sfu::http
