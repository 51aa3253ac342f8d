/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include <sioclient/sio.h>

