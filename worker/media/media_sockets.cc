#include "worker/media/media_sockets.h"
