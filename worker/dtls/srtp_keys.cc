#include "worker/dtls/srtp_keys.h"

#include "common/base/byte_reader.h"
#include "common/base/check.h"

namespace sfu::dtls {
namespace {

std::vector<uint8_t> Take(ByteReader& reader, size_t count) {
  const absl::Span<const uint8_t> bytes = *reader.ReadBytes(count);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

SrtpKeyLengths KeyLengths(SrtpProfile profile) {
  switch (profile) {
    case SrtpProfile::kAes128CmHmacSha1_80:
      return {.key_bytes = 16, .salt_bytes = 14};
    case SrtpProfile::kAeadAes128Gcm:
      return {.key_bytes = 16, .salt_bytes = 12};
    case SrtpProfile::kAeadAes256Gcm:
      return {.key_bytes = 32, .salt_bytes = 12};
  }
  SFU_CHECK(false);
}

size_t ExportedLength(SrtpProfile profile) {
  const SrtpKeyLengths lengths = KeyLengths(profile);
  return 2 * (lengths.key_bytes + lengths.salt_bytes);
}

SrtpKeys SplitExportedKeys(SrtpProfile profile, Role local_role,
                           absl::Span<const uint8_t> exported) {
  SFU_CHECK(exported.size() == ExportedLength(profile));
  const SrtpKeyLengths lengths = KeyLengths(profile);
  ByteReader reader(exported);
  const bool local_first = local_role == Role::kClient;
  SrtpKeys keys;
  keys.profile = profile;
  (local_first ? keys.local_key : keys.remote_key) = Take(reader, lengths.key_bytes);
  (local_first ? keys.remote_key : keys.local_key) = Take(reader, lengths.key_bytes);
  (local_first ? keys.local_salt : keys.remote_salt) = Take(reader, lengths.salt_bytes);
  (local_first ? keys.remote_salt : keys.local_salt) = Take(reader, lengths.salt_bytes);
  return keys;
}

}  // namespace sfu::dtls
