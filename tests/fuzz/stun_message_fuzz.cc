#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/check.h"
#include "worker/ice/stun_message.h"

// A parsed message may be asked anything, and what it says is within what was given.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sfu::ice::StunMessageView;
  const absl::Span<const uint8_t> bytes(data, size);
  const std::optional<StunMessageView> view = StunMessageView::Parse(bytes);
  const std::optional<std::string_view> ufrag = sfu::ice::LocalUfragOf(bytes);
  if (!view) {
    SFU_CHECK(!ufrag);
    return 0;
  }
  SFU_CHECK(view->size() == size);
  SFU_CHECK(view->unknown_required().size() <= StunMessageView::kMaxListedUnknown);
  SFU_CHECK(!view->FingerprintIsCorrect() || view->has_fingerprint());
  const sfu::ice::IntegrityResult integrity = view->CheckIntegrity("VOkJxbRl1RmTxUk/WvJxBt");
  SFU_CHECK(view->has_integrity() == (integrity != sfu::ice::IntegrityResult::kAbsent));
  if (view->username()) {
    const auto* const text = reinterpret_cast<const uint8_t*>(view->username()->data());
    SFU_CHECK(text >= data && text + view->username()->size() <= data + size);
  }
  if (view->error_code()) {
    SFU_CHECK(*view->error_code() >= 300 && *view->error_code() <= 699);
  }
  if (view->xor_mapped_address()) {
    const sfu::ice::StunBytes built = sfu::ice::BuildBindingSuccess(
        view->transaction_id(), *view->xor_mapped_address(), "password");
    const std::optional<StunMessageView> again = StunMessageView::Parse(built);
    SFU_CHECK(again && again->xor_mapped_address() == view->xor_mapped_address());
  }
  return 0;
}
