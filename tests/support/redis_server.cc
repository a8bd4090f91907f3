#include "tests/support/redis_server.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/check.h"

namespace sfu {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

uint16_t FreePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  SFU_CHECK(bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0);
  SFU_CHECK(getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(descriptor);
  return ntohs(address.sin_port);
}

bool Listens(uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  const bool connected =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(descriptor);
  return connected;
}

// Its end is the child's, too: a test that is killed leaves no server behind.
pid_t Spawn(const std::vector<std::string>& command) {
  const pid_t process = fork();
  SFU_CHECK(process >= 0);
  if (process > 0) {
    return process;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

RedisServer::RedisServer() : RedisServer(Options()) {}

RedisServer::RedisServer(const Options& options) : options_(options) {
  char folder[] = "/tmp/sfu-redis-XXXXXX";
  SFU_CHECK(mkdtemp(folder) != nullptr);
  folder_ = folder;
  if (options_.tls) {
    MakeCertificate();
  }
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = FreePort();  // Somebody may take it before the server does.
    if (TryStart()) {
      return;
    }
  }
  std::fprintf(stderr, "redis-server does not start; is it installed (tools/setup)?\n");
  std::abort();
}

RedisServer::~RedisServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RedisServer::Start() { SFU_CHECK(TryStart()); }

bool RedisServer::TryStart() {
  std::vector<std::string> command;
  const std::string port = std::to_string(port_);
  if (!options_.sentinel_config.empty()) {
    const std::string file = folder_ + "/sentinel.conf";  // It writes there itself.
    std::ofstream(file) << "port " << port << "\nbind 127.0.0.1\ndir " << folder_ << "\n"
                        << options_.sentinel_config;
    command = {"redis-sentinel", file};
  } else {
    command = {"redis-server",
               "--bind",
               "127.0.0.1",
               "--save",
               "",
               "--dir",
               folder_,
               "--appendonly",
               "no",
               "--port",
               options_.tls ? "0" : port,
               "--unixsocket",
               unix_socket()};
  }
  if (options_.tls) {
    for (const std::string& word :
         {std::string("--tls-port"), port, std::string("--tls-cert-file"), certificate_file(),
          std::string("--tls-key-file"), key_file(), std::string("--tls-ca-cert-file"),
          certificate_file(), std::string("--tls-auth-clients"), std::string("optional")}) {
      command.push_back(word);
    }
  }
  command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
  process_ = Spawn(command);
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < give_up) {
    if (waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = 0;
      return false;
    }
    if (Listens(port_)) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  Kill();
  return false;
}

void RedisServer::Kill() {
  if (process_ != 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
  }
}

void RedisServer::Pause() { SFU_CHECK(kill(process_, SIGSTOP) == 0); }

void RedisServer::Resume() { SFU_CHECK(kill(process_, SIGCONT) == 0); }

void RedisServer::MakeCertificate() const {
  const pid_t process =
      Spawn({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=redis.test", "-addext",
             "subjectAltName=DNS:redis.test", "-keyout", key_file(), "-out", certificate_file()});
  int status = -1;
  SFU_CHECK(waitpid(process, &status, 0) == process);
  SFU_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace sfu
