// What SRTP costs per packet, and beside it, in the same run, what the bare cipher costs: machines
// change their speed, so only ratios of one run mean anything.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include "common/base/check.h"
#include "worker/srtp/session.h"

namespace {

using sfu::srtp::MasterKey;
using sfu::srtp::Profile;
using sfu::srtp::Session;

constexpr size_t kHeaderBytes = 12;
constexpr uint32_t kSsrc = 0x12345678;

MasterKey Key(Profile profile, uint8_t fill) {
  return {std::vector<uint8_t>(sfu::srtp::KeyBytes(profile), fill),
          std::vector<uint8_t>(sfu::srtp::SaltBytes(profile), fill)};
}

void SetNumber(std::vector<uint8_t>& packet, uint32_t number) {
  packet[2] = static_cast<uint8_t>(number >> 8);
  packet[3] = static_cast<uint8_t>(number);
}

std::vector<uint8_t> Packet(size_t size) {
  std::vector<uint8_t> packet(size, 0x5a);
  packet[0] = 0x80;
  packet[1] = 96;
  for (size_t i = 0; i < 4; ++i) {
    packet[8 + i] = static_cast<uint8_t>(kSsrc >> (24 - 8 * i));
  }
  SetNumber(packet, 1);
  packet.resize(size + sfu::srtp::kMaxRtpOverheadBytes);
  return packet;
}

struct Pair {
  explicit Pair(Profile profile)
      : sender(Session::Create(profile, Key(profile, 1), Key(profile, 2))),
        receiver(Session::Create(profile, Key(profile, 2), Key(profile, 1))) {}

  std::unique_ptr<Session> sender;
  std::unique_ptr<Session> receiver;
};

void ProtectInPlace(benchmark::State& state, Profile profile) {
  const Pair pair(profile);
  const auto size = static_cast<size_t>(state.range(0));
  std::vector<uint8_t> packet = Packet(size);
  uint32_t number = 0;
  for (auto _ : state) {
    SetNumber(packet, ++number);
    benchmark::DoNotOptimize(pair.sender->ProtectRtp(absl::MakeSpan(packet), size));
  }
}

void ProtectGather(benchmark::State& state, Profile profile) {
  const Pair pair(profile);
  const auto size = static_cast<size_t>(state.range(0));
  std::vector<uint8_t> header = Packet(kHeaderBytes);
  header.resize(kHeaderBytes);
  const std::vector<uint8_t> payload(size - kHeaderBytes, 0x5a);
  std::vector<uint8_t> output(size + sfu::srtp::kMaxRtpOverheadBytes);
  uint32_t number = 0;
  for (auto _ : state) {
    SetNumber(header, ++number);
    benchmark::DoNotOptimize(
        pair.sender->ProtectRtpGather(header, {}, payload, absl::MakeSpan(output)));
  }
}

// Packets are made ahead in runs and copied into place, as the socket would; the copy is timed too.
void Unprotect(benchmark::State& state, Profile profile) {
  constexpr size_t kRun = 1024;
  const Pair pair(profile);
  const auto size = static_cast<size_t>(state.range(0));
  std::vector<std::vector<uint8_t>> wire(kRun);
  std::vector<uint8_t> buffer(size + sfu::srtp::kMaxRtpOverheadBytes);
  uint32_t number = 0;
  size_t next = kRun;
  for (auto _ : state) {
    if (next == kRun) {
      state.PauseTiming();
      for (std::vector<uint8_t>& packet : wire) {
        packet = Packet(size);
        SetNumber(packet, ++number);
        packet.resize(*pair.sender->ProtectRtp(absl::MakeSpan(packet), size));
      }
      next = 0;
      state.ResumeTiming();
    }
    const std::vector<uint8_t>& packet = wire[next++];
    std::copy(packet.begin(), packet.end(), buffer.begin());
    const auto result = pair.receiver->UnprotectRtp(absl::MakeSpan(buffer), packet.size());
    SFU_CHECK(result.has_value());
  }
}

// The floor: one keyed context, IV, header as AAD, payload, tag, by OpenSSL's documented calls.
void BareGcm(benchmark::State& state) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const std::array<uint8_t, 16> key = {1};
  std::array<uint8_t, 12> iv = {2};
  const std::array<uint8_t, kHeaderBytes> header = {0x80};
  const auto size = static_cast<size_t>(state.range(0)) - kHeaderBytes;
  const std::vector<uint8_t> payload(size, 0x5a);
  std::vector<uint8_t> output(size + 16);
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr);
  int written = 0;
  for (auto _ : state) {
    ++iv[11];
    EVP_EncryptInit_ex(context.get(), nullptr, nullptr, nullptr, iv.data());
    EVP_EncryptUpdate(context.get(), nullptr, &written, header.data(), kHeaderBytes);
    EVP_EncryptUpdate(context.get(), output.data(), &written, payload.data(),
                      static_cast<int>(size));
    EVP_EncryptFinal_ex(context.get(), output.data() + size, &written);
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, 16, output.data() + size);
    benchmark::DoNotOptimize(output.data());
  }
}

void Sizes(benchmark::internal::Benchmark* benchmark) { benchmark->Arg(160)->Arg(1200); }

constexpr Profile kGcm = Profile::kAeadAes128Gcm;
constexpr Profile kCm = Profile::kAes128CmSha1Tag80;

BENCHMARK(BareGcm)->Apply(Sizes);
BENCHMARK_CAPTURE(ProtectGather, gcm128, kGcm)->Apply(Sizes);
BENCHMARK_CAPTURE(ProtectInPlace, gcm128, kGcm)->Apply(Sizes);
BENCHMARK_CAPTURE(Unprotect, gcm128, kGcm)->Apply(Sizes);
BENCHMARK_CAPTURE(ProtectGather, cm80, kCm)->Apply(Sizes);
BENCHMARK_CAPTURE(ProtectInPlace, cm80, kCm)->Apply(Sizes);
BENCHMARK_CAPTURE(Unprotect, cm80, kCm)->Apply(Sizes);

}  // namespace

BENCHMARK_MAIN();
