#include "tests/benchmark/floor_loop.h"

#include <array>
#include <utility>

#include <netinet/in.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"

namespace sfu::benchmark {
namespace {

constexpr size_t kHeaderBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kSlotBytes = 1500;
constexpr size_t kBatch = 64;

sockaddr_in ToKernel(const SocketAddress& address) {
  sockaddr_in bytes = {};
  bytes.sin_family = AF_INET;
  bytes.sin_port = htons(address.port());
  memcpy(&bytes.sin_addr, address.ip().data(), 4);
  return bytes;
}

}  // namespace

// One subscriber's key, ready: only the nonce changes from packet to packet.
class FloorLoop::Sealer {
 public:
  explicit Sealer(uint8_t fill) : context_(EVP_CIPHER_CTX_new()) {
    const std::array<uint8_t, 16> key = {fill};
    SFU_CHECK(EVP_EncryptInit_ex(context_, EVP_aes_128_gcm(), nullptr, key.data(), nullptr) == 1);
  }
  ~Sealer() { EVP_CIPHER_CTX_free(context_); }
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // header | payload in, header | ciphertext | tag out. Returns the size.
  size_t Seal(const uint8_t* packet, size_t size, uint32_t number, uint8_t* output) {
    memcpy(output, packet, kHeaderBytes);
    memcpy(output + 8, &number, sizeof(number));
    std::array<uint8_t, 12> nonce = {};
    memcpy(nonce.data(), &number, sizeof(number));
    int length = 0;
    EVP_EncryptInit_ex(context_, nullptr, nullptr, nullptr, nonce.data());
    EVP_EncryptUpdate(context_, nullptr, &length, output, kHeaderBytes);
    EVP_EncryptUpdate(context_, output + kHeaderBytes, &length, packet + kHeaderBytes,
                      static_cast<int>(size - kHeaderBytes));
    EVP_EncryptFinal_ex(context_, output + size, &length);
    EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_GCM_GET_TAG, kTagBytes, output + size);
    return size + kTagBytes;
  }

 private:
  EVP_CIPHER_CTX* const context_;
};

FloorLoop::FloorLoop(std::vector<SocketAddress> subscribers, int cpu)
    : subscribers_(std::move(subscribers)), descriptor_(socket(AF_INET, SOCK_DGRAM, 0)) {
  SFU_CHECK(descriptor_ >= 0);
  const int buffer = 4 << 20;
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
  sockaddr_in bytes = ToKernel(SocketAddress::V4({127, 0, 0, 1}, 0));
  socklen_t size = sizeof(bytes);
  SFU_CHECK(bind(descriptor_, reinterpret_cast<sockaddr*>(&bytes), size) == 0);
  SFU_CHECK(getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bytes), &size) == 0);
  address_ = SocketAddress::V4({127, 0, 0, 1}, ntohs(bytes.sin_port));
  thread_ = std::thread([this, cpu] { Run(cpu); });
}

FloorLoop::~FloorLoop() {
  // An empty datagram ends it.
  const sockaddr_in to = ToKernel(address_);
  sendto(descriptor_, "", 0, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  thread_.join();
  close(descriptor_);
}

absl::Duration FloorLoop::cpu_time() const {
  clockid_t clock;
  timespec time;
  SFU_CHECK(pthread_getcpuclockid(const_cast<std::thread&>(thread_).native_handle(), &clock) == 0);
  SFU_CHECK(clock_gettime(clock, &time) == 0);
  return absl::DurationFromTimespec(time);
}

void FloorLoop::Run(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  sched_setaffinity(0, sizeof(set), &set);

  std::vector<std::unique_ptr<Sealer>> sealers;
  std::vector<sockaddr_in> addresses;
  for (const SocketAddress& subscriber : subscribers_) {
    sealers.push_back(std::make_unique<Sealer>(static_cast<uint8_t>(sealers.size())));
    addresses.push_back(ToKernel(subscriber));
  }
  std::vector<uint8_t> slab(kBatch * kSlotBytes);
  std::array<mmsghdr, kBatch> messages = {};
  std::array<iovec, kBatch> vectors;
  std::array<uint8_t, kSlotBytes> packet;
  uint32_t number = 0;
  while (true) {
    const ssize_t size = recv(descriptor_, packet.data(), packet.size(), 0);
    if (size <= 0) {
      return;
    }
    ++number;
    size_t count = 0;
    for (size_t i = 0; i < sealers.size(); ++i) {
      uint8_t* const slot = slab.data() + count * kSlotBytes;
      vectors[count] = {slot,
                        sealers[i]->Seal(packet.data(), static_cast<size_t>(size), number, slot)};
      messages[count].msg_hdr = {};
      messages[count].msg_hdr.msg_name = &addresses[i];
      messages[count].msg_hdr.msg_namelen = sizeof(addresses[i]);
      messages[count].msg_hdr.msg_iov = &vectors[count];
      messages[count].msg_hdr.msg_iovlen = 1;
      if (++count == kBatch || i + 1 == sealers.size()) {
        SFU_CHECK(sendmmsg(descriptor_, messages.data(), static_cast<unsigned>(count), 0) ==
                  static_cast<int>(count));
        count = 0;
      }
    }
  }
}

}  // namespace sfu::benchmark
