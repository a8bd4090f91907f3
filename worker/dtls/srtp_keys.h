#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/types/span.h>

namespace sfu::dtls {

enum class Role : uint8_t { kServer, kClient };

// By their number in the registry of DTLS-SRTP protection profiles (RFC 5764 §4.1.2, RFC 7714 §14).
enum class SrtpProfile : uint8_t {
  kAes128CmSha1Tag80 = 0x0001,
  kAeadAes128Gcm = 0x0007,
  kAeadAes256Gcm = 0x0008,
};

struct SrtpKeyLengths {
  size_t key_bytes;
  size_t salt_bytes;
};
SrtpKeyLengths KeyLengths(SrtpProfile profile);

// SRTP master keys for both directions. Secrets: never formatted.
struct SrtpKeys {
  SrtpProfile profile = SrtpProfile::kAeadAes128Gcm;
  std::vector<uint8_t> local_key;  // Protects what we send.
  std::vector<uint8_t> local_salt;
  std::vector<uint8_t> remote_key;  // Unprotects what the peer sends.
  std::vector<uint8_t> remote_salt;
};

// How many bytes the exporter must yield for `profile`.
size_t ExportedLength(SrtpProfile profile);

// Cuts up the exporter's output: client key, server key, client salt, server salt (RFC 5764 §4.2)
// [DTLS-11]. Precondition: exported.size() == ExportedLength(profile).
SrtpKeys SplitExportedKeys(SrtpProfile profile, Role local_role,
                           absl::Span<const uint8_t> exported);

}  // namespace sfu::dtls
