#include "worker/ice/candidate.h"
