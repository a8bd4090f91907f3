#include "worker/media/media_metrics.h"
