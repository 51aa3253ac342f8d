/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(SIO_INSIDE) && !defined(SIO_COMPILATION)
#error "Only <sioclient/sio.h> can be included directly."
#endif

#include <glib.h>

#include "sio-version.h"

#ifndef _SIO_EXTERN
#define _SIO_EXTERN extern
#endif

/**
 * SIO_VERSION_1_0:
 *
 * The version in which the 1.0 API came, for `SIO_VERSION_MIN_REQUIRED` and
 * `SIO_VERSION_MAX_ALLOWED`.
 */
#define SIO_VERSION_1_0 (G_ENCODE_VERSION (1, 0))

#ifndef SIO_VERSION_MIN_REQUIRED
#define SIO_VERSION_MIN_REQUIRED SIO_VERSION_1_0
#endif

#ifndef SIO_VERSION_MAX_ALLOWED
#define SIO_VERSION_MAX_ALLOWED SIO_VERSION_1_0
#endif

#define SIO_AVAILABLE_IN_ALL _SIO_EXTERN

#if SIO_VERSION_MAX_ALLOWED < SIO_VERSION_1_0
#define SIO_AVAILABLE_IN_1_0 G_UNAVAILABLE (1, 0) _SIO_EXTERN
#else
#define SIO_AVAILABLE_IN_1_0 _SIO_EXTERN
#endif
