#include "worker/ice/unknown_source_limiter.h"
