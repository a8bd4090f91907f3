#include "worker/transport/media_queue.h"
