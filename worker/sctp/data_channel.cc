#include "worker/sctp/data_channel.h"
