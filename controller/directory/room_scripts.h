#pragma once

#include <cstdint>

#include "common/redis/script.h"

// For controller/directory only: what happens to a room's entry in Redis, each in one atomic step.
//
// An entry is a string,
//
//   1 <epoch> <since> <lease> <controller> <worker>
//
// with the instants since when the owner holds the room and until when its lease runs, both in
// milliseconds of Redis's own clock: no other machine's clock matters. A lease of 0 says that the
// room was released. An entry outlives its lease, so that the next owner gets a higher epoch.
// Whatever else is found under such a key counts as nothing, and is overwritten.
//
// All take {lease_ms, memory_ms} as their first arguments. The first item of every answer is the
// number of entries that made no sense.
namespace sfu::directory {

// Of one key. {nonsense} or {nonsense, controller, worker, epoch}.
const redis::Script& FindScript();      // -
const redis::Script& ClaimScript();     // controller, worker, epoch, held_ms
const redis::Script& TakeOverScript();  // As ClaimScript(), then from_controller, from_epoch.
const redis::Script& ReleaseScript();   // controller

// Of many keys: controller, then worker, epoch and held_ms of each. {nonsense, then index of the
// key (from 1), controller, worker and epoch for each that is somebody else's}.
const redis::Script& RenewScript();

// Larger ones are not exact in Lua, whose numbers are doubles.
inline constexpr uint64_t kMaxEpoch = 999'999'999'999'999;

}  // namespace sfu::directory
