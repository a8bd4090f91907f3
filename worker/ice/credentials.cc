#include "worker/ice/credentials.h"
