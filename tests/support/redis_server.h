#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace sfu {

// Debian's own redis-server or redis-sentinel as a child process on a free port of 127.0.0.1, with
// nothing of it left behind. Aborts the test program when it cannot be started.
class RedisServer {
 public:
  struct Options {
    std::vector<std::string> arguments = {};  // Of redis-server, such as {"--requirepass", "x"}.
    bool tls = false;                         // Then it speaks TLS only; see certificate_file().
    std::string sentinel_config = "";         // Not empty: it is a sentinel.
  };

  RedisServer();
  explicit RedisServer(const Options& options);
  ~RedisServer();

  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string unix_socket() const { return folder_ + "/redis.sock"; }
  // Self-signed for the name "redis.test", so it is its own authority.
  std::string certificate_file() const { return folder_ + "/certificate.pem"; }
  std::string key_file() const { return folder_ + "/key.pem"; }

  void Kill();   // SIGKILL; what it held is lost.
  void Start();  // Again, on the same port.
  void Pause();  // SIGSTOP: connections stay, nothing answers.
  void Resume();

 private:
  void MakeCertificate() const;
  bool TryStart();

  const Options options_;
  std::string folder_;
  uint16_t port_ = 0;
  pid_t process_ = 0;
};

}  // namespace sfu
