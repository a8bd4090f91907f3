#include "worker/srtp/gcm_sender.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "worker/srtp/libsrtp_context.h"
#include "worker/srtp/profile.h"
#include "worker/srtp/rtp_header.h"

namespace sfu::srtp {
namespace {

using Bytes = std::vector<uint8_t>;

// Numbers as a forwarder sends them: mostly the next one, sometimes a gap, a repeat or a late one.
class NumberSource {
 public:
  NumberSource(Random& random, uint32_t ssrc)
      : random_(random), ssrc_(ssrc), newest_(static_cast<uint16_t>(random.NextU32())) {}

  uint32_t ssrc() const { return ssrc_; }
  uint16_t Next() {
    switch (random_.NextBelow(20)) {
      case 0:
        return static_cast<uint16_t>(newest_ - random_.NextBelow(1100));  // Some are too old.
      case 1:
        newest_ = static_cast<uint16_t>(newest_ + random_.NextBelow(30'000));
        return newest_;
      case 2:
        return newest_;
      default:
        return ++newest_;
    }
  }

 private:
  Random& random_;
  const uint32_t ssrc_;
  uint16_t newest_;
};

// Any shape of header, any length of payload.
Bytes RandomPacket(Random& random, NumberSource& numbers) {
  const uint32_t csrcs = random.NextBelow(4) == 0 ? random.NextBelow(16) : 0;
  const bool has_extension = random.NextBelow(2) == 0;
  const uint32_t extension_words = has_extension ? random.NextBelow(6) : 0;
  const size_t header = 12 + csrcs * 4 + (has_extension ? 4 + extension_words * 4 : 0);
  Bytes packet(header + random.NextBelow(random.NextBelow(8) == 0 ? 1200 : 200));
  random.Fill(absl::MakeSpan(packet));
  packet[0] = static_cast<uint8_t>(0x80 | (has_extension ? 0x10 : 0) | csrcs);
  const uint16_t number = numbers.Next();
  packet[2] = static_cast<uint8_t>(number >> 8);
  packet[3] = static_cast<uint8_t>(number);
  for (size_t i = 0; i < 4; ++i) {
    packet[8 + i] = static_cast<uint8_t>(numbers.ssrc() >> (24 - 8 * i));
  }
  if (has_extension) {
    packet[12 + csrcs * 4 + 2] = 0;
    packet[12 + csrcs * 4 + 3] = static_cast<uint8_t>(extension_words);
  }
  return packet;
}

class GcmSenderTest : public testing::TestWithParam<Profile> {};
INSTANTIATE_TEST_SUITE_P(Profiles, GcmSenderTest,
                         testing::Values(Profile::kAeadAes128Gcm, Profile::kAeadAes256Gcm));

TEST_P(GcmSenderTest, MakesTheSameBytesAsLibsrtp) {
  constexpr uint64_t kSeed = 20;
  constexpr int kPackets = 100'000;
  SeededRandom random(kSeed);
  MasterKey master{Bytes(KeyBytes(GetParam())), Bytes(SaltBytes(GetParam()))};
  random.Fill(absl::MakeSpan(master.key));
  random.Fill(absl::MakeSpan(master.salt));
  GcmSender sender(DeriveRtpSessionKey(master));
  LibsrtpContext reference(LibsrtpContext::Direction::kOutbound, GetParam(), master);
  std::vector<NumberSource> streams;
  for (uint32_t i = 0; i < 5; ++i) {
    streams.emplace_back(random, random.NextU32());
  }

  int refused = 0;
  for (int i = 0; i < kPackets; ++i) {
    Bytes packet = RandomPacket(random, streams[random.NextBelow(5)]);
    const size_t size = packet.size();
    const size_t header = *RtpHeaderLength(packet);
    Bytes output(packet.begin(), packet.begin() + static_cast<ptrdiff_t>(header));
    output.resize(size + 16);
    const absl::Span<const uint8_t> body = absl::MakeConstSpan(packet).subspan(header);
    const size_t cut = random.NextBelow(static_cast<uint32_t>(body.size()) + 1);
    const auto sealed = sender.Seal(absl::MakeConstSpan(packet).first(header), body.first(cut),
                                    body.subspan(cut), output.data() + header);
    packet.resize(size + 16);
    const auto expected = reference.ProtectRtp(packet.data(), size);

    ASSERT_EQ(sealed.has_value(), expected.has_value()) << "seed " << kSeed << " packet " << i;
    if (!expected) {
      ASSERT_EQ(sealed.error(), expected.error());
      ++refused;
      continue;
    }
    ASSERT_EQ(*sealed + header, *expected);
    ASSERT_EQ(output, packet) << "seed " << kSeed << " packet " << i;
  }
  EXPECT_GT(refused, 0);  // Or the numbers were too tame.
}

}  // namespace
}  // namespace sfu::srtp
