#include "worker/srtp/session.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "worker/srtp/limits.h"

namespace sfu::srtp {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes RandomBytes(Random& random, size_t size) {
  Bytes bytes(size);
  random.Fill(absl::MakeSpan(bytes));
  return bytes;
}

MasterKey RandomKey(Random& random, Profile profile) {
  return {RandomBytes(random, KeyBytes(profile)), RandomBytes(random, SaltBytes(profile))};
}

Bytes RtpPacket(uint32_t ssrc, uint16_t sequence_number, size_t payload_size = 100) {
  Bytes packet = {0x80, 111, static_cast<uint8_t>(sequence_number >> 8),
                  static_cast<uint8_t>(sequence_number)};
  packet.resize(8, 0x11);
  for (int shift = 24; shift >= 0; shift -= 8) {
    packet.push_back(static_cast<uint8_t>(ssrc >> shift));
  }
  for (size_t i = 0; i < payload_size; ++i) {
    packet.push_back(static_cast<uint8_t>(i));
  }
  return packet;
}

Bytes RtcpPacket(uint32_t ssrc) {
  Bytes packet = {0x80, 200, 0, 6};
  for (int shift = 24; shift >= 0; shift -= 8) {
    packet.push_back(static_cast<uint8_t>(ssrc >> shift));
  }
  packet.resize(28, 0x5a);
  return packet;
}

// Runs an in-place operation on a copy of `packet`.
template <typename Operation>
Expected<Bytes, DropReason> Apply(Session& session, Operation operation, Bytes packet) {
  const size_t size = packet.size();
  packet.resize(size + kMaxRtcpOverheadBytes);
  const Expected<size_t, DropReason> result = (session.*operation)(absl::MakeSpan(packet), size);
  if (!result) {
    return Unexpected(result.error());
  }
  packet.resize(*result);
  return packet;
}

// Two ends of one transport.
class SessionTest : public testing::TestWithParam<Profile> {
 protected:
  SessionTest()
      : random_(7),
        ours_(RandomKey(random_, GetParam())),
        theirs_(RandomKey(random_, GetParam())),
        local_(Session::Create(GetParam(), ours_, theirs_)),
        remote_(Session::Create(GetParam(), theirs_, ours_)) {}

  Bytes Protected(const Bytes& packet) { return *Apply(*local_, &Session::ProtectRtp, packet); }
  Bytes ProtectedRtcp(const Bytes& packet) {
    return *Apply(*local_, &Session::ProtectRtcp, packet);
  }
  Expected<Bytes, DropReason> Unprotect(const Bytes& packet) {
    return Apply(*remote_, &Session::UnprotectRtp, packet);
  }
  Expected<Bytes, DropReason> UnprotectRtcp(const Bytes& packet) {
    return Apply(*remote_, &Session::UnprotectRtcp, packet);
  }
  DropReason ReasonOf(const Bytes& packet) {
    const Expected<Bytes, DropReason> result = Unprotect(packet);
    EXPECT_FALSE(result);
    return result ? DropReason{255} : result.error();
  }

  SeededRandom random_;
  const MasterKey ours_;
  const MasterKey theirs_;
  const std::unique_ptr<Session> local_;
  const std::unique_ptr<Session> remote_;
};

std::string ProfileName(const testing::TestParamInfo<Profile>& parameter) {
  switch (parameter.param) {
    case Profile::kAeadAes128Gcm:
      return "Gcm128";
    case Profile::kAeadAes256Gcm:
      return "Gcm256";
    default:
      return "Cm80";
  }
}

INSTANTIATE_TEST_SUITE_P(AllProfiles, SessionTest,
                         testing::Values(Profile::kAes128CmSha1Tag80, Profile::kAeadAes128Gcm,
                                         Profile::kAeadAes256Gcm),
                         &ProfileName);

TEST_P(SessionTest, RtpComesBackAsItWas) {
  const Bytes packet = RtpPacket(0x1234, 1);
  const Bytes wire = Protected(packet);
  EXPECT_EQ(wire.size(), packet.size() + local_->overhead_bytes());
  EXPECT_TRUE(std::equal(packet.begin(), packet.begin() + 12, wire.begin()));
  EXPECT_FALSE(std::equal(packet.begin() + 12, packet.end(), wire.begin() + 12));
  EXPECT_EQ(*Unprotect(wire), packet);
}

TEST_P(SessionTest, RtcpComesBackAsItWas) {
  for (int i = 0; i < 3; ++i) {
    const Bytes packet = RtcpPacket(0x1234);
    const Bytes wire = ProtectedRtcp(packet);
    EXPECT_EQ(wire.size(), packet.size() + local_->rtcp_overhead_bytes());
    EXPECT_EQ(*UnprotectRtcp(wire), packet);
  }
}

TEST_P(SessionTest, EveryFlippedBitIsNoticed) {
  const Bytes wire = Protected(RtpPacket(0x1234, 1, 20));
  for (size_t bit = 0; bit < wire.size() * 8; ++bit) {
    Bytes damaged = wire;
    damaged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(Unprotect(damaged)) << bit;
  }
  EXPECT_TRUE(Unprotect(wire));
}

TEST_P(SessionTest, EveryFlippedBitOfRtcpIsNoticed) {
  const Bytes wire = ProtectedRtcp(RtcpPacket(0x1234));
  for (size_t bit = 0; bit < wire.size() * 8; ++bit) {
    Bytes damaged = wire;
    damaged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(UnprotectRtcp(damaged)) << bit;
  }
  EXPECT_TRUE(UnprotectRtcp(wire));
}

TEST_P(SessionTest, TruncatedPacketsAreDropped) {
  const Bytes wire = Protected(RtpPacket(0x1234, 1, 20));
  const Bytes rtcp_wire = ProtectedRtcp(RtcpPacket(0x1234));
  for (size_t size = 0; size < wire.size(); ++size) {
    EXPECT_FALSE(Unprotect(Bytes(wire.begin(), wire.begin() + static_cast<ptrdiff_t>(size))));
  }
  for (size_t size = 0; size < rtcp_wire.size(); ++size) {
    EXPECT_FALSE(
        UnprotectRtcp(Bytes(rtcp_wire.begin(), rtcp_wire.begin() + static_cast<ptrdiff_t>(size))));
  }
  EXPECT_EQ(ReasonOf({0x80, 111, 0, 1}), DropReason::kMalformed);
}

TEST_P(SessionTest, ReasonsTellForgeriesFromReplays) {
  const Bytes wire = Protected(RtpPacket(0x1234, 1));
  Bytes forged = wire;
  forged.back() ^= 1;
  EXPECT_EQ(ReasonOf(forged), DropReason::kAuthentication);
  ASSERT_TRUE(Unprotect(wire));
  EXPECT_EQ(ReasonOf(wire), DropReason::kReplay);
}

TEST_P(SessionTest, ReplayWindowIsAThousandAndTwentyFourPacketsWide) {
  const Bytes inside = Protected(RtpPacket(0x1234, 2000 - 1023));
  const Bytes outside = Protected(RtpPacket(0x1234, 2000 - 1024));
  ASSERT_TRUE(Unprotect(Protected(RtpPacket(0x1234, 2000))));
  EXPECT_TRUE(Unprotect(inside));
  EXPECT_EQ(ReasonOf(outside), DropReason::kReplay);
}

TEST_P(SessionTest, ReplayedRtcpIsDropped) {
  const Bytes wire = ProtectedRtcp(RtcpPacket(0x1234));
  ASSERT_TRUE(UnprotectRtcp(wire));
  const Expected<Bytes, DropReason> again = UnprotectRtcp(wire);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), DropReason::kReplay);
}

TEST_P(SessionTest, SurvivesThreeWrapsWithLossAndReordering) {
  Bytes held;
  uint32_t number = 65000;
  while (number < 4 * 65536) {
    number += 1 + random_.NextBelow(20);
    const Bytes packet = RtpPacket(0x1234, static_cast<uint16_t>(number), 1);
    const Bytes wire = Protected(packet);
    const uint32_t fate = random_.NextBelow(100);
    if (fate == 0) {
      continue;  // Lost.
    }
    if (fate == 1) {
      held = wire;  // Overtaken by the next one.
      continue;
    }
    ASSERT_EQ(*Unprotect(wire), packet) << number;
    if (!held.empty()) {
      ASSERT_TRUE(Unprotect(held)) << number;
      held.clear();
    }
  }
}

TEST_P(SessionTest, SendingAgainGivesTheSameBytes) {
  const Bytes packet = RtpPacket(0x1234, 5000);
  const Bytes first = Protected(packet);
  Protected(RtpPacket(0x1234, 5100));
  EXPECT_EQ(Protected(packet), first);
}

TEST_P(SessionTest, GatheringGivesTheSameBytesAsInPlace) {
  for (uint16_t number = 1; number < 200; ++number) {
    const Bytes packet = RtpPacket(0x1234, number, number);
    const Bytes in_place = Protected(packet);
    const absl::Span<const uint8_t> body = absl::MakeConstSpan(packet).subspan(12);
    const size_t cut = random_.NextBelow(static_cast<uint32_t>(body.size()) + 1);
    Bytes output(packet.size() + local_->overhead_bytes());
    const auto size =
        local_->ProtectRtpGather(absl::MakeConstSpan(packet).first(12), body.first(cut),
                                 body.subspan(cut), absl::MakeSpan(output));
    ASSERT_TRUE(size);
    EXPECT_EQ(*size, output.size());
    EXPECT_EQ(output, in_place);
  }
}

TEST_P(SessionTest, PayloadMayBeEmpty) {
  const Bytes packet = RtpPacket(0x1234, 1, 0);
  EXPECT_EQ(*Unprotect(Protected(packet)), packet);
}

TEST_P(SessionTest, HeadersThatRunPastThePacketAreMalformed) {
  Bytes too_many_csrcs = RtpPacket(0x1234, 1, 8);
  too_many_csrcs[0] |= 0x0f;
  Bytes long_extension = RtpPacket(0x1234, 1, 8);
  long_extension[0] |= 0x10;
  long_extension[15] = 2;
  for (const Bytes& packet : {too_many_csrcs, long_extension}) {
    const auto result = Apply(*local_, &Session::ProtectRtp, packet);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), DropReason::kMalformed);
    EXPECT_EQ(ReasonOf(packet), DropReason::kMalformed);
  }
}

TEST_P(SessionTest, StrangersCannotUseUpTheStreams) {
  Bytes forged = RtpPacket(0, 1);
  forged.resize(forged.size() + local_->overhead_bytes());
  for (uint32_t i = 0; i < 10 * kMaxInboundStreams; ++i) {
    forged[10] = static_cast<uint8_t>(i >> 8);
    forged[11] = static_cast<uint8_t>(i);
    ASSERT_EQ(ReasonOf(forged), DropReason::kAuthentication);
  }
  EXPECT_TRUE(Unprotect(Protected(RtpPacket(0x1234, 1))));
}

TEST_P(SessionTest, InboundStreamsAreLimitedUntilOneIsForgotten) {
  for (uint32_t ssrc = 0; ssrc < kMaxInboundStreams; ++ssrc) {
    ASSERT_TRUE(Unprotect(Protected(RtpPacket(ssrc, 1))));
  }
  const Bytes one_more = Protected(RtpPacket(kMaxInboundStreams, 1));
  EXPECT_EQ(ReasonOf(one_more), DropReason::kTooManyStreams);
  EXPECT_TRUE(Unprotect(Protected(RtpPacket(3, 2))));

  remote_->ForgetInbound(3);
  remote_->ForgetInbound(999);  // Never seen: no effect.
  EXPECT_TRUE(Unprotect(one_more));
}

TEST_P(SessionTest, OutboundStreamsAreLimitedUntilOneIsForgotten) {
  for (uint32_t ssrc = 0; ssrc < kMaxOutboundStreams; ++ssrc) {
    ASSERT_TRUE(Apply(*local_, &Session::ProtectRtp, RtpPacket(ssrc, 1, 0)));
  }
  const Bytes one_more = RtpPacket(kMaxOutboundStreams, 1, 0);
  const auto refused = Apply(*local_, &Session::ProtectRtp, one_more);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), DropReason::kTooManyStreams);

  local_->ForgetOutbound(3);
  EXPECT_TRUE(Apply(*local_, &Session::ProtectRtp, one_more));
}

TEST_P(SessionTest, OtherKeysDoNotAuthenticate) {
  const std::unique_ptr<Session> stranger =
      Session::Create(GetParam(), RandomKey(random_, GetParam()), RandomKey(random_, GetParam()));
  EXPECT_EQ(ReasonOf(*Apply(*stranger, &Session::ProtectRtp, RtpPacket(1, 1))),
            DropReason::kAuthentication);
}

}  // namespace
}  // namespace sfu::srtp
