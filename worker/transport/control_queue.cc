#include "worker/transport/control_queue.h"
