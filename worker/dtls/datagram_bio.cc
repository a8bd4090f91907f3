#include "worker/dtls/datagram_bio.h"

#include <algorithm>

#include "common/base/check.h"
#include "worker/dtls/openssl_handle.h"

namespace sfu::dtls {
namespace {

DatagramPipe& PipeOf(BIO* bio) { return *static_cast<DatagramPipe*>(BIO_get_data(bio)); }

int Write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  if (size <= 0) {
    return 0;
  }
  const auto* const bytes = reinterpret_cast<const uint8_t*>(data);
  PipeOf(bio).outgoing.emplace_back(bytes, bytes + size);
  return size;
}

int Read(BIO* bio, char* data, int capacity) {
  BIO_clear_retry_flags(bio);
  DatagramPipe& pipe = PipeOf(bio);
  if (!pipe.incoming || capacity <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  // As with a socket, what does not fit is lost; OpenSSL offers room for a whole record.
  const size_t size = std::min(pipe.incoming->size(), static_cast<size_t>(capacity));
  std::copy_n(pipe.incoming->begin(), size, data);
  pipe.incoming.reset();
  return static_cast<int>(size);
}

long Control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  const DatagramPipe& pipe = PipeOf(bio);
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_PENDING:
      return pipe.incoming ? static_cast<long>(pipe.incoming->size()) : 0;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return static_cast<long>(pipe.mtu_bytes);
    default:
      return 0;  // Among them: no per-datagram overhead, nothing waiting to be written.
  }
}

int Create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BioMethodHandle MakeMethod() {
  BioMethodHandle method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram pipe"));
  SFU_CHECK(method != nullptr);
  BIO_meth_set_write(method.get(), Write);
  BIO_meth_set_read(method.get(), Read);
  BIO_meth_set_ctrl(method.get(), Control);
  BIO_meth_set_create(method.get(), Create);
  return method;
}

}  // namespace

BIO* NewDatagramBio(DatagramPipe& pipe) {
  static const BioMethodHandle method = MakeMethod();
  BIO* const bio = BIO_new(method.get());
  SFU_CHECK(bio != nullptr);
  BIO_set_data(bio, &pipe);
  return bio;
}

}  // namespace sfu::dtls
