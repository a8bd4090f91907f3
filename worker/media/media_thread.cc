#include "worker/media/media_thread.h"
