#include "worker/sctp/dcep.h"
