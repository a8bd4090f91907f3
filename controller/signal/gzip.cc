#include "controller/signal/gzip.h"

#include <array>

#include <zlib.h>

#include "common/base/check.h"

namespace sfu::signal {
namespace {

constexpr int kGzipWindowBits = 16 + MAX_WBITS;  // With the gzip header instead of zlib's.

class Inflater {
 public:
  Inflater() { SFU_CHECK(inflateInit2(&stream_, kGzipWindowBits) == Z_OK); }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream& stream() { return stream_; }

 private:
  z_stream stream_ = {};
};

}  // namespace

Expected<std::string, InflateError> Gunzip(std::string_view compressed, size_t limit_bytes) {
  Inflater inflater;
  z_stream& stream = inflater.stream();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string inflated;
  std::array<char, 16 * 1024> chunk;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    inflated.append(chunk.data(), chunk.size() - stream.avail_out);
    if (inflated.size() > limit_bytes) {
      return Unexpected{InflateError::kTooLarge};
    }
  }
  // Anything else, running out of input included, is not a whole gzip stream.
  if (status != Z_STREAM_END) {
    return Unexpected{InflateError::kBroken};
  }
  return inflated;
}

}  // namespace sfu::signal
