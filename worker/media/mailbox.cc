#include "worker/media/mailbox.h"
