#include "worker/ice/stun_message.h"

#include <string>
#include <vector>

#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::ice {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";

std::vector<uint8_t> FromHex(std::string_view hex) {
  const std::string bytes = absl::HexStringToBytes(absl::string_view(hex.data(), hex.size()));
  return {bytes.begin(), bytes.end()};
}

// RFC 5769 §2.1.
std::vector<uint8_t> Rfc5769Request() {
  return FromHex(
      "000100582112a442b7e7a701bc34d686fa87dfae"
      "802200105354554e207465737420636c69656e74"
      "002400046e0001ff"
      "80290008932ff9b151263b36"
      "000600096576746a3a68367659202020"
      "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
      "80280004e57a3bcf");
}

// §2.2.
std::vector<uint8_t> Rfc5769ResponseV4() {
  return FromHex(
      "0101003c2112a442b7e7a701bc34d686fa87dfae"
      "8022000b7465737420766563746f7220"
      "002000080001a147e112a643"
      "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
      "80280004c07d4c96");
}

// §2.3.
std::vector<uint8_t> Rfc5769ResponseV6() {
  return FromHex(
      "010100482112a442b7e7a701bc34d686fa87dfae"
      "8022000b7465737420766563746f7220"
      "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
      "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
      "80280004c8fb0b4c");
}

StunTransactionId TransactionId() {
  return {0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
}

TEST(StunMessageTest, ReadsTheRfc5769Request) {
  const std::vector<uint8_t> bytes = Rfc5769Request();
  const auto view = StunMessageView::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->message_class(), StunClass::kRequest);
  EXPECT_TRUE(view->is_binding());
  EXPECT_EQ(view->transaction_id(), TransactionId());
  EXPECT_EQ(view->username(), "evtj:h6vY");
  EXPECT_EQ(view->priority(), 0x6e0001ffu);
  EXPECT_EQ(view->ice_controlled(), 0x932ff9b151263b36u);
  EXPECT_FALSE(view->ice_controlling());
  EXPECT_FALSE(view->use_candidate());
  EXPECT_TRUE(view->unknown_required().empty());
  EXPECT_TRUE(view->FingerprintIsCorrect());
  EXPECT_EQ(view->CheckIntegrity(kPassword), IntegrityResult::kCorrect);
  EXPECT_EQ(view->CheckIntegrity("another password"), IntegrityResult::kWrong);
}

TEST(StunMessageTest, ReadsTheRfc5769Responses) {
  const std::vector<uint8_t> v4 = Rfc5769ResponseV4();
  const std::vector<uint8_t> v6 = Rfc5769ResponseV6();
  for (const auto& [bytes, address] :
       {std::pair(v4, SocketAddress::V4({192, 0, 2, 1}, 32853)),
        std::pair(v6, *SocketAddress::Parse("2001:db8:1234:5678:11:2233:4455:6677", 32853))}) {
    const auto view = StunMessageView::Parse(bytes);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->message_class(), StunClass::kSuccess);
    EXPECT_EQ(view->xor_mapped_address(), address);
    EXPECT_TRUE(view->FingerprintIsCorrect());
    EXPECT_EQ(view->CheckIntegrity(kPassword), IntegrityResult::kCorrect);
  }
}

TEST(StunMessageTest, NoFlippedBitPassesBothChecks) {
  const std::vector<uint8_t> original = Rfc5769Request();
  for (size_t bit = 0; bit < original.size() * 8; ++bit) {
    std::vector<uint8_t> bytes = original;
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ 1 << bit % 8);
    const auto view = StunMessageView::Parse(bytes);
    EXPECT_FALSE(view && view->FingerprintIsCorrect()) << "bit " << bit;
  }
}

TEST(StunMessageTest, IntegrityCoversEverythingBeforeIt) {
  const std::vector<uint8_t> original = Rfc5769Request();
  const size_t covered = original.size() - 8;  // FINGERPRINT has its own check.
  for (size_t bit = 0; bit < covered * 8; ++bit) {
    std::vector<uint8_t> bytes = original;
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ 1 << bit % 8);
    const auto view = StunMessageView::Parse(bytes);
    EXPECT_FALSE(view && view->CheckIntegrity(kPassword) == IntegrityResult::kCorrect)
        << "bit " << bit;
  }
}

TEST(StunMessageTest, NoTruncationParses) {
  const std::vector<uint8_t> bytes = Rfc5769Request();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(StunMessageView::Parse(absl::MakeConstSpan(bytes).first(size))) << size;
  }
}

TEST(StunMessageTest, NoTruncationWithAMatchingLengthIsAccepted) {
  const std::vector<uint8_t> original = Rfc5769Request();
  for (size_t size = kStunHeaderBytes; size < original.size(); size += 4) {
    std::vector<uint8_t> bytes(original.begin(), original.begin() + static_cast<ptrdiff_t>(size));
    bytes[2] = static_cast<uint8_t>((size - kStunHeaderBytes) >> 8);
    bytes[3] = static_cast<uint8_t>(size - kStunHeaderBytes);
    const auto view = StunMessageView::Parse(bytes);
    EXPECT_FALSE(view && view->FingerprintIsCorrect()) << size;
  }
}

TEST(StunMessageTest, OtherProtocolsAreNotStun) {
  std::vector<uint8_t> bytes = Rfc5769Request();
  bytes[0] = 0x80;  // RTP
  EXPECT_FALSE(StunMessageView::Parse(bytes));
  bytes = Rfc5769Request();
  bytes[4] = 0x20;  // RFC 3489 had no cookie.
  EXPECT_FALSE(StunMessageView::Parse(bytes));
}

TEST(StunMessageTest, NothingMayFollowTheFingerprint) {
  std::vector<uint8_t> bytes = Rfc5769Request();
  bytes[3] = static_cast<uint8_t>(bytes[3] + 4);
  bytes.insert(bytes.end(), {0x80, 0x22, 0x00, 0x00});
  EXPECT_FALSE(StunMessageView::Parse(bytes));
}

TEST(StunMessageTest, WhatFollowsTheIntegrityIsIgnored) {
  std::vector<uint8_t> bytes = FromHex("000100002112a442b7e7a701bc34d686fa87dfae");
  const auto append = [&](std::string_view hex) {
    const std::vector<uint8_t> attribute = FromHex(hex);
    bytes.insert(bytes.end(), attribute.begin(), attribute.end());
    bytes[3] = static_cast<uint8_t>(bytes.size() - kStunHeaderBytes);
  };
  append("00080014" + std::string(40, '0'));
  append("00250000");          // USE-CANDIDATE
  append("0006000131000000");  // USERNAME
  append("7fff0000");          // unknown, comprehension required
  const auto view = StunMessageView::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->use_candidate());
  EXPECT_FALSE(view->username());
  EXPECT_TRUE(view->unknown_required().empty());
}

TEST(StunMessageTest, AttributesOfTheWrongSizeAreRefused) {
  for (const std::string_view attribute :
       {"0024000200000000", "00250004deadbeef", "8029000400000000", "802a000400000000",
        "0008000400000000", "8028000200000000", "0020000400010000"}) {
    std::vector<uint8_t> bytes = FromHex("000100082112a442b7e7a701bc34d686fa87dfae");
    const std::vector<uint8_t> tail = FromHex(attribute);
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    EXPECT_FALSE(StunMessageView::Parse(bytes)) << attribute;
  }
}

TEST(StunMessageTest, ListsUnknownRequiredAttributesButNotOptionalOnes) {
  const std::vector<uint8_t> bytes = FromHex(
      "000100102112a442b7e7a701bc34d686fa87dfae"
      "00310000"
      "c0570000"
      "7fff0000"
      "80220000");
  const auto view = StunMessageView::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_THAT(view->unknown_required(), ElementsAre(0x0031, 0x7fff));
}

TEST(StunMessageTest, BuiltRequestsReadBack) {
  const StunBytes bytes = BuildBindingRequest({.transaction_id = TransactionId(),
                                               .username = "server:client",
                                               .priority = 0x6e0001ff,
                                               .ice_controlling = 42,
                                               .use_candidate = true,
                                               .nomination = 7},
                                              kPassword);
  const auto view = StunMessageView::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->username(), "server:client");
  EXPECT_EQ(view->priority(), 0x6e0001ffu);
  EXPECT_EQ(view->ice_controlling(), 42u);
  EXPECT_TRUE(view->use_candidate());
  EXPECT_EQ(view->nomination(), 7u);
  EXPECT_TRUE(view->FingerprintIsCorrect());
  EXPECT_EQ(view->CheckIntegrity(kPassword), IntegrityResult::kCorrect);
}

// The reference vectors carry SOFTWARE, which we never send; the address is what can be compared.
TEST(StunMessageTest, BuiltSuccessesEncodeAddressesAsTheVectorsDo) {
  for (const std::vector<uint8_t>& vector : {Rfc5769ResponseV4(), Rfc5769ResponseV6()}) {
    const SocketAddress address = *StunMessageView::Parse(vector)->xor_mapped_address();
    const StunBytes bytes = BuildBindingSuccess(TransactionId(), address, kPassword);
    const size_t attribute_bytes = 4 + 4 + address.ip().size();
    EXPECT_TRUE(
        std::equal(bytes.begin() + kStunHeaderBytes,
                   bytes.begin() + static_cast<ptrdiff_t>(kStunHeaderBytes + attribute_bytes),
                   vector.begin() + kStunHeaderBytes + 16));
    const auto view = StunMessageView::Parse(bytes);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->message_class(), StunClass::kSuccess);
    EXPECT_EQ(view->xor_mapped_address(), address);
    EXPECT_TRUE(view->FingerprintIsCorrect());
    EXPECT_EQ(view->CheckIntegrity(kPassword), IntegrityResult::kCorrect);
    EXPECT_LE(bytes.size(), 128u) << "does not fit the inline part";
  }
}

TEST(StunMessageTest, BuiltErrorsReadBack) {
  const StunBytes unauthenticated =
      BuildBindingError(TransactionId(), StunError::kUnauthenticated, {});
  const auto first = StunMessageView::Parse(unauthenticated);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->message_class(), StunClass::kError);
  EXPECT_EQ(first->error_code(), 401);
  EXPECT_TRUE(first->FingerprintIsCorrect());
  EXPECT_FALSE(first->has_integrity());

  const std::vector<uint16_t> unknown(20, 0x0031);
  const StunBytes unknown_attribute =
      BuildBindingError(TransactionId(), StunError::kUnknownAttribute, kPassword, unknown);
  const auto second = StunMessageView::Parse(unknown_attribute);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->error_code(), 420);
  EXPECT_EQ(second->CheckIntegrity(kPassword), IntegrityResult::kCorrect);
  EXPECT_LE(unknown_attribute.size(), 128u) << "does not fit the inline part";
}

TEST(StunMessageTest, UsernamesSplitAtTheFirstColon) {
  const auto parts = SplitUsername("ours:theirs:more");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->local, "ours");
  EXPECT_EQ(parts->remote, "theirs:more");
  EXPECT_FALSE(SplitUsername("no colon"));
  EXPECT_FALSE(SplitUsername(""));
}

TEST(StunMessageTest, RoutingSeesOurUfragInRequestsOnly) {
  EXPECT_EQ(LocalUfragOf(Rfc5769Request()), "evtj");
  EXPECT_EQ(LocalUfragOf(Rfc5769ResponseV4()), std::nullopt);
  EXPECT_EQ(LocalUfragOf(FromHex("16feff")), std::nullopt);
}

}  // namespace
}  // namespace sfu::ice
