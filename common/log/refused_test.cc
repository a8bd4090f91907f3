// Does not compile, and must not: a buffer is no literal, whatever its type looks like.
#include "common/log/log.h"

void LogWhatAClientSaid(const char (&identity)[16]) {
  sfu::log::Write(sfu::log::Level::kInfo, "participant.joined", {{"identity", identity}});
}
