#include "worker/dtls/srtp_keys.h"

#include "common/base/check.h"

namespace sfu::dtls {
namespace {

// Hands out an array from the front. Its length has been checked.
class Slices {
 public:
  explicit Slices(absl::Span<const uint8_t> bytes) : rest_(bytes) {}

  std::vector<uint8_t> Take(size_t count) {
    const absl::Span<const uint8_t> slice = rest_.first(count);
    rest_.remove_prefix(count);
    return {slice.begin(), slice.end()};
  }

 private:
  absl::Span<const uint8_t> rest_;
};

}  // namespace

SrtpKeyLengths KeyLengths(SrtpProfile profile) {
  switch (profile) {
    case SrtpProfile::kAes128CmSha1Tag80:
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
  Slices slices(exported);
  const bool local_first = local_role == Role::kClient;
  SrtpKeys keys;
  keys.profile = profile;
  (local_first ? keys.local_key : keys.remote_key) = slices.Take(lengths.key_bytes);
  (local_first ? keys.remote_key : keys.local_key) = slices.Take(lengths.key_bytes);
  (local_first ? keys.local_salt : keys.remote_salt) = slices.Take(lengths.salt_bytes);
  (local_first ? keys.remote_salt : keys.local_salt) = slices.Take(lengths.salt_bytes);
  return keys;
}

}  // namespace sfu::dtls
